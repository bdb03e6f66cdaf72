from odoo import api, fields, models

VIEWER_GROUP = "client_balance.group_client_balance_own"


class SaleOrder(models.Model):
    """What the client's money means for an order."""

    _inherit = "sale.order"

    client_balance_available = fields.Monetary(
        string="Available client balance",
        compute="_compute_client_balance_available",
        groups=VIEWER_GROUP,
        help="On all bank accounts of the client, in the order's currency.",
    )
    client_balance_net = fields.Monetary(
        string="To pay after the balance",
        compute="_compute_client_balance_available",
        groups=VIEWER_GROUP,
        help="The total of the order, less what is available on the client's balance.",
    )

    @api.depends("partner_id", "currency_id", "company_id", "amount_total")
    def _compute_client_balance_available(self):
        totals = self._get_client_balance_totals()
        for order in self:
            key = (
                order.company_id.root_id,
                order.partner_id.commercial_partner_id,
                order.currency_id,
            )
            available = totals.get(key, 0.0)
            order.client_balance_available = available
            order.client_balance_net = max(order.amount_total - available, 0.0)

    def _get_client_balance_totals(self):
        """:return: {(root company, client, currency): float} of these orders"""
        balances = self.env["client.balance"].search(
            [
                ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.root_id.ids),
                ("currency_id", "in", self.currency_id.ids),
            ]
        )
        totals = {}
        for balance in balances:
            key = balance.company_id, balance.partner_id, balance.currency_id
            totals[key] = totals.get(key, 0.0) + max(balance.available, 0.0)
        return totals
