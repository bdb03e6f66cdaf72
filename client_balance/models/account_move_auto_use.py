import logging

from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class AccountMove(models.Model):
    """New invoices that the balance pays by itself, or offers to pay."""

    _inherit = "account.move"

    def _post(self, soft=True):
        # Inside of a larger step a refusal would come at its end, and stop it.
        alone = self.env["client.balance.gate"]._get_collector() is None
        posted = super()._post(soft)
        if alone:
            posted._auto_use_client_balance()
        return posted

    def _auto_use_client_balance(self):
        """Pay these new invoices from the balances of their clients, where set so.

        Whatever goes wrong is told in the chatter: the invoice is posted all the same.
        """
        for invoice in self._filter_client_balance_auto_use("always"):
            amounts = invoice._get_client_balance_auto_use()
            if amounts:
                invoice._try_client_balance_auto_use(amounts)

    def _try_client_balance_auto_use(self, amounts):
        """Pay the invoice, or say in the chatter why not."""
        try:
            with self.env.cr.savepoint():
                self.env["client.balance.application"]._pay_invoice(
                    self, amounts, fields.Date.context_today(self)
                )
        except UserError as error:
            _logger.info("%s was not paid from the balance: %s", self.name, error)
            self.message_post(
                body=self.env._(
                    "The invoice was not paid from the balance by itself: %(reason)s",
                    reason=str(error),
                )
            )

    def _filter_client_balance_auto_use(self, choice):
        """Hook. :return: those of these invoices for which the company chose so"""
        if not self.env.user.has_group("client_balance.group_client_balance_officer"):
            return self.browse()
        return self.filtered(
            lambda move: (
                move.move_type in ("out_invoice", "out_receipt")
                and move.state == "posted"
                and move.payment_state in ("not_paid", "partial")
                # the setting is read for people without rights on companies
                and move.company_id.root_id.sudo().client_balance_auto_use == choice
                and not move._has_client_balance_other_money()
            )
        )

    def _has_client_balance_other_money(self):
        """Hook. :return: whether money for this invoice is already on its way

        An online payment or a cash register pays right after posting: used as well,
        the balance would turn that money into an overpayment. So would it with the
        payment of an invoice that was reset: people match the two again.
        """
        self.ensure_one()
        # whoever posts need not see payments of the shop
        move_sudo = self.sudo()
        transactions = move_sudo.transaction_ids.filtered(
            lambda tx: tx.state in ("pending", "authorized", "done")
        )
        orders = "pos_order_ids" in self._fields and move_sudo.pos_order_ids
        payments = move_sudo.matched_payment_ids.filtered(
            "client_balance_has_open_credit"
        )
        return bool(transactions or orders or payments)

    def _get_client_balance_auto_use(self):
        """:return: {bank account: amount} to take by itself, empty where too little

        Amounts are in the currency of the invoice.
        """
        self.ensure_one()
        balances = self._sort_client_balances(self._get_client_balances())
        available = balances._get_available_on(fields.Date.context_today(self))
        due, amounts = self.amount_residual, {}
        for balance in balances:
            # an overdraft is drawn by people, never by itself
            room = min(available[balance.id], balance.amount)
            amount = self.currency_id.round(min(room, due))
            if self.currency_id.compare_amounts(amount, 0.0) > 0:
                amounts[balance.partner_bank_id] = amount
                due = self.currency_id.round(due - amount)
        least = self._get_client_balance_auto_use_minimum()
        enough = self.currency_id.compare_amounts(sum(amounts.values()), least) >= 0
        return amounts if enough or self.currency_id.is_zero(due) else {}

    def _get_client_balance_auto_use_minimum(self):
        """:return: the least amount to use by itself, in the currency of the invoice"""
        # as above
        root_sudo = self.company_id.root_id.sudo()
        return root_sudo.currency_id._convert(
            root_sudo.client_balance_auto_use_minimum,
            self.currency_id,
            root_sudo,
            fields.Date.context_today(self),
        )

    # Suggestion -----------------------------------------------------------------------

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if self._filter_client_balance_auto_use("suggest"):
            amount = sum(self._get_client_balance_auto_use().values())
            if self.currency_id.compare_amounts(amount, 0.0) > 0:
                alerts["client_balance_suggest"] = self._prepare_client_balance_alert(
                    amount
                )
        return alerts

    def _prepare_client_balance_alert(self, amount):
        """Hook. :return: the banner that offers to pay the invoice from the balance"""
        return {
            "level": "info",
            "message": self.env._(
                "%(client)s has %(amount)s on the balance for this invoice.",
                client=self._get_client_balance_client().display_name,
                amount=self.currency_id.format(amount),
            ),
            "action_text": self.env._("Pay from balance"),
            "action_call": (self._name, "action_use_client_balance", self.ids),
        }

    def action_use_client_balance(self):
        """Pay these invoices with what the banner offers. For officers of balances.

        The same click twice pays once: nothing is left to pay, or no money.

        :return: whether money was taken
        :raise UserError: as the dialog “Pay from balance”
        """
        application = self.env["client.balance.application"]
        application._check_officer()
        self.check_access("read")
        taken = False
        for invoice in self:
            amounts = invoice._get_client_balance_auto_use()
            if amounts:
                today = fields.Date.context_today(invoice)
                application._pay_invoice(invoice, amounts, today)
                taken = True
        return taken
