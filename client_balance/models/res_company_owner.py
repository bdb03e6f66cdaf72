from odoo import api, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_client_balance(self):
        # the ledger is guarded for everybody, whatever he may see
        Balance_sudo = self.env["client.balance"].sudo().with_context(active_test=False)
        balance = Balance_sudo.search([("company_id", "in", self.ids)], limit=1)
        if balance:
            raise UserError(
                self.env._(
                    "%(company)s keeps client balances and cannot be deleted: archive"
                    " the company instead.",
                    company=balance.company_id.display_name,
                )
            )
