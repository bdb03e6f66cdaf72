from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .payment_common import PaymentDialogCommon


@tagged("post_install", "-at_install")
class TestPaymentDifference(PaymentDialogCommon):
    """What is too much or too little: instalments, discounts, currencies, accounts."""

    # -- what the difference means -----------------------------------------------------

    def _instalment_invoice(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30 now, 70 in a month",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 30}
                    ),
                ],
            }
        )
        return self._invoice(1000, date=self.pay_date, invoice_payment_term_id=term.id)

    def test_instalments_the_instalment_itself_leaves_no_difference(self):
        dialog = self._dialog(self._instalment_invoice())
        self.assertEqual(dialog.amount, 300)
        self.assertFalse(dialog.client_balance_state)
        dialog.amount = 1000
        self.assertFalse(dialog.client_balance_state)

    def test_instalments_propose_the_rest_of_the_instalment(self):
        self._settle(900, bank=self.bank1)
        dialog = self._dialog(self._instalment_invoice(), 200, from_client_balance=True)
        self.assertEqual(dialog.client_balance_difference, 800)
        self.assertEqual(dialog.client_balance_amount, 100)
        dialog.amount = 500
        self.assertEqual(dialog.client_balance_amount, 500)

    def test_instalments_allow_the_whole_difference(self):
        self._settle(900, bank=self.bank1)
        invoice = self._instalment_invoice()
        self._pay(
            self._dialog(
                invoice, 200, from_client_balance=True, client_balance_amount=800
            )
        )
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 100)

    def test_instalments_more_than_the_whole_invoice_is_an_overpayment(self):
        invoice = self._instalment_invoice()
        self._pay(self._dialog(invoice, 1100, to_client_balance=True))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 100)

    def _discount_invoice(self):
        term = self._discount_term()
        return self._invoice(1000, date=self.pay_date, invoice_payment_term_id=term.id)

    def test_an_early_payment_discount_is_no_difference(self):
        invoice = self._discount_invoice()
        dialog = self._dialog(invoice)
        self.assertEqual(dialog.amount, 980)
        self.assertFalse(dialog.client_balance_state)
        self._settle(100, bank=self.bank1)
        for box in ("to_client_balance", "from_client_balance"):
            self._refused(
                self._request(invoice, **{box: True}), "early payment discount"
            )

    def test_a_payment_completed_from_the_balance_gets_no_discount(self):
        self._settle(500, bank=self.bank1)
        invoice = self._discount_invoice()
        dialog = self._dialog(invoice, 900, from_client_balance=True)
        self.assertTrue(dialog.client_balance_discount_lost)
        self.assertEqual(dialog.client_balance_amount, 100)
        dialog.client_balance_amount = 80
        self._pay(dialog)
        self.assertEqual(invoice.amount_residual, 20)
        self.assertEqual(self._balance(self.bank1), 420)

    def test_paying_above_and_below_a_discount_is_a_true_difference(self):
        self._settle(500, bank=self.bank1)
        over, under = self._discount_invoice(), self._discount_invoice()
        self._pay(self._dialog(over, 1010, to_client_balance=True))
        self.assertEqual(over.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 510)
        self._pay(self._dialog(under, 990, from_client_balance=True))
        self.assertEqual(under.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 500)

    def test_grouped_invoices_of_one_client_have_one_difference(self):
        invoices = self._invoice(100) | self._invoice(200)
        dialog = self._dialog(invoices, group_payment=True)
        dialog.amount = 350
        self.assertEqual(dialog.client_balance_difference, 50)
        dialog.to_client_balance = True
        payment = self._pay(dialog)
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assertEqual(self._balance(self.bank1), 50)
        settlement = self._settlements(self.bank1)
        self.assertEqual(settlement.invoice_ids, invoices)
        self.assertEqual(settlement.payment_id, payment)

        invoices = self._invoice(100) | self._invoice(200)
        dialog = self._dialog(invoices, group_payment=True)
        dialog.amount = 250
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 50)
        dialog.client_balance_amount = 30
        self._pay(dialog)
        self.assertEqual(sum(invoices.mapped("amount_residual")), 20)
        self.assertEqual(self._balance(self.bank1), 20)

    def test_ungrouped_invoices_are_refused(self):
        invoices = self._invoice(100) | self._invoice(200)
        dialog = self._dialog(invoices)
        self.assertFalse(dialog.client_balance_state)
        for box in ("to_client_balance", "from_client_balance"):
            self._refused(
                self._request(invoices, amount=350, **{box: True}), "Several payments"
            )

    def test_invoices_of_two_clients_are_refused(self):
        invoices = self._invoice(100) | self._invoice(50, partner=self.other_client)
        dialog = self._dialog(invoices)
        self.assertFalse(dialog.client_balance_state)
        self._refused(
            self._request(invoices, amount=300, to_client_balance=True),
            "Several payments",
        )

    def test_a_draft_invoice_is_refused(self):
        invoice = self._invoice(100)
        invoice.button_draft()
        dialog = self._dialog(invoice, 150)
        self.assertFalse(dialog.client_balance_state)
        for box, amount in (("to_client_balance", 150), ("from_client_balance", 50)):
            self._refused(
                self._request(invoice, amount=amount, **{box: True}), "still a draft"
            )

    def test_a_vendor_bill_is_refused(self):
        bill = self._invoice(100, move_type="in_invoice")
        dialog = self._dialog(bill, 150)
        self.assertFalse(dialog.client_balance_state)
        for box, amount in (("to_client_balance", 150), ("from_client_balance", 50)):
            self._refused(
                self._request(bill, amount=amount, **{box: True}),
                "Only money received from a customer",
            )

    def test_a_customer_refund_is_refused(self):
        refund = self._invoice(100, move_type="out_refund")
        dialog = self._dialog(refund, 80)
        self.assertFalse(dialog.client_balance_state)
        self._settle(500, bank=self.bank1)
        for box, amount in (("to_client_balance", 150), ("from_client_balance", 80)):
            self._refused(
                self._request(refund, amount=amount, **{box: True}),
                "Only money received from a customer",
            )

    def test_core_and_we_never_write_off_the_same_difference(self):
        self._settle(500, bank=self.bank1)
        wizard = self._request(
            self._invoice(100),
            amount=60,
            from_client_balance=True,
            client_balance_amount=30,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.income_account.id,
        )
        self._refused(wizard, "Mark as fully paid")

    def test_no_money_is_no_payment(self):
        self._settle(500, bank=self.bank1)
        invoice = self._invoice(100)
        wizard = self._request(
            invoice, amount=0, from_client_balance=True, client_balance_amount=100
        )
        self._refused(wizard, "Pay from balance")
        self._refused(
            self._request(invoice, amount=-5, from_client_balance=True),
            "No money is received",
        )

    # -- currencies --------------------------------------------------------------------

    def test_a_dollar_invoice_paid_in_hryvnias(self):
        self._settle(400, bank=self.bank1)
        invoice = self._invoice(100, currency=self.usd)
        dialog = self._dialog(invoice, currency_id=self.uah)
        self.assertEqual(dialog.amount, 4000)
        dialog.amount = 3600
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 400)
        payment = self._pay(dialog)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._line(payment.move_id).currency_id, self.uah)

        invoice = self._invoice(100, currency=self.usd)
        dialog = self._dialog(invoice, currency_id=self.uah)
        dialog.amount = 4200
        dialog.to_client_balance = True
        self._pay(dialog)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 200)

    def test_a_hryvnia_invoice_paid_in_dollars(self):
        invoice = self._invoice(4000)
        dialog = self._dialog(invoice, currency_id=self.usd)
        self.assertEqual(dialog.amount, 100)
        dialog.amount = 120
        dialog.to_client_balance = True
        payment = self._pay(dialog)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 20)
        self.assertRecordValues(
            self._line(payment.move_id),
            [{"amount_currency": -20, "balance": -800, "currency_id": self.usd.id}],
        )
        self.assertEqual(self._balance(self.bank1), 0)

        invoice = self._invoice(4000)
        dialog = self._dialog(invoice, currency_id=self.usd)
        dialog.amount = 80
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_available, 20)
        self._pay(dialog)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0)

    def test_a_balance_in_another_currency_pays_nothing(self):
        self._settle(5000, bank=self.bank1)
        dialog = self._dialog(self._invoice(100, currency=self.usd), 80)
        self.assertEqual(dialog.client_balance_available, 0)

    def test_the_difference_follows_the_rate_of_the_payment_date(self):
        self._set_rate(self.usd, "2026-03-15", 50.0)
        dialog = self._dialog(self._invoice(4000), currency_id=self.usd)
        dialog.amount = 110
        self.assertEqual(dialog.client_balance_difference, 10)
        dialog.payment_date = "2026-03-16"
        self.assertEqual(dialog.client_balance_difference, 30)

    def test_rounding_of_small_foreign_amounts_balances(self):
        self._set_rate(self.usd, "2026-03-02", 42.0)
        invoice = self._invoice(33.33)
        dialog = self._dialog(invoice, currency_id=self.usd)
        dialog.amount = 1
        self.assertEqual(dialog.client_balance_difference, 0.21)
        dialog.to_client_balance = True
        payment = self._pay(dialog)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0.21)
        lines = payment.move_id.line_ids
        self.assertFalse(self.uah.compare_amounts(sum(lines.mapped("balance")), 0))
        self.assertFalse(
            self.usd.compare_amounts(sum(lines.mapped("amount_currency")), 0)
        )

        invoice = self._invoice(31.92)
        dialog = self._dialog(invoice, currency_id=self.usd)
        self.assertEqual(dialog.amount, 0.76)
        dialog.amount = 0.55
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 0.21)
        self._pay(dialog)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0)

    # -- with and without an outstanding account ---------------------------------------

    def test_with_an_outstanding_account(self):
        self._set_outstanding_account()
        invoice = self._invoice(100)
        payment = self._pay(self._dialog(invoice, 120, to_client_balance=True))
        self.assertEqual(payment.outstanding_account_id, self.outstanding)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 20)

    def _enterprise(self):
        """As where the accounting app decides what a payment without entry means."""
        return patch.object(
            self.env.registry["account.move"],
            "_get_invoice_in_payment_state",
            lambda self: "in_payment",
        )

    def test_enterprise_without_outstanding_account_still_gets_an_entry(self):
        invoice = self._invoice(100)
        with self._enterprise():
            plain = self._pay(self._dialog(self._invoice(100), 120))
            self.assertFalse(plain.move_id, "core leaves the entry out")
            payment = self._pay(self._dialog(invoice, 120, to_client_balance=True))
            self.assertEqual(invoice.payment_state, "in_payment")
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(self._balance(self.bank1), 20)
        payment.action_draft()
        self.assertEqual(self._balance(self.bank1), 0)
        payment.with_user(self.clerk).action_post()
        self.assertEqual(self._balance(self.bank1), 20)

    def test_enterprise_with_outstanding_account_uses_that_one(self):
        self._set_outstanding_account()
        self._settle(50, bank=self.bank1)
        invoice = self._invoice(100)
        with self._enterprise():
            payment = self._pay(self._dialog(invoice, 80, from_client_balance=True))
            self.assertEqual(invoice.payment_state, "in_payment")
        self.assertEqual(payment.outstanding_account_id, self.outstanding)
        self.assertEqual(self._balance(self.bank1), 30)

    def test_a_payment_without_entry_is_refused(self):
        wizard = self._request(self._invoice(100), amount=120, to_client_balance=True)
        with (
            self._enterprise(),
            patch.object(
                type(wizard),
                "_prepare_client_balance_context",
                lambda self, claimed: {},
            ),
        ):
            self._refused(wizard, "would have no journal entry")
