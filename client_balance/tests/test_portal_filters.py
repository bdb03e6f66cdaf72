from odoo.tests import tagged

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalFilters(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        create = cls.env["client.balance.settlement"].with_user(cls.manager).create
        common = {"partner_id": cls.client.id}
        create(
            [
                {
                    **common,
                    "partner_bank_id": cls.bank1.id,
                    "amount": 100,
                    "date": "2026-03-01",
                    "description": "Letter 7",
                },
                {
                    **common,
                    "partner_bank_id": cls.bank2.id,
                    "amount": 200,
                    "date": "2026-03-02",
                    "settlement_type": "opening",
                },
                {
                    **common,
                    "currency_id": cls.usd.id,
                    "amount": 300,
                    "date": "2026-03-03",
                },
            ]
        )

    def _found(self, query):
        page = self._open(f"/my/balance?{query}")
        digits = "0123456789."
        return [
            float("".join(c for c in amount if c in digits))
            for amount in self._amounts(page)
        ]

    def test_a_client_sees_nothing_of_money_between_our_accounts(self):
        company = self.company
        company.client_balance_account_id = self.balance_account.copy({"code": "2699"})
        Batch = self.env["client.balance.batch"].with_user(self.manager)
        Batch.browse(Batch.action_open_old_account()["res_id"]).run_batch()
        query = f"bank={self.bank1.id}"
        self.assertEqual(len(self._settlements(self.bank1)), 3)
        self.assertEqual(self._found(query), [100])
        page = self._open(f"/my/balance?{query}&reversed=1")
        self.assertEqual(len(self._amounts(page)), 3)
        self.assertNotIn("2699", page.text_content())

    def test_bank_account(self):
        self.assertEqual(self._found(f"bank={self.bank1.id}"), [100])
        self.assertEqual(self._found("bank=none"), [300])

    def test_currency(self):
        self.assertEqual(self._found("currency=UAH"), [200, 100])
        self.assertEqual(self._found("currency=USD"), [300])

    def test_period_includes_both_days(self):
        self.assertEqual(
            self._found("date_from=2026-03-02&date_to=2026-03-03"), [300, 200]
        )
        self.assertEqual(self._found("date_from=2026-03-03&date_to=2026-03-01"), [])

    def test_search_for_words_types_and_amounts(self):
        self.assertEqual(self._found("search=letter"), [100])
        self.assertEqual(self._found("search=opening"), [200])
        self.assertEqual(self._found("search=300,00"), [300])
        self.assertEqual(self._found("search=-300"), [300])
        number = self._settlements(self.bank1).name
        self.assertEqual(self._found(f"search={number}"), [100])

    def test_sorting(self):
        self.assertEqual(self._found("sortby=date"), [300, 200, 100])
        self.assertEqual(self._found("sortby=date_asc"), [100, 200, 300])
        self.assertEqual(self._found("sortby=amount"), [300, 200, 100])
        self.assertEqual(self._found("sortby=amount_asc"), [100, 200, 300])

    def test_form_keeps_what_was_chosen(self):
        page = self._open(
            f"/my/balance?bank={self.bank1.id}&date_from=2026-03-01&search=letter"
        )
        [chosen] = page.xpath("//select[@name='bank']/option[@selected]")
        self.assertEqual(chosen.get("value"), str(self.bank1.id))
        [search] = page.xpath(
            # beside a website there are other boxes to search in
            "//form[@id='client_balance_filters']//input[@name='search']"
        )
        self.assertEqual(search.get("value"), "letter")
        [pdf] = page.xpath("//a[contains(@href, '/my/balance/export/pdf')]")
        self.assertIn("date_from=2026-03-01", pdf.get("href"))

    def test_reversed_pairs_are_hidden_and_can_be_shown(self):
        settlement = self._settle(50, bank=self.bank1, date="2026-03-05")
        settlement.with_user(self.manager).action_reverse()
        self._settle(1, bank=self.bank1, date="2026-03-06")
        query = f"bank={self.bank1.id}"
        self.assertEqual(self._found(query), [1, 100])
        self.assertEqual(self._found(f"{query}&reversed=1"), [1, 50, 50, 100])
        self.assertIn("101.00", self._running(self._open(f"/my/balance?{query}"))[0])

    def test_reversed_pair_of_two_dates_is_never_hidden(self):
        settlement = self._settle(50, bank=self.bank1, date="2026-03-05")
        self.company.fiscalyear_lock_date = "2026-03-31"
        settlement.with_user(self.manager).action_reverse()
        self.assertEqual(self._found(f"bank={self.bank1.id}"), [50, 50, 100])

    def test_pager_keeps_the_filters(self):
        self._settle_many(90)
        page = self._open("/my/balance?currency=UAH&bank=none")
        self.assertEqual(len(self._rows(page)), 80)
        links = page.xpath("//a[contains(@href, '/my/balance/page/2')]/@href")
        self.assertIn("currency=UAH", links[0])
        self.assertIn("bank=none", links[0])
        self.assertEqual(len(self._rows(self._open(links[0]))), 10)

    def _settle_many(self, count):
        self.env["client.balance.settlement"].with_user(self.manager).create(
            [
                {"partner_id": self.client.id, "amount": 1, "date": "2026-04-01"}
                for _index in range(count)
            ]
        )

    def test_number_of_queries_does_not_grow(self):
        urls = [
            "/my/balance",
            "/my/balance?sortby=amount&search=1",
            "/my/balance/export/xlsx",
        ]
        self._settle_many(3)
        few = [self._count_queries(url) for url in urls * 2][3:]
        with self._ten_thousand_settlements():
            many = [self._count_queries(url) for url in urls]
        self.assertEqual(many, few)

    def _count_queries(self, url):
        self._open(url.replace("/export/xlsx", ""))
        self.url_open(url)
        before = self.env.cr.sql_log_count
        self.assertEqual(self.url_open(url).status_code, 200)
        return self.env.cr.sql_log_count - before

    def _ten_thousand_settlements(self):
        """Rows as of the gate, for as long as the block runs."""
        case = self

        class Rows:
            def __enter__(self):
                own = case._settlements(case.bank1)[0]
                case.env.flush_all()
                case.env.cr.execute(
                    """
                    INSERT INTO client_balance_settlement (balance_id, company_id,
                           partner_id, partner_bank_id, currency_id, name, date,
                           amount, settlement_type, number, balance_after, is_live,
                           move_line_ref, move_id, create_date)
                    SELECT b.id, b.company_id, b.partner_id, b.partner_bank_id,
                           b.currency_id, 'Bulk', date '2026-05-01' + n %% 60, 1,
                           'manual', 1000 + n, 0, false, 0, %s, now()
                      FROM client_balance b, generate_series(1, 10000) n
                     WHERE b.id = %s
                 RETURNING id
                    """,
                    (own.move_id.id, own.balance_id.id),
                )
                self.ids = tuple(row[0] for row in case.env.cr.fetchall())

            def __exit__(self, *_error):
                case.env.cr.execute(
                    "DELETE FROM client_balance_settlement WHERE id IN %s", (self.ids,)
                )
                case.env.invalidate_all()

        return Rows()
