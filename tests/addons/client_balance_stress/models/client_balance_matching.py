from odoo import models


class ClientBalanceMatching(models.AbstractModel):
    _inherit = "client.balance.matching"

    def _match(self, balances, spent=True):
        return
