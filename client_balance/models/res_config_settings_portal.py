from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Client balance in the portal."""

    _inherit = "res.config.settings"

    client_balance_portal_pay = fields.Boolean(
        related="company_id.client_balance_portal_pay", readonly=False
    )
    client_balance_portal_top_up = fields.Boolean(
        related="company_id.client_balance_portal_top_up", readonly=False
    )
    client_balance_online_overpayment = fields.Boolean(
        related="company_id.client_balance_online_overpayment", readonly=False
    )
    client_balance_notice_credit = fields.Boolean(
        related="company_id.client_balance_notice_credit", readonly=False
    )
    client_balance_notice_spend = fields.Boolean(
        related="company_id.client_balance_notice_spend", readonly=False
    )
    client_balance_notice_statement = fields.Boolean(
        related="company_id.client_balance_notice_statement", readonly=False
    )
    client_balance_responsible_id = fields.Many2one(
        related="company_id.client_balance_responsible_id", readonly=False
    )
