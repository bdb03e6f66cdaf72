from odoo import api, fields, models


class ResPartner(models.Model):
    """Acts of reconciliation of a client."""

    _inherit = "res.partner"

    client_balance_statement_schedule = fields.Selection(
        [
            ("monthly", "Every month"),
            ("quarterly", "Every quarter"),
            ("never", "Never"),
        ],
        string="Acts of reconciliation",
        groups="client_balance.group_client_balance_own",
        help="Empty: as the company's settings say.",
    )
    client_balance_statement_count = fields.Integer(
        string="Acts",
        compute="_compute_client_balance_statement_count",
        groups="client_balance.group_client_balance_own",
    )

    def _compute_client_balance_statement_count(self):
        counts = dict(
            self.env["client.balance.statement"]._read_group(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("state", "!=", "revoked"),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.client_balance_statement_count = counts.get(
                partner.commercial_partner_id, 0
            )

    @api.readonly
    def action_open_client_balance_statements(self):
        """Smart button: the acts of the client."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_statement_action"
        )
        client = self.commercial_partner_id
        action["domain"] = [("partner_id", "=", client.id)]
        action["context"] = {"default_partner_id": client.id}
        return action
