import logging

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .client_balance_gate import Caller
from .payment_transaction_fact import Booking

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """Money of a balance that went back through its provider.

    What the provider did by itself (refund, chargeback, void) is a fact: it takes from
    the balance what is available there, and the rest is a receivable of the client.
    Of a payment of invoices, only its surplus is on a balance.
    """

    _inherit = "payment.transaction"

    # Where the money is ---------------------------------------------------------------

    def _get_client_balance_source_line(self):
        """:return: the item by which the money of this payment reached a balance

        Where an accountant has divided the money, the largest part answers for it.
        """
        self.ensure_one()
        # our fields, and those of the provider, are read for whoever refunds
        tx_sudo = self.sudo()
        if tx_sudo.client_balance_is_typed:
            return self.env["account.move.line"]
        captures = tx_sudo.child_transaction_ids.filtered(
            lambda child: child.operation == self.operation
        )
        moves = (tx_sudo | captures).payment_id.move_id
        moves |= tx_sudo._find_client_balance_surplus().move_id
        lines = moves.line_ids.filtered(
            lambda line: (
                line.account_id.is_client_balance
                and line.parent_state == "posted"
                and line.currency_id == self.currency_id
                and line.amount_currency < 0
            )
        )
        return lines.sorted("amount_currency")[:1].with_env(self.env)

    def _find_client_balance_surplus(self):
        """:return: the settlement of a payment for which nothing was due"""
        return self.env["client.balance.settlement"].search(
            [
                ("external_ref", "=", self._get_client_balance_ref()),
                ("company_id", "=", self.company_id.root_id.id),
                ("settlement_type", "in", ["credit_note", "overpayment"]),
            ]
        )

    def _get_refunded_line(self):
        """:return: the item on a balance whose money this refund takes back, or none"""
        source = self.source_transaction_id
        if self.operation != "refund" or not source or self._is_left_to_core():
            return self.env["account.move.line"]
        return source._get_client_balance_source_line()

    def _is_left_to_core(self):
        """Which part of a payment of invoices *we* return, core does not ask.

        A person is told, see ``_get_client_balance_notes``.
        """
        # our fields are read for people who may not see them
        tx_sudo = self.sudo()
        return tx_sudo.client_balance_is_typed or (
            tx_sudo.client_balance_is_requested and not self._is_client_balance_top_up()
        )

    def _get_client_balance_owner(self):
        return (
            self._get_refunded_line().partner_id.commercial_partner_id
            or super()._get_client_balance_owner()
        )

    # Posting --------------------------------------------------------------------------

    def _prepare_client_balance_booking(self):
        """The refund leaves the balance, as far as the money is there."""
        source_line = self._get_refunded_line()
        if not source_line:
            return super()._prepare_client_balance_booking()
        taken = self._get_client_balance_taken(source_line)
        if self.currency_id.compare_amounts(taken, 0.0) <= 0:
            return None
        return Booking(
            self._prepare_refund_caller(source_line),
            self._prepare_client_balance_refund(source_line, taken),
            source_line.client_balance_bank_id,
            lambda payment: self._match_client_balance_refund(source_line, payment),
        )

    def _get_client_balance_refund_day(self, source_line):
        """:return: today, or the day of the payment where its client was a day ahead

        Whoever comes first after the confirmation posts it, in a time zone of its own.
        """
        return max(fields.Date.context_today(self), source_line.date)

    def _get_client_balance_taken(self, source_line):
        """:return: what of this refund leaves the balance"""
        currency = source_line.currency_id
        amount = abs(self.amount)
        if self._is_client_balance_requested():
            return amount
        key = source_line._get_client_balance_key()
        self.env["client.balance"]._touch(key)
        available = self.env["client.balance"]._get_available(
            *key, self._get_client_balance_refund_day(source_line)
        )
        if not self._is_client_balance_top_up():
            available = min(available, self._get_client_balance_surplus_left())
        return currency.round(min(amount, available))

    def _get_client_balance_surplus_left(self):
        """:return: what earlier refunds have left of the surplus of their payment"""
        source = self.source_transaction_id
        lines = source._get_client_balance_source_line()
        for refund in source.child_transaction_ids - self:
            lines |= refund.payment_id._get_client_balance_lines()
        return -sum(lines.mapped("amount_currency"))

    def _prepare_refund_caller(self, source_line):
        """:return: the pass with which the refund leaves the balance"""
        settlement = self.env["client.balance.posting"]._get_settlements(source_line)
        values = {
            # the client reads it in the portal
            "description": self._get_client_balance_refund_label(source_line),
            "is_advance": settlement.is_advance,
            "advance_date": settlement.advance_date,
        }
        if self._is_client_balance_requested():
            return self.env["client.balance.gate"]._make_pass("refund", **values)
        return Caller("refund", is_fact=True, **values)

    def _get_client_balance_refund_label(self, source_line):
        return self._in_language_of(source_line.partner_id).env._(
            "Refund of online payment %(ref)s",
            ref=self.source_transaction_id.reference,
        )

    def _prepare_client_balance_refund(self, source_line, taken):
        """Hook. :return: values of the payment that takes from the balance"""
        today = self._get_client_balance_refund_day(source_line)
        currency, company = source_line.currency_id, source_line.company_id
        client = source_line.partner_id
        common = {
            "partner_id": client.id,
            "currency_id": currency.id,
            "tax_ids": [Command.clear()],
        }
        lines = []
        missing = currency.round(abs(self.amount) - taken)
        if not currency.is_zero(missing):
            receivable = client.with_company(company).property_account_receivable_id
            lines.append(
                {
                    **common,
                    "name": self._get_client_balance_refund_label(source_line),
                    "account_id": receivable.id,
                    "date_maturity": today,
                    "amount_currency": missing,
                    "balance": currency._convert(
                        missing, company.currency_id, company, today
                    ),
                }
            )
        difference = self._get_client_balance_refund_difference(source_line, taken)
        if not company.currency_id.is_zero(difference):
            account = company._get_client_balance_difference_account(difference)
            lines.append(
                {
                    **common,
                    "name": self.env._("Exchange difference"),
                    "account_id": account.id,
                    "amount_currency": 0.0,
                    "balance": -difference,
                }
            )
        return {
            "date": today,
            "destination_account_id": source_line.account_id.id,
            "write_off_line_vals": lines,
        }

    def _get_client_balance_refund_difference(self, source_line, taken):
        """:return: what the money is worth in the books less what leaves the bank"""
        key = source_line._get_client_balance_key()
        balance = self.env["client.balance"]._get_balance(*key)
        company = source_line.company_id
        today = self._get_client_balance_refund_day(source_line)
        if not balance._is_valued_at_advance():
            return 0.0
        paid = balance.currency_id._convert(taken, company.currency_id, company, today)
        worth = balance._get_company_value(taken, today, credits_first=source_line)
        return company.currency_id.round(worth - paid)

    def _match_client_balance_refund(self, source_line, payment):
        """The money that goes back is that of the payment, as far as it is left."""
        refunded = payment.move_id.line_ids.filtered("account_id.is_client_balance")
        if not source_line.reconciled and refunded:
            self.env["client.balance.matching"]._reconcile([source_line | refunded])

    # Taken back after it was booked ---------------------------------------------------

    def _post_process(self):
        voided = self.filtered(lambda tx: tx._is_client_balance_voided())
        super(PaymentTransaction, self - voided)._post_process()
        # as the program: nobody who looks at the page decides about it
        for transaction in voided.with_user(SUPERUSER_ID):
            if not transaction.child_transaction_ids.payment_id:
                try:
                    with self.env.cr.savepoint():
                        super(PaymentTransaction, transaction)._post_process()
                    continue
                except UserError as error:
                    # the money is spent, or its period closed
                    _logger.info("%s is refunded instead: %s", transaction, error)
            transaction._book_client_balance_void()

    def _is_client_balance_voided(self):
        """:return: whether a payment with a part on a balance was taken back"""
        return (
            self.state == "cancel"
            and self.operation != "refund"
            and bool(self.payment_id)
            and bool(self._get_client_balance_source_line())
        )

    def _book_client_balance_void(self):
        """What was voided after it was booked went back like any refund."""
        refunds = self.child_transaction_ids.filtered(lambda tx: tx.payment_id)
        left = self.currency_id.round(self.amount + sum(refunds.mapped("amount")))
        if self.currency_id.compare_amounts(left, 0.0) > 0:
            refund = self._create_child_transaction(left, is_refund=True)
            refund._set_done()
            refund._post_process()
        self.is_post_processed = True

    # People ---------------------------------------------------------------------------

    def _get_client_balance_notes(self, payment):
        notes = super()._get_client_balance_notes(payment)
        if self.operation != "refund" or self._is_client_balance_requested():
            return notes
        source = self.source_transaction_id
        line = source._get_client_balance_source_line()
        taken = sum(payment._get_client_balance_lines().mapped("amount_currency"))
        missing = self.currency_id.round(abs(self.amount) - taken)
        values = {
            "amount": self.currency_id.format(abs(self.amount)),
            "reference": source.reference,
            "client": payment.partner_id.display_name,
            "taken": self.currency_id.format(taken),
            "missing": self.currency_id.format(missing),
        }
        if self._is_client_balance_top_up():
            if not self.currency_id.is_zero(missing):
                notes.append(self._get_client_balance_missing_note(values))
        elif line:
            values["surplus"] = line.currency_id.format(-line.amount_currency)
            notes.append(self._get_client_balance_surplus_note(values))
        return notes

    def _get_client_balance_missing_note(self, values):
        return (
            self.env._("Spent money was charged back"),
            self.env._(
                "The provider returned %(amount)s of online payment %(reference)s to"
                " %(client)s, of which %(missing)s are not on the balance any more. The"
                " client owes them now: ask for the money.",
                **values,
            ),
        )

    def _get_client_balance_surplus_note(self, values):
        return (
            self.env._("Part of a refunded payment is on the balance"),
            self.env._(
                "%(amount)s of online payment %(reference)s went back to %(client)s."
                " %(surplus)s of this payment had gone to the client balance:"
                " %(taken)s were taken from there, %(missing)s are a receivable of the"
                " client. If other money was meant, an accountant moves it with a"
                " journal entry.",
                **values,
            ),
        )
