from odoo import models


class ClientBalanceGate(models.AbstractModel):
    _inherit = "client.balance.gate"

    def _get_settlement_type(self, weight, original=None):
        """What a bank line brings is a top-up, whoever reconciled it."""
        kind = super()._get_settlement_type(weight, original)
        if kind == "entry" and weight.line.move_id.statement_line_id:
            return "top_up" if weight.amount > 0 else "refund"
        return kind
