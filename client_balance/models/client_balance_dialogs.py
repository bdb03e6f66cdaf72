from odoo import models


class ClientBalance(models.Model):
    """The dialogs that open from a balance."""

    _inherit = "client.balance"

    def action_transfer(self):
        """Open the transfer to another bank account or another client."""
        return self._open_dialog("client_balance.client_balance_transfer_action")

    def action_exchange(self):
        """Open the exchange into another currency."""
        return self._open_dialog("client_balance.client_balance_exchange_action")

    def action_refund(self):
        """Open the refund to the client's bank account."""
        return self._open_dialog("client_balance.client_balance_refund_action")

    def action_top_up(self):
        """Open the top-up, or the advance, without an invoice."""
        return self._open_dialog("client_balance.client_balance_top_up_action")

    def _open_dialog(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"default_balance_id": self.id}
        return action
