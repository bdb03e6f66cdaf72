import io
from datetime import timedelta

import openpyxl
from lxml import html
from pypdf import PdfReader

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.client_balance.controllers.portal import ClientBalancePortal

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class PortalCommon(ClientBalanceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create(
            {"name": "Olena", "parent_id": cls.client.id, "type": "contact"}
        )
        cls.portal_user = cls._create_portal_user("cb_portal_1", cls.contact)
        cls.stranger = cls._create_portal_user("cb_portal_2", cls.other_client)

    @classmethod
    def _create_portal_user(cls, login, partner, company=None):
        company = company or cls.company
        # superuser: accountants of the tests do not work in every company
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            tz="Europe/Kyiv",
        )

    def _open(self, url="/my/balance", user="cb_portal_1", status=200):
        """:return: the page as a tree; every page is read-only to the database"""
        self.authenticate(user, user)
        with self.assertNoLogs("odoo.http", "WARNING"):
            response = self.url_open(url)
        self.assertEqual(response.status_code, status, response.text[-2000:])
        return html.fromstring(response.text)

    def _text(self, node):
        return " ".join(node.text_content().replace("\xa0", " ").split())

    def _rows(self, page):
        return [
            self._text(row) for row in page.xpath("//table[@name='movements']/tbody/tr")
        ]

    def _amounts(self, page):
        """:return: the amounts of the ledger, as written"""
        cells = page.xpath("//table[@name='movements']/tbody/tr/td[4]/span")
        return [self._text(cell) for cell in cells]

    def _running(self, page):
        cells = page.xpath("//table[@name='movements']/tbody/tr/td[5]")
        return [self._text(cell) for cell in cells]

    def _sheet(self, query="", user="cb_portal_1"):
        """:return: rows of the spreadsheet as cells"""
        self.authenticate(user, user)
        with self.assertNoLogs("odoo.http", "WARNING"):
            response = self.url_open(f"/my/balance/export/xlsx{query}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("spreadsheetml", response.headers["Content-Type"])
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        workbook = openpyxl.load_workbook(io.BytesIO(response.content))
        return list(workbook.active.iter_rows())

    def _column(self, sheet, title):
        index = [cell.value for cell in sheet[0]].index(title)
        return [row[index].value for row in sheet[1:]]


@tagged("post_install", "-at_install")
class TestPortalPages(PortalCommon):
    def test_home_shows_the_balance(self):
        self._settle(159, bank=self.bank1)
        page = self._open("/my/home")
        [card] = page.xpath("//a[@href='/my/balance']")
        self.assertIn("159.00", self._text(card))

    def test_home_of_a_client_without_balance_has_no_card(self):
        page = self._open("/my/home", user="cb_portal_2")
        self.assertFalse(page.xpath("//a[@href='/my/balance']"))

    def test_home_of_an_employee_works(self):
        self._open("/my/home", user="cb_employee")
        self._open("/my/home", user="cb_sales")

    def test_page_of_a_client_without_balance_says_so(self):
        page = self._open(user="cb_portal_2")
        self.assertTrue(page.xpath("//p[@name='no_balance']"))

    def test_balances_per_bank_account_and_currency(self):
        self._settle(159, bank=self.bank1)
        self._settle(41, bank=self.bank2)
        self._settle(7, currency_id=self.usd.id)
        cards = [
            self._text(card) for card in self._open().xpath("//a[@name='balance']")
        ]
        self.assertEqual(len(cards), 3)
        self.assertTrue(any("UA001111 · UAH" in c and "159.00" in c for c in cards))
        self.assertTrue(any("UA002222 · UAH" in c and "41.00" in c for c in cards))
        self.assertTrue(
            any("No bank account · USD" in c and "7.00" in c for c in cards)
        )

    def test_net_line_per_currency(self):
        self._invoice(1000)
        self._invoice(100, currency=self.usd)
        self._settle(159, bank=self.bank1)
        self._settle(41, bank=self.bank2)
        page = self._open()
        self.assertEqual(self._get_net(page, "UAH"), ["1,000.00", "200.00", "800.00"])
        self.assertEqual(self._get_net(page, "USD"), ["100.00", "0.00", "100.00"])

    def _get_net(self, page, currency):
        [total] = page.xpath(f"//div[@name='total'][@data-currency='{currency}']")
        return [
            "".join(
                char
                for char in self._text(total.xpath(f".//span[@name='{name}']")[0])
                if char in "0123456789.,-"
            )
            for name in ("owed", "balance", "to_pay")
        ]

    def test_net_line_in_favour_of_the_client(self):
        self._settle(159)
        [total] = self._open().xpath("//div[@name='total']")
        self.assertIn("Remains in your favour", self._text(total))

    def test_payment_that_is_not_matched_lowers_what_is_owed(self):
        self._invoice(1000)
        self._entry(300, account=self.receivable)
        # neither of these is a payment of this client
        self._entry(20, account=self.receivable, partner=self.other_client)
        self._entry(10, account=self.receivable, post=False)
        self.assertEqual(self._get_net(self._open(), "UAH")[0], "700.00")

    def test_movement_dated_later_is_named(self):
        self._settle(100)
        later = fields.Date.today() + timedelta(days=30)
        self._settle(50, date=later)
        [card] = self._open().xpath("//a[@name='balance']")
        self.assertIn("150.00", self._text(card))
        self.assertIn("of which dated after today: ₴ 50.00", self._normal(card))

    def _normal(self, node):
        text = self._text(node)
        return text.replace("50.00 ₴", "₴ 50.00")

    def test_running_balance_is_in_order_of_dates(self):
        self._settle(100, date="2026-03-01")
        self._settle(-30, date="2026-03-10")
        self._settle(5, date="2026-03-05")
        page = self._open()
        self.assertEqual(
            self._strip(self._amounts(page)), ["-30.00", "+5.00", "+100.00"]
        )
        self.assertEqual(
            self._strip(self._running(page)), ["75.00", "105.00", "100.00"]
        )

    def _strip(self, amounts):
        return [
            "".join(c for c in amount if c in "0123456789.+-") for amount in amounts
        ]

    def test_row_links_to_the_invoice_of_the_client(self):
        invoice = self._invoice(1000)
        settlement = self._settle(100)
        self._link(settlement, invoice)
        page = self._open()
        [link] = page.xpath("//table[@name='movements']//a")
        self.assertEqual(link.get("href"), f"/my/invoices/{invoice.id}")
        self.assertEqual(self._text(link), invoice.name)
        self.assertEqual(self.url_open(link.get("href")).status_code, 200)

    def _link(self, settlement, invoices):
        """As a caller does it, with the pass of the gate."""
        for invoice in invoices:
            self.env.cr.execute(
                "INSERT INTO client_balance_settlement_invoice_rel"
                " (settlement_id, invoice_id) VALUES (%s, %s)",
                (settlement.id, invoice.id),
            )
        settlement.invalidate_recordset(["invoice_ids"])

    def test_invoice_of_another_client_is_not_named(self):
        foreign = self._invoice(1000, partner=self.other_client)
        draft = self._invoice(5)
        draft.button_draft()
        settlement = self._settle(100)
        self._link(settlement, foreign | draft)
        page = self._open()
        self.assertNotIn(foreign.name, self._text(page))
        self.assertFalse(page.xpath("//table[@name='movements']//a"))
        self.assertEqual(
            self._rows(self._open(f"/my/balance?search={foreign.name}")), []
        )

    def test_nothing_internal_is_shown(self):
        reason = self.env["client.balance.reason"].create(
            {
                "name": "Secret reason",
                "account_id": self.income_account.id,
                "company_id": self.company.id,
            }
        )
        self.manager.name = "Secret Manager"
        self.income_account.name = "Secret account"
        settlement = self._settle(100, reason_id=reason.id)
        settlement.move_id.narration = "Secret note"
        settlement.partner_id.comment = "Secret comment"
        self._settle(50, reason_id=reason.id, description="Bonus for March")
        self._settle(20, reason_id=reason.id).with_user(self.manager).action_reverse()
        sheet = self._sheet("?reversed=1")
        texts = [
            self._text(self._open("/my/balance?reversed=1")),
            str([[cell.value for cell in row] for row in sheet]),
            self._render_statement({"reversed": "1"}),
        ]
        for text in texts:
            self.assertNotIn("Secret", text)
            self.assertIn("Bonus for March", text)

    def test_description_that_repeats_an_internal_reason_is_left_out(self):
        reason = self.env["client.balance.reason"].create(
            {"name": "Secret reason", "company_id": self.company.id}
        )
        self._settle(100, reason_id=reason.id, description="Secret reason")
        self.assertNotIn("Secret reason", self._text(self._open()))

    def _render_statement(self, data, user=None):
        report = (
            self.env["ir.actions.report"].with_user(user or self.portal_user).sudo()
        )
        content, _type = report._render_qweb_html(
            "client_balance.action_report_portal_statement",
            self.client.ids,
            data=data,
        )
        return self._text(html.fromstring(content))


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


@tagged("post_install", "-at_install")
class TestPortalDownloads(PortalCommon):
    def test_spreadsheet(self):
        self._settle(159.5, bank=self.bank1, date="2026-03-01", description="Letter 7")
        self._settle(7, date="2026-03-02", currency_id=self.usd.id)
        sheet = self._sheet("?sortby=date_asc")
        self.assertEqual(self._column(sheet, "Currency"), ["UAH", "USD"])
        self.assertEqual(self._column(sheet, "Amount"), [159.5, 7])
        self.assertEqual(self._column(sheet, "Balance"), [159.5, 7])
        self.assertEqual(
            self._column(sheet, "Bank account"), ["UA001111", "No bank account"]
        )
        self.assertEqual(self._column(sheet, "Description"), ["Letter 7", None])
        self.assertEqual(
            [day.strftime("%Y-%m-%d") for day in self._column(sheet, "Date")],
            ["2026-03-01", "2026-03-02"],
        )
        self.assertEqual({row[7].data_type for row in sheet[1:]}, {"n"})

    def test_spreadsheet_obeys_the_filters(self):
        self._settle(1, description="Letter 7")
        self._settle(2, bank=self.bank1)
        self.assertEqual(self._column(self._sheet("?search=letter"), "Amount"), [1])
        self.assertEqual(
            self._column(self._sheet(f"?bank={self.bank1.id}"), "Amount"), [2]
        )

    def test_text_is_never_a_formula(self):
        texts = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            '=HYPERLINK("http://x")',
            "{=1}",
            "http://example.com",
            "123",
        ]
        for text in texts:
            self._settle(1, description=text)
        sheet = self._sheet("?sortby=date_asc")
        index = [cell.value for cell in sheet[0]].index("Description")
        cells = [row[index] for row in sheet[1:]]
        self.assertEqual([cell.value for cell in cells], texts)
        self.assertEqual({cell.data_type for cell in cells}, {"s"})
        self.assertTrue(all(cell.quotePrefix for cell in cells))
        self.assertFalse(any(cell.hyperlink for cell in cells))

    def test_statement_opens_and_closes(self):
        self._settle(100, bank=self.bank1, date="2026-02-01")
        self._settle(60, bank=self.bank1, date="2026-03-01", description="Letter 7")
        self._settle(-20, bank=self.bank1, date="2026-03-02")
        self._settle(5, bank=self.bank1, date="2026-04-01")
        [section] = self._get_sections(date_from="2026-03-01", date_to="2026-03-31")
        self.assertEqual(
            [section[name] for name in ("opening", "added", "taken", "closing")],
            [100, 60, -20, 140],
        )
        self.assertEqual([row["running"] for row in section["rows"]], [160, 140])

    def test_statement_closes_where_the_next_one_opens(self):
        for month, amount in enumerate((100, -20, 7), 1):
            self._settle(amount, date=f"2026-0{month}-15")
        [first] = self._get_sections(date_to="2026-02-28")
        [second] = self._get_sections(date_from="2026-03-01")
        self.assertEqual(first["closing"], second["opening"])

    def test_statement_without_movements_still_tells_the_balance(self):
        self._settle(100, date="2026-02-01")
        [section] = self._get_sections(date_from="2026-03-01", date_to="2026-03-31")
        self.assertEqual((section["opening"], section["closing"]), (100, 100))

    def _get_sections(self, **values):
        portal = self.env["client.balance.portal"].with_user(self.portal_user).sudo()
        balances = portal._get_balances()
        return portal._get_statement(balances, portal._get_filters(balances, values))

    def test_pdf(self):
        self._settle(159, bank=self.bank1, description="Лист 7")
        self.authenticate("cb_portal_1", "cb_portal_1")
        with self.assertNoLogs("odoo.http", "WARNING"):
            response = self.url_open("/my/balance/export/pdf")
        self.assertEqual(response.status_code, 200)
        # without rendering, as tests do by default, the report is its HTML
        text = response.content.decode()
        self.assertIn("159.00", text)
        self.assertIn("Лист 7", text)
        self.assertIn("attachment", response.headers["Content-Disposition"])

    def test_pdf_rendered(self):
        report = self.env["ir.actions.report"]
        if report.get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        self._settle(159, bank=self.bank1, description="Letter 7")
        content, extension = (
            report.with_user(self.portal_user)
            .sudo()
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(
                "client_balance.action_report_portal_statement", self.client.ids
            )
        )
        self.assertEqual(extension, "pdf")
        text = " ".join(
            page.extract_text() for page in PdfReader(io.BytesIO(content)).pages
        )
        for expected in ("UA001111", "159.00", "Letter 7", "Romashka", "Closing"):
            self.assertIn(expected, text)

    def test_too_long_statement_is_refused_in_words(self):
        self._settle(1)
        self._settle(2)
        self.patch(
            ClientBalancePortal,
            "_get_portal_balance_row_limit",
            lambda _self, _extension: 1,
        )
        for extension in ("xlsx", "pdf"):
            page = self._open(f"/my/balance/export/{extension}?search=")
            [notice] = page.xpath("//div[@name='notice']")
            self.assertIn("shorter period", self._text(notice))


