import csv
import io
import json

from openpyxl import load_workbook

from odoo import http
from odoo.tests import HttpCase

from .common import ClientBalanceCommon


class TestClientCardExport(ClientBalanceCommon, HttpCase):
    """The ledger as a file, for everybody who may see it and for nobody else."""

    def _export(self, user, file_format="xlsx", domain=None):
        self.authenticate(user.login, user.login)
        return self.url_open(
            "/client_balance/export",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "data": json.dumps(
                    {
                        "format": file_format,
                        "domain": domain or [["partner_id", "=", self.client.id]],
                    }
                ),
            },
        )

    def _table(self, response):
        sheet = load_workbook(io.BytesIO(response.content)).active
        titles, *rows = sheet.values
        return [dict(zip(titles, row, strict=True)) for row in rows]

    def test_numbers_are_numbers_and_texts_never_formulas(self):
        self._settle(20159, description='=HYPERLINK("http://x")', bank=self.bank1)
        self._settle(-159.5, description="-1+1", bank=self.bank1)
        response = self._export(self.reader)
        self.assertEqual(response.status_code, 200)
        self.assertIn(".xlsx", response.headers["Content-Disposition"])
        rows = self._table(response)
        self.assertEqual([row["Amount"] for row in rows], [-159.5, 20159])
        self.assertEqual([row["Running balance"] for row in rows], [19999.5, 20159])
        self.assertEqual({row["Currency"] for row in rows}, {"UAH"})
        self.assertEqual({row["Bank account"] for row in rows}, {"UA001111"})
        self.assertNotIn("Invoice", rows[0])
        self.assertEqual(rows[1]["Description"], '=HYPERLINK("http://x")')
        sheet = load_workbook(io.BytesIO(response.content)).active
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        self.assertNotIn("f", kinds)
        text = self._export(self.reader, "csv").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual(rows[0]["Amount"], "-159.50")
        self.assertEqual(rows[1]["Description"], '\'=HYPERLINK("http://x")')
        self.assertEqual(rows[0]["Description"], "'-1+1")

    def test_all_filtered_rows_and_only_these(self):
        for number in range(1, 61):
            self._settle(number)
        self._settle(20, currency_id=self.usd.id)
        domain = [
            ["partner_id", "=", self.client.id],
            ["currency_id", "=", self.uah.id],
            ["amount", ">", 5],
        ]
        rows = self._table(self._export(self.clerk, domain=domain))
        self.assertEqual(len(rows), 55)
        self.assertIn("Invoice", rows[0])

    def test_rights(self):
        self._settle(100)
        self.assertEqual(self._table(self._export(self.salesperson)), [])
        self.client.user_id = self.salesperson
        self.assertEqual(len(self._table(self._export(self.salesperson))), 1)
        self.assertGreaterEqual(self._export(self.employee).status_code, 400)
        self.assertGreaterEqual(self._export(self.reader, "exe").status_code, 400)
        self.authenticate(None, None)
        response = self.url_open(
            "/client_balance/export", data={"data": "{}"}, allow_redirects=False
        )
        self.assertNotEqual(response.status_code, 200)
