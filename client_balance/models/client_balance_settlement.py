from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .client_balance_gate import GATE


class ClientBalanceSettlement(models.Model):
    """One movement of a balance. Append-only: the gate writes it, nobody edits it."""

    _name = "client.balance.settlement"
    _description = "Settlement"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "description", "payment_name", "move_name"]

    name = fields.Char(readonly=True, required=True, help="Number of the document.")
    date = fields.Date(
        string="Accounting date", required=True, default=fields.Date.context_today
    )
    balance_id = fields.Many2one(
        "client.balance", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", related="balance_id.company_id", store=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        related="balance_id.partner_id",
        store=True,
        ondelete="restrict",
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account",
        related="balance_id.partner_bank_id",
        store=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    currency_id = fields.Many2one(
        "res.currency",
        related="balance_id.currency_id",
        store=True,
        ondelete="restrict",
    )
    amount = fields.Monetary(
        required=True, help="Positive: in the client's favour. Negative: takes from it."
    )
    settlement_type = fields.Selection(
        [
            ("manual", "Manual"),
            ("opening", "Opening"),
            ("overpayment", "Overpayment"),
            ("write_off", "Write-off from the balance"),
            ("credit_note", "Credit note"),
            ("refund", "Refund"),
            ("transfer", "Transfer"),
            ("exchange", "Exchange"),
            ("top_up", "Top-up"),
            ("entry", "Other journal entry"),
            ("reversal", "Reversal"),
        ],
        string="Type",
        required=True,
        default="manual",
    )
    reason_id = fields.Many2one("client.balance.reason", ondelete="restrict")
    counterpart_account_id = fields.Many2one("account.account", ondelete="restrict")
    description = fields.Char(
        help="What it was for. The client reads it in the portal."
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Documents")
    invoice_ids = fields.Many2many(
        "account.move",
        "client_balance_settlement_invoice_rel",
        "settlement_id",
        "invoice_id",
        readonly=True,
    )
    payment_id = fields.Many2one(
        "account.payment", readonly=True, ondelete="set null", index="btree_not_null"
    )
    payment_name = fields.Char(readonly=True)
    move_id = fields.Many2one(
        "account.move",
        string="Journal entry",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    move_name = fields.Char(string="Entry number", readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal item",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    move_line_ref = fields.Integer(
        string="Journal item number",
        readonly=True,
        index=True,
        help="Id of the journal item, kept also when the item is gone.",
    )
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="What the whole journal entry was when the settlement was made: whoever"
        " changes it is judged anew.",
    )
    number = fields.Integer(
        readonly=True, help="1, 2, 3 … within the balance, in recording order."
    )
    balance_after = fields.Monetary(
        readonly=True, help="The balance after this settlement was recorded."
    )
    running_balance = fields.Monetary(
        compute="_compute_running_balance",
        help="The balance after this settlement, in order of date and number.",
    )
    reversal_of_id = fields.Many2one(
        "client.balance.settlement", readonly=True, ondelete="restrict"
    )
    reversed_by_id = fields.Many2one(
        "client.balance.settlement",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    is_live = fields.Boolean(
        readonly=True,
        default=False,
        help="Stands for its journal item: at most one settlement per item does.",
    )
    is_advance = fields.Boolean(string="Advance", readonly=True)
    advance_date = fields.Date(
        readonly=True, help="The day on which the client's money first arrived."
    )
    external_ref = fields.Char(
        string="External reference",
        copy=False,
        help="Reference of another program. The same reference again returns the same"
        " settlement.",
    )

    _one_live_per_item = models.UniqueIndex(
        "(move_line_ref) WHERE is_live",
        "A journal item already has its settlement.",
    )
    _reversed_once = models.UniqueIndex(
        "(reversal_of_id) WHERE reversal_of_id IS NOT NULL",
        "A settlement is reversed at most once.",
    )
    _number_uniq = models.UniqueIndex(
        "(balance_id, number)",
        "The number of a settlement is unique within its balance.",
    )
    _external_ref_uniq = models.UniqueIndex(
        "(company_id, external_ref) WHERE external_ref IS NOT NULL",
        "This external reference was already used by another settlement.",
    )
    # the guard's look at later days, the running balance and as-of-date sums
    _by_date = models.Index("(balance_id, date, number) INCLUDE (amount)")
    # the client card: newest first
    _by_client = models.Index(
        "(partner_id, date DESC, id DESC) INCLUDE (company_id, balance_id)"
    )

    def _compute_running_balance(self):
        running = self._get_running_balances() if self.ids else {}
        for settlement in self:
            settlement.running_balance = float(running.get(settlement.id) or 0.0)

    def _get_running_balances(self):
        """What the balance was after each of these, in order of date and number.

        Counted back from what it is now, as far as the earliest of them: a page of the
        newest reads itself only, however long the ledger is.

        :return: {settlement id: Decimal}
        """
        self.flush_model(["amount", "date", "balance_id", "number"])
        self.env["client.balance"].flush_model(["amount"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT id, running FROM (
                        SELECT s.id, b.amount - COALESCE(SUM(s.amount) OVER (
                               PARTITION BY s.balance_id
                               ORDER BY s.date DESC, s.number DESC
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                               AS running
                          FROM (
                               SELECT DISTINCT ON (balance_id) balance_id, date, number
                                 FROM client_balance_settlement WHERE id IN %(ids)s
                             ORDER BY balance_id, date, number
                               ) earliest
                          JOIN client_balance b ON b.id = earliest.balance_id
                          JOIN client_balance_settlement s
                            ON s.balance_id = earliest.balance_id
                           AND (s.date, s.number) >= (earliest.date, earliest.number)
                    ) chain WHERE id IN %(ids)s
                    """,
                    ids=tuple(self.ids),
                )
            )
        )

    # The gate's side ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Post settlements. For managers, integrations and imports.

        Each dict needs ``partner_id`` and ``amount`` (+ in the client's favour, in
        ``currency_id``, by default the company's currency) and may have
        ``partner_bank_id``, ``date``, ``reason_id`` or ``counterpart_account_id``,
        ``description``, ``settlement_type`` ("manual" or "opening"), ``is_advance``,
        ``advance_date``, ``attachment_ids`` and ``external_ref``. The journal entry is
        posted at once. The same ``external_ref`` again returns the same settlement.

        :raise UserError: names what is wrong and in which settlement
        """
        if self.env.context.get("client_balance_gate") is GATE:
            return super().create(vals_list)
        return self.env["client.balance.posting"]._post(vals_list)

    def write(self, vals):
        """Only the description may be changed; see ``action_correct`` for the rest.

        :raise UserError: when anything else is changed
        """
        is_gate = self.env.context.get("client_balance_gate") is GATE
        if not is_gate and set(vals) - self._get_writable_fields():
            raise UserError(
                self.env._(
                    "Settlement %(name)s is part of the books and is not edited,"
                    " except for its description. Use “Reverse and replace”"
                    " instead.",
                    name=self[:1].name or "",
                )
            )
        return super().write(vals)

    def _get_writable_fields(self):
        """Hook. :return: names of the fields that may be written directly"""
        return {"description"}

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        for settlement in self:
            raise UserError(
                self.env._(
                    "Settlement %(name)s of %(client)s is never deleted. Reverse it:"
                    " the reversal shows in the ledger who undid it and when.",
                    name=settlement.name,
                    client=settlement.partner_id.display_name,
                )
            )

    def copy(self, default=None):  # pylint: disable=method-required-super
        """A settlement is not duplicated by accident: money would move."""
        raise UserError(
            self.env._("Settlements are not duplicated. Add a new settlement instead.")
        )

    # Navigation -----------------------------------------------------------------------

    @api.readonly
    def action_open_document(self):
        """Open the payment or the journal entry that made this settlement."""
        self.ensure_one()
        document = self.payment_id or self.move_id
        return document._get_records_action() if document else False
