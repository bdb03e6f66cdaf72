from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    client_balance_approval = fields.Boolean(
        string="Second person for client balances",
        help="What gives or takes more than this amount waits until another manager"
        " approves it.",
    )
    client_balance_approval_amount = fields.Monetary(
        string="Amount that one person may move",
        help="Above this amount a second person is needed. Foreign currencies are"
        " converted at a rate that somebody else has entered.",
    )
    client_balance_approval_day_amount = fields.Monetary(
        string="Amount that one person may move on one day",
        help="All steps of a person on one day together, net per client. Empty: no"
        " limit.",
    )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "client_balance_approval",
            "client_balance_approval_amount",
            "client_balance_approval_day_amount",
        ]

    @api.constrains(
        "client_balance_approval_amount", "client_balance_approval_day_amount"
    )
    def _check_client_balance_approval_amount(self):
        for company in self:
            largest = company.currency_id._get_client_balance_largest()
            if not all(
                0 <= amount < largest
                for amount in (
                    company.client_balance_approval_amount,
                    company.client_balance_approval_day_amount,
                )
            ):
                raise ValidationError(
                    self.env._(
                        "The amount that one person may move in %(company)s is zero or"
                        " a positive amount.",
                        company=company.name,
                    )
                )
