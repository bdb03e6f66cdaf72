from odoo import api, fields, models


class ResPartner(models.Model):
    """The client's money beside its credit limit."""

    _inherit = "res.partner"

    client_balance_credit_left = fields.Monetary(
        string="Available credit",
        compute="_compute_client_balance_credit_left",
        groups="client_balance.group_client_balance_user",
        help="The credit limit, less what the client owes, plus its balances in all"
        " currencies at today's rate.",
    )

    @api.depends("credit", "credit_limit", "client_balance_ids.amount")
    @api.depends_context("company")
    def _compute_client_balance_credit_left(self):
        company = self.env.company
        for partner in self:
            client = partner.commercial_partner_id
            # limit and debt have groups of their own, which people with ours may lack
            client_sudo = client.sudo()
            owed = client_sudo.credit + client_sudo.credit_to_invoice
            partner.client_balance_credit_left = company.currency_id.round(
                client_sudo.credit_limit - owed + client._get_client_balance_in(company)
            )

    def _get_client_balance_in(self, company):
        """Add up the balances of a client, each at today's rate.

        :return: float in the currency of ``company``, + in the client's favour
        """
        currency = company.currency_id
        today = fields.Date.context_today(self)
        # a limit counts for everybody, whatever he may see
        rows = (
            self.env["client.balance"]
            .sudo()
            ._read_group(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "in", company.root_id.ids),
                ],
                ["currency_id"],
                ["amount:sum"],
            )
        )
        return currency.round(
            sum(
                source._convert(amount, currency, company, today)
                for source, amount in rows
            )
        )
