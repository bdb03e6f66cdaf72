from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    client_balance_statement_place = fields.Char(
        related="company_id.client_balance_statement_place", readonly=False
    )
    client_balance_statement_signatory = fields.Char(
        related="company_id.client_balance_statement_signatory", readonly=False
    )
    client_balance_statement_position = fields.Char(
        related="company_id.client_balance_statement_position", readonly=False
    )
    client_balance_statement_schedule = fields.Selection(
        related="company_id.client_balance_statement_schedule", readonly=False
    )
    client_balance_statement_send = fields.Boolean(
        related="company_id.client_balance_statement_send", readonly=False
    )
