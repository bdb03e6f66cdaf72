from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Remember what a credit paid: the gate names it when the undo is refused.

        Only inside a step of the gate: what a person unmatches by hand stays so.
        """
        touched = self.env["client.balance.gate"]._get_collector()
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if touched is not None and account_ids:
            # the ledger follows whoever undoes the entry, whatever he may read
            for partial in self.sudo().exists():
                if partial.credit_move_id.account_id.id in account_ids:
                    partial._remember_client_balance(touched)
        return super().unlink()

    def _remember_client_balance(self, touched):
        """Collect who was paid, and the balances that must be matched again."""
        credit, debit = self.credit_move_id, self.debit_move_id
        settlements = self.env["client.balance.settlement"].search(
            [("move_line_ref", "in", (credit.id, debit.id)), ("is_live", "=", True)]
        )
        touched.balance_ids.update(settlements.balance_id.ids)
        if self.credit_currency_id.is_zero(self.credit_amount_currency):
            # an exchange difference spends nothing, and goes with its match
            return
        paid = settlements.filtered(lambda row: row.move_line_ref == debit.id)
        name = ", ".join(paid.invoice_ids.mapped("display_name"))
        touched.paid[credit.id].append(
            (
                name or debit.move_id.display_name,
                self.credit_amount_currency,
                self.credit_currency_id,
            )
        )
