from odoo import models


class ClientBalancePosting(models.AbstractModel):
    """Let ``create`` accept the new type, and name its account."""

    _inherit = "client.balance.posting"

    def _get_recordable_types(self):
        return super()._get_recordable_types() | {"loyalty"}

    def _get_counterpart(self, vals):
        if vals["settlement_type"] == "loyalty":
            company_sudo = self._get_company(vals).sudo()
            account = company_sudo.root_id.client_balance_loyalty_account_id
            if account:
                return account
        return super()._get_counterpart(vals)
