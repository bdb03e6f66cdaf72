from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: passed in the context by the methods that may change a sent act; RPC cannot send it
UNLOCKED = object()

STATES = [
    ("draft", "Draft"),
    ("sent", "Sent"),
    ("agreed", "Agreed"),
    ("differences", "Agreed with differences"),
    ("refused", "Refused"),
    ("revoked", "Revoked"),
]


class ClientBalanceStatement(models.Model):
    """Act of reconciliation: all settlements with a client in one currency."""

    _name = "client.balance.statement"
    _description = "Act of reconciliation"
    _inherit = ["portal.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Number", readonly=True, copy=False, default="/", index="trigram"
    )
    version = fields.Integer(readonly=True, copy=False, default=1)
    previous_id = fields.Many2one(
        "client.balance.statement",
        string="Previous version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    next_ids = fields.One2many(
        "client.balance.statement", "previous_id", string="Next version"
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, copy=False, default="draft", tracking=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Client", required=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company.root_id.currency_id,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    date = fields.Date(
        string="Date of the act", required=True, default=fields.Date.context_today
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._default_period()[0]
    )
    date_to = fields.Date(
        string="To", required=True, default=lambda self: self._default_period()[1]
    )
    include_foreign = fields.Boolean(
        string="With documents in foreign currencies",
        help="Documents in all currencies, at their value in the company's currency."
        " Exchange differences are shown.",
    )
    include_purchases = fields.Boolean(
        string="With purchases",
        help="What we buy from the same party stands in a section of its own.",
    )
    place = fields.Char(compute="_compute_from_company", store=True, readonly=False)
    contract = fields.Char(
        string="Basis", help="The contract. Empty: under all contracts."
    )
    print_language = fields.Selection(
        [("uk", "Ukrainian"), ("en", "English"), ("both", "Ukrainian and English")],
        string="Languages of the act",
        required=True,
        compute="_compute_print_language",
        precompute=True,
        store=True,
        readonly=False,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        help="Is told what the client answered.",
    )
    company_signatory = fields.Char(
        string="Signs for us",
        compute="_compute_from_company",
        store=True,
        readonly=False,
    )
    company_position = fields.Char(
        string="Position of our signatory",
        compute="_compute_from_company",
        store=True,
        readonly=False,
    )
    client_signatory = fields.Char(
        string="Signs for the client",
        compute="_compute_from_client",
        store=True,
        readonly=False,
    )
    client_position = fields.Char(
        string="Position of the client's signatory",
        compute="_compute_from_client",
        store=True,
        readonly=False,
    )
    parties_data = fields.Json(
        copy=False, help="Names, codes and addresses as they were when it was sent."
    )
    line_ids = fields.One2many(
        "client.balance.statement.line", "statement_id", string="Documents"
    )
    opening_balance = fields.Monetary(readonly=True, help="+ the client owes us.")
    turnover_debit = fields.Monetary(compute="_compute_totals", store=True)
    turnover_credit = fields.Monetary(compute="_compute_totals", store=True)
    closing_balance = fields.Monetary(compute="_compute_totals", store=True)
    purchase_opening_balance = fields.Monetary(readonly=True)
    purchase_closing_balance = fields.Monetary(compute="_compute_totals", store=True)
    client_opening_balance = fields.Monetary(
        copy=False, help="By the client's books: + we owe the client's side."
    )
    client_closing_balance = fields.Monetary(compute="_compute_client_totals")
    has_client_half = fields.Boolean(
        string="The client's half is filled in", copy=False, readonly=True
    )
    difference = fields.Monetary(compute="_compute_client_totals")
    sent_on = fields.Datetime(readonly=True, copy=False)
    answered_on = fields.Datetime(readonly=True, copy=False)
    answer = fields.Text(string="Client's answer", readonly=True, copy=False)
    signed_by = fields.Char(readonly=True, copy=False)
    signed_position = fields.Char(readonly=True, copy=False)
    signed_on = fields.Date(readonly=True, copy=False)
    signature = fields.Image(readonly=True, copy=False, max_width=1024, max_height=1024)
    signed_attachment_id = fields.Many2one(
        "ir.attachment", string="Signed document", readonly=True, copy=False
    )
    version_difference = fields.Html(
        string="What differs from the previous version",
        compute="_compute_version_difference",
    )
    twin_id = fields.Many2one(
        "client.balance.statement",
        string="Another act of this period",
        compute="_compute_twin_id",
        groups="client_balance.group_client_balance_own",
    )

    @api.model
    def _default_period(self):
        """:return: (first, last day) of the last full month"""
        first = fields.Date.context_today(self).replace(day=1)
        return first - relativedelta(months=1), first - timedelta(days=1)

    # Computed -------------------------------------------------------------------------

    @api.depends("company_id")
    def _compute_from_company(self):
        for act in self:
            # the settings are read for people without rights on companies
            company_sudo = act.company_id.sudo()
            act.place = company_sudo.client_balance_statement_place or company_sudo.city
            act.company_signatory = company_sudo.client_balance_statement_signatory
            act.company_position = company_sudo.client_balance_statement_position

    @api.depends("partner_id")
    def _compute_from_client(self):
        for act in self:
            last = self.search(
                [
                    ("partner_id", "=", act.partner_id.commercial_partner_id.id),
                    ("client_signatory", "!=", False),
                    ("id", "!=", act._origin.id),
                ],
                limit=1,
            )
            act.client_signatory = last.client_signatory
            act.client_position = last.client_position

    @api.depends("partner_id")
    def _compute_print_language(self):
        installed = self._get_languages()
        for act in self:
            lang = (act.partner_id.lang or self.env.lang or "en_US")[:2]
            act.print_language = "uk" if lang == "uk" and "uk" in installed else "en"

    @api.depends(
        "opening_balance",
        "purchase_opening_balance",
        "line_ids.section",
        "line_ids.debit",
        "line_ids.credit",
    )
    def _compute_totals(self):
        for act in self:
            sales = act._get_section_totals("sales")
            act.turnover_debit = sales["debit"]
            act.turnover_credit = sales["credit"]
            act.closing_balance = sales["closing"]
            act.purchase_closing_balance = act._get_section_totals("purchases")[
                "closing"
            ]

    def _get_section_totals(self, section):
        """:return: {"opening", "debit", "credit", "closing"} of our half"""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.section == section)
        opening = (
            self.opening_balance
            if section == "sales"
            else self.purchase_opening_balance
        )
        totals = {
            "opening": opening,
            "debit": sum(lines.mapped("debit")),
            "credit": sum(lines.mapped("credit")),
        }
        totals["closing"] = opening + totals["debit"] - totals["credit"]
        currency = self.currency_id
        if not currency:
            return totals
        return {name: currency.round(amount) for name, amount in totals.items()}

    @api.depends(
        "has_client_half",
        "client_opening_balance",
        "closing_balance",
        "purchase_closing_balance",
        "line_ids.client_debit",
        "line_ids.client_credit",
    )
    def _compute_client_totals(self):
        for act in self:
            act.client_closing_balance = act.difference = 0.0
            if act.has_client_half:
                lines = act.line_ids
                closing = act.client_opening_balance
                closing += sum(lines.mapped("client_debit"))
                closing -= sum(lines.mapped("client_credit"))
                ours = act.closing_balance + act.purchase_closing_balance
                act.client_closing_balance = act.currency_id.round(closing)
                # what one side owes, the other is owed: equal books add up to zero
                act.difference = act.currency_id.round(ours + closing)

    @api.depends("partner_id", "company_id", "currency_id", "date_from", "date_to")
    def _compute_twin_id(self):
        for act in self:
            act.twin_id = self.search(act._get_twin_domain(), limit=1)

    def _get_twin_domain(self):
        """Hook. :return: domain of other valid acts of the same client and period"""
        self.ensure_one()
        return [
            ("id", "not in", self._origin.ids),
            ("state", "!=", "revoked"),
            ("company_id", "=", self.company_id.id),
            ("partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("currency_id", "=", self.currency_id.id),
            ("include_foreign", "=", self.include_foreign),
            ("date_from", "=", self.date_from),
            ("date_to", "=", self.date_to),
        ]

    @api.depends("name", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for act in self:
            act.display_name = act.name
            if act.version > 1:
                act.display_name = self.env._(
                    "%(number)s, version %(version)s",
                    number=act.name,
                    version=act.version,
                )

    def _compute_access_url(self):
        super()._compute_access_url()
        for act in self:
            act.access_url = f"/my/balance/statement/{act.id}"

    # Checks ---------------------------------------------------------------------------

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for act in self:
            if act.date_from > act.date_to:
                raise ValidationError(
                    self.env._(
                        "The period of the act for %(client)s ends before it begins."
                        " Correct its dates.",
                        client=act.partner_id.display_name,
                    )
                )

    @api.constrains("print_language")
    def _check_print_language(self):
        installed = self._get_languages()
        for act in self:
            wanted = (
                {"uk", "en"} if act.print_language == "both" else {act.print_language}
            )
            if wanted - set(installed):
                raise ValidationError(
                    self.env._(
                        "%(act)s is to be printed in a language that is not installed."
                        " Install it in Settings → Languages, or choose another one.",
                        act=act.display_name,
                    )
                )

    @api.constrains("include_foreign", "currency_id", "company_id")
    def _check_include_foreign(self):
        for act in self:
            if act.include_foreign and act.currency_id != act.company_id.currency_id:
                raise ValidationError(
                    self.env._(
                        "Only an act in %(currency)s, the currency of %(company)s, can"
                        " include documents in foreign currencies.",
                        currency=act.company_id.currency_id.name,
                        company=act.company_id.name,
                    )
                )

    # CRUD -----------------------------------------------------------------------------

    @api.model
    def _get_book_fields(self):
        """Hook. :return: fields whose change makes a draft collect its lines anew"""
        return {
            "company_id",
            "partner_id",
            "currency_id",
            "date_from",
            "date_to",
            "include_foreign",
            "include_purchases",
        }

    @api.model
    def _get_open_fields(self):
        """Hook. :return: what may be changed on a sent act: it is not on the paper"""
        return {
            "user_id",
            # these two guard themselves: the client's half
            "line_ids",
            "client_opening_balance",
            "access_token",
            "message_follower_ids",
            "activity_ids",
            "message_ids",
        }

    @api.model
    def _get_guarded_fields(self):
        """Hook. :return: fields that only the buttons of the act change"""
        return {
            "name",
            "version",
            "previous_id",
            "state",
            "parties_data",
            "opening_balance",
            "purchase_opening_balance",
            "has_client_half",
            "sent_on",
            "answered_on",
            "answer",
            "signed_by",
            "signed_position",
            "signed_on",
            "signature",
            "signed_attachment_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Make drafts with the documents of the books. For officers.

        Each dict needs ``partner_id`` (a contact stands for its client) and may have
        the company, currency, period and the texts of the act.
        """
        for vals in vals_list:
            self._check_vals(vals)
            self._normalize_vals(vals)
            if not vals.get("name"):
                vals["name"] = self._get_next_number(vals)
        acts = super().create(vals_list)
        acts._fill()
        return acts

    def write(self, vals):
        """Drafts only; a sent act is frozen and changes through its buttons.

        :raise UserError: when something on a sent act is changed
        """
        if self._is_unlocked():
            return super().write(vals)
        self._check_vals(vals)
        closed = self.filtered(lambda act: act.state != "draft")
        if set(vals) == {"client_opening_balance"} or set(vals) == {"line_ids"}:
            # the lines guard themselves
            (
                closed if "client_opening_balance" in vals else self.browse()
            )._check_client_half()
        elif closed and set(vals) - self._get_open_fields() - {
            "line_ids",
            "client_opening_balance",
        }:
            raise UserError(
                self.env._(
                    "The act %(act)s was sent to %(client)s and does not change any"
                    " more. Revoke it and make a new version.",
                    act=closed[0].display_name,
                    client=closed[0].partner_id.display_name,
                )
            )
        self._normalize_vals(vals)
        res = super().write(vals)
        if set(vals) & self._get_book_fields():
            self._fill()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for act in self:
            if act.state != "draft":
                raise UserError(
                    self.env._(
                        "The act %(act)s was sent and is kept. Revoke it instead.",
                        act=act.display_name,
                    )
                )

    def _is_unlocked(self):
        return self.env.context.get("client_balance_statement") is UNLOCKED

    def _unlocked(self):
        """:return: these acts, for the methods that may change what was sent"""
        return self.with_context(client_balance_statement=UNLOCKED)

    @api.model
    def _check_vals(self, vals):
        given = {name for name in vals if name in self._get_guarded_fields()}
        if given and not self._is_unlocked():
            raise UserError(
                self.env._(
                    "The state, number and answers of an act are changed only with its"
                    " buttons, not directly (%(fields)s).",
                    fields=", ".join(sorted(given)),
                )
            )

    @api.model
    def _normalize_vals(self, vals):
        """Acts are those of clients and of root companies."""
        if vals.get("partner_id"):
            partner = self.env["res.partner"].browse(vals["partner_id"])
            vals["partner_id"] = partner.commercial_partner_id.id
        if vals.get("company_id"):
            # a branch's user need not see the root company
            company_sudo = self.env["res.company"].sudo().browse(vals["company_id"])
            vals["company_id"] = company_sudo.root_id.id

    @api.model
    def _get_next_number(self, vals):
        company_id = vals.get("company_id") or self.env.company.root_id.id
        # people who make acts need no right on number sequences
        sequence_sudo = self.env["ir.sequence"].sudo().with_company(company_id)
        return (
            sequence_sudo.next_by_code(self._name, sequence_date=vals.get("date"))
            or "/"
        )

    # The books ------------------------------------------------------------------------

    def action_refresh(self):
        """Collect the documents of these drafts anew. For officers."""
        self.check_access("write")
        self._check_state("draft")
        self._fill()

    def _fill(self):
        """Take opening balances and lines from the books, for drafts."""
        source = self.env["client.balance.statement.source"]
        for act in self:
            data = source._get_data(act)
            # nobody may write our half by hand, the lines are made as superuser
            lines_sudo = act.sudo()._unlocked().line_ids
            lines_sudo.unlink()
            lines_sudo.create(
                [
                    act._prepare_line_vals(row, number)
                    for section in data.values()
                    for number, row in enumerate(section["rows"], 1)
                ]
            )
            act._unlocked().write(
                {
                    "opening_balance": data["sales"]["opening"],
                    "purchase_opening_balance": data.get("purchases", {}).get(
                        "opening", 0.0
                    ),
                }
            )

    def _prepare_line_vals(self, row, number):
        """Hook. :return: values of the line of one document"""
        self.ensure_one()
        currency = self.currency_id
        amount = currency.round(row["amount"])
        return {
            "statement_id": self.id,
            "sequence": number,
            "section": row["section"],
            "move_id": row["move"].id,
            "date": row["date"],
            "kind": row["kind"],
            "number": row["number"],
            "description": row["description"],
            "this_amount": currency.round(row.get("this_amount", 0.0)),
            "other_amount": row["other_amount"],
            "other_currency_id": row["other_currency_id"],
            "debit": max(amount, 0.0),
            "credit": max(-amount, 0.0),
        }

    @api.model
    def _get_languages(self):
        """:return: {"uk": code, "en": code} of the languages that are installed"""
        installed = dict(self.env["res.lang"].get_installed())
        languages = {}
        for code in sorted(installed, reverse=True):
            if code[:2] in ("uk", "en"):
                languages[code[:2]] = code
        # the texts in the code are English
        return {"en": "en_US", **languages}

    def _is_empty(self):
        """:return: whether the act shows no document and no balance"""
        self.ensure_one()
        return not self.line_ids and all(
            self.currency_id.is_zero(amount)
            for amount in (self.opening_balance, self.purchase_opening_balance)
        )
