from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestExactAmounts(ClientBalanceCommon):
    """Large amounts are exact to the smallest unit, or refused with a sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jpy = cls.env.ref("base.JPY")
        cls.kwd = cls.env.ref("base.KWD")
        (cls.jpy | cls.kwd).active = True
        # worth little here, so that only the amount in the currency itself is large
        cls._set_rate(cls.jpy, "2026-01-01", 0.001)
        cls._set_rate(cls.kwd, "2026-01-01", 0.01)

    def _record(self, currency, amounts, **vals):
        return (
            self.env["client.balance.settlement"]
            .with_user(self.manager)
            .create(
                [
                    {
                        "partner_id": self.client.id,
                        "currency_id": currency.id,
                        "amount": amount,
                        "date": "2026-03-01",
                        **vals,
                    }
                    for amount in amounts
                ]
            )
        )

    def _read(self, currency):
        """:return: (the balance, the sum of its settlements, its last level)"""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT b.amount::text, SUM(s.amount)::text,
                   (ARRAY_AGG(s.balance_after ORDER BY s.number DESC))[1]::text
              FROM client_balance b
              JOIN client_balance_settlement s ON s.balance_id = b.id
             WHERE b.partner_id = %s AND b.currency_id = %s GROUP BY b.id
            """,
            [self.client.id, currency.id],
        )
        return tuple(map(Decimal, self.env.cr.fetchone()))

    def test_forty_amounts_of_a_trillion_in_one_call_are_refused(self):
        with self.assertRefused(
            r"(?s)Romashka.*would be .*1,999,999,999,999.98.*has to stay below"
            r".*1,000,000,000,000.00.*another bank account"
        ):
            self._record(self.uah, [999_999_999_999.99] * 40)
        self.assertFalse(self._balance())

    def test_a_series_of_large_amounts_is_exact(self):
        for currency, smallest in (
            (self.uah, Decimal("0.01")),
            (self.jpy, Decimal(1)),
            (self.kwd, Decimal("0.001")),
        ):
            with self.subTest(currency=currency.name):
                part = 3_333_333_333_333 * smallest
                expected = 29 * part
                self._record(currency, [float(part)] * 29)
                self.assertEqual(self._read(currency), (expected,) * 3)
                balance = self.env["client.balance"]._get_balance(
                    self.company, self.client, None, currency
                )
                self.assertEqual(balance.amount, float(expected))
                self.assertEqual(balance.available, float(expected))
                # the last unit can be spent, and not one more
                with self.assertRefused("Not enough money"):
                    self._record(currency, [-float(expected + smallest)])
                self._record(currency, [-float(expected)])
                self.assertEqual(self._read(currency)[0], 0)

    def test_the_largest_amount_of_each_currency_is_kept_and_one_more_refused(self):
        for currency, largest in (
            (self.uah, "999999999999.99"),
            (self.jpy, "99999999999999"),
            (self.kwd, "99999999999.999"),
        ):
            with self.subTest(currency=currency.name):
                self._record(currency, [float(largest)])
                self.assertEqual(self._read(currency), (Decimal(largest),) * 3)
                with self.assertRefused(f"Romashka.* {currency.name} is too much"):
                    self._record(currency, [-float(largest) - currency.rounding])
                with self.assertRefused("has to stay below"):
                    self._record(currency, [currency.rounding])
                self._record(currency, [-float(largest)])
                self.assertEqual(self._read(currency)[0], 0)

    def test_a_plain_entry_above_the_largest_amount_is_refused(self):
        with self.assertRefused(
            "Romashka.*1000000000000 UAH is too much.*below.*1,000,000,000,000.00"
        ):
            self._entry(1_000_000_000_000)

    def test_foreign_money_worth_too_much_here_is_refused(self):
        with self.assertRefused("Romashka.*4000000000000 UAH is too much"):
            self._record(self.usd, [100_000_000_000])

    def test_what_is_too_large_already_may_leave(self):
        largest = "_get_client_balance_largest"
        with patch.object(type(self.uah), largest, lambda currency: 1e13):
            settlement = self._settle(2_000_000_000_000)
        with self.assertRefused("has to stay below"):
            self._settle(0.01)
        self._settle(-0.01)
        self._settle(-900_000_000_000)
        self._settle(900_000_000_000, bank=self.bank1)
        self.client.client_balance_ids.overdraft_limit = 999_999_999_999.99
        settlement.action_reverse()
        self.assertEqual(self._balance(), -900_000_000_000.01)

    def test_balances_that_together_are_too_large_are_not_merged(self):
        other = self.other_client
        self._settle(900_000_000_000)
        self._settle(900_000_000_000, partner_id=other.id)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        with self.assertRefused("Romashka.*1800000000000 UAH is too much"):
            wizard._merge((self.client | other).ids, self.client)

    def test_openings_that_share_an_entry_do_not_exceed_the_largest_amount(self):
        clients = [self._create_client(f"Client {number}") for number in range(3)]
        with self.assertRefused("1200000000000 UAH is too much"):
            self.env["client.balance.settlement"].create(
                [
                    {
                        "partner_id": client.id,
                        "amount": 400_000_000_000,
                        "date": "2026-03-01",
                        "settlement_type": "opening",
                    }
                    for client in clients
                ]
            )

    def test_the_levels_of_days_are_exact(self):
        part = 33_333_333_333.33
        self.env["client.balance.settlement"].create(
            [
                {
                    "partner_id": self.client.id,
                    "amount": part,
                    "date": f"2026-02-{day:02}",
                }
                for day in range(1, 29)
            ]
        )
        with self.assertRefused("missing on 02/27/2026.*works is 02/28/2026"):
            self._settle(-self._balance(), date="2026-02-27")
        self._settle(-899_999_999_999.91, date="2026-02-27")
        with self.assertRefused("missing on 02/27/2026.*works is 02/28/2026"):
            self._settle(-0.01, date="2026-02-27")
        self._settle(-0.01, date="2026-02-28")
        self.assertEqual(self._balance(), 33_333_333_333.32)

    def test_an_overdraft_limit_is_an_amount_that_is_kept_exactly(self):
        balance = self._settle(100).balance_id.with_user(self.manager)
        for limit in (1e12, 1e308, 10**400):
            with self.subTest(limit=limit), self.assertRaises(UserError):
                balance.overdraft_limit = limit
        balance.overdraft_limit = 999_999_999_999.99
        self._settle(-999_999_999_999.99)
        self.assertEqual(balance.available, 100)

    def test_absurd_amounts_end_in_a_sentence(self):
        for amount in (1e15, 1e308, 10**400, float("inf"), float("nan"), "x"):
            with self.subTest(amount=amount), self.assertRefused("Romashka"):
                self._settle(amount)

    def test_totals_of_many_large_amounts_are_exact(self):
        """As turnovers of acts may be: floats are wrong by kopiykas."""
        amounts = [99_999_999_999.99 + number / 100 for number in range(400)]
        exact = sum(Decimal(f"{amount:.2f}") for amount in amounts)
        self.assertNotEqual(f"{sum(amounts):.2f}", f"{exact}", "too small a test")
        self.assertEqual(f"{self.uah._sum_client_balance(amounts):.2f}", f"{exact}")
