from odoo import fields, models

from .client_balance_gate import Caller
from .payment_transaction_fact import Booking


class PaymentTransaction(models.Model):
    """Online payments that are larger than their invoices."""

    _inherit = "payment.transaction"

    def _prepare_client_balance_booking(self):
        """What the invoices do not need goes to the balance, if the company says so."""
        surplus = self._get_client_balance_surplus()
        if not surplus:
            return super()._prepare_client_balance_booking()
        invoice = self.invoice_ids[:1]
        client = invoice._get_client_balance_client()
        bank = self._get_client_balance_surplus_bank(client, invoice)
        self.env["client.balance"]._touch(
            (self.company_id, client, bank, self.currency_id)
        )
        caller = Caller(
            "overpayment",
            is_fact=True,
            invoice_ids=tuple(self.invoice_ids.ids),
            external_ref=self._get_client_balance_ref(),
        )
        if self.currency_id.compare_amounts(surplus, self.amount) >= 0:
            return Booking(
                caller,
                {},
                finish=lambda payment: self._put_client_balance_payment(payment, bank),
            )
        line = self._prepare_client_balance_surplus_vals(client, bank, surplus)
        return Booking(caller, {"write_off_line_vals": [line]})

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
            # what a person typed is no evidence, see payment_transaction.py
            or self.sudo().client_balance_is_typed
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

    def _prepare_client_balance_surplus_vals(self, client, bank, surplus):
        """Hook. :return: values of the item on the balance account"""
        company, currency = self.company_id, self.currency_id
        return self.env["client.balance.posting"]._prepare_balance_item(
            (company, client, bank, currency),
            surplus,
            currency._convert(
                surplus, company.currency_id, company, fields.Date.context_today(self)
            ),
            # the client reads it in the portal
            self._in_language_of(client).env._(
                "To the client balance: %s",
                ", ".join(self.invoice_ids.mapped("display_name")),
            ),
        )

    def _put_client_balance_payment(self, payment, bank):
        """Nothing is due: the whole payment goes on, from receivable to the balance."""
        application = self.env["client.balance.application"]
        # where today is locked, core has posted the payment later
        day = max(fields.Date.context_today(self), payment.move_id.date)
        for line in payment.move_id.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.amount_residual_currency < 0
            )
        ):
            application._put_on_balance(
                line,
                -line.amount_residual_currency,
                bank,
                day,
                is_advance=True,
                external_ref=self._get_client_balance_ref(),
            )
