from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .client_balance_gate import Caller

#: Context value of a refund that this program requests, see ``Caller``.
REQUESTED = object()


class PaymentTransaction(models.Model):
    """Top-ups that go back through their provider.

    A refund that we request is taken from the balance *before* the provider is asked,
    so that nobody spends the money meanwhile; it returns if the provider declines. A
    refund or chargeback that comes from the provider has happened: what is not on the
    balance any more becomes a receivable, and a person is told.
    """

    _inherit = "payment.transaction"

    # Requested by us ------------------------------------------------------------------

    def action_refund(self, amount_to_refund=None):
        """Refund through the provider. Top-ups: for managers of balances.

        :param amount_to_refund: positive, in the currency of the transaction
        :raise UserError: when the money of a top-up is spent
        """
        if any(tx._is_client_balance_top_up() for tx in self):
            self.env["client.balance.posting"]._check_manager()
        return super().action_refund(amount_to_refund=amount_to_refund)

    def _refund(self, amount_to_refund=None):
        self.ensure_one()
        if not self._get_client_balance_source_lines():
            return super()._refund(amount_to_refund=amount_to_refund)
        amount = self.amount if amount_to_refund is None else amount_to_refund
        self._check_client_balance_refund(amount)
        asking = self.with_context(client_balance_refund=REQUESTED)
        refund = super(PaymentTransaction, asking)._refund(amount_to_refund=amount)
        refund = refund.with_env(self.env)
        refund._release_client_balance_refund()
        return refund

    def _create_child_transaction(
        self, amount, is_refund=False, **custom_create_values
    ):
        child = super()._create_child_transaction(
            amount, is_refund=is_refund, **custom_create_values
        )
        if is_refund and self.env.context.get("client_balance_refund") is REQUESTED:
            child.with_company(child.company_id)._create_payment()
        return child

    def _get_client_balance_source_lines(self):
        """:return: the item by which the payment of this top-up reached a balance

        Where an accountant has divided the money, the largest part answers for it.
        """
        if not self._is_client_balance_top_up():
            return self.env["account.move.line"]
        lines = self.payment_id.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.is_client_balance and line.parent_state == "posted"
            )
        )
        return lines.sorted("amount_currency")[:1]

    def _check_client_balance_refund(self, amount):
        """:raise UserError: what is wrong with the amount, or that it is spent"""
        line = self._get_client_balance_source_lines()
        key = line._get_client_balance_key()
        balances = self.env["client.balance"]
        balances._touch(key)
        currency, client = line.currency_id, key[1]
        amount = self.env["client.balance.posting"]._check_amount(
            amount, currency, client
        )
        available = min(
            balances._get_available(*key, self._get_client_balance_refund_day(line)),
            -line.amount_residual_currency,
            self.payment_id.amount_available_for_refund,
        )
        available = max(available, 0.0)
        if amount < 0 or currency.compare_amounts(amount, available) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s cannot be refunded: of top-up %(reference)s of"
                    " %(client)s %(available)s are left, the rest is spent or refunded."
                    " Type an amount above zero, at most what is left.",
                    amount=currency.format(amount),
                    reference=self.reference,
                    client=client.display_name,
                    available=currency.format(available),
                )
            )

    # Posting --------------------------------------------------------------------------

    def _create_payment(self, **extra_create_values):
        """The refund of a top-up leaves the balance, or becomes a receivable."""
        self.ensure_one()
        source_line = (
            self.source_transaction_id._get_client_balance_source_lines()
            if self.operation == "refund" and self.source_transaction_id
            else self.env["account.move.line"]
        )
        if not source_line:
            return super()._create_payment(**extra_create_values)
        taken, missing = self._get_client_balance_refund_split(source_line)
        vals = {**extra_create_values, "partner_id": source_line.partner_id.id}
        transaction = self
        if taken:
            vals.update(
                self._prepare_client_balance_refund(source_line, taken, missing)
            )
            transaction = self.with_context(
                **self._prepare_refund_context(source_line, taken)
            )
        with self.env["client.balance.gate"]._collecting():
            payment = super(PaymentTransaction, transaction)._create_payment(**vals)
            if taken:
                self._match_client_balance_refund(source_line, payment)
        payment = payment.with_env(self.env)
        if missing:
            self._warn_of_client_balance_chargeback(payment, missing)
        return payment

    def _get_client_balance_refund_day(self, source_line):
        """:return: today, or the day of the top-up where its client was a day ahead

        Whoever comes first after the confirmation posts it, in a time zone of its own.
        """
        return max(fields.Date.context_today(self), source_line.date)

    def _get_client_balance_refund_split(self, source_line):
        """:return: (taken from the balance, spent before), both positive or zero"""
        currency = source_line.currency_id
        amount = abs(self.amount)
        if self.env.context.get("client_balance_refund") is REQUESTED:
            return amount, 0.0
        key = source_line._get_client_balance_key()
        self.env["client.balance"]._touch(key)
        available = self.env["client.balance"]._get_available(
            *key, self._get_client_balance_refund_day(source_line)
        )
        taken = currency.round(min(amount, max(available, 0.0)))
        return taken, currency.round(amount - taken)

    def _prepare_refund_context(self, source_line, taken):
        """:return: context under which the payment is created and posted"""
        client = source_line.partner_id
        env = self.with_context(lang=client.lang or self.env.lang).env
        settlement = self.env["client.balance.posting"]._get_settlements(source_line)
        context = {
            "client_balance_caller": Caller(
                "refund",
                # the client reads it in the portal
                description=env._(
                    "Refund of online payment %(ref)s",
                    ref=self.source_transaction_id.reference,
                ),
                is_advance=settlement.is_advance,
                advance_date=settlement.advance_date,
            ),
            "client_balance_payment_bank_id": source_line.client_balance_bank_id.id,
        }
        if not self._get_client_balance_method_line().payment_account_id:
            # without an outstanding account there may be no entry for the money
            context["force_payment_move"] = True
        return context

    def _prepare_client_balance_refund(self, source_line, taken, missing):
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
        if missing:
            receivable = client.with_company(company).property_account_receivable_id
            lines.append(
                {
                    **common,
                    "name": self.env._("Refunded after it was spent"),
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
        """The money that goes back is that of the top-up, as far as it is left."""
        refunded = payment.move_id.line_ids.filtered("account_id.is_client_balance")
        if not source_line.reconciled and refunded:
            self.env["client.balance.matching"]._reconcile([source_line | refunded])

    def _warn_of_client_balance_chargeback(self, payment, missing):
        client = payment.partner_id
        payment = payment._in_language_of_responsible()
        payment._schedule_client_balance_activity(
            payment.env._("Spent money was charged back"),
            payment.env._(
                "The provider returned %(amount)s of online payment %(reference)s to"
                " %(client)s, of which %(missing)s are spent. The client owes them now:"
                " ask for the money.",
                amount=self.currency_id.format(abs(self.amount)),
                reference=self.source_transaction_id.reference,
                client=client.display_name,
                missing=self.currency_id.format(missing),
            ),
        )

    # The provider declines ------------------------------------------------------------

    def _post_process(self):
        res = super()._post_process()
        self._release_client_balance_refund()
        return res

    def _release_client_balance_refund(self):
        """A refund that failed gives the money back to the balance.

        Should the provider confirm it after all, it is posted anew.
        """
        for refund in self:
            payment = refund.payment_id
            if (
                refund.operation != "refund"
                or refund.state not in ("cancel", "error")
                or not payment
                or not refund._is_client_balance_top_up()
            ):
                continue
            if payment.state != "canceled":
                payment.action_cancel()
            # what was not refunded may be refunded again
            payment.payment_transaction_id = False
            refund.payment_id = False
