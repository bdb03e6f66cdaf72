from odoo import models


class ClientBalanceSetup(models.AbstractModel):
    """Ukrainian advances are non-monetary: they keep the rate of their day."""

    _inherit = "client.balance.setup"

    def _set_up(self, company):
        first_time = not company.client_balance_journal_id
        res = super()._set_up(company)
        # a choice that was made later is never overwritten
        if first_time:
            company.sudo().client_balance_foreign_valuation = (
                self._get_default_valuation(company)
            )
        return res

    def _get_default_valuation(self, company):
        """Hook. :return: how ``company`` values foreign money that is spent"""
        return "advance" if company.account_fiscal_country_id.code == "UA" else "today"
