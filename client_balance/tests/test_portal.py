from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.tests import tagged

from .portal_common import PortalCommon


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
            self._strip(self._amounts(page)), ["−30.00", "+5.00", "+100.00"]
        )
        self.assertEqual(
            self._strip(self._running(page)), ["75.00", "105.00", "100.00"]
        )

    def _strip(self, amounts):
        return [
            "".join(c for c in amount if c in "0123456789.+−-") for amount in amounts
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
        # only SQL can link it, and the check of the books would tell
        self.env.cr.execute(
            "DELETE FROM client_balance_settlement_invoice_rel WHERE invoice_id = %s",
            [foreign.id],
        )
        self.env.invalidate_all()

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
