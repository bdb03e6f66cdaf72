from odoo import models


class AccountChartTemplate(models.AbstractModel):
    _inherit = "account.chart.template"

    def _post_load_data(self, template_code, company, template_data):
        res = super()._post_load_data(template_code, company, template_data)
        company = company or self.env.company
        # A branch uses the accounts of its root company, which has its chart already.
        if not company.parent_id:
            company._client_balance_set_up()
        return res
