from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Whether new invoices are paid from the balance by themselves."""

    _inherit = "res.company"

    client_balance_auto_use = fields.Selection(
        [
            ("off", "Do nothing"),
            ("suggest", "Suggest it on the invoice"),
            ("always", "Pay at once, as far as the balance reaches"),
        ],
        string="Balance on new invoices",
        required=True,
        default="suggest",
    )
    client_balance_auto_use_minimum = fields.Monetary(
        string="Least amount to use by itself",
        help="In the company currency. Smaller amounts stay on the balance, unless they"
        " pay the whole invoice.",
    )

    @api.constrains("client_balance_auto_use_minimum")
    def _check_client_balance_auto_use_minimum(self):
        for company in self:
            if company.client_balance_auto_use_minimum < 0:
                raise ValidationError(
                    self.env._(
                        "The least amount that %(company)s uses by itself cannot be"
                        " below zero. Type zero to use any amount.",
                        company=company.name,
                    )
                )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "client_balance_auto_use",
            "client_balance_auto_use_minimum",
        ]
