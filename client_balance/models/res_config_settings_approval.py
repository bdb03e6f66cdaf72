from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    client_balance_approval = fields.Boolean(
        related="company_id.client_balance_approval", readonly=False
    )
    client_balance_approval_amount = fields.Monetary(
        related="company_id.client_balance_approval_amount", readonly=False
    )
