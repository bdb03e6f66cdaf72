from odoo import api, fields, models

from .client_balance_gate import GATE


class ClientBalance(models.Model):
    """Who let a balance fall below zero, and what the client owes by it."""

    _inherit = "client.balance"

    limit_granted_by_id = fields.Many2one(
        "res.users", string="Limit granted by", readonly=True, ondelete="restrict"
    )
    limit_granted_on = fields.Datetime(string="Limit granted on", readonly=True)
    limit_note = fields.Char(
        string="Ground of the limit",
        tracking=True,
        help="Why the balance may fall below zero, for example a contract.",
    )
    limit_used = fields.Monetary(
        string="Limit used",
        compute="_compute_debt",
        help="How much of the limit is used now.",
    )
    debt = fields.Monetary(
        string="Owes us",
        compute="_compute_debt",
        help="A balance below zero is a debt of the client.",
    )
    hides_receivable = fields.Boolean(
        string="Hides a receivable",
        compute="_compute_hides_receivable",
        help="In Ukraine a debt on a liability account hides a receivable.",
    )

    @api.depends("amount")
    def _compute_debt(self):
        for balance in self:
            balance.debt = balance.limit_used = max(-balance.amount, 0.0)

    @api.depends("company_id")
    def _compute_hides_receivable(self):
        for balance in self:
            balance.hides_receivable = balance._is_receivable_hidden(balance.company_id)

    @api.model
    def _is_receivable_hidden(self, company):
        """Hook. :return: whether the company's rules forbid netting in the accounts"""
        # the country of the root company, which a branch's user may not see
        return company.sudo().root_id.account_fiscal_country_id.code == "UA"

    def _get_writable_fields(self):
        names = super()._get_writable_fields() | {"limit_note"}
        if self.env.context.get("client_balance_gate") is GATE:
            names |= {"limit_granted_by_id", "limit_granted_on"}
        return names

    def write(self, vals):
        if "overdraft_limit" not in vals:
            return super().write(vals)
        self._check_limit_alone(vals["overdraft_limit"])
        # an object in the context: nobody can send it and name another person
        stamping = self.with_context(client_balance_gate=GATE)
        return super(ClientBalance, stamping).write(
            {**vals, **self._prepare_limit_stamp(vals["overdraft_limit"])}
        )

    def _check_limit_alone(self, limit):
        """To let clients owe more is to give it to them.

        :raise UserError: that it needs a second person
        """
        self._check_limit_is_amount(limit)
        self.env["client.balance.approval"]._check_amounts(
            self.company_id[:1],
            [
                (
                    balance.partner_id,
                    balance.currency_id,
                    limit - balance.overdraft_limit,
                )
                for balance in self
                if (limit or 0.0) > balance.overdraft_limit
            ],
            fields.Date.context_today(self),
            self.env._("A higher limit"),
        )

    def _prepare_limit_stamp(self, limit):
        """Hook. :return: values that say who granted ``limit`` and when"""
        return {
            "limit_granted_by_id": bool(limit) and self.env.uid,
            "limit_granted_on": bool(limit) and fields.Datetime.now(),
        }

    def action_change_limit(self):
        """Open the dialog that grants, changes or takes back the limit."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_limit_action"
        )
        action["context"] = {"default_balance_id": self.id}
        return action
