from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    client_balance_exchange_hint = fields.Boolean(
        compute="_compute_client_balance_exchange_hint"
    )

    @api.depends(
        "company_id",
        "income_currency_exchange_account_id",
        "expense_currency_exchange_account_id",
    )
    def _compute_client_balance_exchange_hint(self):
        """A Ukrainian company that still has the chart's own accounts is told so."""
        for settings in self:
            company = settings.company_id
            gain = settings.income_currency_exchange_account_id.with_company(company)
            loss = settings.expense_currency_exchange_account_id.with_company(company)
            settings.client_balance_exchange_hint = (
                company.account_fiscal_country_id.code == "UA"
                and (
                    (gain.code or "").startswith("711")
                    or (loss.code or "").startswith("942")
                )
            )
