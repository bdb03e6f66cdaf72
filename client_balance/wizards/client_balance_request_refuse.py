from odoo import fields, models


class ClientBalanceRequestRefuse(models.TransientModel):
    """Asks why a request is refused."""

    _name = "client.balance.request.refuse"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Refuse a request"

    request_id = fields.Many2one(
        "client.balance.request", required=True, ondelete="cascade"
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Refuse the request with the reason."""
        self.ensure_one()
        self.request_id.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
