from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    client_balance_auto_use = fields.Selection(
        related="company_id.client_balance_auto_use", readonly=False
    )
    client_balance_auto_use_minimum = fields.Monetary(
        related="company_id.client_balance_auto_use_minimum", readonly=False
    )
