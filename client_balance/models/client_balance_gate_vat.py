from odoo import models


class ClientBalanceGate(models.AbstractModel):
    """Tells localisations what happened to advances, once it is matched."""

    _inherit = "client.balance.gate"

    def _after_append(self, settlements):
        res = super()._after_append(settlements)
        Advance = self.env["client.balance.advance"]
        if settlements and Advance._is_vat_kept():
            prepared = map(
                Advance._prepare_advance_vat_vals, Advance._get_vat_events(settlements)
            )
            vals_list = [vals for vals in prepared if vals]
            if vals_list:
                Advance._post_advance_vat(vals_list)
        return res
