import logging
from collections.abc import Callable
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS, Domain

from .client_balance_gate import Caller

_logger = logging.getLogger(__name__)


class Booking(NamedTuple):
    """How an online payment reaches, or leaves, a balance."""

    #: the pass under which its entry is posted
    caller: Caller
    #: values of the payment
    vals: dict
    #: the client's bank account, where the payment's destination is the balance
    bank: models.BaseModel | None = None
    #: called with the payment, in the same step
    finish: Callable | None = None


class PaymentTransaction(models.Model):
    """What a provider reports has happened: it is booked, for any amount.

    Where our part of it is refused (no account, an archived one, a largest amount …)
    the money becomes an open item of the client, and a person is told.
    """

    _inherit = "payment.transaction"

    client_balance_told_on = fields.Datetime(
        string="A person was told on",
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="That this payment could not be booked at all. It is tried again.",
    )

    # Hooks ----------------------------------------------------------------------------

    def _prepare_client_balance_booking(self):
        """Hook. :return: the Booking, or None where no balance moves

        :raise UserError: why it cannot move; the payment is then booked without it
        """
        return None

    def _get_client_balance_owner(self):
        """Hook. :return: the client whose money it is"""
        return self.partner_id._get_client_balance_client()

    def _get_client_balance_notes(self, payment):
        """Hook. What a person has to know, in the language of this environment.

        :param payment: what was booked
        :return: [(summary, note)]
        """
        client = self._get_client_balance_owner()
        if client.active or not payment._get_client_balance_lines():
            return []
        return [
            (
                self.env._("Online payment of an archived client"),
                self.env._(
                    "%(amount)s of online payment %(reference)s were booked for"
                    " %(client)s, who is archived. Restore the client, or give the"
                    " money back.",
                    amount=self.currency_id.format(abs(self.amount)),
                    reference=self.reference,
                    client=client.display_name,
                ),
            )
        ]

    def _is_client_balance_requested(self):
        """Hook. :return: whether we decide about it: then it may be refused"""
        return False

    # The payment ----------------------------------------------------------------------

    def _create_payment(self, **extra_create_values):
        """The money goes to, or leaves, a balance as far as it belongs there."""
        self.ensure_one()
        if not self.currency_id.active:
            # core posts nothing in a closed currency, but its money has moved
            self.currency_id.sudo().active = True
        transaction = self._in_language_of_responsible()
        booking = refusal = None
        try:
            booking = transaction._prepare_client_balance_booking()
            if booking:
                transaction = transaction._prepare_to_book(booking)
                vals = self._merge_payment_vals(extra_create_values, booking.vals)
                with (
                    self.env.cr.savepoint(),
                    self.env["client.balance.gate"]._collecting(),
                ):
                    payment = super(PaymentTransaction, transaction)._create_payment(
                        **vals
                    )
                    if booking.finish:
                        booking.finish(payment)
        except UserError as error:
            if self._is_client_balance_requested():
                raise
            booking, refusal = None, error
        if not booking:
            vals = self._merge_payment_vals(extra_create_values, {})
            payment = super()._create_payment(**vals)
        payment = payment.with_env(self.env)
        self._tell_about_client_balance(payment, refusal)
        return payment

    def _prepare_to_book(self, booking):
        """:return: this transaction, in the context that posts the booking"""
        context = {"client_balance_caller": booking.caller}
        if booking.bank is not None:
            context["client_balance_payment_bank_id"] = booking.bank.id
        if not self._get_client_balance_method_line().payment_account_id:
            # without an outstanding account there may be no entry for the money
            context["force_payment_move"] = True
        return self.with_context(**context)

    def _merge_payment_vals(self, extra_vals, own_vals):
        """:return: values of the payment, of other addons and of ours"""
        lines = [
            line
            for source in (extra_vals, own_vals)
            for line in source.get("write_off_line_vals", [])
        ]
        return {
            "partner_id": self._get_client_balance_owner().id,
            **extra_vals,
            **own_vals,
            "write_off_line_vals": lines,
        }

    def _get_client_balance_method_line(self):
        """:return: the payment method of the provider's journal, as core finds it"""
        provider = self.provider_id
        return provider.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == provider
        )

    def _get_client_balance_ref(self):
        """The last defence: the same payment twice is one settlement."""
        return f"payment.transaction:{self.id}"

    # People ---------------------------------------------------------------------------

    def _get_client_balance_responsible(self):
        return self.company_id._get_client_balance_responsible(
            self._get_client_balance_owner()
        )

    def _in_language_of(self, person):
        return self.with_context(lang=person.lang or self.env.lang)

    def _in_language_of_responsible(self):
        """:return: this transaction, for texts that the person in charge will read"""
        return self._in_language_of(self._get_client_balance_responsible())

    def _tell_about_client_balance(self, payment, refusal=None):
        """Ask the person in charge to look at what was booked.

        :param refusal: why our part of it was refused, if it was
        """
        told = self._in_language_of_responsible()
        if refusal:
            notes = [told._get_client_balance_refusal(refusal)]
        else:
            notes = told._get_client_balance_notes(payment)
        for summary, note in notes:
            payment._schedule_client_balance_activity(
                self._get_client_balance_responsible(), summary, note
            )

    def _get_client_balance_refusal(self, refusal):
        """:return: (summary, note) about money that is an open item for now"""
        values = {
            "amount": self.currency_id.format(abs(self.amount)),
            "reference": self.reference,
            "client": self._get_client_balance_owner().display_name,
            "reason": refusal.args[0],
        }
        if self.operation == "refund":
            return (
                self.env._("Take a refund off the client balance"),
                self.env._(
                    "%(amount)s went back to %(client)s (%(reference)s). They are a"
                    " receivable of the client and still on the balance: %(reason)s"
                    " When this is mended, an accountant moves them with a journal"
                    " entry.",
                    **values,
                ),
            )
        return (
            self.env._("Put an online payment on the client balance"),
            self.env._(
                "%(amount)s of online payment %(reference)s of %(client)s are booked"
                " as an open credit, not on the client balance: %(reason)s When this is"
                " mended, use “To client balance” on the payment.",
                **values,
            ),
        )

    # Post-processing ------------------------------------------------------------------

    def action_post_process(self):
        """Book what the provider reported, as the scheduled action would.

        For everybody who may change the transaction: it says all there is to decide.
        """
        self.check_access("write")
        # what is booked needs no right of whoever asks for it: core's cron does so
        return super(PaymentTransaction, self.sudo()).action_post_process()

    def _cron_post_process(self):
        """Core gives up after four days; a balance waits until it is booked."""
        res = super()._cron_post_process()
        if not self:
            for transaction in self.search(self._get_client_balance_stuck_domain()):
                transaction._retry_client_balance()
                self.env["ir.cron"]._commit_progress(1)
        return res

    def _get_client_balance_stuck_domain(self):
        """Hook. :return: domain of what its provider decided and core did not book"""
        moved = Domain("move_id.line_ids.account_id.is_client_balance", "=", True)
        return Domain(
            [
                ("is_post_processed", "=", False),
                ("state", "in", ["done", "cancel", "error"]),
            ]
        ) & (
            Domain("client_balance_partner_id", "!=", False)
            | Domain("source_transaction_id.payment_id", "any", moved)
            | Domain("payment_id", "any", moved)
        )

    def _retry_client_balance(self):
        """Try once more, and tell a person if it is in vain."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._post_process()
        except OperationalError:
            return  # somebody else works on it: later
        except Exception as error:
            _logger.warning("%s cannot be booked", self, exc_info=True)
            self._tell_that_client_balance_is_stuck(error)

    def _tell_that_client_balance_is_stuck(self, error):
        """Once per payment: on its client, since there is no payment yet."""
        if self.client_balance_told_on:
            return
        self.client_balance_told_on = fields.Datetime.now()
        told = self._in_language_of_responsible()
        client = self._get_client_balance_owner()
        client.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=told.env._("An online payment cannot be booked"),
            note=told.env._(
                "The provider reported %(amount)s of online payment %(reference)s of"
                " %(client)s, and it cannot be booked: %(reason)s It is tried again"
                " until this is mended.",
                amount=self.currency_id.format(self.amount),
                reference=self.reference,
                client=client.display_name,
                reason=str(error),
            ),
            user_id=self._get_client_balance_responsible().id,
        )
