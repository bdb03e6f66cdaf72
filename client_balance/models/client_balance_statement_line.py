from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from .client_balance_statement_guard import UNLOCKED


class ClientBalanceStatementLine(models.Model):
    """One document in an act: our half, and what the client says of it."""

    _name = "client.balance.statement.line"
    _description = "Line of an act of reconciliation"
    _order = "statement_id, section desc, sequence, id"
    _rec_name = "number"

    statement_id = fields.Many2one(
        "client.balance.statement",
        string="Act",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    state = fields.Selection(related="statement_id.state")
    sequence = fields.Integer()
    section = fields.Selection(
        [("sales", "Sales"), ("purchases", "Purchases")],
        required=True,
        default="sales",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Journal entry",
        ondelete="set null",
        index="btree_not_null",
        # clients read their lines, not our entries
        groups="client_balance.group_client_balance_own",
    )
    date = fields.Date()
    kind = fields.Selection(
        selection=[
            ("delivery_note", "Delivery note"),
            ("service_act", "Act of services rendered"),
            ("sale", "Sale"),
            ("payment", "Payment"),
            ("credit_note", "Credit note"),
            ("refund", "Refund"),
            ("manual", "Settlement"),
            ("opening", "Opening balance"),
            ("transfer", "Transfer"),
            ("exchange", "Currency exchange"),
            ("offset", "Set-off of payment"),
            ("write_off", "Difference written off"),
            ("exchange_difference", "Exchange difference"),
            ("bill", "Purchase"),
            ("bill_refund", "Return to the supplier"),
            ("entry", "Accounting entry"),
        ],
        string="Document",
    )
    number = fields.Char()
    description = fields.Char()
    this_amount = fields.Monetary(string="Part in this currency")
    other_amount = fields.Monetary(
        string="In another currency", currency_field="other_currency_id"
    )
    other_currency_id = fields.Many2one("res.currency", string="Other currency")
    debit = fields.Monetary(help="The client owes us more.")
    credit = fields.Monetary(help="The client owes us less.")
    client_date = fields.Date(string="Client's date")
    client_document = fields.Char(string="Client's document")
    client_debit = fields.Monetary(
        string="Client's debit", help="By the client's books we owe more."
    )
    client_credit = fields.Monetary(
        string="Client's credit", help="By the client's books we owe less."
    )
    label = fields.Char(string="Text in the act", compute="_compute_label")

    @api.depends_context("lang")
    @api.depends("kind", "number", "description", "other_amount", "date")
    def _compute_label(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            words = [kinds.get(line.kind, "")]
            if line.number:
                words.append(self.env._("No. %(number)s", number=line.number))
            extra = [line.description, line._get_currency_text()]
            line.label = ", ".join(filter(None, [" ".join(words).strip(), *extra]))

    def _get_currency_text(self):
        """:return: the sum in the other currency and the rate, as text"""
        self.ensure_one()
        other = self.other_currency_id
        if not other or other.is_zero(self.other_amount):
            return False
        amount = formatLang(self.env, self.other_amount, currency_obj=other)
        mine = self.this_amount or self.debit or self.credit
        if not mine:
            return self.env._("in the amount of %(amount)s", amount=amount)
        # a rate is written as “so many hryvnias for a dollar”
        pair = sorted(
            [(mine, self.currency_id), (self.other_amount, other)],
            key=lambda side: side[0],
        )
        rate = formatLang(self.env, pair[1][0] / pair[0][0], digits=4)
        return self.env._(
            "%(amount)s for %(own)s at %(rate)s %(currency)s/%(unit)s",
            amount=amount,
            own=formatLang(self.env, mine, currency_obj=self.currency_id),
            rate=rate,
            currency=pair[1][1].name,
            unit=pair[0][1].name,
        )

    # The guard ------------------------------------------------------------------------

    @api.model
    def _get_client_fields(self):
        """Hook. :return: the client's half, which may be filled in after sending"""
        return {"client_date", "client_document", "client_debit", "client_credit"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_unlocked():
            for vals in vals_list:
                if set(vals) - self._get_client_fields() - {"statement_id"}:
                    self._refuse_books()
            acts = self.env["client.balance.statement"].browse(
                {vals.get("statement_id") for vals in vals_list} - {None, False}
            )
            acts._check_client_half()
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_unlocked():
            if set(vals) - self._get_client_fields():
                self._refuse_books()
            self.statement_id._check_client_half()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_added(self):
        if self._is_unlocked():
            return
        if any(line.kind for line in self):
            self._refuse_books()
        self.statement_id._check_client_half()

    def _is_unlocked(self):
        return self.env.context.get("client_balance_statement") is UNLOCKED

    def _refuse_books(self):
        raise UserError(
            self.env._(
                "Our half of the act comes from the books and is not edited by hand."
                " Correct the documents and update the draft, or, if the act was"
                " sent, make a new version of it."
            )
        )

    def _prepare_mirror(self):
        """:return: the client's half of this line where its books equal ours"""
        self.ensure_one()
        return {
            "client_date": self.date,
            "client_document": False,
            "client_debit": self.credit,
            "client_credit": self.debit,
        }

    # Texts ----------------------------------------------------------------------------

    def _get_client_label(self):
        """:return: what stands for this line in the client's half"""
        self.ensure_one()
        return self.client_document or self.label

    def _get_difference_text(self):
        """:return: the line in one sentence, for the list of what differs"""
        self.ensure_one()
        amount = formatLang(
            self.env, self.debit - self.credit, currency_obj=self.currency_id
        )
        day = format_date(self.env, self.date) if self.date else ""
        return f"{day} {self.label}: {amount}".strip()
