"""The client card, walked in a browser as a person does it, checked in PostgreSQL.

The numbers of the tests are those of the original's client card: balance per bank
account, add, filters, page size, export, refresh, search, invoice links, edit, delete.
"""

import io

from browsing import Browsing
from openpyxl import load_workbook
from playwright.sync_api import expect

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.client_balance.models.client_balance_gate import GATE
from odoo.addons.client_balance.tests.common import ClientBalanceCommon

expect.set_options(timeout=30000)

LEDGER = ".o_client_balance_ledger"
ROW = f"{LEDGER} .o_data_row"
CARD = f"{LEDGER} .o_kanban_record:not(.o_kanban_ghost)"


@tagged("post_install", "-at_install")
class TestClientCard(Browsing, ClientBalanceCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.client_id = self.client.id

    def open_card(self, page, rows=ROW):
        page.goto(f"{self.base_url()}/odoo/res.partner/{self.client_id}")
        page.wait_for_selector(".o_form_view .o_notebook")
        self.assertEqual(self.calls, [], "nothing is asked before the page is opened")
        page.click(".o_notebook a[name=client_balance]")
        if rows:
            page.wait_for_selector(rows)
            page.wait_for_selector(f"{LEDGER} .o_client_balance_chip")

    def sql(self, query, *params):
        self.env.cr.execute(query, params)
        return self.env.cr.fetchall()

    def ledger_rows(self):
        return [
            (float(amount), description)
            for amount, description in self.sql(
                "SELECT amount, description FROM client_balance_settlement"
                " WHERE partner_id = %s ORDER BY id",
                self.client.id,
            )
        ]

    def balance_row(self, bank):
        [[amount]] = self.sql(
            "SELECT amount FROM client_balance WHERE partner_id = %s"
            " AND partner_bank_id = %s AND currency_id = %s",
            self.client.id,
            bank.id,
            self.uah.id,
        )
        return float(amount)

    def count(self, page, number, rows=ROW):
        expect(page.locator(rows)).to_have_count(number)

    def drop_facet(self, page, text):
        facet = page.locator(f"{LEDGER} .o_searchview_facet", has_text=text)
        facet.locator(".o_facet_remove").click()

    # The walk -------------------------------------------------------------------------

    def test_see_filter_search_export(self):
        """1 balances, 3–5 filters, 6 page size, 7 export, 8 refresh, 9 search, 10."""
        for day in range(1, 13):
            self._settle(100 + day, bank=self.bank1, date=f"2026-03-{day:02}")
        self._settle(20159, bank=self.bank2, date="2026-04-01")
        self._settle(50, currency_id=self.usd.id, date="2026-04-03")
        invoice = self._invoice(5000)
        invoice_name = invoice.name
        linked = self._settlements(self.bank2)
        linked.with_context(client_balance_gate=GATE).write(
            {"invoice_ids": [Command.link(invoice.id)]}
        )
        with self.browse(self.clerk) as page:
            self.open_card(page)
            self.count(page, 14)
            self.assertEqual(
                sorted(call for call in self.calls if "get_views" not in call),
                [
                    "client.balance.settlement/web_search_read",
                    "client.balance/get_client_balance_overview",
                ],
            )
            # 1: a chip per bank account and currency, totals and the net line
            expect(page.locator(".o_client_balance_chip")).to_have_count(3)
            expect(page.locator(".o_client_balance_net")).to_contain_text(
                "= we owe the client"
            )
            # only managers add
            expect(page.locator(".o_client_balance_add")).to_have_count(0)
            # 3: bank account
            page.select_option(".o_client_balance_bank", label="UA002222")
            self.count(page, 1)
            # 10: the invoice is a link
            expect(page.locator(f"{ROW} .o_client_balance_invoice")).to_have_text(
                invoice_name
            )
            page.select_option(".o_client_balance_bank", label="All bank accounts")
            self.count(page, 14)
            # 5: currency
            page.select_option(".o_client_balance_currency", label="USD")
            self.count(page, 1)
            page.select_option(".o_client_balance_currency", label="All currencies")
            # 4: dates, from and to, beside another filter
            page.select_option(".o_client_balance_bank", label="UA001111")
            self.count(page, 12)
            page.fill("#client_balance_from", "03/03/2026")
            page.keyboard.press("Enter")
            self.count(page, 10)
            page.fill("#client_balance_to", "03/05/2026")
            page.keyboard.press("Enter")
            self.count(page, 3)
            # 8: refresh keeps the filters
            page.click(".o_client_balance_refresh")
            self.count(page, 3)
            # they survive leaving and coming back
            page.click(".o_notebook a[name=sales_purchases]")
            page.click(".o_notebook a[name=client_balance]")
            self.count(page, 3)
            self.drop_facet(page, "Date:")
            self.count(page, 12)
            expect(page.locator("#client_balance_from")).to_have_value("")
            # 6: page size, remembered
            page.select_option(".o_client_balance_page_size", "10")
            self.count(page, 10)
            # 7: export gives all filtered rows, not the page
            with page.expect_download() as download:
                page.click(".o_client_balance_export")
                page.click("text=Excel (XLSX)")
            content = download.value.path().read_bytes()
            sheet = load_workbook(io.BytesIO(content)).active
            titles, *values = sheet.values
            amounts = [row[titles.index("Amount")] for row in values]
            self.assertEqual(len(amounts), 12)
            # 9: search by amount as people type it, and by the bank's last digits
            self.drop_facet(page, "Bank account:")
            for text, number in (("20 159,00", 1), ("2222", 1), ("112", 1)):
                page.fill(f"{LEDGER} .o_searchview_input", text)
                page.wait_for_selector(".o_searchview_autocomplete .focus")
                page.keyboard.press("Enter")
                self.count(page, number)
                self.drop_facet(page, text)
                self.count(page, 10)
            # 1: a click on a chip filters the ledger
            page.click(".o_client_balance_chip:has-text('UA002222')")
            self.count(page, 1)
            # 11: the balances of a day
            page.fill("#client_balance_date", "03/31/2026")
            page.keyboard.press("Enter")
            expect(page.locator(".o_client_balance_totals")).to_contain_text(
                "03/31/2026"
            )
            expect(
                page.locator(".o_client_balance_chip:has-text('UA002222')")
            ).to_have_count(0)
            page.click(f"{ROW} .o_client_balance_invoice")
            page.wait_for_selector(f".o_breadcrumb:has-text('{invoice_name}')")
            page.click(".o_breadcrumb a:has-text('Romashka')")
            page.wait_for_selector(ROW)
            self.count(page, 1)
        self.assertEqual(sum(amounts), self.balance_row(self.bank1))

    def test_add_edit_delete(self):
        """2 add with the available balance, 11 edit, 12 delete; a document's row."""
        self._settle(1000, bank=self.bank1)
        self._entry(70, bank=self.bank2)
        self.client.client_balance_bank_id = self.bank1
        with self.browse(self.manager) as page:
            self.open_card(page)
            page.click(".o_client_balance_add")
            dialog = page.locator(".modal")
            expect(dialog.locator("[name=available]")).to_contain_text("1,000.00")
            dialog.locator("[name=amount] input").fill("400")
            dialog.locator("[name=description] input").fill("Penalty")
            dialog.get_by_label("Takes from the client").check()
            expect(dialog.locator("[name=balance_then]")).to_contain_text("600.00")
            expect(dialog.locator("[name=preview]")).to_contain_text("400.00")
            dialog.get_by_role("button", name="Add settlement").dblclick()
            expect(page.locator(ROW, has_text="Penalty")).to_have_count(1)
            expect(page.locator(".o_client_balance_chip").first).to_contain_text(
                "600.00"
            )
            # edit: the amount is replaced by a reversal and a corrected settlement
            row = page.locator(ROW, has_text="Penalty")
            row.locator("button[name=action_edit]").click()
            dialog.locator("[name=amount] input").fill("300")
            dialog.get_by_role("button", name="Reverse and replace").click()
            expect(page.locator(ROW, has_text="−300.00")).to_have_count(1)
            expect(page.locator(ROW, has_text="−400.00")).to_have_count(0)
            # delete: asks, then reverses
            row = page.locator(ROW, has_text="−300.00")
            row.locator("button[name=action_delete]").click()
            dialog.get_by_role("button", name="Reverse").click()
            expect(page.locator(ROW, has_text="−300.00")).to_have_count(0)
            expect(page.locator(".o_client_balance_chip").first).to_contain_text(
                "1,000.00"
            )
            page.check(".o_client_balance_reversed")
            self.count(page, 6)
            # a row made by an entry is changed there
            row = page.locator(ROW, has_text="UA002222")
            expect(row.locator("button[name=action_edit]")).to_have_count(0)
            expect(row.locator("button[name=action_delete]")).to_have_count(0)
        self.assertEqual(
            [amount for amount, _description in self.ledger_rows()],
            [1000, 70, -400, 400, -300, 300],
        )
        self.assertEqual(self.balance_row(self.bank1), 1000)
        [[reversed_count]] = self.sql(
            "SELECT count(*) FROM client_balance_settlement WHERE partner_id = %s"
            " AND reversed_by_id IS NOT NULL",
            self.client.id,
        )
        self.assertEqual(reversed_count, 2)

    def test_on_a_phone(self):
        """A kanban instead of a cut table, at 390 pixels."""
        self._settle(1000, bank=self.bank1)
        with self.browse(self.manager, width=390) as page:
            self.open_card(page, rows=CARD)
            expect(page.locator(CARD)).to_contain_text("+1,000.00")
            wide = page.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(wide, 390)

    def test_the_page_is_absent(self):
        """12: without the right, and where the company switched it off."""
        self._settle(1000)
        with self.browse(self.employee) as page:
            page.goto(f"{self.base_url()}/odoo/res.partner/{self.client_id}")
            page.wait_for_selector(".o_form_view .o_notebook")
            tab = page.locator(".o_notebook a[name=client_balance]")
            expect(tab).to_have_count(0)
            self.assertEqual(self.calls, [])
        with self.browse(self.reader) as page:
            self.open_card(page)
            expect(page.locator(f"{LEDGER} th[data-name=invoice_ids]")).to_have_count(0)
        self.company.client_balance_tab = False
        with self.browse(self.reader) as page:
            page.goto(f"{self.base_url()}/odoo/res.partner/{self.client_id}")
            page.wait_for_selector(".o_form_view .o_notebook")
            tab = page.locator(".o_notebook a[name=client_balance]")
            expect(tab).to_have_count(0)
