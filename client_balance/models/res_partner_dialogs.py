from odoo import models


class ResPartner(models.Model):
    """The dialogs of client balances that open from the client card."""

    _inherit = "res.partner"

    def action_client_balance_transfer(self):
        """Open the transfer to another bank account or another client."""
        return self._open_client_balance_dialog(
            "client_balance.client_balance_transfer_action"
        )

    def action_client_balance_exchange(self):
        """Open the exchange of a balance into another currency."""
        return self._open_client_balance_dialog(
            "client_balance.client_balance_exchange_action"
        )

    def action_client_balance_refund(self):
        """Open the refund to the client's bank account."""
        return self._open_client_balance_dialog(
            "client_balance.client_balance_refund_action"
        )

    def action_client_balance_top_up(self):
        """Open the top-up, or the advance, without an invoice."""
        return self._open_client_balance_dialog(
            "client_balance.client_balance_top_up_action"
        )

    def _open_client_balance_dialog(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
