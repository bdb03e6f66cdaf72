from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

#: Context value of a refund that this program requests, see ``Caller``.
REQUESTED = object()


class PaymentTransaction(models.Model):
    """Refunds that we decide about.

    The money of a top-up is taken from the balance *before* the provider is asked, so
    that nobody spends it meanwhile; it returns if the provider declines. Above the
    amount of one person another manager approves it.
    """

    _inherit = "payment.transaction"

    client_balance_is_requested = fields.Boolean(
        string="Requested by us",
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="A refund for which we asked the provider.",
    )

    def action_refund(self, amount_to_refund=None):
        """Refund through the provider. Top-ups: for managers of balances.

        :param amount_to_refund: positive, in the currency of the transaction
        :raise UserError: when the money of a top-up is spent
        """
        if any(tx._is_client_balance_top_up() for tx in self):
            self.env["client.balance.posting"]._check_manager()
        asking = self.browse()
        for transaction in self:
            amount = transaction._get_client_balance_refund_amount(amount_to_refund)
            if transaction._needs_client_balance_approval(amount):
                self.env["client.balance.request"].request_provider_refund(
                    transaction.id, amount
                )
                asking |= transaction
        others = self - asking
        res = others and super(PaymentTransaction, others).action_refund(
            amount_to_refund=amount_to_refund
        )
        return self._notify_of_client_balance_request() if asking else res

    def _refund(self, amount_to_refund=None):
        self.ensure_one()
        asking = self.with_context(client_balance_refund=REQUESTED)
        if not self._is_client_balance_refundable():
            refund = super(PaymentTransaction, asking)._refund(
                amount_to_refund=amount_to_refund
            )
            return refund.with_env(self.env)
        amount = self._get_client_balance_refund_amount(amount_to_refund)
        refund = super(PaymentTransaction, asking)._refund(amount_to_refund=amount)
        refund = refund.with_env(self.env)
        refund._release_client_balance_refund()
        return refund

    def _create_child_transaction(
        self, amount, is_refund=False, **custom_create_values
    ):
        requested = is_refund and self._is_client_balance_requested()
        if requested:
            custom_create_values["client_balance_is_requested"] = True
        child = super()._create_child_transaction(
            amount, is_refund=is_refund, **custom_create_values
        )
        if requested and self._is_client_balance_refundable():
            child.with_company(child.company_id)._create_payment()
        return child

    def _is_client_balance_requested(self):
        return self.env.context.get("client_balance_refund") is REQUESTED

    def _is_client_balance_refundable(self):
        """:return: whether the money of this top-up is on a balance"""
        return self._is_client_balance_top_up() and bool(
            self._get_client_balance_source_line()
        )

    def _get_client_balance_refund_amount(self, amount):
        """:return: what is refunded, all of it if ``amount`` is None

        :raise UserError: what is wrong with the amount, or that the money is spent
        """
        amount = self.amount if amount is None else amount
        if self._is_client_balance_refundable():
            self._check_client_balance_refund(amount)
        return amount

    def _check_client_balance_refund(self, amount):
        """:raise UserError: what is wrong with the amount, or that it is spent"""
        line = self._get_client_balance_source_line()
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

    # A second person ------------------------------------------------------------------

    def _needs_client_balance_approval(self, amount):
        """:return: whether a refund of this size waits for another manager"""
        if (
            not self._is_client_balance_refundable()
            or self.state != "done"
            # what is no part of the payment is refused for that
            or not 0 < amount <= self.amount
        ):
            return False
        client = self._get_client_balance_owner()
        return self.env["client.balance.approval"]._is_needed(
            self.company_id,
            [(client, self.currency_id, -amount)],
            fields.Date.context_today(self),
        )

    def _check_client_balance_refundable(self):
        """:raise UserError: that the money of this payment is on no balance"""
        if not self._is_client_balance_refundable():
            raise UserError(
                self.env._(
                    "The money of online payment %(reference)s is not on the balance of"
                    " %(client)s any more. Refuse the request for it, and refund the"
                    " payment itself if it is still to go back.",
                    reference=self.reference,
                    client=self._get_client_balance_owner().display_name,
                )
            )

    def _notify_of_client_balance_request(self):
        """:return: what the screen shows when a refund waits for a second person"""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "This amount needs a second person: the refund was sent as a"
                    " request. Nothing moves until another manager approves it."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # The provider declines ------------------------------------------------------------

    def _post_process(self):
        # first: core would cancel the payment, also where its period is closed; as the
        # program, since nobody who looks at the page decides about it
        self.with_user(SUPERUSER_ID)._release_client_balance_refund()
        return super()._post_process()

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
                or not (
                    refund._is_client_balance_top_up()
                    or payment._get_client_balance_lines()
                )
            ):
                continue
            refund._undo_client_balance_payment(payment)
            # what was not refunded may be refunded again
            payment.payment_transaction_id = False
            refund.payment_id = False

    def _undo_client_balance_payment(self, payment):
        """Cancel a payment, or reverse it on the first open day."""
        if payment.state == "canceled":
            return
        try:
            with self.env.cr.savepoint():
                payment.action_cancel()
        except UserError:
            # its period is closed, or its entry is hashed
            move = payment.move_id
            day = max(fields.Date.context_today(self), move.date)
            self.env["client.balance.posting"]._reverse_moves(move, {move: day})
