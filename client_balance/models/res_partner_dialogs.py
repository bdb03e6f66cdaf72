from odoo import models


class ResPartner(models.Model):
    """The dialogs of client balances that open from the client card."""

    _inherit = "res.partner"

    def action_client_balance_transfer(self):
        """Open the transfer to another bank account or another client."""
        return self._open_client_balance_dialog(
            "client_balance.client_balance_transfer_action"
        )

    def _open_client_balance_dialog(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
