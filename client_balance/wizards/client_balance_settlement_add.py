from uuid import uuid4

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date, formatLang

from ..models.account_account import COUNTERPART_DOMAIN


class ClientBalanceSettlementAdd(models.TransientModel):
    """The dialog "Add settlement", and "Reverse and replace" when it edits one."""

    _name = "client.balance.settlement.add"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Add settlement"

    settlement_id = fields.Many2one(
        "client.balance.settlement",
        string="Settlement to replace",
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
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
    direction = fields.Selection(
        [
            ("in", "In the client's favour (+)"),
            ("out", "Takes from the client (−)"),
        ],
        required=True,
        default="in",
    )
    amount = fields.Monetary(required=True)
    date = fields.Date(
        string="Accounting date", required=True, default=fields.Date.context_today
    )
    description = fields.Char()
    reason_id = fields.Many2one(
        "client.balance.reason",
        domain="['&', ('direction', 'in', (direction, 'both')),"
        " '|', ('company_id', '=', False), ('company_id', 'parent_of', company_id)]",
    )
    needs_document = fields.Boolean(related="reason_id.needs_document")
    counterpart_account_id = fields.Many2one(
        "account.account",
        compute="_compute_counterpart_account_id",
        store=True,
        readonly=False,
        domain=COUNTERPART_DOMAIN,
        help="The other side of the journal entry. The reason proposes it.",
    )
    is_advance = fields.Boolean(
        string="Advance",
        compute="_compute_is_advance",
        store=True,
        readonly=False,
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Documents")
    external_ref = fields.Char(
        default=lambda self: f"dialog-{uuid4()}",
        readonly=True,
        help="A second click on the same dialog records nothing more.",
    )
    available = fields.Monetary(
        string="Available balance",
        compute="_compute_available",
        help="What can be taken from this bank account on the accounting date.",
    )
    balance_now = fields.Monetary(string="Balance now", compute="_compute_preview")
    balance_then = fields.Monetary(
        string="Balance afterwards", compute="_compute_preview"
    )
    preview = fields.Html(string="Journal entry", compute="_compute_preview")
    refusal = fields.Text(compute="_compute_preview")
    landing_note = fields.Text(compute="_compute_landing_note")

    @api.model
    def default_get(self, fields):
        vals = super().default_get(fields)
        partner = self.env["res.partner"].browse(vals.get("partner_id"))
        if partner:
            client = partner.commercial_partner_id
            vals["partner_id"] = client.id
            if "partner_bank_id" in fields and "partner_bank_id" not in vals:
                vals["partner_bank_id"] = client._get_client_balance_bank().id
        return vals

    @api.depends("reason_id")
    def _compute_counterpart_account_id(self):
        for wizard in self:
            wizard.counterpart_account_id = wizard.reason_id.account_id

    @api.depends("reason_id")
    def _compute_is_advance(self):
        for wizard in self:
            wizard.is_advance = wizard.reason_id.is_advance

    @api.onchange("direction")
    def _onchange_direction(self):
        if self.reason_id.direction not in (False, "both", self.direction):
            self.reason_id = False

    @api.depends("partner_id", "partner_bank_id", "currency_id", "date", "company_id")
    def _compute_available(self):
        Balance = self.env["client.balance"]
        for wizard in self:
            wizard.available = Balance._get_available(
                wizard.company_id,
                wizard.partner_id,
                wizard.partner_bank_id,
                wizard.currency_id,
                wizard.date or fields.Date.context_today(self),
            )

    @api.depends(lambda self: self._get_value_fields())
    def _compute_preview(self):
        for wizard in self:
            balance = self.env["client.balance"]._get_balance(
                wizard.company_id,
                wizard.partner_id,
                wizard.partner_bank_id,
                wizard.currency_id,
            )
            now = balance.amount
            replaced = wizard.settlement_id
            if replaced and replaced.balance_id == balance:
                now -= replaced.amount
            wizard.balance_now = balance.amount
            # a form may be without a currency for a moment
            currency = wizard.currency_id or wizard.company_id.currency_id
            then = now + wizard._get_signed_amount()
            wizard.balance_then = currency.round(then) if currency else 0.0
            wizard.preview, wizard.refusal = wizard._get_preview()

    @api.depends("settlement_id", "date", "company_id")
    def _compute_landing_note(self):
        posting = self.env["client.balance.posting"]
        for wizard in self:
            note = False
            date = wizard.settlement_id.date or wizard.date
            if date and wizard.company_id:
                first_open = posting._get_open_date(wizard.company_id, date)
                if first_open != date:
                    note = self.env._(
                        "%(date)s lies in a locked period. The settlement lands on"
                        " %(open)s, the first open date.",
                        date=format_date(self.env, date),
                        open=format_date(self.env, first_open),
                    )
            wizard.landing_note = note

    def _get_value_fields(self):
        """Hook. :return: names of the fields from which a settlement is made"""
        return [
            "company_id",
            "partner_id",
            "partner_bank_id",
            "currency_id",
            "direction",
            "amount",
            "date",
            "description",
            "reason_id",
            "counterpart_account_id",
            "is_advance",
            "attachment_ids",
        ]

    def _get_signed_amount(self):
        return -self.amount if self.direction == "out" else self.amount

    def _get_preview(self):
        """:return: (table of the journal entry, why it would be refused)"""
        if not (self.amount and self.partner_id and self.currency_id and self.date):
            return False, False
        posting = self.env["client.balance.posting"]
        try:
            entry = posting._prepare_entry_vals(
                posting._check_vals(self._prepare_settlement_vals())
            )
        except UserError as error:
            return False, str(error)
        rows = Markup().join(
            self._get_preview_row(vals) for _command, _id, vals in entry["line_ids"]
        )
        return (
            Markup(
                '<table class="table table-sm mb-0"><thead><tr><th>%s</th>'
                '<th class="text-end">%s</th><th class="text-end">%s</th></tr></thead>'
                "<tbody>%s</tbody></table>"
            )
            % (self.env._("Account"), self.env._("Debit"), self.env._("Credit"), rows),
            self._get_shortage(),
        )

    def _get_preview_row(self, vals):
        # the names of the two accounts are shown to people without rights on accounts
        Account = self.env["account.account"].with_company(self.company_id)
        account = Account.sudo().browse(vals["account_id"])
        amount = vals["amount_currency"]
        text = formatLang(self.env, abs(amount), currency_obj=self.currency_id)
        home = self.company_id.currency_id
        if self.currency_id != home:
            in_home = formatLang(self.env, abs(vals["balance"]), currency_obj=home)
            text = f"{text} ({in_home})"
        debit, credit = (text, "") if amount > 0 else ("", text)
        return Markup(
            '<tr><td>%s</td><td class="text-end">%s</td>'
            '<td class="text-end">%s</td></tr>'
        ) % (f"{account.code or ''} {account.name}".strip(), debit, credit)

    def _get_shortage(self):
        """:return: sentence for an amount that is not there, or False"""
        if self.settlement_id or self.direction == "in":
            return False
        if self.currency_id.compare_amounts(self.amount, self.available) <= 0:
            return False
        return self.env._(
            "Only %(available)s can be taken from this bank account.",
            available=formatLang(
                self.env, self.available, currency_obj=self.currency_id
            ),
        )

    def _prepare_settlement_vals(self):
        """Hook. :return: values for ``client.balance.settlement.create``"""
        self.ensure_one()
        return {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "partner_bank_id": self.partner_bank_id.id,
            "currency_id": self.currency_id.id,
            "amount": self._get_signed_amount(),
            "date": self.date,
            "description": self.description,
            "reason_id": self.reason_id.id,
            "counterpart_account_id": self.counterpart_account_id.id,
            "is_advance": self.is_advance,
            "attachment_ids": [Command.set(self.attachment_ids._origin.ids)]
            if self.attachment_ids
            else [],
        }

    # Actions ------------------------------------------------------------------------

    def action_confirm(self):
        """Record the settlement, or reverse and replace the edited one."""
        self.ensure_one()
        self.env["client.balance.posting"]._check_manager()
        settlement = self._get_recorded()
        if not settlement:
            if self.amount < 0:
                raise UserError(
                    self.env._(
                        "Type the amount without a sign, and choose in whose favour it"
                        " is."
                    )
                )
            if self._needs_second_person():
                return self._request()._get_records_action()
            settlement = self._correct() if self.settlement_id else self._add()
            self._hand_over_documents(settlement)
        return {"type": "ir.actions.act_window_close", "infos": {"id": settlement.id}}

    def _get_recorded(self):
        """:return: what an earlier click on this dialog has recorded"""
        return self.env["client.balance.settlement"].search(
            [
                ("external_ref", "=", self.external_ref),
                ("company_id", "=", self.company_id.root_id.id),
            ]
        )

    def _add(self):
        return self.env["client.balance.settlement"].create(
            {**self._prepare_settlement_vals(), "external_ref": self.external_ref}
        )

    def _correct(self):
        vals = self._get_changes()
        if set(vals) - {"description"}:
            vals["external_ref"] = self.external_ref
        return self.settlement_id.action_correct(vals) if vals else self.settlement_id

    def _get_changes(self):
        """:return: the values that differ from the edited settlement"""
        before = self._prepare_edit_vals(self.settlement_id)
        changes = {}
        for name, value in self._prepare_settlement_vals().items():
            if name == "attachment_ids":
                if self.attachment_ids != self.settlement_id.attachment_ids:
                    changes[name] = value
            elif name == "amount":
                if self.currency_id.compare_amounts(value, self.settlement_id.amount):
                    changes[name] = value
            elif name != "company_id" and (value or False) != (
                before.get(name) or False
            ):
                changes[name] = value
        return changes

    @api.model
    def _prepare_edit_vals(self, settlement):
        """Hook. :return: values with which the dialog opens for ``settlement``"""
        return {
            "settlement_id": settlement.id,
            "company_id": settlement.company_id.id,
            "partner_id": settlement.partner_id.id,
            "partner_bank_id": settlement.partner_bank_id.id,
            "currency_id": settlement.currency_id.id,
            "direction": "out" if settlement.amount < 0 else "in",
            "amount": abs(settlement.amount),
            "date": settlement.date,
            "description": settlement.description,
            "reason_id": settlement.reason_id.id,
            "counterpart_account_id": settlement.counterpart_account_id.id,
            "is_advance": settlement.is_advance,
            "attachment_ids": [Command.set(settlement.attachment_ids.ids)],
        }

    def _hand_over_documents(self, settlement):
        """Whoever sees the settlement sees its documents, not the uploader alone."""
        # the uploader owns them, but they were bound to the dialog, which vanishes
        documents_sudo = self.attachment_ids.sudo().filtered(
            lambda document: document.res_model == self._name
        )
        documents_sudo.write({"res_model": settlement._name, "res_id": settlement.id})
