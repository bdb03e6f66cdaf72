from odoo import models


class ClientBalanceMerge(models.AbstractModel):
    """The totals of the client report follow the owner of the money."""

    _inherit = "client.balance.merge"

    def _move_key(self, balance, key):
        partner_ids = {balance.partner_id.id, key.partner_id}
        super()._move_key(balance, key)
        self.env["client.balance.total"]._refresh(partner_ids)
