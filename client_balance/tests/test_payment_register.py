from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .payment_common import PaymentDialogCommon


@tagged("post_install", "-at_install")
class TestPaymentRegister(PaymentDialogCommon):
    """What the dialog does where it is right to do it."""

    def test_an_overpayment_goes_to_the_balance_in_one_entry(self):
        invoice = self._invoice(20000)
        dialog = self._dialog(invoice, 20159)
        self.assertEqual(dialog.client_balance_state, "over")
        self.assertEqual(dialog.client_balance_difference, 159)
        dialog.to_client_balance = True
        payment = self._pay(dialog)

        self.assertEqual(invoice.payment_state, "paid")
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.receivable.id,
                    "balance": -20000,
                    "partner_id": self.client.id,
                    "client_balance_bank_id": False,
                    "client_balance_type": False,
                },
                {
                    "account_id": self.balance_account.id,
                    "balance": -159,
                    "partner_id": self.client.id,
                    "client_balance_bank_id": self.bank1.id,
                    "client_balance_type": "overpayment",
                },
                {
                    "account_id": payment.outstanding_account_id.id,
                    "balance": 20159,
                    "partner_id": self.client.id,
                    "client_balance_bank_id": False,
                    "client_balance_type": False,
                },
            ],
        )
        self.assertRecordValues(
            self._settlements(self.bank1),
            [
                {
                    "amount": 159,
                    "settlement_type": "overpayment",
                    "date": self._day(self.pay_date),
                    "invoice_ids": invoice.ids,
                    "payment_id": payment.id,
                    "move_id": payment.move_id.id,
                    "move_line_id": self._line(payment.move_id).id,
                    "create_uid": self.clerk.id,
                }
            ],
        )
        self.assertEqual(self._balance(self.bank1), 159)
        self.assertRecordValues(
            payment,
            [
                {
                    "client_balance_credited": 159,
                    "client_balance_spent": 0,
                    "client_balance_bank_id": self.bank1.id,
                }
            ],
        )

    def test_a_shortfall_is_taken_from_the_balance_in_one_entry(self):
        self._settle(2000, bank=self.bank1)
        invoice = self._invoice(10000)
        dialog = self._dialog(invoice, 8500)
        self.assertEqual(dialog.client_balance_state, "under")
        self.assertEqual(dialog.client_balance_available, 2000)
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 1500)
        payment = self._pay(dialog)

        self.assertEqual(invoice.payment_state, "paid")
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.receivable.id, "balance": -10000},
                {"account_id": self.balance_account.id, "balance": 1500},
                {"account_id": payment.outstanding_account_id.id, "balance": 8500},
            ],
        )
        self.assertRecordValues(
            self._settlements(self.bank1)[-1:],
            [
                {
                    "amount": -1500,
                    "settlement_type": "write_off",
                    "invoice_ids": invoice.ids,
                    "payment_id": payment.id,
                    "balance_after": 500,
                }
            ],
        )
        self.assertRecordValues(
            payment,
            [{"client_balance_credited": 0, "client_balance_spent": 1500}],
        )

    def test_a_smaller_amount_leaves_the_invoice_open_by_the_rest(self):
        self._settle(2000, bank=self.bank1)
        invoice = self._invoice(10000)
        self._pay(
            self._dialog(
                invoice, 8500, from_client_balance=True, client_balance_amount=700
            )
        )
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(invoice.amount_residual, 800)
        self.assertEqual(self._balance(self.bank1), 1300)

    def test_the_proposal_is_cut_to_what_is_available(self):
        self._settle(600, bank=self.bank1)
        dialog = self._dialog(self._invoice(10000), 8500, from_client_balance=True)
        self.assertEqual(dialog.client_balance_amount, 600)

    def test_a_typed_amount_is_never_changed(self):
        self._settle(2000, bank=self.bank1)
        self._settle(50, bank=self.bank2)
        dialog = self._dialog(
            self._invoice(10000),
            8500,
            from_client_balance=True,
            client_balance_amount=700,
        )
        dialog.client_balance_bank_id = self.bank2
        self.assertEqual(dialog.client_balance_available, 50)
        self.assertEqual(dialog.client_balance_amount, 700)
        dialog.amount = 9900
        self.assertEqual(dialog.client_balance_amount, 700)
        dialog.from_client_balance = False
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 50)

    def test_equal_amount_offers_nothing(self):
        dialog = self._dialog(self._invoice(10000), 10000)
        self.assertFalse(dialog.client_balance_state)
        with self.assertRaisesRegex(AssertionError, "invisible"):
            dialog.to_client_balance = True
        self.assertTrue(dialog._get_modifier("from_client_balance", "invisible"))

    def test_a_sign_flip_unticks(self):
        self._settle(5000, bank=self.bank1)
        dialog = self._dialog(self._invoice(10000), 10100, to_client_balance=True)
        dialog.amount = 9900
        self.assertFalse(dialog.to_client_balance)
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 100)
        dialog.amount = 10200
        self.assertFalse(dialog.from_client_balance)
        self.assertFalse(dialog.to_client_balance)
        dialog.to_client_balance = True
        dialog.amount = 10000
        self.assertFalse(dialog.to_client_balance)

    def test_nothing_ticked_is_plain_core(self):
        invoice = self._invoice(10000)
        payment = self._pay(self._dialog(invoice, 10100))
        self.assertFalse(self._line(payment.move_id))
        self.assertFalse(self._settlements(self.bank1))

    def test_ticking_hides_the_difference_of_core_and_keeps_it_open(self):
        self._set_outstanding_account()
        dialog = self._dialog(self._invoice(10000), 10100)
        self.assertTrue(dialog.show_payment_difference)
        dialog.payment_difference_handling = "reconcile"
        dialog.writeoff_account_id = self.income_account
        dialog.to_client_balance = True
        self.assertFalse(dialog.show_payment_difference)
        self.assertEqual(dialog.payment_difference_handling, "open")
        payment = self._pay(dialog)
        self.assertEqual(len(payment.move_id.line_ids), 3)
        self.assertEqual(self._balance(self.bank1), 100)

    def test_the_box_cannot_be_ticked_where_nothing_is_available(self):
        dialog = self._dialog(self._invoice(10000), 8500)
        self.assertEqual(dialog.client_balance_available, 0)
        with self.assertRaisesRegex(AssertionError, "readonly"):
            dialog.from_client_balance = True

    def test_a_credit_note_of_the_invoice_leaves_the_balance_alone(self):
        self._settle(500, bank=self.bank1)
        invoice = self._invoice(100)
        self._pay(self._dialog(invoice, 80, from_client_balance=True))
        credit_note = invoice._reverse_moves([{"date": self.pay_date}])
        credit_note.action_post()
        self.assertEqual(self._balance(self.bank1), 480)
        self.assertEqual(credit_note.amount_residual, 100, "an open credit")

    def test_money_on_the_balance_is_no_outstanding_credit(self):
        self._pay(self._dialog(self._invoice(100), 120, to_client_balance=True))
        self.assertFalse(self._invoice(50).invoice_has_outstanding)

    def test_the_invoice_shows_what_moved(self):
        self._settle(500, bank=self.bank1)
        spent, credited = self._invoice(100), self._invoice(100)
        self._pay(self._dialog(spent, 80, from_client_balance=True))
        payment = self._pay(self._dialog(credited, 120, to_client_balance=True))
        spent, credited = spent.with_user(self.clerk), credited.with_user(self.clerk)
        self.assertRegex(spent.client_balance_spent, "20.00")
        self.assertFalse(spent.client_balance_credited)
        self.assertRegex(credited.client_balance_credited, "20.00")
        self.assertFalse(credited.client_balance_spent)
        payment.action_draft()
        self.assertFalse(credited.client_balance_credited)

    def test_grouped_invoices_name_each_other(self):
        first, second = self._invoice(100), self._invoice(200)
        dialog = self._dialog(first | second, group_payment=True)
        dialog.amount = 350
        dialog.to_client_balance = True
        self._pay(dialog)
        self.assertIn(second.name, first.client_balance_credited)
        self.assertRegex(first.client_balance_credited, "50.00")

    # -- whose balance -----------------------------------------------------------------

    def test_the_bank_account_named_on_the_invoice_is_proposed(self):
        invoice = self._invoice(100, client_balance_bank_id=self.bank2.id)
        dialog = self._dialog(invoice, 110)
        self.assertEqual(dialog.client_balance_bank_id, self.bank2)

    def test_the_default_of_the_client_card_is_proposed(self):
        self.client.client_balance_bank_id = self.bank2
        dialog = self._dialog(self._invoice(100), 110)
        self.assertEqual(dialog.client_balance_bank_id, self.bank2)

    def test_the_bank_account_of_the_company_is_never_proposed(self):
        own = self.env["res.partner.bank"].create(
            {"partner_id": self.company.partner_id.id, "acc_number": "UA00OURS"}
        )
        invoice = self._invoice(100, partner=self.other_client, partner_bank_id=own.id)
        dialog = self._dialog(invoice, 110)
        self.assertFalse(dialog.client_balance_bank_id)

    def test_invoices_that_name_different_bank_accounts_decide_nothing(self):
        invoices = self._invoice(100, client_balance_bank_id=self.bank2.id)
        invoices |= self._invoice(100, client_balance_bank_id=self.bank1.id)
        self.client.client_balance_bank_id = self.bank2
        dialog = self._dialog(invoices, group_payment=True)
        dialog.amount = 250
        self.assertEqual(dialog.client_balance_bank_id, self.bank2)

    def test_the_bank_account_can_be_changed_or_emptied(self):
        self._pay(
            self._dialog(
                self._invoice(100),
                110,
                to_client_balance=True,
                client_balance_bank_id=self.bank2,
            )
        )
        self.assertEqual(self._balance(self.bank2), 10)
        self._pay(
            self._dialog(
                self._invoice(100),
                110,
                to_client_balance=True,
                client_balance_bank_id=self.env["res.partner.bank"],
            )
        )
        self.assertEqual(self._balance(None), 10)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_client_without_bank_accounts_has_a_balance_too(self):
        invoice = self._invoice(100, partner=self.other_client)
        payment = self._pay(self._dialog(invoice, 110, to_client_balance=True))
        self.assertEqual(self._balance(None, self.other_client), 10)
        self.assertFalse(payment.client_balance_bank_id)

    def test_a_contact_uses_the_balance_of_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena, buyer", "parent_id": self.client.id}
        )
        invoice = self._invoice(100, partner=contact)
        payment = self._pay(self._dialog(invoice, 110, to_client_balance=True))
        self.assertEqual(self._line(payment.move_id).partner_id, self.client)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 10)

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
        term = self.env["account.payment.term"].create(
            {
                "name": "2% within 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
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
                type(wizard), "_prepare_client_balance_context", lambda self: {}
            ),
        ):
            self._refused(wizard, "would have no journal entry")

    # -- bad input ---------------------------------------------------------------------

    def _short(self, **values):
        """A request that would be fine: 60 paid of 100, 500 on the balance."""
        self._settle(500, bank=self.bank1)
        return self._request(
            self._invoice(100),
            **{"amount": 60, "from_client_balance": True, **values},
        )

    def test_a_request_of_a_program_is_paid_like_the_dialog(self):
        wizard = self._short()
        wizard._create_payments()
        self.assertEqual(self._balance(self.bank1), 460)

    def test_zero_and_negative_amounts_are_refused(self):
        for amount in (0, -10):
            with self.subTest(amount=amount):
                self._refused(
                    self._short(client_balance_amount=amount), "greater than zero"
                )

    def test_more_than_the_shortfall_is_refused(self):
        self._refused(
            self._short(client_balance_amount=40.01), "Only .*40.00.* is missing"
        )

    def test_more_than_available_is_refused(self):
        self._settle(30, bank=self.bank2)
        wizard = self._short(
            client_balance_bank_id=self.bank2.id, client_balance_amount=40
        )
        self._refused(wizard, "only .*30.00.*available")

    def test_money_of_a_later_day_is_not_available(self):
        self._settle(30, date="2026-03-20", bank=self.bank2)
        wizard = self._request(
            self._invoice(100),
            amount=90,
            from_client_balance=True,
            client_balance_bank_id=self.bank2.id,
            client_balance_amount=10,
        )
        self._refused(wizard, "only .*0.00.*available")

    def test_money_of_the_same_day_is_available(self):
        self._settle(30, date=self.pay_date, bank=self.bank1)
        dialog = self._dialog(self._invoice(100), 90, from_client_balance=True)
        self.assertEqual(dialog.client_balance_available, 30)
        self._pay(dialog)
        self.assertEqual(self._balance(self.bank1), 20)

    def test_availability_is_decided_when_it_is_posted(self):
        wizard = self._short(client_balance_amount=40)
        self._settle(-480, bank=self.bank1)
        self._refused(wizard, "only .*20.00.*available")
        self.assertEqual(wizard.client_balance_amount, 40)

    def test_the_ledger_refuses_even_if_the_early_check_is_wrong(self):
        wizard = self._short(client_balance_amount=40)
        self._settle(-480, bank=self.bank1)
        with patch.object(
            type(wizard), "_check_client_balance_available", lambda self: None
        ):
            self._refused(wizard, "Not enough money")

    def test_both_boxes_are_refused(self):
        self._refused(self._short(to_client_balance=True), "Tick one of the two")

    def test_a_box_against_the_sign_is_refused(self):
        self._refused(
            self._request(self._invoice(100), amount=60, to_client_balance=True),
            "is not overpaid",
        )
        self._refused(self._short(amount=120), "Nothing is missing")
        self._refused(
            self._request(self._invoice(100), amount=100, to_client_balance=True),
            "is not overpaid",
        )

    def test_a_part_of_an_overpayment_is_refused(self):
        wizard = self._request(
            self._invoice(100),
            amount=120,
            to_client_balance=True,
            client_balance_amount=5,
        )
        self._refused(wizard, "The whole difference")

    def test_the_bank_account_of_another_client_is_refused(self):
        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA009999"}
        )
        self._refused(
            self._short(client_balance_bank_id=bank.id), "does not belong to Romashka"
        )

    def test_an_archived_bank_account_is_refused(self):
        self.bank2.active = False
        self._refused(self._short(client_balance_bank_id=self.bank2.id), "is archived")

    def test_an_inactive_currency_is_refused(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        wizard = self._request(
            self._invoice(100),
            amount=120,
            currency_id=eur.id,
            to_client_balance=True,
        )
        eur.active = False
        self._refused(wizard, "EUR is not active")

    def test_a_company_without_balance_account_is_refused(self):
        wizard = self._short()
        self.company.client_balance_account_id = False
        before = self._balance(self.bank1)
        with self.assertRaises(UserError):
            wizard._create_payments()
        self.company.client_balance_account_id = self.balance_account
        self.assertEqual(self._balance(self.bank1), before)

    def test_a_closed_period_is_refused(self):
        wizard = self._short()
        self.company.fiscalyear_lock_date = "2026-03-15"
        self._refused(wizard, "locked period")
        self.pay_date = "2026-03-16"
        self._request(
            self._invoice(100, date=self.pay_date), amount=60, from_client_balance=True
        )._create_payments()
        self.assertEqual(self._balance(self.bank1), 460)

    # -- the same request twice --------------------------------------------------------

    def test_a_double_click_pays_once(self):
        wizard = self._request(self._invoice(100), amount=120, to_client_balance=True)
        action = wizard.action_create_payments()
        again = wizard.action_create_payments()
        self.assertEqual(action["res_id"], again["res_id"])
        self.assertEqual(self._balance(self.bank1), 20)

    def test_two_dialogs_on_one_invoice_pay_once(self):
        invoice = self._invoice(100)
        first = self._request(invoice, amount=120, to_client_balance=True)
        second = self._request(invoice, amount=120, to_client_balance=True)
        first._create_payments()
        self._refused(second, "has changed since this dialog was opened")

    def test_a_second_click_that_comes_late_returns_the_payment(self):
        """Also when the money is spent by then, or the invoice is open again."""
        self._settle(40, bank=self.bank1)
        wizard = self._request(self._invoice(100), amount=60, from_client_balance=True)
        payment = wizard._create_payments()
        payment.with_env(self.env).action_draft()
        self.assertEqual(wizard._create_payments(), payment)
        self.assertEqual(self._balance(self.bank1), 40)

    # -- rights ------------------------------------------------------------------------

    def _clerk_without_balances(self):
        self.env.ref("account.group_account_invoice").implied_ids -= self.env.ref(
            "client_balance.group_client_balance_officer"
        )
        return self._create_user("cb_plain_clerk", "account.group_account_invoice")

    def test_without_our_group_the_dialog_is_core(self):
        user = self._clerk_without_balances()
        self._settle(500, bank=self.bank1)
        invoice = self._invoice(100)
        dialog = self._dialog(invoice, 120, user=user)
        self.assertNotIn("to_client_balance", dialog._view["fields"])
        self.assertNotIn("client_balance_available", dialog._view["fields"])
        payment = self._pay(dialog)
        self.assertFalse(self._line(payment.move_id))
        view = Form(payment.with_user(user))
        self.assertNotIn("client_balance_credited", view._view["fields"])

    def test_without_our_group_the_server_refuses(self):
        user = self._clerk_without_balances()
        self._settle(500, bank=self.bank1)
        for box, amount in (("to_client_balance", 120), ("from_client_balance", 60)):
            wizard = self._request(
                self._invoice(100), user=user, amount=amount, **{box: True}
            )
            self.assertEqual(wizard.client_balance_available, 0, "not shown to him")
            self._refused(wizard, "You may not use client balances", AccessError)

    def test_the_pass_cannot_be_sent_from_outside(self):
        wizard = self._request(self._invoice(100), amount=120)
        payment = wizard.with_context(
            client_balance_caller="overpayment"
        )._create_payments()
        self.assertFalse(self._line(payment.move_id))
