from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    client_balance_approval = fields.Boolean(
        string="Second person for client balances",
        help="Large manual settlements, corrections, refunds and transfers between"
        " clients wait until another manager approves them.",
    )
    client_balance_approval_amount = fields.Monetary(
        string="Amount that one person may move",
        help="Above this amount a second person is needed. Foreign currencies are"
        " converted at the rate of the accounting date.",
    )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "client_balance_approval",
            "client_balance_approval_amount",
        ]

    @api.constrains("client_balance_approval_amount")
    def _check_client_balance_approval_amount(self):
        for company in self:
            largest = company.currency_id._get_client_balance_largest()
            if not 0 <= company.client_balance_approval_amount < largest:
                raise ValidationError(
                    self.env._(
                        "The amount that one person may move in %(company)s is zero or"
                        " a positive amount.",
                        company=company.name,
                    )
                )
