from odoo.tests import Form, tagged

from .payment_common import PaymentDialogCommon


@tagged("post_install", "-at_install")
class TestPaymentLocked(PaymentDialogCommon):
    """A draft payment whose period was locked before it is posted.

    Core posts it on an open day, and the balance moves on that day.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method_line.payment_account_id = cls.outstanding

    def _draft(self, amount, bank=None, currency=None, **values):
        """A payment of 100 with a part of the balance, reset by the clerk."""
        invoice = self._invoice(100, currency=currency)
        dialog = self._dialog(
            invoice, amount, client_balance_bank_id=bank or self.bank1, **values
        )
        payment = self._pay(dialog).with_user(self.clerk)
        payment.action_draft()
        return payment

    def _advance(self, date="2026-03-05"):
        form = Form(
            self.env["account.payment"]
            .with_user(self.clerk)
            .with_context(default_payment_type="inbound")
        )
        form.partner_id = self.client
        form.amount = 100
        form.date = date
        form.client_balance_advance = True
        return form.save()

    def _post_locked(self, payment, lock="2026-03-31"):
        self.company.fiscalyear_lock_date = lock
        payment.action_post()

    def _live(self, bank=None, currency=None):
        """:return: the newest live settlement of a key"""
        settlements = self._settlements(bank or self.bank1, currency=currency)
        return settlements.filtered("is_live")[-1:]

    def _messages(self, document):
        return [
            body
            for body in document.with_env(self.env).message_ids.mapped("preview")
            if "locked period" in body
        ]

    def test_an_overpayment_moves_the_balance_on_the_open_day(self):
        payment = self._draft(120, self.bank2, to_client_balance=True)
        self._post_locked(payment)
        self.assertEqual(payment.move_id.date, self._day("2026-04-01"))
        self.assertRecordValues(
            self._live(self.bank2), [{"amount": 20, "date": self._day("2026-04-01")}]
        )
        self.assertEqual(
            self._messages(payment),
            [
                "Posted on 04/01/2026, since 03/10/2026 is in a locked period. The"
                " client balance changes on 04/01/2026 as well."
            ],
        )

    def test_a_spend_is_judged_on_the_open_day(self):
        self._settle(50, bank=self.bank1, date="2026-03-02")
        payment = self._draft(80, from_client_balance=True)
        self._settle(-40, bank=self.bank1, date="2026-04-05")
        self._settle(100, bank=self.bank1, date="2026-04-20")
        with self.assertRefused("missing on 04/05/2026"):
            self._post_locked(payment)
        self.assertEqual(payment.state, "draft")

    def test_money_of_the_open_period_pays_what_is_posted_in_it(self):
        self._settle(20, bank=self.bank1, date="2026-03-02")
        payment = self._draft(80, from_client_balance=True)
        self._settle(-20, bank=self.bank1, date="2026-03-12")
        self._settle(20, bank=self.bank1, date="2026-04-01")
        self._post_locked(payment)
        self.assertRecordValues(
            self._live(), [{"amount": -20, "date": self._day("2026-04-01")}]
        )

    def test_dollars_keep_the_rate_of_the_payment_in_the_whole_entry(self):
        self._set_rate(self.usd, "2026-04-01", 44)
        self._settle(50, bank=self.bank1, date="2026-03-02", currency_id=self.usd.id)
        payment = self._draft(80, currency=self.usd, from_client_balance=True)
        self._post_locked(payment)
        self.assertRecordValues(
            payment.with_env(self.env).move_id.line_ids.sorted("balance"),
            [
                {"amount_currency": -100, "balance": -4000},
                {"amount_currency": 20, "balance": 800},
                {"amount_currency": 80, "balance": 3200},
            ],
        )
        self.assertEqual(self._live(currency=self.usd).move_line_id.amount_residual, 0)

    def test_an_advance_is_of_the_day_of_its_entry(self):
        payment = self._advance()
        for lock, day in (("2026-03-31", "2026-04-01"), ("2026-04-30", "2026-05-01")):
            with self.subTest(lock=lock):
                self._post_locked(payment, lock)
                self.assertRecordValues(
                    self._live(),
                    [
                        {
                            "amount": 100,
                            "date": self._day(day),
                            "advance_date": self._day(day),
                        }
                    ],
                )
            payment.action_draft()
        self.assertEqual(len(self._messages(payment)), 2)

    def test_an_entry_of_an_accountant_says_so_itself(self):
        self._settle(100, bank=self.bank1)
        entry = self._entry(-40, date="2026-03-05", bank=self.bank1, post=False)
        self.company.fiscalyear_lock_date = "2026-03-31"
        entry.with_user(self.accountant).action_post()
        self.assertEqual(self._live().date, self._day("2026-04-01"))
        self.assertEqual(len(self._messages(entry)), 1)

    def test_what_moves_no_balance_is_left_to_core(self):
        payment = self._pay(self._dialog(self._invoice(100), 100))
        payment.action_draft()
        self._post_locked(payment)
        self.assertEqual(payment.move_id.date, self._day("2026-04-01"))
        self.assertFalse(self._messages(payment) + self._messages(payment.move_id))

    def test_an_open_day_is_kept_and_nothing_is_said(self):
        payment = self._draft(120, to_client_balance=True)
        self._post_locked(payment, "2026-03-09")
        self.assertEqual(self._live().date, self._day("2026-03-10"))
        self.assertFalse(self._messages(payment))
