from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Unreconciling an item that the balance settled returns the money."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        self._forget_client_balance_matches()
        return partials

    def unlink(self):
        if not self:
            # core asks so at each change of an item, reconciled or not
            return super().unlink()
        self._forget_client_balance_matches()
        entries = self._get_client_balance_applications()
        if not entries:
            return super().unlink()
        with self.env["client.balance.gate"]._collecting():
            res = super().unlink()
            entries.exists()._undo_client_balance_application()
        return res

    def _get_client_balance_applications(self):
        """:return: entries by which a balance settled what is unreconciled here"""
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids:
            return self.env["account.move"]
        # the ledger follows whoever unreconciles, whatever he may read
        partials_sudo = self.sudo().exists()
        lines = (partials_sudo.debit_move_id | partials_sudo.credit_move_id).filtered(
            lambda line: line.account_id.id not in account_ids
        )
        return lines.move_id._filter_client_balance_applications()

    def _forget_client_balance_matches(self):
        """``client.balance.match`` is a view on these rows: read it again."""
        self.env["client.balance.match"].invalidate_model()
        self.env["client.balance.settlement"].invalidate_model(
            ["used_credit_ids", "paid_ids", "amount_matched", "amount_left"],
            flush=False,
        )
