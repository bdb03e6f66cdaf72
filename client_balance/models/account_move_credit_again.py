from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """An entry that put a credit on the balance, reset and posted again."""

    _inherit = "account.move"

    def _settle_client_balance_invoices_again(self):
        res = super()._settle_client_balance_invoices_again()
        # whoever may post the entry need not see the ledger and every item
        for move in self.sudo()._filter_client_balance_applications():
            if "credit_note" in move.line_ids.mapped("client_balance_type"):
                move._take_client_balance_credit_again()
        return res

    def _take_client_balance_credit_again(self):
        """Take the credit again: else the client had it twice, here and on the balance.

        :raise UserError: which entry, where that credit is not open any more
        """
        self.ensure_one()
        own = self.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        )
        credits = self._find_client_balance_own_credits(own)
        for account in own.account_id & credits.account_id:
            (own | credits).filtered(
                lambda line, account=account: line.account_id == account
            ).reconcile()
        if own.filtered(lambda line: not line.reconciled):
            raise UserError(
                self.env._(
                    "%(entry)s puts a credit of %(client)s on the balance that is used"
                    " or gone by now. Delete the entry, and put on the balance what is"
                    " still open.",
                    entry=self.display_name,
                    client=own.partner_id.commercial_partner_id.display_name,
                )
            )

    def _find_client_balance_own_credits(self, own):
        """:return: open items of the credit that the entry was made of

        The settlement names a credit note, the label of the entry names any credit.
        """
        rows = self.env["client.balance.settlement"].search(
            [("move_id", "=", self.id), ("settlement_type", "=", "credit_note")]
        )
        clients = own.partner_id.commercial_partner_id
        credits = self.env["account.move.line"].search(
            [
                ("account_id", "in", own.account_id.ids),
                ("partner_id", "child_of", clients.ids),
                ("currency_id", "in", own.currency_id.ids),
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual_currency", "<", 0),
            ]
        )
        return credits.filtered(
            lambda line: (
                line.move_id in rows.invoice_ids
                or (self.ref or "").endswith(f" {line.move_name}")
            )
        )
