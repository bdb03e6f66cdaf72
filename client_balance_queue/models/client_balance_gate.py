from odoo import models

from .queue import queueing


class ClientBalanceGate(models.AbstractModel):
    """Balances that nobody has claimed before are fought over when they move."""

    _inherit = "client.balance.gate"

    def _append(self, rows, touched):
        balances = self.env["client.balance"].browse(row["balance_id"] for row in rows)
        with queueing(self.env.cr, balances.partner_id.ids):
            return super()._append(rows, touched)
