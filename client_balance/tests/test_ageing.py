from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger

from .money_common import MoneyCommon
from .report_common import ReportCommon

TODAY = "2026-06-30"


@freeze_time(TODAY)
class TestAgeing(ReportCommon, MoneyCommon):
    """Money lying on balances, by the day on which it arrived."""

    def _rows(self, user=None, domain=()):
        return (
            self.env["client.balance.ageing"]
            .with_user(user or self.reader)
            .search([("company_id", "=", self.company.id), *domain])
        )

    def test_each_span_of_age(self):
        for date, amount in (
            ("2026-06-30", 1.0),
            ("2026-05-31", 2.0),
            ("2026-05-30", 4.0),
            ("2026-05-01", 8.0),
            ("2026-04-30", 16.0),
            ("2026-04-01", 32.0),
            ("2026-03-31", 64.0),
            ("2026-01-01", 128.0),
            ("2025-12-31", 256.0),
        ):
            self._settle(amount, date=date)
        [group] = self.env["client.balance.ageing"].formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["currency_id"],
            [f"{name}:sum" for name in ("amount_30", "amount_60", "amount_90")]
            + ["amount_180:sum", "amount_older:sum", "amount:sum"],
        )
        self.assertEqual(
            [group[f"amount_{span}:sum"] for span in (30, 60, 90, 180, "older")],
            [3.0, 12.0, 48.0, 192.0, 256.0],
        )
        self.assertEqual(group["amount:sum"], 511.0)
        self.assertEqual(
            self._rows(domain=[("age", "=", "5_older")]).mapped("amount"), [256.0]
        )

    def test_spent_money_is_gone_oldest_first(self):
        self._settle(100.0, date="2026-01-10")
        self._settle(50.0, date="2026-06-01")
        self._settle(-120.0, date="2026-06-10")
        self.assertRecordValues(
            self._rows(),
            [{"origin_date": self._day("2026-06-01"), "amount": 30.0, "days": 29}],
        )

    def test_transferred_money_keeps_its_age(self):
        self._advance(100.0, "2026-01-10", bank=self.bank1)
        self._confirm(
            self._get(self.bank1),
            model="client.balance.transfer",
            bank_to_id=self.bank2,
            amount=100.0,
            date="2026-06-20",
        )
        self.assertRecordValues(
            self._rows(),
            [
                {
                    "partner_bank_id": self.bank2.id,
                    "origin_date": self._day("2026-01-10"),
                    "age": "4_180",
                }
            ],
        )

    def test_the_rows_of_a_currency_are_its_balances(self):
        self._settle(100.0, date="2026-01-10", bank=self.bank1)
        self._settle(30.0, date="2026-02-10", partner_id=self.other_client.id)
        self._settle(-40.0, date="2026-03-10", bank=self.bank1)
        self._settle(70.0, date="2026-03-10", currency_id=self.usd.id)
        groups = self.env["client.balance.ageing"]._read_group(
            [("company_id", "=", self.company.id)], ["currency_id"], ["amount:sum"]
        )
        for currency, amount in groups:
            self.assertEqual(
                amount,
                self._sql(
                    "SELECT SUM(amount) FROM client_balance"
                    " WHERE company_id = %s AND currency_id = %s",
                    self.company.id,
                    currency.id,
                ),
            )
        self.assertEqual(len(groups), 2)

    def test_currencies_are_never_added_together(self):
        self._settle(100.0)
        self._settle(70.0, currency_id=self.usd.id)
        [group] = self.env["client.balance.ageing"].formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["partner_id"],
            ["amount:sum", "amount:sum_currency"],
        )
        self.assertFalse(group["amount:sum"])
        self.assertFalse(group["amount:sum_currency"])

    def test_a_row_opens_its_settlement(self):
        settlement = self._settle(100.0)
        action = self._rows().action_open_settlement()
        self.assertEqual(
            (action["res_model"], action["res_id"]),
            ("client.balance.settlement", settlement.id),
        )

    def test_rights(self):
        self._settle(100.0)
        self._settle(7.0, partner_id=self.other_client.id)
        self.client.user_id = self.salesperson
        self.assertEqual(self._rows(self.salesperson).partner_id, self.client)
        with self.assertRaises(AccessError):
            self._rows(self.employee)
        with self.assertRaises(AccessError):
            self.env["client.balance.suspension"].with_user(self.clerk).create(
                {"description": "Law", "date_from": "2026-01-01"}
            )

    # Limitation period --------------------------------------------------------------

    def _suspend(self, date_from, date_to=False):
        return (
            self.env["client.balance.suspension"]
            .with_user(self.manager)
            .create(
                {
                    "description": f"Law of {date_from}",
                    "company_id": self.company.id,
                    "date_from": date_from,
                    "date_to": date_to,
                }
            )
        )

    def test_money_is_marked_before_the_period_ends(self):
        self.company.client_balance_limitation_days = 100
        self.company.client_balance_limitation_warning = 10
        for date, amount in (
            ("2026-03-21", 1.0),
            ("2026-03-22", 2.0),
            ("2026-04-01", 4.0),
            ("2026-04-02", 8.0),
        ):
            self._settle(amount, date=date)
        self.assertRecordValues(
            self._rows(),
            [
                {"limitation_left": -1, "limitation_state": "over"},
                {"limitation_left": 0, "limitation_state": "ending"},
                {"limitation_left": 10, "limitation_state": "ending"},
                {"limitation_left": 11, "limitation_state": "running"},
            ],
        )
        self.assertEqual(
            self._rows().mapped("limitation_date"),
            [
                self._day(day)
                for day in ("2026-06-29", "2026-06-30", "2026-07-10", "2026-07-11")
            ],
        )
        marked = self._rows(domain=[("limitation_state", "in", ("ending", "over"))])
        self.assertEqual(sum(marked.mapped("amount")), 7.0)

    def test_suspended_days_are_not_counted(self):
        self.company.client_balance_limitation_days = 100
        self._settle(1.0, date="2026-03-22")
        self._suspend("2026-03-01", "2026-03-31")
        self._suspend("2026-06-21", "2026-07-20")
        row = self._rows()
        # nine days of March and ten of June so far, thirty in the end
        self.assertEqual(row.limitation_left, 19)
        self.assertEqual(row.limitation_date, self._day("2026-08-08"))

    def test_a_period_suspended_without_end_has_none(self):
        self.company.client_balance_limitation_days = 100
        self._settle(1.0, date="2026-03-22")
        self._suspend("2026-06-01")
        row = self._rows()
        self.assertEqual(row.limitation_left, 30)
        self.assertFalse(row.limitation_date)

    def test_no_period_no_warning(self):
        self.company.client_balance_limitation_days = 0
        self._settle(1.0, date="2020-01-01")
        row = self._rows()
        self.assertFalse(row.limitation_state)
        self.assertFalse(row.limitation_date)

    def test_a_period_beyond_the_calendar_has_no_end(self):
        """Who wants no end may type nines in the settings."""
        self._settle(1.0, date="2026-03-22")
        self.company.client_balance_limitation_days = 9999999
        row = self._rows()
        self.assertFalse(row.limitation_date)
        self.assertEqual(row.limitation_state, "running")

    def test_suspended_periods_do_not_overlap(self):
        self._suspend("2026-03-01", "2026-03-31")
        with self.assertRefused("overlap", ValidationError):
            self._suspend("2026-03-31")
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self._suspend("2026-05-02", "2026-05-01")
