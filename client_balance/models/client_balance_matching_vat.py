from odoo import models


class ClientBalanceMatching(models.AbstractModel):
    """Localisations hear of an advance when the gate is over: it is matched by then."""

    _inherit = "client.balance.matching"

    def _may_wait(self, balances):
        if self.env["client.balance.advance"]._is_vat_kept():
            return False
        return super()._may_wait(balances)
