from odoo import models


class AccountPartialReconcile(models.Model):
    """Unreconciling an item that the balance settled returns the money."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
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
