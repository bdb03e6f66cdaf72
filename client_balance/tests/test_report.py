from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError

from .report_common import ReportCommon


class TestClientReport(ReportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third_client = cls._create_client("Barvinok PE")

    def _fill(self):
        self._settle(1000.0, date="2026-02-01", bank=self.bank1)
        self._settle(250.5, date="2026-03-01", bank=self.bank2)
        self._settle(-300.0, date="2026-04-01", bank=self.bank1)
        self._settle(
            70.0, date="2026-03-05", currency_id=self.usd.id, partner_id=self.client.id
        )
        self._settle(40.0, partner_id=self.other_client.id, date="2026-03-10")

    def test_each_currency_has_its_column(self):
        self._fill()
        row = self._report()
        self.assertRecordValues(
            row,
            [
                {
                    "name": "Romashka LLC",
                    "x_balance_uah": 950.5,
                    "x_balance_usd": 70.0,
                    "x_currency_uah_id": self.uah.id,
                    "x_currency_usd_id": self.usd.id,
                    "company_currency_id": self.uah.id,
                }
            ],
        )

    def test_totals_are_sums_of_the_ledger(self):
        self._fill()
        for name, currency in (("uah", self.uah), ("usd", self.usd)):
            self.assertEqual(
                self._sum([f"x_balance_{name}"]),
                [
                    self._sql(
                        "SELECT SUM(amount) FROM client_balance_settlement"
                        " WHERE company_id = %s AND currency_id = %s",
                        self.company.id,
                        currency.id,
                    )
                ],
            )
        self.assertEqual(self._sum(["x_balance_uah", "x_balance_usd"]), [990.5, 70.0])

    def test_a_client_appears_with_the_first_invoice(self):
        self.assertFalse(self._report(self.third_client))
        self._invoice(100.0, partner=self.third_client)
        self.assertRecordValues(
            self._report(self.third_client),
            [{"invoiced": 100.0, "paid": 0.0, "due": 100.0, "x_balance_uah": 0.0}],
        )

    def test_invoiced_paid_due_and_overdue_are_sums_of_the_books(self):
        with freeze_time("2026-04-01"):
            invoice = self._invoice(
                1000.0, date="2026-02-01", invoice_date_due="2026-02-15"
            )
            self._invoice(500.0, date="2026-03-20", invoice_date_due="2026-05-01")
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({"amount": 400.0, "payment_date": "2026-03-01"})._create_payments()
            row = self._report()
            self.assertRecordValues(
                row,
                [
                    {
                        "invoiced": 1500.0,
                        "paid": 400.0,
                        "due": 1100.0,
                        "overdue": 600.0,
                        "last_payment_date": date(2026, 3, 1),
                    }
                ],
            )
            self.assertEqual(
                self._sum(["invoiced", "paid", "due", "overdue"]),
                [1500.0, 400.0, 1100.0, 600.0],
            )
            self.assertEqual(
                self._sum(["due"]),
                [
                    self._sql(
                        "SELECT SUM(line.balance) FROM account_move_line line"
                        "  JOIN account_account account ON account.id = line.account_id"
                        " WHERE account.account_type = 'asset_receivable'"
                        "   AND line.parent_state = 'posted' AND line.company_id = %s",
                        self.company.id,
                    )
                ],
            )

    def test_a_page_and_the_bulk_say_the_same(self):
        self._fill()
        self._invoice(1000.0, date="2026-02-01")
        self._invoice(70.0, date="2026-02-01", partner=self.other_client)
        fields = ["name", "invoiced", "paid", "due", "overdue", "last_payment_date"]
        report = self.Report.with_user(self.reader)
        by_name = report.search_read([], fields, order="name")
        for order in ("due desc", "overdue", "invoiced desc", "last_payment_date"):
            rows = report.search_read([], fields, order=order)
            self.assertEqual(
                sorted(rows, key=lambda row: row["id"]),
                sorted(by_name, key=lambda row: row["id"]),
            )

    def test_sorting_by_a_balance_pages_every_client_once(self):
        self._fill()
        clients = [self._create_client(f"Client {index:02}") for index in range(30)]
        self.env["client.balance.total"]._add_clients(
            {(self.company.id, client.id) for client in clients}
        )
        report = self.Report.with_user(self.reader)
        for order in ("x_balance_uah desc", "x_balance_uah", "due desc"):
            seen = []
            for offset in range(0, 40, 10):
                page = report.search([], offset=offset, limit=10, order=order)
                seen += page.ids
            self.assertEqual(len(seen), len(set(seen)))
            self.assertEqual(set(seen), set(report.search([]).ids))
        first = report.search([], limit=1, order="x_balance_uah desc")
        self.assertEqual(first.partner_id, self.client)

    def test_zero_is_found_as_zero(self):
        self._fill()
        self._invoice(10.0, partner=self.third_client)
        domain = [("company_id", "=", self.company.id)]
        report = self.Report.with_user(self.reader)
        self.assertEqual(
            report.search([*domain, ("x_balance_usd", "=", 0)]).partner_id,
            self.other_client | self.third_client,
        )
        self.assertEqual(
            report.search([*domain, ("x_balance_usd", "!=", 0)]).partner_id, self.client
        )
        self.assertEqual(
            report.search([*domain, ("x_balance_uah", ">", 100)]).partner_id,
            self.client,
        )

    def test_grouping_sums_each_currency_apart(self):
        self._fill()
        self.client.user_id = self.salesperson
        groups = self.Report.with_user(self.reader).formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["user_id"],
            [
                "x_balance_uah:sum",
                "x_balance_usd:sum",
                "x_currency_uah_id:array_agg_distinct",
            ],
        )
        found = {
            group["user_id"] and group["user_id"][0]: (
                group["x_balance_uah:sum"],
                group["x_balance_usd:sum"],
                group["x_currency_uah_id:array_agg_distinct"],
            )
            for group in groups
        }
        self.assertEqual(
            found,
            {
                self.salesperson.id: (950.5, 70.0, [self.uah.id]),
                False: (40.0, 0.0, [self.uah.id]),
            },
        )

    # As of a date -------------------------------------------------------------------

    def test_balances_at_the_end_of_any_day(self):
        self._fill()
        for day, uah, usd in (
            ("2026-01-31", 0.0, 0.0),
            ("2026-02-01", 1000.0, 0.0),
            ("2026-03-01", 1250.5, 0.0),
            ("2026-03-05", 1250.5, 70.0),
            ("2026-04-01", 950.5, 70.0),
        ):
            with self.subTest(day=day):
                row = self._report(date=day)
                self.assertRecordValues(
                    row, [{"x_balance_uah": uah, "x_balance_usd": usd}]
                )
                self.assertEqual(
                    self._sum(["x_balance_uah"], client_balance_date=day),
                    [
                        self._sql(
                            "SELECT SUM(amount) FROM client_balance_settlement"
                            " WHERE company_id = %s AND currency_id = %s"
                            "   AND date <= %s",
                            self.company.id,
                            self.uah.id,
                            day,
                        )
                    ],
                )

    def test_a_past_day_is_searched_and_sorted_by_its_own_balances(self):
        self._fill()
        report = self.Report.with_user(self.reader).with_context(
            client_balance_date="2026-02-15"
        )
        rows = report.search([("x_balance_uah", ">", 0)], order="x_balance_uah desc")
        self.assertEqual(rows.partner_id, self.client)
        self.assertEqual(rows.x_balance_uah, 1000.0)

    def test_a_day_that_is_none_is_ignored(self):
        self._fill()
        self.assertEqual(self._report(date="tomorrow").x_balance_uah, 950.5)
        self.assertEqual(self._report(date=[1]).x_balance_uah, 950.5)

    # Rights -------------------------------------------------------------------------

    def test_salespeople_see_their_own_clients(self):
        self._fill()
        self.client.user_id = self.salesperson
        rows = self.Report.with_user(self.salesperson).search([])
        self.assertEqual(rows.partner_id, self.client)
        self.assertEqual(self._sum(["x_balance_uah"], user=self.salesperson), [950.5])

    def test_people_without_rights_see_nothing(self):
        self._fill()
        with self.assertRaises(AccessError):
            self.Report.with_user(self.employee).search([])
        with self.assertRaises(AccessError):
            self.env["client.balance.total"].with_user(self.manager).search([])

    def test_a_branch_shows_the_balances_of_its_company(self):
        self._fill()
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.reader.write({"company_ids": [(4, branch.id)]})
        rows = self.Report.with_user(self.reader).with_context(
            allowed_company_ids=branch.ids
        )
        self.assertEqual(
            rows.search([("partner_id", "=", self.client.id)]).x_balance_uah, 950.5
        )

    def test_another_company_has_its_own_rows(self):
        self._fill()
        other = self._create_company(name="Other", currency_id=self.usd.id)
        self.reader.write({"company_ids": [(4, other.id)]})
        self.env["client.balance.total"]._add_clients({(other.id, self.client.id)})
        report = self.Report.with_user(self.reader)
        here = report.search([("partner_id", "=", self.client.id)])
        self.assertEqual(here.company_id, self.company)
        both = report.with_context(allowed_company_ids=[self.company.id, other.id])
        rows = both.search([("partner_id", "=", self.client.id)], order="company_id")
        self.assertEqual(
            sorted(rows.mapped("x_balance_uah")),
            [0.0, 950.5],
        )

    # Ways from a row ----------------------------------------------------------------

    def test_a_row_leads_to_the_ledger_the_card_and_the_act(self):
        self._fill()
        row = self._report(user=self.clerk)
        ledger = row.action_open_ledger()
        self.assertEqual(
            self.env[ledger["res_model"]].search(ledger["domain"]).partner_id,
            self.client,
        )
        past = row.with_context(client_balance_date="2026-02-28").action_open_ledger()
        self.assertEqual(
            self.env[past["res_model"]].search(past["domain"]).mapped("amount"),
            [1000.0],
        )
        card = row.action_open_client()
        self.assertEqual(
            (card["res_model"], card["res_id"]), ("res.partner", self.client.id)
        )
        acts = row.action_send_acts()
        self.assertEqual(acts["res_model"], "client.balance.statement.batch")
        self.assertEqual(acts["context"]["active_ids"], self.client.ids)

    # Owners -------------------------------------------------------------------------

    def test_merged_clients_become_one_row(self):
        self._fill()
        self._invoice(10.0, partner=self.third_client)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(
            [self.client.id, self.other_client.id, self.third_client.id],
            self.other_client,
            extra_checks=False,
        )
        row = self.Report.search([("company_id", "=", self.company.id)])
        self.assertRecordValues(
            row,
            [
                {
                    "partner_id": self.other_client.id,
                    "x_balance_uah": 990.5,
                    "x_balance_usd": 70.0,
                    "due": 10.0,
                }
            ],
        )

    def test_a_client_placed_under_another_takes_its_row_along(self):
        self._fill()
        self._invoice(10.0, partner=self.third_client)
        self.third_client.write({"parent_id": self.client.id, "is_company": False})
        self.assertFalse(self._report(self.third_client))
        self.assertEqual(self._report().due, 10.0)

    def test_the_report_can_be_made_anew(self):
        self._fill()
        self._invoice(10.0, partner=self.third_client)
        rows = self.Report.search([("company_id", "=", self.company.id)])
        before = rows.read(["partner_id", "x_balance_uah", "due"])
        self.env.cr.execute("DELETE FROM client_balance_total")
        self.env["client.balance.total"]._rebuild()
        rows = self.Report.search([("company_id", "=", self.company.id)])
        after = rows.read(["partner_id", "x_balance_uah", "due"])
        for row in (*before, *after):
            row.pop("id")
        self.assertEqual(before, after)

    def test_the_check_of_the_books_sees_a_wrong_report(self):
        self._fill()
        self.env.cr.execute(
            "UPDATE client_balance_total"
            "   SET amounts = amounts || jsonb_build_object(%s, 951.5)"
            " WHERE partner_id = %s AND company_id = %s",
            [str(self.uah.id), self.client.id, self.company.id],
        )
        [found] = self.env["client.balance"].check_integrity()
        self.assertEqual(
            (found["check"], found["expected"], found["found"]), ("total", 950.5, 951.5)
        )
        self.env["client.balance.total"]._refresh(self.client.ids)
