from odoo import api, fields, models

from ..models.client_balance_approval import SecondPersonNeeded
from ..models.client_balance_gate import Key


class ClientBalanceLimit(models.TransientModel):
    """Grants, changes or takes back the limit of a balance, for managers."""

    _name = "client.balance.limit"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Limit below zero"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company.root_id
    )
    partner_id = fields.Many2one("res.partner", string="Client", required=True)
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account",
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        domain="[('active', '=', True)]",
    )
    balance_id = fields.Many2one("client.balance", compute="_compute_balance_id")
    balance_now = fields.Monetary(
        string="Balance now", related="balance_id.amount", related_sudo=False
    )
    limit_now = fields.Monetary(
        string="Limit now", related="balance_id.overdraft_limit", related_sudo=False
    )
    granted_by_id = fields.Many2one(
        related="balance_id.limit_granted_by_id", related_sudo=False
    )
    granted_on = fields.Datetime(
        related="balance_id.limit_granted_on", related_sudo=False
    )
    used = fields.Monetary(
        string="Used at most",
        compute="_compute_used",
        help="How far the balance has been below zero on any day. The limit cannot be"
        " lower.",
    )
    limit = fields.Monetary(
        string="New limit",
        compute="_compute_limit",
        store=True,
        readonly=False,
        precompute=True,
        help="How far below zero the balance may go. Zero takes the limit back.",
    )
    note = fields.Char(
        string="Ground",
        compute="_compute_limit",
        store=True,
        readonly=False,
        precompute=True,
    )
    hides_receivable = fields.Boolean(
        string="Hides a receivable", compute="_compute_hides_receivable"
    )

    @api.model
    def default_get(self, fields):
        """Open on the balance that was asked for, else on the client's default one."""
        values = super().default_get(fields)
        balance = self.env["client.balance"].browse(
            self.env.context.get("default_balance_id")
        )
        if balance:
            return {**values, **self._prepare_key_vals(balance)}
        client = self.env["res.partner"].browse(values.get("partner_id"))
        client = client.commercial_partner_id
        if client:
            values["partner_id"] = client.id
            values["partner_bank_id"] = client._get_client_balance_bank().id
        return values

    def _prepare_key_vals(self, balance):
        return {
            "company_id": balance.company_id.id,
            "partner_id": balance.partner_id.id,
            "partner_bank_id": balance.partner_bank_id.id,
            "currency_id": balance.currency_id.id,
        }

    @api.depends("company_id", "partner_id", "partner_bank_id", "currency_id")
    def _compute_balance_id(self):
        for dialog in self:
            dialog.balance_id = self.env["client.balance"]._get_balance(
                dialog.company_id,
                dialog.partner_id,
                dialog.partner_bank_id,
                dialog.currency_id,
            )

    @api.depends("balance_id")
    def _compute_used(self):
        for dialog in self:
            balance = dialog.balance_id
            dialog.used = -balance._get_lowest_ever() if balance else 0.0

    @api.depends("balance_id")
    def _compute_limit(self):
        for dialog in self:
            dialog.limit = dialog.balance_id.overdraft_limit
            dialog.note = dialog.balance_id.limit_note

    @api.depends("company_id")
    def _compute_hides_receivable(self):
        for dialog in self:
            dialog.hides_receivable = self.env["client.balance"]._is_receivable_hidden(
                dialog.company_id
            )

    def action_confirm(self):
        """Write the limit on the balance, which notes who granted it and when.

        :return: the action that follows
        :raise UserError: when it is no amount, or more is used already
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._change_limit()
        except SecondPersonNeeded:
            return self._request()._get_records_action()
        return {"type": "ir.actions.act_window_close"}

    def _request(self):
        """:return: the request that another manager approves"""
        names = ["company_id", "partner_id", "partner_bank_id", "currency_id", "limit"]
        vals = self._convert_to_write({name: self[name] for name in [*names, "note"]})
        return self.env["client.balance.request"]._request(
            "limit",
            vals,
            {
                **{name: vals[name] for name in names[:4]},
                "partner_id": self.partner_id.commercial_partner_id.id,
                "amount": self.limit - self.balance_id.overdraft_limit,
                "date": fields.Date.context_today(self),
                "description": self.note,
                "external_ref": f"limit:{self.id}",
            },
        )

    def _change_limit(self):
        """Check the dialog and write its limit on the balance."""
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        company = self.env.company
        # a manager of a branch works with the balances of its root company
        posting._check_own_company(
            company if company.root_id == self.company_id else self.company_id
        )
        posting._check_currency(self.currency_id)
        client = self.partner_id.commercial_partner_id
        self.partner_bank_id._check_client_balance_client(client)
        posting._check_client_active(client)
        posting._check_client_company(client, self.company_id)
        balance = self.balance_id or self._open_balance(client)
        balance.write({"overdraft_limit": self.limit, "limit_note": self.note})

    def _open_balance(self, client):
        """A client may get a limit before any money has moved."""
        key = Key(
            self.company_id.root_id.id,
            client.id,
            self.partner_bank_id.id,
            self.currency_id.id,
        )
        # balances are opened for people who may not write them
        return self.env["client.balance"].sudo()._ensure({key})[key].with_env(self.env)
