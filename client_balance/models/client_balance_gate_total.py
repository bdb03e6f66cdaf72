from odoo import models


class ClientBalanceGate(models.AbstractModel):
    """The totals of the client report follow the ledger."""

    _inherit = "client.balance.gate"

    def _append(self, rows, touched):
        settlements = super()._append(rows, touched)
        if settlements:
            self.env["client.balance.total"]._refresh(settlements.partner_id.ids)
            self.env["client.balance.report"]._notice_currencies(
                settlements.currency_id
            )
        return settlements
