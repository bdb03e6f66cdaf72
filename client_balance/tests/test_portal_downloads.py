import io

from pypdf import PdfReader

from odoo.tests import tagged

from odoo.addons.client_balance.controllers.portal import ClientBalancePortal

from .portal_common import PortalCommon


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
