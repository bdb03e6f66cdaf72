from odoo import models
from odoo.exceptions import UserError


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_no_client_balance_money()
        return super().write(vals)

    def _check_no_client_balance_money(self):
        """:raise UserError: which balances hold money in these currencies"""
        merge = self.env["client.balance.merge"]
        holders = merge._get_holders([("currency_id", "in", self.ids)])
        if holders:
            raise UserError(
                self.env._(
                    "%(currency)s cannot be deactivated: %(count)s client balances are"
                    " kept in it, for example\n%(balances)s\nExchange, refund or spend"
                    " them first.",
                    currency=holders.currency_id[0].name,
                    count=len(holders),
                    balances=merge._describe(holders[:5]),
                )
            )
