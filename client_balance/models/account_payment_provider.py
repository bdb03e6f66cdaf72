from odoo import models


class AccountPayment(models.Model):
    """Payments of balances that go through an online provider."""

    _inherit = "account.payment"

    def _check_client_balance_recipient(self):
        """A refund through the provider goes where the money came from: no account."""
        return super(
            AccountPayment, self.filtered(lambda pay: not pay._is_provider_refund())
        )._check_client_balance_recipient()

    def _is_provider_refund(self):
        """:return: whether an online provider refunds this payment to the payer

        Only refunds of money that was on a balance, and only while the provider's
        record names the payment.
        """
        self.ensure_one()
        # the provider's record is read for accountants who post the payment again
        refund_sudo = self.payment_transaction_id.sudo()
        if refund_sudo.operation != "refund":
            return False
        is_first = (
            not refund_sudo.payment_id and self.env["client.balance.gate"]._get_caller()
        )
        is_own = (
            refund_sudo._is_client_balance_top_up() or refund_sudo._get_refunded_line()
        )
        return bool(is_own and (is_first or refund_sudo.payment_id == self))

    def _schedule_client_balance_activity(self, user, summary, note):
        """Ask ``user`` to look at this payment."""
        self.ensure_one()
        # the client or the clock causes it, neither of whom may plan activities
        self.sudo().activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=user.id,
        )
