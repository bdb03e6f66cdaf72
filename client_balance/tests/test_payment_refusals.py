from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .payment_common import PaymentDialogCommon


@tagged("post_install", "-at_install")
class TestPaymentRefusals(PaymentDialogCommon):
    """Bad input, the same request twice, missing rights."""

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
