from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from odoo.addons.client_balance.models.client_balance_gate import Caller

OFFICER_GROUP = "client_balance.group_client_balance_officer"


class AccountPaymentRegister(models.TransientModel):
    """Put an overpayment on the client's balance, or take a shortfall from it."""

    _inherit = "account.payment.register"

    client_balance_state = fields.Selection(
        [("over", "Overpayment"), ("under", "Shortfall")],
        compute="_compute_client_balance_state",
        help="Which way the received amount differs from what is due; empty where the "
        "client balance can take no part.",
    )
    client_balance_difference = fields.Monetary(
        string="Payment difference",
        compute="_compute_client_balance_state",
    )
    client_balance_discount_lost = fields.Boolean(
        compute="_compute_client_balance_discount_lost",
    )
    client_balance_partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        related="partner_id.commercial_partner_id",
    )
    to_client_balance = fields.Boolean(
        string="Credit the difference to the client balance",
        compute="_compute_to_client_balance",
        store=True,
        readonly=False,
    )
    from_client_balance = fields.Boolean(
        string="Write off from the client balance",
        compute="_compute_from_client_balance",
        store=True,
        readonly=False,
    )
    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        compute="_compute_client_balance_bank_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('partner_id.commercial_partner_id', '=', client_balance_partner_id)]",
        help="The bank account of the client whose balance changes.",
    )
    client_balance_available = fields.Monetary(
        string="Available balance",
        compute="_compute_client_balance_available",
        help="What can be taken from the balance of this client and bank account on "
        "the payment date, in the currency of the payment.",
    )
    client_balance_amount = fields.Monetary(
        string="Amount to write off",
        compute="_compute_client_balance_amount",
        store=True,
        readonly=False,
        help="What is taken from the balance. The invoice stays open by the rest.",
    )
    client_balance_amount_typed = fields.Boolean(
        compute="_compute_client_balance_amount_typed",
        store=True,
        readonly=False,
        help="The amount was typed by a person, so it is never changed.",
    )
    client_balance_payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        copy=False,
        help="The payment that this dialog has made: a repeated request returns it.",
    )

    # -- computes ----------------------------------------------------------------------

    @api.depends(
        "payment_difference",
        "payment_type",
        "partner_type",
        "partner_id",
        "currency_id",
        "can_edit_wizard",
        "can_group_payments",
        "group_payment",
        "early_payment_discount_mode",
        "is_register_payment_on_draft",
    )
    def _compute_client_balance_state(self):
        for wizard in self:
            difference = wizard.payment_difference
            sign = wizard.currency_id and wizard.currency_id.compare_amounts(
                difference, 0.0
            )
            if not sign or wizard._get_client_balance_obstacle():
                wizard.client_balance_state = False
                wizard.client_balance_difference = 0.0
            else:
                wizard.client_balance_state = "under" if sign > 0 else "over"
                wizard.client_balance_difference = wizard.currency_id.round(
                    abs(difference)
                )

    @api.depends("from_client_balance", "amount", "payment_date", "currency_id")
    def _compute_client_balance_discount_lost(self):
        for wizard in self:
            wizard.client_balance_discount_lost = bool(
                wizard.from_client_balance
                and wizard.payment_date
                and wizard._get_total_amounts_to_pay(wizard.batches)["epd_applied"]
            )

    @api.depends("client_balance_state")
    def _compute_to_client_balance(self):
        for wizard in self:
            wizard.to_client_balance = (
                wizard.to_client_balance and wizard.client_balance_state == "over"
            )

    @api.depends("client_balance_state")
    def _compute_from_client_balance(self):
        for wizard in self:
            wizard.from_client_balance = (
                wizard.from_client_balance and wizard.client_balance_state == "under"
            )

    @api.depends("partner_id", "line_ids")
    def _compute_client_balance_bank_id(self):
        for wizard in self:
            partner = wizard.partner_id.commercial_partner_id
            wizard.client_balance_bank_id = (
                partner._get_client_balance_bank(
                    wizard._get_client_balance_bank_invoice()
                )
                if partner
                else False
            )

    @api.depends(
        "company_id",
        "client_balance_partner_id",
        "client_balance_bank_id",
        "currency_id",
        "payment_date",
        "client_balance_state",
    )
    @api.depends_context("uid")
    def _compute_client_balance_available(self):
        for wizard in self:
            wizard.client_balance_available = (
                wizard._get_client_balance_available()
                if wizard.client_balance_state and wizard._may_use_client_balance()
                else 0.0
            )

    @api.depends("from_client_balance")
    def _compute_client_balance_amount_typed(self):
        """Unticking forgets what was typed: a new tick brings a new proposal."""
        for wizard in self:
            wizard.client_balance_amount_typed = (
                wizard.client_balance_amount_typed and wizard.from_client_balance
            )

    @api.depends(
        "from_client_balance",
        "client_balance_amount_typed",
        "client_balance_available",
        "client_balance_difference",
    )
    def _compute_client_balance_amount(self):
        for wizard in self:
            if wizard.client_balance_amount_typed:
                wizard.client_balance_amount = wizard.client_balance_amount
            else:
                wizard.client_balance_amount = wizard._get_client_balance_proposal()

    @api.depends("to_client_balance", "from_client_balance")
    def _compute_show_payment_difference(self):
        """Hide core's own choice for the difference while ours is made."""
        super()._compute_show_payment_difference()
        self.filtered(
            lambda wizard: wizard._uses_client_balance()
        ).show_payment_difference = False

    @api.depends("to_client_balance", "from_client_balance")
    def _compute_payment_difference_handling(self):
        """Keep core from writing the same difference off a second time."""
        super()._compute_payment_difference_handling()
        self.filtered(
            lambda wizard: wizard._uses_client_balance()
        ).payment_difference_handling = "open"

    @api.depends("payment_date", "currency_id")
    def _compute_payment_difference(self):
        """Core forgets that the rate of another day changes the difference."""
        return super()._compute_payment_difference()

    @api.onchange("client_balance_amount")
    def _onchange_client_balance_amount(self):
        self.client_balance_amount_typed = self.from_client_balance and bool(
            self.currency_id.compare_amounts(
                self.client_balance_amount, self._get_client_balance_proposal()
            )
        )

    # -- helpers -----------------------------------------------------------------------

    def _uses_client_balance(self):
        return self.to_client_balance or self.from_client_balance

    def _may_use_client_balance(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(OFFICER_GROUP)

    def _get_client_balance_obstacle(self):
        """Return the sentence why the balance can take no part here, or False."""
        self.ensure_one()
        if self.payment_type != "inbound" or self.partner_type == "supplier":
            return self.env._(
                "Only money received from a customer can be credited to a client "
                "balance or completed from it. Untick the box."
            )
        if (
            not self.can_edit_wizard
            or not self.partner_id
            or (self.can_group_payments and not self.group_payment)
        ):
            return self.env._(
                "Several payments are made at once here, so there is no single "
                "difference for the client balance. Pay the invoices of one client "
                "with “Group Payments”, or one by one."
            )
        if self.is_register_payment_on_draft:
            return self.env._(
                "%(invoices)s is still a draft and may change, so its payment cannot "
                "use the client balance. Confirm it first.",
                invoices=self._get_client_balance_document_names(),
            )
        if self.early_payment_discount_mode:
            return self.env._(
                "The difference on %(invoices)s is an early payment discount: nothing "
                "is missing and nothing is left over. Untick the box.",
                invoices=self._get_client_balance_document_names(),
            )
        return False

    def _get_client_balance_document_names(self):
        return ", ".join(self.line_ids.move_id.mapped("display_name"))

    def _get_client_balance_invoices(self):
        """Return the invoices that the settlement is linked to."""
        return self.line_ids.move_id.filtered(
            lambda move: move.move_type in ("out_invoice", "out_receipt")
        )

    def _get_client_balance_bank_invoice(self):
        """Return the invoice that names the client's bank account.

        Invoices that name different ones decide nothing: the default is taken then.
        """
        naming = self._get_client_balance_invoices().filtered("client_balance_bank_id")
        return naming[:1] if len(naming.client_balance_bank_id) == 1 else None

    def _get_client_balance_available(self):
        """Return what can be spent on the payment date in the payment's currency."""
        self.ensure_one()
        if not (self.currency_id and self.payment_date and self.company_id):
            return 0.0
        # sudo: the amount is shown to officers only (see the caller), but a rule may
        # hide the balance row itself, e.g. the one of the root company from a branch.
        return (
            self.env["client.balance"]
            .sudo()
            ._get_available(
                self.company_id,
                self.client_balance_partner_id,
                self.client_balance_bank_id,
                self.currency_id,
                self.payment_date,
            )
        )

    def _get_client_balance_proposal(self):
        """Return the amount proposed to take from the balance."""
        self.ensure_one()
        if not self.from_client_balance or self.client_balance_state != "under":
            return 0.0
        missing = min(
            self.client_balance_difference, self._get_client_balance_instalment_rest()
        )
        return self.currency_id.round(max(min(self.client_balance_available, missing), 0))

    def _get_client_balance_instalment_rest(self):
        """Return what is missing to the end of the instalment this payment reaches."""
        self.ensure_one()
        lines = self.batches[0]["lines"]
        if len(lines) == 1 or len(lines.move_id) > 1:
            return self.client_balance_difference
        reached = self._get_total_amounts_to_pay(self.batches)["amount_by_default"]
        if self.currency_id.compare_amounts(reached, self.amount) > 0:
            return reached - self.amount
        reached = 0.0
        for line in lines.sorted(lambda line: (line.date_maturity or line.date)):
            reached += self._convert_to_wizard_currency(
                [
                    {
                        "line": line,
                        "amount_residual": line.amount_residual,
                        "amount_residual_currency": line.amount_residual_currency,
                    }
                ]
            )
            if self.currency_id.compare_amounts(reached, self.amount) > 0:
                return reached - self.amount
        return self.client_balance_difference

    def _get_client_balance_company_amount(self, amount_currency):
        """Return the value of a balance line in company currency.

        :param amount_currency: signed amount in the currency of the payment
        An overrider may value money that leaves a foreign balance differently.
        """
        return self.currency_id._convert(
            amount_currency,
            self.company_id.currency_id,
            self.company_id,
            self.payment_date,
        )

    # -- what is refused ---------------------------------------------------------------

    def _check_client_balance_rights(self):
        if not self._may_use_client_balance():
            raise AccessError(
                self.env._(
                    "You may not use client balances in payments. Ask an administrator "
                    "for the access right “Client balance: Officer”, or untick the box."
                )
            )

    def _check_client_balance_bank(self):
        bank = self.client_balance_bank_id
        if not bank:
            return
        client = self.client_balance_partner_id
        if bank.partner_id.commercial_partner_id != client:
            raise UserError(
                self.env._(
                    "The bank account %(bank)s does not belong to %(client)s. Choose a "
                    "bank account of this client.",
                    bank=bank.display_name,
                    client=client.display_name,
                )
            )
        if not bank.active:
            raise UserError(
                self.env._(
                    "The bank account %(bank)s of %(client)s is archived. Restore it or "
                    "choose another one.",
                    bank=bank.display_name,
                    client=client.display_name,
                )
            )

    def _check_client_balance_choice(self):
        """Refuse what the view would hide."""
        if self.to_client_balance and self.from_client_balance:
            raise UserError(
                self.env._(
                    "A payment either adds to the client balance or takes from it. "
                    "Tick one of the two boxes."
                )
            )
        if obstacle := self._get_client_balance_obstacle():
            raise UserError(obstacle)
        if self.payment_difference_handling == "reconcile":
            raise UserError(
                self.env._(
                    "“Mark as fully paid” and the client balance would both take the "
                    "difference. Choose one of them."
                )
            )

    def _check_client_balance_documents(self):
        """Refuse when the invoices were paid or changed behind this dialog."""
        currency = self.source_currency_id
        due = self._get_wizard_values_from_batch(self.batches[0])[
            "source_amount_currency"
        ]
        if currency.compare_amounts(due, self.source_amount_currency):
            raise UserError(
                self.env._(
                    "What is due on %(invoices)s has changed since this dialog was "
                    "opened: it was %(before)s and is %(now)s now. Close the dialog and "
                    "open it again.",
                    invoices=self._get_client_balance_document_names(),
                    before=currency.format(self.source_amount_currency),
                    now=currency.format(due),
                )
            )

    def _check_client_balance_payment(self):
        currency = self.currency_id
        if not currency.active:
            raise UserError(
                self.env._(
                    "The currency %(currency)s is not active. Activate it or choose "
                    "another one.",
                    currency=currency.name,
                )
            )
        if currency.compare_amounts(self.amount, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "No money is received in this payment. To pay %(invoices)s from the "
                    "balance alone, use “Pay from balance” on the invoice.",
                    invoices=self._get_client_balance_document_names(),
                )
            )
        if locks := self.company_id._get_violated_lock_dates(
            self.payment_date, False, self.journal_id
        ):
            raise UserError(
                self.env._(
                    "The payment date %(date)s lies in a closed period (%(locks)s), so "
                    "the client balance cannot change on it. Choose a later date.",
                    date=format_date(self.env, self.payment_date),
                    locks=self.env["res.company"]._format_lock_dates(locks),
                )
            )

    def _check_client_balance_amount(self):
        currency = self.currency_id
        wanted = "over" if self.to_client_balance else "under"
        if self.client_balance_state != wanted:
            raise UserError(self._get_client_balance_mismatch_message())
        amount = self.client_balance_amount
        if self.to_client_balance:
            # Nobody may believe that a part was credited: it is the whole difference.
            if currency.compare_amounts(amount, 0.0) and currency.compare_amounts(
                amount, self.client_balance_difference
            ):
                raise UserError(
                    self.env._(
                        "The whole difference of %(difference)s goes to the client "
                        "balance; %(amount)s cannot be credited instead.",
                        difference=currency.format(self.client_balance_difference),
                        amount=currency.format(amount),
                    )
                )
            return
        if currency.compare_amounts(amount, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "The amount to write off from the client balance must be greater "
                    "than zero, %(amount)s was entered. Enter an amount or untick the "
                    "box.",
                    amount=currency.format(amount),
                )
            )
        if currency.compare_amounts(amount, self.client_balance_difference) > 0:
            raise UserError(
                self.env._(
                    "Only %(difference)s is missing on %(invoices)s, but %(amount)s was "
                    "to be written off from the client balance. Enter a smaller amount.",
                    difference=currency.format(self.client_balance_difference),
                    invoices=self._get_client_balance_document_names(),
                    amount=currency.format(amount),
                )
            )

    def _get_client_balance_mismatch_message(self):
        if self.to_client_balance:
            return self.env._(
                "%(invoices)s is not overpaid, so there is nothing to credit to the "
                "client balance. Untick the box.",
                invoices=self._get_client_balance_document_names(),
            )
        return self.env._(
            "Nothing is missing on %(invoices)s, so there is nothing to write off from "
            "the client balance. Untick the box.",
            invoices=self._get_client_balance_document_names(),
        )

    def _check_client_balance_available(self):
        """Say early and kindly what the ledger would refuse when it is posted."""
        if not self.from_client_balance:
            return
        available = self._get_client_balance_available()
        if self.currency_id.compare_amounts(self.client_balance_amount, available) > 0:
            raise UserError(
                self.env._(
                    "The balance of %(client)s (%(bank)s) has only %(available)s "
                    "available on %(date)s, but %(amount)s was to be written off. Enter "
                    "a smaller amount or choose another bank account.",
                    client=self.client_balance_partner_id.display_name,
                    bank=self.client_balance_bank_id.display_name
                    or self.env._("No bank account"),
                    available=self.currency_id.format(available),
                    date=format_date(self.env, self.payment_date),
                    amount=self.currency_id.format(self.client_balance_amount),
                )
            )

    def _check_client_balance_entry(self, payments):
        """Refuse a payment whose journal entry, and with it our part, was left out."""
        if not payments.move_id.line_ids.filtered("account_id.is_client_balance"):
            raise UserError(
                self.env._(
                    "The payment of %(invoices)s would have no journal entry, so the "
                    "client balance could not change. Set an outstanding account on the "
                    "payment method %(method)s of the journal %(journal)s.",
                    invoices=self._get_client_balance_document_names(),
                    method=self.payment_method_line_id.display_name,
                    journal=self.journal_id.display_name,
                )
            )

    # -- business methods --------------------------------------------------------------

    def _create_payments(self):
        """Make the payment and the movement of the balance as one entry."""
        self.ensure_one()
        if not self._uses_client_balance():
            return super()._create_payments()
        self._check_client_balance_rights()
        if self.client_balance_payment_id:
            return self.client_balance_payment_id
        self._check_client_balance_choice()
        self._check_client_balance_bank()
        # First of all, so that the loser of a race has not worked in vain.
        self.env["client.balance"]._touch(
            self.company_id,
            self.client_balance_partner_id,
            self.client_balance_bank_id,
            self.currency_id,
        )
        self._check_client_balance_documents()
        self._check_client_balance_payment()
        self._check_client_balance_amount()
        self._check_client_balance_available()
        wizard = self.with_context(**self._prepare_client_balance_context())
        payments = super(AccountPaymentRegister, wizard)._create_payments()
        self._check_client_balance_entry(payments)
        self.client_balance_payment_id = payments
        return payments.with_env(self.env)

    def _prepare_client_balance_context(self):
        """Return the context under which the payment is created and posted."""
        context = {
            "client_balance_caller": Caller(
                self._get_client_balance_type(),
                invoice_ids=tuple(self._get_client_balance_invoices().ids),
            ),
        }
        if not self.payment_method_line_id.payment_account_id:
            # Without an outstanding account there may be no entry to carry our part.
            # Where one is set it stands: core would replace it by the chart's.
            context["force_payment_move"] = True
        return context

    def _get_client_balance_type(self):
        return "overpayment" if self.to_client_balance else "write_off"

    def _create_payment_vals_from_wizard(self, batch_result):
        payment_vals = super()._create_payment_vals_from_wizard(batch_result)
        if self._uses_client_balance():
            payment_vals["write_off_line_vals"].append(
                self._prepare_client_balance_line_vals()
            )
        return payment_vals

    def _prepare_client_balance_line_vals(self):
        """Return the values of the journal item on the balance account."""
        self.ensure_one()
        amount_currency = self.currency_id.round(
            -self.client_balance_difference
            if self.to_client_balance
            else self.client_balance_amount
        )
        account = self.company_id._get_client_balance_account(self.currency_id)
        return {
            "name": self._get_client_balance_line_name(),
            "account_id": account.id,
            "partner_id": self.client_balance_partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount_currency,
            "balance": self._get_client_balance_company_amount(amount_currency),
            "client_balance_bank_id": self.client_balance_bank_id.id,
            "client_balance_type": self._get_client_balance_type(),
            "tax_ids": [Command.clear()],
        }

    def _get_client_balance_line_name(self):
        """Return the label of the journal item on the balance account."""
        if self.to_client_balance:
            return self.env._(
                "To the client balance: %s", self._get_client_balance_document_names()
            )
        return self.env._(
            "From the client balance: %s", self._get_client_balance_document_names()
        )
