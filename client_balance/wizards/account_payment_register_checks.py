from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date


class AccountPaymentRegister(models.TransientModel):
    """What the payment dialog refuses: the server trusts no view."""

    _inherit = "account.payment.register"

    def _get_client_balance_group(self):
        """Hook. :return: the group that may use balances in payments"""
        return "client_balance.group_client_balance_officer"

    def _may_use_client_balance(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(
            self._get_client_balance_group()
        )

    @api.depends("line_ids", "partner_id")
    @api.depends_context("uid")
    def _compute_actionable_errors(self):
        """Why the boxes are absent: the payment itself goes on."""
        super()._compute_actionable_errors()
        for wizard in self:
            if (
                wizard.payment_type == "inbound"
                and wizard._may_use_client_balance()
                and (problem := wizard._get_client_balance_client_problem())
            ):
                wizard.actionable_errors = {
                    **(wizard.actionable_errors or {}),
                    "client_balance_client": {"level": "warning", "message": problem},
                }

    def _get_client_balance_unclear_lines(self):
        """Return the items of documents of which nobody can tell whose they are."""
        return self.line_ids._origin.filtered(
            lambda line: not line._get_client_balance_client()
        )

    def _get_client_balance_client_problem(self):
        """Return the sentence that says which document contradicts itself, or False."""
        for line in self._get_client_balance_unclear_lines():
            return line.move_id._get_client_balance_client_problem(line)
        return False

    def _get_client_balance_obstacle(self):
        """Why the difference is not a true one, so that no balance can take part.

        :return: a sentence, or False
        """
        self.ensure_one()
        # a program can write the dialog's own copies of these
        batch = self.batches[0]
        paid = batch["payment_values"]
        if {self.payment_type, paid["payment_type"]} != {"inbound"} or "supplier" in (
            self.partner_type,
            paid["partner_type"],
        ):
            return self.env._(
                "Only money received from a customer can be credited to a client"
                " balance or completed from it. Untick the box."
            )
        if (
            len(self.batches) > 1
            or not self.partner_id
            or (len(batch["lines"]) > 1 and not self.group_payment)
        ):
            return self.env._(
                "Several payments are made at once here, so there is no single"
                " difference for the client balance. Pay the invoices of one client"
                " with “Group Payments”, or one by one."
            )
        if problem := self._get_client_balance_client_problem():
            return problem
        if self.is_register_payment_on_draft:
            return self.env._(
                "%(invoices)s is still a draft and may change, so its payment cannot"
                " use the client balance. Confirm it first.",
                invoices=self._get_client_balance_document_names(),
            )
        if self.early_payment_discount_mode:
            return self.env._(
                "The difference on %(invoices)s is an early payment discount: nothing"
                " is missing and nothing is left over. Untick the box.",
                invoices=self._get_client_balance_document_names(),
            )
        return False

    # Before the balance is touched --------------------------------------------------

    def _check_client_balance_rights(self):
        if not self._may_use_client_balance():
            raise AccessError(
                self.env._(
                    "You may not use client balances in payments. Ask an administrator"
                    " for the right to use them, or untick the box."
                )
            )

    def _check_client_balance_key(self):
        """Whose balance it is must be right before it is touched."""
        if self.to_client_balance and self.from_client_balance:
            raise UserError(
                self.env._(
                    "A payment either adds to the client balance or takes from it."
                    " Tick one of the two boxes."
                )
            )
        if obstacle := self._get_client_balance_obstacle():
            raise UserError(obstacle)
        self._check_client_balance_owner()
        self.client_balance_bank_id._check_client_balance_client(
            self.client_balance_partner_id
        )

    def _check_client_balance_owner(self):
        """Another client's money would pay the invoice if the dialog were believed.

        What else it has read from its lines is read from them again where it counts.
        """
        if (
            self.partner_id._get_client_balance_client()
            != self.client_balance_partner_id
            or self.company_id.root_id != self.line_ids.company_id.root_id
        ):
            raise UserError(
                self.env._(
                    "What this dialog has read from %(invoices)s was overwritten."
                    " Close the dialog and open it again.",
                    invoices=self._get_client_balance_document_names(),
                )
            )

    # Before the payment is made -----------------------------------------------------

    def _check_client_balance(self):
        """Refuse what the view would hide or correct."""
        self._check_client_balance_handling()
        self._check_client_balance_documents()
        self._check_client_balance_payment()
        # core would post on another day than the one that the person has chosen
        posting = self.env["client.balance.posting"]
        posting._check_open(self.company_id, self.payment_date, self.journal_id)
        if self.to_client_balance:
            self._check_client_balance_credit()
        else:
            self._check_client_balance_spend()
            self._check_client_balance_available()

    def _check_client_balance_handling(self):
        if self.payment_difference_handling == "reconcile":
            raise UserError(
                self.env._(
                    "“Mark as fully paid” and the client balance would both take the"
                    " difference. Choose one of them."
                )
            )

    def _check_client_balance_documents(self):
        """Refuse when the invoices were paid or changed behind this dialog."""
        currency = self.source_currency_id
        now = self._get_wizard_values_from_batch(self.batches[0])
        due = now["source_amount_currency"]
        if currency.id != now["source_currency_id"] or currency.compare_amounts(
            due, self.source_amount_currency
        ):
            raise UserError(
                self.env._(
                    "What is due on %(invoices)s has changed since this dialog was"
                    " opened: it was %(before)s and is %(now)s now. Close the dialog"
                    " and open it again.",
                    invoices=self._get_client_balance_document_names(),
                    before=currency.format(self.source_amount_currency),
                    now=currency.format(due),
                )
            )

    def _check_client_balance_payment(self):
        currency = self.currency_id
        self.env["client.balance.posting"]._check_currency(currency)
        if currency.compare_amounts(self.amount, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "No money is received in this payment. To pay %(invoices)s from"
                    " the balance alone, use “Pay from balance” on the invoice.",
                    invoices=self._get_client_balance_document_names(),
                )
            )

    def _check_client_balance_credit(self):
        """Nobody may believe that a part was credited: it is the whole difference."""
        currency, amount = self.currency_id, self.client_balance_amount
        if self.client_balance_state != "over":
            raise UserError(
                self.env._(
                    "%(invoices)s is not overpaid, so there is nothing to credit to"
                    " the client balance. Untick the box.",
                    invoices=self._get_client_balance_document_names(),
                )
            )
        if not currency.is_zero(amount) and currency.compare_amounts(
            amount, self.client_balance_difference
        ):
            raise UserError(
                self.env._(
                    "The whole difference of %(difference)s goes to the client"
                    " balance; %(amount)s cannot be credited instead.",
                    difference=currency.format(self.client_balance_difference),
                    amount=currency.format(amount),
                )
            )

    def _check_client_balance_spend(self):
        currency, amount = self.currency_id, self.client_balance_amount
        if self.client_balance_state != "under":
            raise UserError(
                self.env._(
                    "Nothing is missing on %(invoices)s, so there is nothing to write"
                    " off from the client balance. Untick the box.",
                    invoices=self._get_client_balance_document_names(),
                )
            )
        if currency.compare_amounts(amount, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "The amount to write off from the client balance must be greater"
                    " than zero; %(amount)s was entered. Enter an amount, or untick"
                    " the box.",
                    amount=currency.format(amount),
                )
            )
        if currency.compare_amounts(amount, self.client_balance_difference) > 0:
            raise UserError(
                self.env._(
                    "Only %(difference)s is missing on %(invoices)s, but %(amount)s"
                    " was to be written off from the client balance. Enter a smaller"
                    " amount.",
                    difference=currency.format(self.client_balance_difference),
                    invoices=self._get_client_balance_document_names(),
                    amount=currency.format(amount),
                )
            )

    def _check_client_balance_available(self):
        """Say early and kindly what the ledger would refuse when it is posted."""
        currency, amount = self.currency_id, self.client_balance_amount
        available = self._get_client_balance_available()
        if currency.compare_amounts(amount, available) > 0:
            raise UserError(
                self.env._(
                    "The balance of %(client)s (%(bank)s) has only %(available)s"
                    " available on %(date)s, but %(amount)s was to be written off."
                    " Enter a smaller amount, or choose another bank account.",
                    client=self.client_balance_partner_id.display_name,
                    bank=self.client_balance_bank_id.acc_number
                    or self.env._("No bank account"),
                    available=currency.format(available),
                    date=format_date(self.env, self.payment_date),
                    amount=currency.format(amount),
                )
            )

    # Before the transaction ends ----------------------------------------------------

    def _check_client_balance_entry(self, payments):
        """Refuse a payment whose journal entry, and with it our part, was left out."""
        if not payments.move_id.line_ids.filtered("account_id.is_client_balance"):
            raise UserError(
                self.env._(
                    "The payment of %(invoices)s would have no journal entry, so the"
                    " client balance could not change. Set an outstanding account on"
                    " the payment method %(method)s of the journal %(journal)s.",
                    invoices=self._get_client_balance_document_names(),
                    method=self.payment_method_line_id.display_name,
                    journal=self.journal_id.display_name,
                )
            )
