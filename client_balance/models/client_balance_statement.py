from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

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

    # whoever holds it answers for the client: who only reads the act need not
    access_token = fields.Char(groups="client_balance.group_client_balance_officer")
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
        "ir.attachment",
        string="Signed document",
        readonly=True,
        copy=False,
        # each change of a file asks whether it was signed
        index="btree_not_null",
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
