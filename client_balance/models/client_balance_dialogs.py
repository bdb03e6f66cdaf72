from odoo import models


class ClientBalance(models.Model):
    """The dialogs that open from a balance."""

    _inherit = "client.balance"

    def action_transfer(self):
        """Open the transfer to another bank account or another client."""
        return self._open_dialog("client_balance.client_balance_transfer_action")

    def _open_dialog(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"default_balance_id": self.id}
        return action
