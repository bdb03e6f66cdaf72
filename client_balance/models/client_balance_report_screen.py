from odoo import api, models


class ClientBalanceReport(models.Model):
    """Where a row of the client report leads."""

    _inherit = "client.balance.report"

    @api.readonly
    def action_open_client(self):
        """Open the client card. For the list."""
        self.ensure_one()
        return self.partner_id._get_records_action()

    @api.readonly
    def action_open_ledger(self):
        """Open the settlements of these clients, up to the day that is shown."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_settlement_action"
        )
        domain = [
            ("partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]
        day = self._get_report_date()
        if day:
            domain.append(("date", "<=", day))
        action["domain"] = domain
        action["context"] = {"search_default_hide_reversed": 1}
        if len(self) == 1:
            action["name"] = self.env._("Settlements: %s", self.name)
            action["context"]["default_partner_id"] = self.partner_id.id
        return action

    def action_send_acts(self):
        """Open the dialog that makes and sends acts of reconciliation.

        For officers: the dialog decides what may be sent.
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_statement_batch_action"
        )
        action["context"] = {
            "active_model": "res.partner",
            "active_ids": self.partner_id.ids,
        }
        return action

    @api.readonly
    def action_open_graph(self):
        """Open the balances of these clients over time, per currency."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_settlement_action_graph"
        )
        action["domain"] = [
            ("partner_id", "in", self.partner_id.ids),
            ("company_id", "in", self.company_id.ids),
        ]
        if len(self) == 1:
            action["name"] = self.env._("Balance over time: %s", self.name)
        return action
