from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    client_balance_limitation_days = fields.Integer(
        related="company_id.client_balance_limitation_days", readonly=False
    )
    client_balance_limitation_warning = fields.Integer(
        related="company_id.client_balance_limitation_warning", readonly=False
    )
