import io

import openpyxl
from lxml import html

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

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
