from odoo import api, fields, models


class ResPartner(models.Model):
    """The dialogs of client balances that open from the client card."""

    _inherit = "res.partner"

    client_balance_request_count = fields.Integer(
        string="Waiting for approval",
        compute="_compute_client_balance_request_count",
        groups="client_balance.group_client_balance_user",
    )

    def _compute_client_balance_request_count(self):
        counts = dict(
            self.env["client.balance.request"]._read_group(
                self._get_client_balance_request_domain(),
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.client_balance_request_count = counts.get(
                partner.commercial_partner_id, 0
            )

    def _get_client_balance_request_domain(self):
        """Hook. :return: domain of what waits for a second person"""
        return [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("state", "=", "requested"),
        ]

    @api.readonly
    def action_client_balance_requests(self):
        """Open what waits for a second person."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_request_action"
        )
        action["domain"] = self._get_client_balance_request_domain()
        return action

    def action_client_balance_limit(self):
        """Open the dialog that grants a limit below zero, or takes it back."""
        return self._open_client_balance_dialog(
            "client_balance.client_balance_limit_action"
        )

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
