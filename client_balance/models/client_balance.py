import sys

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalance(models.Model):
    """The money of a client per bank account and currency: one row per key.

    ``amount`` is moved by one UPDATE only (``_append_rows``), so that PostgreSQL, not
    Python, decides whether two simultaneous spends both fit.
    """

    _name = "client.balance"
    _inherit = ["mail.thread"]
    _description = "Client balance"
    _order = "company_id, partner_id, currency_id, partner_bank_id, id"
    _rec_names_search = ["partner_id", "partner_bank_id"]

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    amount = fields.Monetary(
        string="Balance",
        required=True,
        readonly=True,
        default=0.0,
        help="Positive: we owe the client.",
    )
    overdraft_limit = fields.Monetary(
        required=True,
        default=0.0,
        tracking=True,
        help="How far below zero this balance may go. 0 unless a manager grants it.",
    )
    available = fields.Monetary(
        string="Available balance",
        compute="_compute_available",
        help="What can be spent today: the lowest balance of any day from today on,"
        " plus the overdraft limit.",
    )
    settlement_count = fields.Integer(string="Settlements", readonly=True, default=0)
    settlement_ids = fields.One2many("client.balance.settlement", "balance_id")
    active = fields.Boolean(default=True, readonly=True)

    _key_uniq = models.UniqueIndex(
        "(company_id, partner_id, currency_id, COALESCE(partner_bank_id, 0))",
        "This client already has a balance on this bank account in this currency.",
    )
    _above_limit = models.Constraint(
        "CHECK (amount >= -overdraft_limit)",
        "A client balance cannot go below its limit.",
    )
    _limit_positive = models.Constraint(
        "CHECK (overdraft_limit >= 0)",
        "The overdraft limit is zero or a positive amount.",
    )

    @api.depends("partner_id", "partner_bank_id", "currency_id")
    def _compute_display_name(self):
        for balance in self:
            bank = balance.partner_bank_id.acc_number
            balance.display_name = (
                f"{balance.partner_id.display_name or ''},"
                f" {bank or self.env._('No bank account')},"
                f" {balance.currency_id.name or ''}"
            )

    @api.depends("amount", "overdraft_limit")
    @api.depends_context("client_balance_date", "tz")
    def _compute_available(self):
        date = self.env.context.get("client_balance_date")
        available = self._get_available_on(
            fields.Date.to_date(date) or fields.Date.context_today(self)
        )
        for balance in self:
            balance.available = available.get(balance.id, 0.0)

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """Balances appear by themselves with the first settlement."""
        raise UserError(
            self.env._(
                "A client balance is opened by its first settlement: add a settlement"
                " instead."
            )
        )

    def write(self, vals):
        """Only the overdraft limit can be changed, by a manager.

        :raise UserError: when anything else is changed, or the limit is in use
        """
        forbidden = set(vals) - self._get_writable_fields()
        if forbidden:
            raise UserError(
                self.env._(
                    "The balance of %(client)s is moved by settlements only. Add a"
                    " settlement, or correct or reverse one.",
                    client=self[:1].partner_id.display_name or "",
                )
            )
        if "overdraft_limit" in vals:
            self._check_limit_is_amount(vals["overdraft_limit"])
            self.check_access("write")
            for balance in self.sorted("id"):
                # somebody may be spending from it: the loser of the race is repeated
                balance._claim(balance._get_key())
        res = super().write(vals)
        if "overdraft_limit" in vals:
            self._check_limit_covers_use()
        return res

    def _get_writable_fields(self):
        """Hook. :return: names of the fields that may be written directly"""
        return {"overdraft_limit"} | set(self.env["mail.thread"]._fields)

    def _check_limit_is_amount(self, limit):
        """PostgreSQL knows NaN and infinity, and finds them above every amount."""
        is_number = isinstance(limit or 0.0, int | float)
        if not is_number or not 0 <= (limit or 0.0) <= sys.float_info.max:
            raise UserError(
                self.env._(
                    "“%(limit)s” is not an overdraft limit. Type zero or a positive"
                    " amount.",
                    limit=limit,
                )
            )
        for balance in self:
            balance.currency_id._check_client_balance_amount(limit or 0.0, balance)

    def _check_limit_covers_use(self):
        for balance in self:
            currency = balance.currency_id
            lowest = balance._get_lowest_ever()
            if currency.compare_amounts(lowest, -balance.overdraft_limit) < 0:
                raise UserError(
                    self.env._(
                        "%(balance)s: %(used)s of the limit are in use, so the limit"
                        " cannot be %(limit)s. Put money on the balance first.",
                        balance=balance.display_name,
                        used=balance._format(-lowest),
                        limit=balance._format(balance.overdraft_limit),
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "A client balance is never deleted: it is part of the books. A balance"
                " of zero is folded on the client card."
            )
        )

    # Navigation -------------------------------------------------------------------

    @api.readonly
    def action_open_settlements(self):
        """Open the ledger of these balances. For the screens."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "client_balance.client_balance_settlement_action"
        )
        action["domain"] = [("balance_id", "in", self.ids)]
        return action
