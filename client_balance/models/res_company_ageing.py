from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    client_balance_limitation_days = fields.Integer(
        string="Limitation period of client balances",
        default=1095,
        help="In days, from the arrival of the money. 0: no warning.",
    )
    client_balance_limitation_warning = fields.Integer(
        string="Warning before the limitation period ends", default=60, help="In days."
    )

    _client_balance_limitation_positive = models.Constraint(
        "CHECK (client_balance_limitation_days >= 0"
        " AND client_balance_limitation_warning >= 0)",
        "The limitation period and its warning are counted in days: type zero or more.",
    )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "client_balance_limitation_days",
            "client_balance_limitation_warning",
        ]
