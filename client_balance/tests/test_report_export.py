import io
import json

from openpyxl import load_workbook

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase

from .report_common import ReportCommon


class TestClientReportFile(ReportCommon):
    """The client report as a spreadsheet, read back with another library."""

    FIELDS = ("name", "x_balance_uah", "x_balance_usd")

    def _read(self, names=FIELDS, domain=(), order=None, user=None, **context):
        """:return: rows as dicts, by title"""
        report = self.Report.with_user(user or self.reader).with_context(**context)
        domain = [("company_id", "=", self.company.id), *domain]
        with report._write_xlsx(domain, names, order) as file:
            self.sheet = load_workbook(io.BytesIO(file.read())).active
        titles, *rows = self.sheet.values
        return [dict(zip(titles, row, strict=True)) for row in rows]

    def test_numbers_are_numbers_with_the_decimals_of_their_currency(self):
        jpy = self.env.ref("base.JPY")
        jpy.active = True
        self._settle(20159.5)
        self._settle(1500, currency_id=jpy.id)
        [row] = self._read([*self.FIELDS, "x_balance_jpy"])
        self.assertEqual(
            row,
            {
                "Client name": "Romashka LLC",
                "Client balance (UAH)": 20159.5,
                "Client balance (USD)": 0,
                "Client balance (JPY)": 1500,
            },
        )
        self.assertEqual(
            [cell.number_format for cell in self.sheet[2]],
            ["General", "#,##0.00", "#,##0.00", "#,##0"],
        )

    def test_a_text_is_never_a_formula(self):
        self.client.name = '=HYPERLINK("http://x")'
        self._settle(10.0)
        [row] = self._read()
        self.assertEqual(row["Client name"], '=HYPERLINK("http://x")')
        self.assertNotIn(
            "f", {cell.data_type for line in self.sheet.iter_rows() for cell in line}
        )

    def test_all_columns_of_the_screen(self):
        self.client.write(
            {
                "vat": "UA123",
                "user_id": self.salesperson.id,
                "country_id": self.env.ref("base.ua").id,
                "category_id": [(0, 0, {"name": "Key"}), (0, 0, {"name": "Wholesale"})],
            }
        )
        self._invoice(500.0)
        names = ["name", "vat", "user_id", "country_id", "category_ids", "invoiced"]
        [row] = self._read([*names, "due", "last_payment_date", "partner_active"])
        self.assertEqual(
            row,
            {
                "Client name": "Romashka LLC",
                "Tax ID": "UA123",
                "Salesperson": "cb_sales",
                "Country": "Ukraine",
                "Tags": row["Tags"],
                "Invoiced (UAH)": 500,
                "Due (UAH)": 500,
                "Last payment": None,
                "Active client": "Yes",
            },
        )
        self.assertEqual(set(row["Tags"].split(", ")), {"Key", "Wholesale"})

    def test_more_rows_than_a_batch_in_the_order_of_the_screen(self):
        clients = self.env["res.partner"].create(
            [
                {"name": f"Client {index:04}", "is_company": True}
                for index in range(2100)
            ]
        )
        self.env["client.balance.total"]._add_clients(
            {(self.company.id, client.id) for client in clients}
        )
        self._settle(5.0, partner_id=clients[7].id)
        rows = self._read(order="x_balance_uah desc")
        self.assertEqual(len(rows), 2100)
        self.assertEqual(rows[0]["Client name"], "Client 0007")
        self.assertEqual(len({row["Client name"] for row in rows}), 2100)

    def test_the_filter_and_the_day_of_the_screen(self):
        self._settle(100.0, date="2026-02-01")
        self._settle(-40.0, date="2026-03-01")
        self._settle(7.0, date="2026-03-01", partner_id=self.other_client.id)
        rows = self._read(
            domain=[("x_balance_uah", ">", 50)], client_balance_date="2026-02-15"
        )
        self.assertEqual([row["Client balance (UAH)"] for row in rows], [100])
        rows = self._read(order="x_balance_uah")
        self.assertEqual([row["Client balance (UAH)"] for row in rows], [7, 60])

    def test_only_what_the_user_may_see(self):
        self._settle(100.0)
        self._settle(7.0, partner_id=self.other_client.id)
        self.client.user_id = self.salesperson
        rows = self._read(user=self.salesperson)
        self.assertEqual([row["Client name"] for row in rows], ["Romashka LLC"])
        with self.assertRaises(AccessError):
            self._read(user=self.employee)

    def test_fields_that_are_none_are_left_out(self):
        self._settle(100.0)
        [row] = self._read(["name", "password", "x_currency_uah_id"])
        self.assertEqual(row, {"Client name": "Romashka LLC"})


class TestClientReportExport(ReportCommon, HttpCase):
    def _export(self, user, **params):
        self.authenticate(user.login, user.login)
        return self.url_open(
            "/client_balance/report/export",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "data": json.dumps(
                    {
                        "domain": [["company_id", "=", self.company.id]],
                        "fields": ["name", "x_balance_uah"],
                        **params,
                    }
                ),
            },
        )

    def test_the_file_is_for_those_who_see_the_report(self):
        self._settle(100.0, date="2026-02-01")
        response = self._export(self.reader, date="2026-02-28")
        self.assertEqual(response.status_code, 200)
        self.assertIn("2026-02-28.xlsx", response.headers["Content-Disposition"])
        sheet = load_workbook(io.BytesIO(response.content)).active
        self.assertEqual(
            list(sheet.values),
            [("Client name", "Client balance (UAH)"), ("Romashka LLC", 100)],
        )
        for params in (
            {"domain": [["no_such_field", "=", 1]]},
            {"order": "no_such_field"},
            {"company_ids": [self.env.ref("base.main_company").id]},
        ):
            with self.subTest(params=params):
                self.assertGreaterEqual(
                    self._export(self.reader, **params).status_code, 400
                )
        self.assertGreaterEqual(self._export(self.employee).status_code, 400)
