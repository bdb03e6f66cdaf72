from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    client_balance_approval = fields.Boolean(
        related="company_id.client_balance_approval", readonly=False
    )
    client_balance_approval_amount = fields.Monetary(
        related="company_id.client_balance_approval_amount", readonly=False
    )
    client_balance_approval_day_amount = fields.Monetary(
        related="company_id.client_balance_approval_day_amount", readonly=False
    )

    @api.onchange("client_balance_approval_amount")
    def _onchange_client_balance_approval_amount(self):
        """Five steps a day are a usual day of a person."""
        if not self.client_balance_approval_day_amount:
            self.client_balance_approval_day_amount = (
                5 * self.client_balance_approval_amount
            )
