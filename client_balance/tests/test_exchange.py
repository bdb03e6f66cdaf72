from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestExchange(MoneyCommon):
    """A balance in one currency becomes a balance in another one."""

    model = "client.balance.exchange"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gain = cls._create_account("714000", "income_other")
        cls.loss = cls._create_account("945000", "expense")
        cls.company.income_currency_exchange_account_id = cls.gain
        cls.company.expense_currency_exchange_account_id = cls.loss
        cls._set_rate(cls.usd, "2026-03-15", 41.5)

    @classmethod
    def _create_account(cls, code, account_type):
        return cls.env["account.account"].create(
            {
                "name": code,
                "code": code,
                "account_type": account_type,
                "company_ids": [(6, 0, cls.company.ids)],
            }
        )

    def _currency(self, name, hryvnias):
        currency = self.env.ref(f"base.{name}")
        currency.active = True
        self._set_rate(currency, "2026-01-01", hryvnias)
        return currency

    def test_dollars_leave_at_their_carrying_value(self):
        # 1 000,00 $ came at 40.00; on 20.03 they become hryvnias at 41.50
        self._advance(1000, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self._confirm(
            self._get(self.bank1, currency=self.usd), amount=1000, date="2026-03-20"
        )
        made = self._made("exchange")
        self.assertRecordValues(
            made.move_id.line_ids.sorted("id"),
            [
                {
                    "account_id": self.balance_account.id,
                    "currency_id": self.usd.id,
                    "amount_currency": 1000,
                    "balance": 40000,
                    "reconciled": True,
                },
                {
                    "account_id": self.balance_account.id,
                    "currency_id": self.uah.id,
                    "amount_currency": -41500,
                    "balance": -41500,
                    "reconciled": False,
                },
                {
                    "account_id": self.loss.id,
                    "currency_id": self.uah.id,
                    "amount_currency": 1500,
                    "balance": 1500,
                    "reconciled": False,
                },
            ],
        )
        self.assertRecordValues(
            made,
            [
                {
                    "amount": amount,
                    "currency_id": currency.id,
                    "partner_bank_id": self.bank1.id,
                    "is_advance": True,
                    "advance_date": self._day("2026-02-10"),
                }
                for amount, currency in ((-1000, self.usd), (41500, self.uah))
            ],
        )
        self.assertFalse(self._exchange_moves())

    def test_hryvnias_become_dollars_at_the_agreed_rate(self):
        # 4 200,00 ₴ at 42.00 are 100,00 $, which are worth 4 150,00 ₴ that day
        self._settle(5000, date="2026-03-02", bank=self.bank1)
        dialog = self._open(
            self._get(self.bank1),
            currency_to_id=self.usd,
            amount=4200,
            date="2026-03-20",
        )
        self.assertEqual(dialog.rate, 41.5)
        self.assertEqual(dialog.amount_to, 101.20)
        self.assertEqual(dialog.rate_label, "UAH / 1 USD")
        dialog.rate = 42
        self.assertRecordValues(
            dialog,
            [
                {
                    "available": 5000,
                    "balance_after": 800,
                    "amount_to": 100,
                    "target_now": 0,
                    "target_after": 100,
                    "difference": 50,
                }
            ],
        )
        dialog.action_confirm()
        made = self._made("exchange")
        self.assertRecordValues(
            made.move_id.line_ids.sorted("id"),
            [
                {
                    "account_id": self.balance_account.id,
                    "amount_currency": 4200,
                    "balance": 4200,
                },
                {
                    "account_id": self.balance_account.id,
                    "amount_currency": -100,
                    "balance": -4150,
                },
                {
                    "account_id": self.gain.id,
                    "amount_currency": -50,
                    "balance": -50,
                },
            ],
        )
        self.assertIn("42 UAH / 1 USD", made[0].description)

    def test_both_legs_are_reversed_together(self):
        self._advance(1000, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self._confirm(
            self._get(self.bank1, currency=self.usd), amount=400, date="2026-03-20"
        )
        made = self._made("exchange")
        made[1].with_user(self.manager).action_reverse()
        self.assertEqual(made.mapped("reversed_by_id.amount"), [400, -16600])
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 1000)
        self.assertEqual(self._balance(self.bank1), 0)
        items = self.env["account.move.line"].search(
            [("account_id", "in", (self.gain | self.loss).ids)]
        )
        self.assertEqual(sum(items.mapped("balance")), 0)

    def test_the_days_of_the_advances_stay_and_roundings_do_not_add_up(self):
        for day in ("2026-02-10", "2026-02-11", "2026-02-12"):
            self._advance(33.33, day, self.bank1, currency_id=self.usd.id)
        self._confirm(
            self._get(self.bank1, currency=self.usd), amount=99.99, date="2026-03-20"
        )
        credits = self._settlements(self.bank1)
        self.assertEqual(
            [str(day) for day in credits.mapped("advance_date")],
            ["2026-02-10", "2026-02-11", "2026-02-12"],
        )
        # 99.99 × 41.5 = 4149.585, and never more than the rate gives
        self.assertEqual(self._balance(self.bank1), 4149.58)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0)

    def test_a_currency_without_decimals(self):
        jpy = self._currency("JPY", 0.27)
        self._settle(100, date="2026-03-02", currency_id=self.usd.id)
        self._confirm(
            self._get(currency=self.usd),
            currency_to_id=jpy,
            amount=100,
            date="2026-03-20",
        )
        # 100,00 $ × 41.5 / 0.27 = 15 370.37 → 15 370 ¥ = 4 149,90 ₴
        self.assertEqual(self._balance(currency=jpy), 15370)
        self.assertRecordValues(
            self._made("exchange").move_id.line_ids.sorted("id"),
            [
                {"amount_currency": 100, "balance": 4000},
                {"amount_currency": -15370, "balance": -4149.90},
                {"amount_currency": 149.90, "balance": 149.90},
            ],
        )
        self._confirm(
            self._get(currency=jpy),
            currency_to_id=self.usd,
            amount=154,
            date="2026-03-20",
        )
        self.assertEqual(self._balance(currency=jpy), 15216)
        self.assertEqual(self._balance(currency=self.usd), 1)
        with self.assertRefused("less than the smallest amount"):
            self._confirm(
                self._get(currency=self.usd),
                currency_to_id=jpy,
                amount=0.01,
                date="2026-03-20",
                rate=0.1,
            )

    def test_a_currency_with_three_decimals(self):
        kwd = self._currency("KWD", 130)
        kwd.rounding = 0.001
        self._settle(100, date="2026-03-02", currency_id=self.usd.id)
        self._confirm(
            self._get(currency=self.usd),
            currency_to_id=kwd,
            amount=100,
            date="2026-03-20",
        )
        # 100,00 $ × 41.5 / 130 = 31.923 KWD = 4 149,99 ₴
        self.assertEqual(self._balance(currency=kwd), 31.923)
        self.assertRecordValues(
            self._made("exchange").move_id.line_ids.sorted("id"),
            [
                {"amount_currency": 100, "balance": 4000},
                {"amount_currency": -31.923, "balance": -4149.99},
                {"amount_currency": 149.99, "balance": 149.99},
            ],
        )
        self._confirm(
            self._get(currency=kwd),
            currency_to_id=self.uah,
            amount=1.005,
            date="2026-03-20",
        )
        self.assertEqual(self._balance(currency=kwd), 30.918)
        self.assertEqual(self._balance(), 130.65)

    def test_the_rate_of_the_day_loses_no_cents_of_large_amounts(self):
        self._set_rate(self.usd, "2026-03-20", 41.123456789)
        self._settle(10**8, date="2026-03-02", currency_id=self.usd.id)
        self._confirm(self._get(currency=self.usd), amount=10**8, date="2026-03-20")
        self.assertEqual(
            self._balance(),
            self.usd._convert(10**8, self.uah, self.company, "2026-03-20"),
        )

    def test_bad_requests_are_refused_with_a_sentence(self):
        self._settle(500, date="2026-03-10", currency_id=self.usd.id)
        balance = self._get(currency=self.usd)
        eur = self.env.ref("base.EUR")
        eur.active = False
        other_bank = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA003333"}
        )
        cases = [
            ({"amount": 0}, "cannot be zero"),
            ({"amount": -5}, "negative"),
            ({"amount": 500.01}, "Not enough money"),
            ({"date": "2026-03-09"}, "Not enough money"),
            ({"currency_to_id": self.usd.id}, "Choose another currency"),
            ({"currency_to_id": False}, "Choose another currency"),
            ({"currency_to_id": eur.id}, "not active"),
            ({"rate": 0}, "rate between"),
            ({"rate": -1}, "rate between"),
            ({"bank_to_id": other_bank.id}, "does not belong to"),
        ]
        for vals, message in cases:
            dialog = (
                self.env[self.model]
                .with_user(self.manager)
                .create(
                    {
                        "balance_id": balance.id,
                        "partner_id": self.client.id,
                        "currency_to_id": self.uah.id,
                        "amount": 5,
                        "date": "2026-03-20",
                        **vals,
                    }
                )
            )
            with self.subTest(vals=vals), self.assertRefused(message):
                dialog.action_confirm()
        self.company.expense_currency_exchange_account_id = False
        with self.assertRefused("no accounts for exchange"):
            self._confirm(balance, amount=5, date="2026-03-20")
        self.assertEqual(self._balance(currency=self.usd), 500)

    def test_a_double_click_moves_the_money_once(self):
        self._settle(500, date="2026-03-10", currency_id=self.usd.id)
        dialog = self._open(self._get(currency=self.usd), amount=200, date="2026-03-20")
        dialog.action_confirm()
        dialog.action_confirm()
        self.assertEqual(self._balance(currency=self.usd), 300)

    def test_a_form_survives_a_rate_while_its_date_is_empty(self):
        """Whoever changes the date may empty the field first."""
        self._settle(500, date="2026-03-10", currency_id=self.usd.id)
        balance = self._get(currency=self.usd)
        with Form(
            self.env[self.model]
            .with_user(self.manager)
            .with_context(default_balance_id=balance.id)
        ) as form:
            form.amount = 200
            form.date = False
            form.rate = 40
            self.assertEqual(form.amount_to, 0)
            form.date = "2026-03-20"
            form.rate = 40
            self.assertEqual(form.amount_to, 8000)

    def test_only_managers_exchange(self):
        self._settle(500, date="2026-03-10", currency_id=self.usd.id)
        dialog = self._open(self._get(currency=self.usd), amount=200, date="2026-03-20")
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                dialog.with_user(user).action_confirm()

    def test_from_the_client_card(self):
        self._settle(500, date="2026-03-10", currency_id=self.usd.id)
        action = self.client.with_user(self.manager).action_client_balance_exchange()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
        )
        self.assertEqual(form.balance_id, self._get(currency=self.usd))
        self.assertEqual(form.currency_to_id, self.uah)
