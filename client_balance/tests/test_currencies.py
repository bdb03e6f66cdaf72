from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestCurrencies(MoneyCommon):
    """What spent foreign money is worth: the rate of the day, or of the advance.

    100,00 $ came at 40.00 and 100,00 $ at 42.00; 150,00 $ are spent at 44.00.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for line in cls.bank_journal.inbound_payment_method_line_ids:
            line.payment_account_id = cls.bank_journal.default_account_id

    def _pay_in(self):
        self._advance(100, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-01", 42)
        self._advance(100, "2026-03-05", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-15", 44)

    def _spend(self, invoice, paid, from_balance, **values):
        """Pay ``invoice`` by bank and balance, as a billing clerk does."""
        form = Form(
            self.env["account.payment.register"]
            .with_user(self.clerk)
            .with_context(active_model="account.move", active_ids=invoice.ids)
        )
        form.payment_date = "2026-03-20"
        if "currency_id" in values:
            form.currency_id = values.pop("currency_id")
        form.amount = paid
        form.from_client_balance = True
        form.client_balance_bank_id = self.bank1
        self.assertEqual(form.client_balance_amount, from_balance)
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()._create_payments().with_env(self.env)

    def _items_on_balance(self, moves):
        return moves.line_ids.filtered("account_id.is_client_balance")

    def test_at_the_rate_of_the_advance_there_is_no_exchange_difference(self):
        self.company.client_balance_foreign_valuation = "advance"
        self._pay_in()
        invoice = self._invoice(170, date="2026-03-20", currency=self.usd)
        payment = self._spend(invoice, 20, 150)
        # 100 × 40 + 50 × 42 = 6 100,00 ₴ leave the balance, 880,00 ₴ reach the bank
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("amount_currency"),
            [
                {
                    "account_id": self.receivable.id,
                    "amount_currency": -170,
                    "balance": -6980,
                },
                {
                    "account_id": self.bank_journal.default_account_id.id,
                    "amount_currency": 20,
                    "balance": 880,
                },
                {
                    "account_id": self.balance_account.id,
                    "amount_currency": 150,
                    "balance": 6100,
                },
            ],
        )
        self.assertFalse(self._items_on_balance(self._exchange_moves()))
        self.assertRecordValues(
            self._settlements(self.bank1, currency=self.usd).move_line_id,
            [
                {"amount_residual_currency": 0, "amount_residual": 0},
                {"amount_residual_currency": -50, "amount_residual": -2100},
                {"amount_residual_currency": 0, "amount_residual": 0},
            ],
        )
        # the rest of the difference is the receivable's
        self.assertEqual(
            sum(
                self._exchange_moves()
                .line_ids.filtered(lambda line: line.account_id == self.receivable)
                .mapped("balance")
            ),
            -500,
        )
        self.assertEqual(invoice.amount_residual, 0)

    def test_dollars_that_pay_hryvnias_are_worth_the_rate_of_the_day(self):
        """The bank has what arrived; the difference of the advances is apart."""
        self.company.client_balance_foreign_valuation = "advance"
        self._pay_in()
        invoice = self._invoice(7480, date="2026-03-20")
        payment = self._spend(invoice, 20, 150, currency_id=self.usd)
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("amount_currency"),
            [
                {"account_id": self.receivable.id, "balance": -7480},
                {
                    "account_id": self.bank_journal.default_account_id.id,
                    "balance": 880,
                },
                {"account_id": self.balance_account.id, "balance": 6600},
            ],
        )
        self.assertEqual(invoice.amount_residual, 0)
        items = self._items_on_balance(self._exchange_moves())
        self.assertEqual(sum(items.mapped("balance")), -500)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 50)
        self.assertLedgerSound()

    def test_a_part_of_it_leaves_as_much_due_as_the_dialog_said(self):
        self.company.client_balance_foreign_valuation = "advance"
        self._pay_in()
        invoice = self._invoice(7480, date="2026-03-20")
        payment = self._spend(
            invoice, 20, 150, currency_id=self.usd, client_balance_amount=50
        )
        self.assertEqual(invoice.amount_residual, 7480 - 70 * 44)
        payment.action_draft()
        self._set_rate(self.usd, "2026-03-25", 45)
        payment.action_post()
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("amount_currency"),
            [{"balance": -70 * 44}, {"balance": 20 * 44}, {"balance": 50 * 44}],
        )
        self.assertLedgerSound()

    def test_dollars_of_a_dear_advance_pay_hryvnias(self):
        """They are worth less today than the bank money could make good."""
        self.company.client_balance_foreign_valuation = "advance"
        self._set_rate(self.usd, "2026-02-01", 80)
        self._advance(199, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-15", 42)
        invoice = self._invoice(8400, date="2026-03-20")
        self._spend(invoice, 1, 199, currency_id=self.usd)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0)
        self.assertLedgerSound()

    def test_undoing_it_gives_the_money_back_to_the_same_advances(self):
        self.company.client_balance_foreign_valuation = "advance"
        self._pay_in()
        invoice = self._invoice(170, date="2026-03-20", currency=self.usd)
        self._spend(invoice, 20, 150).action_draft()
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 200)
        self.assertEqual(
            self._settlements(self.bank1, currency=self.usd)[:2].mapped(
                "move_line_id.amount_residual"
            ),
            [-4000, -4200],
        )

    def test_at_the_rate_of_the_day_core_posts_the_difference(self):
        self.company.client_balance_foreign_valuation = "today"
        self._pay_in()
        invoice = self._invoice(170, date="2026-03-20", currency=self.usd)
        payment = self._spend(invoice, 20, 150)
        self.assertRecordValues(
            self._items_on_balance(payment.move_id),
            [{"amount_currency": 150, "balance": 6600, "reconciled": True}],
        )
        # 100 × (44 − 40) + 50 × (44 − 42) = 500,00 ₴
        items = self._items_on_balance(self._exchange_moves())
        self.assertEqual(sum(items.mapped("balance")), -500)
        self.assertEqual(set(items.client_balance_bank_id), {self.bank1})
        account = self.env["account.move.line"].search(
            [("account_id", "=", self.balance_account.id)]
        )
        self.assertEqual(sum(account.mapped("balance")), -2100)  # 50,00 $ at 42.00
        self.assertEqual(sum(account.mapped("amount_currency")), -50)

    def test_money_in_the_company_currency_is_worth_itself(self):
        self.company.client_balance_foreign_valuation = "advance"
        balance = self._settle(100, bank=self.bank1).balance_id
        self.assertFalse(balance._is_valued_at_advance())
        self.assertEqual(balance._get_company_value(70, "2026-03-20"), 70)

    def test_more_than_the_advances_is_worth_the_rate_of_the_day(self):
        self.company.client_balance_foreign_valuation = "advance"
        self._pay_in()
        balance = self._get(self.bank1, currency=self.usd)
        self.assertEqual(balance._get_company_value(50, self._day("2026-03-20")), 2000)
        self.assertEqual(
            balance._get_company_value(210, self._day("2026-03-20")),
            4000 + 4200 + 440,
        )

    def test_a_chosen_credit_is_valued_first(self):
        self.company.client_balance_foreign_valuation = "advance"
        self._pay_in()
        balance = self._get(self.bank1, currency=self.usd)
        second = balance.settlement_ids.sorted("number")[1].move_line_id
        self.assertEqual(
            balance._get_company_value(50, self._day("2026-03-20"), second), 2100
        )

    def test_a_manual_settlement_takes_at_the_rate_of_the_advance(self):
        self.company.client_balance_foreign_valuation = "advance"
        self._pay_in()
        taken = self._settle(
            -150, date="2026-03-20", bank=self.bank1, currency_id=self.usd.id
        )
        self.assertEqual(taken.move_line_id.balance, 6100)
        self.assertTrue(taken.move_line_id.reconciled)
        self.assertFalse(self._exchange_moves())

    def test_roundings_stay_with_the_last_part(self):
        self.company.client_balance_foreign_valuation = "advance"
        self._set_rate(self.usd, "2026-02-01", 41.3333)
        self._advance(10.01, "2026-02-10", self.bank1, currency_id=self.usd.id)
        for amount in (3.33, 3.33, 3.35):
            self._settle(
                -amount, date="2026-03-20", bank=self.bank1, currency_id=self.usd.id
            )
        items = self._settlements(self.bank1, currency=self.usd).move_line_id
        self.assertEqual(self.uah.round(sum(items.mapped("balance"))), 0)
        self.assertTrue(all(items.mapped("reconciled")))
        self.assertFalse(self._exchange_moves())

    def test_currencies_with_other_decimals(self):
        self.company.client_balance_foreign_valuation = "advance"
        for name, hryvnias, amount, spent in (
            ("JPY", 0.27, 15001, 5000),
            ("KWD", 130.5, 10.125, 3.375),
        ):
            currency = self.env.ref(f"base.{name}")
            currency.active = True
            if name == "KWD":
                currency.rounding = 0.001
            self._set_rate(currency, "2026-01-01", hryvnias)
            self._advance(amount, "2026-02-10", currency_id=currency.id)
            self._set_rate(currency, "2026-03-01", hryvnias * 1.1)
            taken = self._settle(-spent, date="2026-03-20", currency_id=currency.id)
            with self.subTest(currency=name):
                self.assertEqual(
                    taken.move_line_id.balance, self.uah.round(spent * hryvnias)
                )
                self.assertEqual(taken.balance_after, currency.round(amount - spent))
        self.assertFalse(self._exchange_moves())

    def test_francs_in_cash_are_refused_with_the_nearest_amount(self):
        chf = self.env.ref("base.CHF")
        chf.write({"active": True, "rounding": 0.05})
        self._set_rate(chf, "2026-01-01", 50)
        for typed, nearest in (
            (10.02, "10.00"),
            (10.03, "10.05"),
            (10.025001, "10.05"),
            (-10.02, "-10.00"),
        ):
            with (
                self.subTest(typed=typed),
                self.assertRefused(
                    f"^{typed} cannot be settled in CHF, whose amounts are multiples of"
                    f" 0.05. Type a multiple of it: the nearest is {nearest}.$"
                ),
            ):
                self._settle(typed, currency_id=chf.id)
        self._settle(10.05, currency_id=chf.id)
        chf.rounding = 0.01
        with self.assertRefused("10.025 has more decimal places than CHF has"):
            self._settle(10.025, currency_id=chf.id)

    def test_a_currency_without_coins_is_refused_with_the_nearest_amount(self):
        jpy = self.env.ref("base.JPY")
        jpy.write({"active": True, "rounding": 5})
        with self.assertRefused("multiples of 5. .*nearest is 10.$"):
            self._settle(12, currency_id=jpy.id)
        jpy.rounding = 1
        with self.assertRefused("Type the amount with 0 decimal places"):
            self._settle(12.5, currency_id=jpy.id)

    def test_hryvnias_never_pay_dollars(self):
        self._settle(10000, bank=self.bank1)
        invoice = self._invoice(100, date="2026-03-20", currency=self.usd)
        form = Form(
            self.env["account.payment.register"]
            .with_user(self.clerk)
            .with_context(active_model="account.move", active_ids=invoice.ids)
        )
        form.payment_date = "2026-03-20"
        form.amount = 20
        self.assertEqual(form.client_balance_available, 0)

    def test_a_ukrainian_company_keeps_the_rate_of_the_advance_by_default(self):
        if self.env.ref("base.module_l10n_ua").state != "installed":
            self.skipTest("the Ukrainian chart is not installed")
        company = self.env["res.company"].create(
            {
                "name": "Kyiv Trade",
                "currency_id": self.uah.id,
                "country_id": self.env.ref("base.ua").id,
            }
        )
        self.env["account.chart.template"].try_loading("ua_psbo", company)
        self.assertEqual(company.client_balance_foreign_valuation, "advance")
        self.assertEqual(self.company.client_balance_foreign_valuation, "today")
        company.client_balance_foreign_valuation = "today"
        company._client_balance_set_up()
        self.assertEqual(company.client_balance_foreign_valuation, "today")
        settings = self.env["res.config.settings"].with_company(company).create({})
        self.assertTrue(settings.client_balance_exchange_hint)
        accounts = [
            self.env["account.account"]
            .with_company(company)
            .create({"name": code, "code": code, "account_type": account_type})
            for code, account_type in (
                ("714900", "income_other"),
                ("945900", "expense"),
            )
        ]
        settings.income_currency_exchange_account_id = accounts[0]
        settings.expense_currency_exchange_account_id = accounts[1]
        self.assertFalse(settings.client_balance_exchange_hint)
