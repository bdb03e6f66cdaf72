from odoo import models

from .client_balance_queue import queueing


class ClientBalanceGate(models.AbstractModel):
    """The totals of the client report follow the ledger."""

    _inherit = "client.balance.gate"

    def _append(self, rows, touched):
        settlements = super()._append(rows, touched)
        if settlements:
            partner_ids = settlements.partner_id.ids
            # two bank accounts of one client are two balances, but one total
            with queueing(self.env.cr, *((partner_id,) for partner_id in partner_ids)):
                self.env["client.balance.total"]._refresh(partner_ids)
            self.env["client.balance.report"]._notice_currencies(
                settlements.currency_id
            )
        return settlements
