from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceDialog(models.AbstractModel):
    """What the dialogs that take money from a balance have in common.

    A dialog prepares a journal entry. The gate makes the settlements of it and decides
    whether the money is there.
    """

    _name = "client.balance.dialog"
    _description = "Dialog of client balances"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one("res.partner", string="Client", required=True)
    balance_id = fields.Many2one(
        "client.balance",
        string="From balance",
        required=True,
        domain="[('partner_id', '=', partner_id), ('amount', '!=', 0)]",
    )
    currency_id = fields.Many2one(related="balance_id.currency_id")
    company_currency_id = fields.Many2one(
        string="Company currency", related="company_id.currency_id"
    )
    date = fields.Date(
        string="Accounting date", required=True, default=fields.Date.context_today
    )
    balance_now = fields.Monetary(
        string="Balance now", related="balance_id.amount", related_sudo=False
    )
    available = fields.Monetary(
        string="Available balance",
        compute="_compute_available",
        help="The lowest balance of any day from the accounting date on, plus the"
        " overdraft limit.",
    )
    amount = fields.Monetary(string="Amount")
    balance_after = fields.Monetary(
        string="Balance after", compute="_compute_balance_after"
    )
    description = fields.Char()
    token = fields.Char(
        default=lambda self: uuid4().hex,
        readonly=True,
        help="Makes a second click on the same dialog harmless.",
    )

    @api.depends("balance_id", "date")
    def _compute_available(self):
        for dialog in self:
            balance = dialog.balance_id
            date = dialog.date or fields.Date.context_today(dialog)
            dialog.available = balance._get_available_on(date).get(balance.id, 0.0)

    @api.depends("balance_id", "amount")
    def _compute_balance_after(self):
        for dialog in self:
            dialog.balance_after = dialog.balance_id.amount - dialog.amount

    @api.model
    def default_get(self, fields_list):
        """Open on the balance that was asked for, else on the client's largest one."""
        values = super().default_get(fields_list)

        balance = self.env["client.balance"].browse(values.get("balance_id"))
        if not balance and values.get("partner_id"):
            balance = self._get_default_balance(values)
            values["balance_id"] = balance.id
        if balance:
            values["partner_id"] = balance.partner_id.id
            values["company_id"] = self._get_entry_company(balance).id
        return values

    def _get_default_balance(self, values):
        partner = self.env["res.partner"].browse(values["partner_id"])
        values["partner_id"] = partner.commercial_partner_id.id
        return self.env["client.balance"].search(
            [
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("company_id", "=", self.env.company.root_id.id),
                ("amount", ">", 0),
            ],
            order="amount desc",
            limit=1,
        )

    def _get_entry_company(self, balance):
        """:return: the company that posts: the current branch, else the balance's"""
        if self.env.company.root_id == balance.company_id:
            return self.env.company
        return balance.company_id

    # Confirmation ---------------------------------------------------------------------

    def action_confirm(self):
        """Post what the dialog shows.

        :return: the action that follows
        :raise UserError: what is wrong, or that the money is not there any more
        """
        self.ensure_one()
        self._check_rights()
        # First of all, so that the loser of a race has not worked in vain.
        self._touch()
        settlements = self._get_done()
        if not settlements:
            self._check()
            settlements = self._post()
        return self._get_next_action(settlements)

    def _check_rights(self):
        """Hook. :raise AccessError: for people who may not do this"""
        self.env["client.balance.posting"]._check_manager()

    def _touch(self):
        """Claim the balances that will move, in the order in which the gate does."""
        known, new = [], []
        for key in self._get_keys():
            balance = self.env["client.balance"]._get_balance(*key)
            (known if balance else new).append((balance.id, key))
        for _balance_id, key in sorted(known, key=lambda item: item[0]) + new:
            self.env["client.balance"]._touch(*key)

    def _get_keys(self):
        """Hook. :return: [(company, client, bank account, currency)] that will move"""
        balance = self.balance_id
        return [
            (
                balance.company_id,
                balance.partner_id,
                balance.partner_bank_id,
                balance.currency_id,
            )
        ]

    def _get_external_ref(self):
        return f"{self._name}:{self.token}"

    def _get_done(self):
        """:return: the settlement of an earlier click on the same dialog"""
        return self.env["client.balance.settlement"].search(
            [
                ("external_ref", "=", self._get_external_ref()),
                ("company_id", "=", self.company_id.root_id.id),
            ]
        )

    def _check(self):
        """Hook. :raise UserError: says what is wrong and what to do"""
        self._check_balance()
        self._check_amount(self.amount)
        self._check_available()

    def _check_balance(self):
        balance = self.balance_id
        if (
            balance.partner_id != self.partner_id.commercial_partner_id
            or balance.company_id != self.company_id.root_id
        ):
            raise UserError(
                self.env._(
                    "Balance %(balance)s does not belong to %(client)s in %(company)s."
                    " Choose a balance of this client.",
                    balance=balance.display_name,
                    client=self.partner_id.display_name,
                    company=self.company_id.display_name,
                )
            )
        self.env["client.balance.posting"]._check_currency(balance.currency_id)

    def _check_amount(self, amount, currency=None):
        currency = currency or self.currency_id
        self.env["client.balance.posting"]._check_amount(
            amount, currency, self.partner_id
        )
        if currency.compare_amounts(amount, 0.0) < 0:
            raise UserError(
                self.env._(
                    "The amount for %(client)s is negative. Type how much moves, as an"
                    " amount above zero.",
                    client=self.partner_id.display_name,
                )
            )

    def _check_available(self):
        # what was shown when the dialog opened may have been spent since
        self.env.invalidate_all()
        balance = self.balance_id
        available = balance._get_available_on(self.date)[balance.id]
        if self.currency_id.compare_amounts(self.amount, available) > 0:
            raise UserError(
                self.env._(
                    "Not enough money on the client balance %(balance)s: on %(date)s"
                    " %(available)s are available, %(wanted)s needed. Type a smaller"
                    " amount or a later date.",
                    balance=balance.display_name,
                    date=self.env["client.balance.gate"]._format_day(self.date),
                    available=balance._format(available),
                    wanted=balance._format(self.amount),
                )
            )

    def _post(self):
        """Hook. :return: the settlements that were made"""
        raise NotImplementedError

    def _get_next_action(self, settlements):
        """Hook. :return: what the screen does after the confirmation"""
        return {"type": "ir.actions.act_window_close"}