@tagged("post_install", "-at_install")
class TestPortalAttacks(PortalCommon):
    PAGES = (
        "/my/balance",
        "/my/balance/export/xlsx",
        "/my/balance/export/pdf",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign_bank = cls.env["res.partner.bank"].create(
            {"partner_id": cls.other_client.id, "acc_number": "UA003333"}
        )
        create = cls.env["client.balance.settlement"].with_user(cls.manager).create
        cls.own, cls.foreign = create(
            [
                {
                    "partner_id": cls.client.id,
                    "partner_bank_id": cls.bank1.id,
                    "amount": 159,
                    "date": "2026-03-01",
                    "description": "Mine",
                },
                {
                    "partner_id": cls.other_client.id,
                    "partner_bank_id": cls.foreign_bank.id,
                    "amount": 777,
                    "date": "2026-03-01",
                    "description": "Foreign",
                },
            ]
        )

    def _assertOwnPage(self, query):
        """:return: the page, after a look for what is foreign"""
        page = self._open(f"/my/balance?{query}")
        for secret in ("777.00", "UA003333", "Volia"):
            self.assertNotIn(secret, self._text(page))
        self.assertNotIn("Foreign", " ".join(self._rows(page)))
        return page

    def _assertOwnOnly(self, query):
        self._assertOwnPage(query)
        values = str([[c.value for c in row] for row in self._sheet(f"?{query}")])
        pdf = self.url_open(f"/my/balance/export/pdf?{query}")
        self.assertEqual(pdf.status_code, 200)
        for secret in ("777", "UA003333", "Volia", "Foreign"):
            self.assertNotIn(secret, values)
        for secret in ("777.00", "UA003333", "Volia"):
            self.assertNotIn(secret, pdf.text)

    def test_each_client_sees_its_own(self):
        self._assertOwnOnly("")
        page = self._open(user="cb_portal_2")
        self.assertIn("Foreign", self._rows(page)[0])
        self.assertNotIn("159.00", self._text(page))

    def test_foreign_ids_give_nothing(self):
        for query in (
            f"bank={self.foreign_bank.id}",
            f"partner_id={self.other_client.id}",
            f"company_id={self.company.id}&partner={self.other_client.id}",
            f"balance_id={self.foreign.balance_id.id}",
            f"ids={self.foreign.id}",
            "search=Foreign",
            "search=777",
            "search=UA003333",
        ):
            with self.subTest(query=query):
                self._assertOwnOnly(query)

    def test_tampered_filters_are_harmless(self):
        for query in (
            "bank=1000000000000000000",
            "bank=-1",
            "bank=abc",
            "bank=1%20OR%201%3D1",
            "bank[]=1&bank=2",
            "currency=XXX",
            "currency='; DROP TABLE client_balance; --",
            "date_from=yesterday",
            "date_from=0000-00-00&date_to=9999-99-99",
            "date_from=-1&date_to=1000000000000000000",
            "date_from=0001-01-01&date_to=9999-12-31",
            "sortby=amount;DELETE",
            "sortby=create_uid",
            "sortby=__class__",
            "reversed=1000000000000000000",
            "notice=<script>alert(1)</script>",
            "search=%27%20OR%201%3D1%20--",
            "search=%25",
            "search=_",
            "search=%00",
            "search=%5C",
            "search=%ff%fe",
            "search=1e400",
            "search=NaN",
            "search=1000000000000000000",
            "search=999999999999999",
            "search=-",
            "search=%E2%88%92159,00",
            "search=" + "x" * 3000,
            "search=<script>alert(1)</script>",
        ):
            with self.subTest(query=query[:60]):
                page = self._assertOwnPage(query)
                self.assertNotIn(
                    "<script>alert", html.tostring(page, encoding="unicode")
                )

    def test_tampered_downloads_are_harmless(self):
        for query in (
            "bank=1000000000000000000&date_from=yesterday&date_to=9999-99-99",
            "currency=%27&sortby=amount;DELETE&search=%00&reversed=x",
            "date_from=0001-01-01&date_to=9999-12-31&search=1e400",
        ):
            with self.subTest(query=query):
                self._assertOwnOnly(query)

    def test_page_numbers_out_of_range_are_harmless(self):
        for number in (-1, 0, 2, 10**18, 10**40):
            page = self._open(f"/my/balance/page/{number}")
            self.assertIn("Mine", self._rows(page)[0])
        for number in ("abc", "1.5"):
            with self.subTest(number=number):
                response = self.url_open(f"/my/balance/page/{number}")
                self.assertEqual(response.status_code, 404, response.url)

    def test_anonymous_visitors_are_sent_to_the_login(self):
        self.authenticate(None, None)
        for url in self.PAGES:
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])

    def test_nothing_can_be_posted(self):
        self.authenticate("cb_portal_1", "cb_portal_1")
        for url in self.PAGES:
            response = self.url_open(url, data={"amount": "1"}, method="POST")
            self.assertEqual(response.status_code, 405)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_rpc_gives_a_portal_user_nothing(self):
        for model, field in (
            ("client.balance", "amount"),
            ("client.balance.settlement", "amount"),
            ("client.balance.reason", "name"),
        ):
            for method, args, kwargs in (
                ("search_read", [], {"fields": [field]}),
                ("read", [[self.own.id]], {"fields": [field]}),
                ("search_count", [[]], {}),
                ("write", [[self.own.id], {field: 1}], {}),
                ("create", [[{"amount": 1}]], {}),
                ("unlink", [[self.own.id]], {}),
                ("export_data", [[self.own.id], [field]], {}),
                ("formatted_read_group", [[]], {"aggregates": ["__count"]}),
            ):
                with self.subTest(model=model, method=method):
                    self.assertRpcDenied(model, method, args, kwargs)
        for method in ("action_reverse", "action_open_document"):
            self.assertRpcDenied(
                "client.balance.settlement", method, [[self.own.id]], {}
            )

    def test_no_model_of_ours_is_open_to_portal_users(self):
        # acts are read like invoices: by a rule, the client's own that were sent
        acts = {"client.balance.statement", "client.balance.statement.line"}
        for name in self.env.registry:
            model = self.env[name].with_user(self.portal_user)
            if not name.startswith("client.balance") or model._abstract:
                continue
            operations = {"read", "write", "create", "unlink"}
            for operation in operations - ({"read"} if name in acts else set()):
                with self.subTest(model=name, operation=operation):
                    self.assertFalse(model.has_access(operation))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_rpc_does_not_reach_the_reader(self):
        for model in (
            "client.balance.portal",
            "report.client_balance.portal_statement",
        ):
            for method in ("_get_balances", "_get_statement", "_get_report_values"):
                self.assertRpcDenied(model, method, [], {})
            self.assertRpcDenied(model, "search_read", [[]], {})

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_rpc_does_not_read_our_fields_of_other_models(self):
        for model, record, name in (
            ("res.partner", self.client, "client_balance_ids"),
            ("res.partner", self.client, "client_balance_bank_id"),
            ("account.move", self._invoice(10), "client_balance_settlement_ids"),
            ("account.move", self._invoice(10), "client_balance_available"),
        ):
            with self.subTest(field=name):
                self.assertRpcDenied(model, "read", [record.ids], {"fields": [name]})

    def assertRpcDenied(self, model, method, args, kwargs):
        self.authenticate("cb_portal_1", "cb_portal_1")
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                }
            },
        ).json()
        self.assertIn("error", answer)
        self.assertRegex(
            answer["error"]["data"]["name"],
            "AccessError|AttributeError|NotFound|UserError",
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_general_report_routes_give_a_portal_user_nothing(self):
        self.authenticate("cb_portal_1", "cb_portal_1")
        for partner in (self.client, self.other_client):
            for converter in ("html", "pdf", "text"):
                url = (
                    f"/report/{converter}/client_balance.portal_statement/{partner.id}"
                )
                response = self.url_open(url)
                self.assertGreaterEqual(response.status_code, 400)
                self.assertNotIn("777.00", response.text)

    def test_contacts_of_a_company_share_its_balance(self):
        other_contact = self.env["res.partner"].create(
            {"name": "Petro", "parent_id": self.client.id}
        )
        self._create_portal_user("cb_portal_3", other_contact)
        page = self._open(user="cb_portal_3")
        self.assertIn("Mine", self._rows(page)[0])

    def test_contact_that_is_moved_loses_the_balance(self):
        self.contact.parent_id = self.other_client
        self._assertRows("cb_portal_1", "Foreign")

    def test_contact_that_becomes_a_client_of_its_own_loses_the_balance(self):
        self.contact.parent_id = False
        page = self._open()
        self.assertNotIn("159.00", self._text(page))
        self.assertEqual(len(self._sheet()), 1)

    def _assertRows(self, user, text):
        rows = self._rows(self._open(user=user))
        self.assertEqual(len(rows), 1)
        self.assertIn(text, rows[0])

    def test_other_company_is_not_shown(self):
        company = self._create_company(name="Sister", currency_id=self.uah.id)
        company._client_balance_set_up()
        self.manager.company_ids += company
        self.env["client.balance.settlement"].with_user(self.manager).with_context(
            allowed_company_ids=company.ids
        ).create(
            {
                "partner_id": self.client.id,
                "company_id": company.id,
                "amount": 555,
                "date": "2026-03-01",
            }
        )
        self.assertNotIn("555.00", self._text(self._open()))
        self.assertEqual(self._column(self._sheet(), "Amount"), [159])
        self.portal_user.company_ids += company
        page = self._open()
        self.assertIn("555.00", self._text(page))
        self.assertIn("Sister", self._text(page))

    def test_branch_shows_the_balance_of_its_root_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        contact = self.env["res.partner"].create(
            {"name": "Iryna", "parent_id": self.client.id}
        )
        self._create_portal_user("cb_portal_4", contact, company=branch)
        self._assertRows("cb_portal_4", "Mine")

    def test_employee_without_rights_is_refused(self):
        self.authenticate("cb_employee", "cb_employee")
        for url in self.PAGES:
            self.assertEqual(self.url_open(url).status_code, 403)
