from odoo import fields, models
from odoo.exceptions import UserError

from .client_balance_gate import Caller


class PaymentTransaction(models.Model):
    """Online payments that are larger than their invoices."""

    _inherit = "payment.transaction"

    def _create_payment(self, **extra_create_values):
        """What the invoices do not need goes to the balance, if the company says so."""
        self.ensure_one()
        surplus = self._get_client_balance_surplus()
        if not surplus:
            payment = super()._create_payment(**extra_create_values)
            self._warn_of_client_balance_surplus(payment)
            return payment
        invoice = self.invoice_ids[:1]
        client = invoice._get_client_balance_client()
        bank = self._get_client_balance_surplus_bank(client, invoice)
        self.env["client.balance"]._touch(
            (self.company_id, client, bank, self.currency_id)
        )
        if self.currency_id.compare_amounts(surplus, self.amount) >= 0:
            payment = super()._create_payment(**extra_create_values)
            self._put_client_balance_payment(payment, bank)
            return payment
        caller = Caller("overpayment", invoice_ids=tuple(self.invoice_ids.ids))
        context = {"client_balance_caller": caller}
        if not self._get_client_balance_method_line().payment_account_id:
            # without an outstanding account there may be no entry for the money
            context["force_payment_move"] = True
        transaction = self.with_context(**context)
        vals = {
            **extra_create_values,
            "write_off_line_vals": [
                *extra_create_values.get("write_off_line_vals", []),
                self._prepare_client_balance_surplus_vals(client, bank, surplus),
            ],
        }
        return super(PaymentTransaction, transaction)._create_payment(**vals)

    def _get_client_balance_surplus_bank(self, client, invoice):
        """:return: where the surplus goes: it has arrived, and nobody can be asked"""
        named = client._get_client_balance_bank(invoice)
        return client._filter_client_balance_own(named).filtered("active") or (
            client._get_client_balance_bank()
        )

    def _get_client_balance_surplus(self):
        """:return: the part of the payment that its invoices do not need, or 0.0"""
        invoices = self.invoice_ids
        # the setting is the root company's, which the payer need not see
        root_sudo = self.company_id.sudo().root_id
        if (
            not root_sudo.client_balance_online_overpayment
            or not invoices
            or self.currency_id.compare_amounts(self.amount, 0.0) <= 0
            or self._is_client_balance_top_up()
            or any(move.move_type != "out_invoice" for move in invoices)
            # whose money it is, a person decides: it stays an open credit of the payer
            or invoices
            != invoices._filter_client_balance_of(
                self.partner_id._get_client_balance_client()
            )
            or invoices.currency_id != self.currency_id
            or not self._has_client_balance_account()
        ):
            return 0.0
        application = self.env["client.balance.application"]
        due = sum(
            sum(application._get_due_lines(invoice).mapped("amount_residual_currency"))
            for invoice in invoices
            if invoice.state == "posted"
        )
        surplus = self.currency_id.round(self.amount - due)
        return max(surplus, 0.0)

    def _has_client_balance_account(self):
        try:
            return bool(self.company_id._get_client_balance_account(self.currency_id))
        except UserError:
            # the payment must not fail for want of a setting
            return False

    def _prepare_client_balance_surplus_vals(self, client, bank, surplus):
        """Hook. :return: values of the item on the balance account"""
        company, currency = self.company_id, self.currency_id
        return self.env["client.balance.posting"]._prepare_balance_item(
            (company, client, bank, currency),
            surplus,
            currency._convert(
                surplus, company.currency_id, company, fields.Date.context_today(self)
            ),
            self.env._(
                "To the client balance: %s",
                ", ".join(self.invoice_ids.mapped("display_name")),
            ),
        )

    def _put_client_balance_payment(self, payment, bank):
        """Nothing is due: the whole payment goes on, from receivable to the balance."""
        application = self.env["client.balance.application"]
        today = fields.Date.context_today(self)
        for line in payment.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.amount_residual_currency < 0
            )
        ):
            application._put_on_balance(
                line, -line.amount_residual_currency, bank, today, is_advance=True
            )

    def _warn_of_client_balance_surplus(self, payment):
        """Which part of an overpayment went back, core does not say: a person does.

        The refund is a receivable of the client; the surplus can still be spent.
        """
        source = self.source_transaction_id
        if self.operation != "refund" or source._is_client_balance_top_up():
            return
        surplus = source._get_client_balance_surplus_paid()
        if self.currency_id.is_zero(surplus):
            return
        payment = payment._in_language_of_responsible()
        payment._schedule_client_balance_activity(
            payment.env._("Part of a refunded payment is on the balance"),
            payment.env._(
                "%(amount)s of online payment %(reference)s were refunded to"
                " %(client)s. %(surplus)s of this payment had gone to the client"
                " balance, and are still there unless they were spent. If they are what"
                " was refunded, take them off with a manual settlement against the"
                " receivable account.",
                amount=self.currency_id.format(abs(self.amount)),
                reference=source.reference,
                client=payment.partner_id.display_name,
                surplus=self.currency_id.format(surplus),
            ),
        )

    def _get_client_balance_surplus_paid(self):
        """:return: what of this invoice payment went to a balance, positive or zero"""
        move = self.payment_id.move_id
        # where nothing was due, an entry of its own brought the money there
        move |= move.line_ids.matched_debit_ids.debit_move_id.move_id.filtered(
            lambda entry: entry.move_type == "entry"
        )
        lines = move.line_ids.filtered(
            lambda line: (
                line.account_id.is_client_balance
                and line.parent_state == "posted"
                and line.amount_currency < 0
            )
        )
        return self.currency_id.round(-sum(lines.mapped("amount_currency")))
