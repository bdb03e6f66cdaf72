from odoo.fields import Command
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestPostedAgain(MoneyCommon):
    """What took foreign money, was reset and is posted again when the money is gone.

    At the rate of the advance it is worth the money that it uses *now*: 100,00 $ came
    at 40.00 and 200,00 $ at 42.00; the first ones are spent elsewhere meanwhile.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_foreign_valuation = "advance"
        methods = (
            cls.bank_journal.inbound_payment_method_line_ids
            | cls.bank_journal.outbound_payment_method_line_ids
        )
        methods.payment_account_id = cls.bank_journal.default_account_id
        cls.bank1.allow_out_payment = True

    def _pay_in(self):
        self._advance(100, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-01", 42)
        self._advance(200, "2026-03-05", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-15", 44)

    def _spend_elsewhere(self, amount=100):
        """Another invoice takes the oldest money."""
        invoice = self._invoice(amount, date="2026-03-20", currency=self.usd)
        self._from_balance(invoice, amount)
        return invoice

    def _from_balance(self, invoice, amount):
        entry = self.env["client.balance.application"]._pay_invoice(
            invoice, {self.bank1: amount}, self._day("2026-03-20")
        )
        return entry.with_env(self.env)

    def _register(self, invoice, paid, **values):
        form = Form(
            self.env["account.payment.register"]
            .with_user(self.clerk)
            .with_context(active_model="account.move", active_ids=invoice.ids)
        )
        form.payment_date = "2026-03-20"
        for name in {"currency_id", "group_payment"} & values.keys():
            setattr(form, name, values.pop(name))
        form.amount = paid
        form.from_client_balance = True
        form.client_balance_bank_id = self.bank1
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()._create_payments().with_env(self.env)

    def _values(self, move):
        return [
            (line.amount_currency, line.balance)
            for line in move.line_ids.sorted("amount_currency")
        ]

    def _assert_no_difference_on_the_balance(self):
        items = self._exchange_moves().line_ids.filtered("account_id.is_client_balance")
        self.assertFalse(items.mapped("balance"))
        left = self._settlements(self.bank1, currency=self.usd).move_line_id
        self.assertEqual(
            self.uah.round(sum(left.mapped("balance"))),
            self.uah.round(sum(left.mapped("amount_residual"))),
        )

    def _confirm_as_accountant(self, model, **values):
        balance = self._get(self.bank1, currency=self.usd)
        self._confirm(
            balance, self.accountant, f"client.balance.{model}", amount=100, **values
        )
        return self._made(model).move_id.with_user(self.accountant)

    def _reset_and_post(self, move):
        move.button_draft()
        self._spend_elsewhere()
        move.action_post()

    # A payment with a part from the balance -------------------------------------------

    def test_a_payment_takes_the_value_of_the_money_that_it_uses_now(self):
        self._pay_in()
        invoice = self._invoice(120, date="2026-03-20", currency=self.usd)
        payment = self._register(invoice, 20)
        move = payment.move_id
        self.assertEqual(self._values(move), [(-120, -4880), (20, 880), (100, 4000)])
        payment.with_user(self.clerk).action_draft()
        self._spend_elsewhere()
        payment.with_user(self.clerk).action_post()
        self.assertEqual(self._values(move), [(-120, -5080), (20, 880), (100, 4200)])
        self._assert_no_difference_on_the_balance()
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 100)

    def test_it_still_pays_its_invoice_and_the_difference_there_is_the_new_one(self):
        self._pay_in()
        invoice = self._invoice(120, date="2026-03-20", currency=self.usd)
        payment = self._register(invoice, 20)
        payment.with_user(self.clerk).action_draft()
        self._spend_elsewhere()
        payment.with_user(self.clerk).action_post()
        self.assertEqual(invoice.payment_state, "paid")
        own = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertTrue(own.reconciled)
        due = invoice.line_ids.filtered(lambda line: line.account_id == self.receivable)
        self.assertEqual(due.matched_credit_ids.credit_move_id & own, own)
        # 120 × 44 − 5 080
        standing = self._exchange_moves().filtered(
            lambda move: (
                not move.reversal_move_ids
                and not move.reversed_entry_id
                and move.line_ids & (due | own)._all_reconciled_lines()
            )
        )
        self.assertEqual(
            standing.line_ids.filtered(
                lambda line: line.account_id == self.receivable
            ).mapped("balance"),
            [-200],
        )

    def test_it_pays_each_of_its_invoices_as_before(self):
        self._pay_in()
        invoices = self._invoice(60, date="2026-03-20", currency=self.usd)
        invoices |= self._invoice(80, date="2026-03-20", currency=self.usd)
        payment = self._register(
            invoices, 20, group_payment=True, client_balance_amount=100
        )
        due = invoices.mapped("amount_residual")
        self.assertEqual(sum(due), 20)
        payment.with_user(self.clerk).action_draft()
        self._spend_elsewhere()
        payment.with_user(self.clerk).action_post()
        self.assertEqual(invoices.mapped("amount_residual"), due)
        self.assertEqual(self._line(payment.move_id).balance, 4200)
        self._assert_no_difference_on_the_balance()

    def test_an_invoice_that_was_reset_meanwhile_is_no_obstacle(self):
        self._pay_in()
        invoice = self._invoice(120, date="2026-03-20", currency=self.usd)
        payment = self._register(invoice, 20)
        payment.with_user(self.clerk).action_draft()
        invoice.with_user(self.clerk).button_draft()
        self._spend_elsewhere()
        payment.with_user(self.clerk).action_post()
        invoice.with_user(self.clerk).action_post()
        self.assertEqual(self._line(payment.move_id).balance, 4200)
        self.assertEqual(invoice.payment_state, "paid")
        self._assert_no_difference_on_the_balance()

    def test_a_payment_posted_again_as_it_was_stays_as_it_was(self):
        self._pay_in()
        invoice = self._invoice(120, date="2026-03-20", currency=self.usd)
        payment = self._register(invoice, 20)
        partials = invoice.line_ids.matched_credit_ids
        before, exchange = self._values(payment.move_id), self._exchange_moves()
        payment.with_user(self.clerk).action_draft()
        payment.with_user(self.clerk).action_post()
        self.assertEqual(self._values(payment.move_id), before)
        self.assertEqual(invoice.line_ids.matched_credit_ids, partials)
        self.assertEqual(self._exchange_moves(), exchange)
        self._assert_no_difference_on_the_balance()

    def test_payments_posted_together_use_one_what_the_other_left(self):
        self._pay_in()
        payments = self.env["account.payment"]
        for _number in range(2):
            invoice = self._invoice(100, date="2026-03-20", currency=self.usd)
            payments |= self._register(invoice, 20)
        payments.with_user(self.clerk).action_draft()
        self._spend_elsewhere(60)
        payments.with_user(self.clerk).action_post()
        self.assertEqual(
            self._line(payments.move_id).mapped("balance"),
            [40 * 40 + 40 * 42, 80 * 42],
        )
        self._assert_no_difference_on_the_balance()

    def test_dollars_that_pay_hryvnias_stay_worth_the_rate_of_the_day(self):
        self._pay_in()
        invoice = self._invoice(5280, date="2026-03-20")
        payment = self._register(invoice, 20, currency_id=self.usd)
        payment.with_user(self.clerk).action_draft()
        self._spend_elsewhere()
        payment.with_user(self.clerk).action_post()
        self.assertEqual(
            self._values(payment.move_id), [(-120, -5280), (20, 880), (100, 4400)]
        )
        self.assertEqual(invoice.payment_state, "paid")

    def test_at_the_rate_of_the_day_nothing_is_valued_again(self):
        self.company.client_balance_foreign_valuation = "today"
        self._pay_in()
        invoice = self._invoice(120, date="2026-03-20", currency=self.usd)
        payment = self._register(invoice, 20)
        payment.with_user(self.clerk).action_draft()
        self._spend_elsewhere()
        payment.with_user(self.clerk).action_post()
        self.assertEqual(
            self._values(payment.move_id), [(-120, -5280), (20, 880), (100, 4400)]
        )

    def test_a_value_that_an_accountant_typed_stays(self):
        self._pay_in()
        invoice = self._invoice(120, date="2026-03-20", currency=self.usd)
        payment = self._register(invoice, 20)
        payment.with_user(self.accountant).action_draft()
        commands = [
            Command.update(line.id, {"balance": value})
            for line, value in zip(
                payment.move_id.line_ids.sorted("amount_currency"),
                (-4980, 880, 4100),
                strict=True,
            )
        ]
        payment.move_id.with_user(self.accountant).write({"line_ids": commands})
        payment.with_user(self.accountant).action_post()
        self.assertEqual(
            self._values(payment.move_id), [(-120, -4980), (20, 880), (100, 4100)]
        )

    # A refund ------------------------------------------------------------------------

    def test_a_refund_is_valued_again_and_the_bank_has_what_left_it(self):
        self._pay_in()
        move = self._confirm_as_accountant(
            "refund", date="2026-03-20", partner_bank_id=self.bank1
        )
        self.assertEqual(self._values(move), [(-100, -4400), (0, 400), (100, 4000)])
        self._reset_and_post(move)
        self.assertEqual(self._values(move), [(-100, -4400), (0, 200), (100, 4200)])
        self._assert_no_difference_on_the_balance()

    def test_the_difference_of_a_refund_changes_sides_or_is_gone(self):
        """It leaves at 44.00; what it uses came at 40.00, at 44.00 or at 46.00."""
        gain = self.company.income_currency_exchange_account_id
        loss = self.company.expense_currency_exchange_account_id
        self._advance(100, "2026-02-10", self.bank1, currency_id=self.usd.id)
        for rate, date in ((44, "2026-03-01"), (46, "2026-03-05"), (44, "2026-03-15")):
            self._set_rate(self.usd, date, rate)
        for date in ("2026-03-02", "2026-03-06"):
            self._advance(100, date, self.bank1, currency_id=self.usd.id)
        move = self._confirm_as_accountant(
            "refund", date="2026-03-20", partner_bank_id=self.bank1
        )
        for account, difference in ((loss, 400), (None, 0), (gain, -200)):
            items = move.line_ids.filtered(lambda line: not line.amount_currency)
            with self.subTest(difference=difference):
                self.assertEqual(items.account_id, account or items.account_id.browse())
                self.assertEqual(sum(items.mapped("balance")), difference)
                self.assertEqual(self._line(move).balance, 4400 - difference)
            if difference >= 0:
                self._reset_and_post(move)
        self._assert_no_difference_on_the_balance()
