from odoo import api, fields, models
from odoo.tools import formatLang


class ResPartner(models.Model):
    """What the client card shows of the balances."""

    _inherit = "res.partner"

    client_balance_tab = fields.Boolean(
        compute="_compute_client_balance_tab",
        groups="client_balance.group_client_balance_own",
    )
    client_balance_summary = fields.Char(
        string="Balances per currency",
        compute="_compute_client_balance_summary",
        groups="client_balance.group_client_balance_own",
    )

    @api.depends_context("company")
    def _compute_client_balance_tab(self):
        # the setting is read for people without rights on settings of companies
        self.client_balance_tab = self.env.company.sudo().root_id.client_balance_tab

    @api.depends_context("company", "lang")
    @api.depends("client_balance_ids.amount", "commercial_partner_id")
    def _compute_client_balance_summary(self):
        totals = {}
        home = self.env.company.currency_id
        for partner, currency, amount in self.env["client.balance"]._read_group(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "parent_of", self.env.company.ids),
            ],
            ["partner_id", "currency_id"],
            ["amount:sum"],
        ):
            totals.setdefault(partner, []).append((currency, amount))
        for partner in self:
            partner.client_balance_summary = " · ".join(
                formatLang(self.env, amount, currency_obj=currency)
                for currency, amount in sorted(
                    totals.get(partner.commercial_partner_id, []),
                    key=lambda total: (total[0] != home, total[0].name),
                )
                if not currency.is_zero(amount)
            ) or formatLang(self.env, 0.0, currency_obj=home)

    @api.readonly
    def action_open_client_balance(self):
        """Smart button: the client's ledger with all views and groupings."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_settlement_action"
        )
        client = self.commercial_partner_id
        action["domain"] = [("partner_id", "=", client.id)]
        action["context"] = {
            "default_partner_id": client.id,
            "search_default_hide_reversed": 1,
        }
        return action
