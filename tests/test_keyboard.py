"""Every dialog of ours, worked without a mouse: opened, filled in, confirmed.

Nothing is focused or clicked by the program: Tab is pressed until a person would be
there, so a button that cannot be reached fails the test.
"""

from browsing import Browsing
from playwright.sync_api import expect

from odoo.tests import HttpCase, tagged

from odoo.addons.client_balance.tests.money_common import MoneyCommon

#: More than any form has fields.
PATIENCE = 150
CONFIRM = ".modal footer button.btn-primary"


@tagged("post_install", "-at_install")
class TestKeyboard(Browsing, MoneyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.email = "client@example.com"
        cls.bank1.allow_out_payment = True

    def reach(self, page, selector):
        for _press in range(PATIENCE):
            if page.evaluate(
                "selector => document.activeElement.matches(selector)", selector
            ):
                return
            page.keyboard.press("Tab")
        self.fail(f"no way to {selector} by Tab")

    def type_into(self, page, selector, text):
        self.reach(page, selector)
        page.keyboard.press("Control+a")
        page.keyboard.type(text)

    def choose(self, page, name, text):
        """Type the beginning of a record's name, take the first that is offered."""
        self.type_into(page, f".modal [name={name}] input", text)
        page.wait_for_selector(f".o-autocomplete--dropdown-item:has-text('{text}')")
        page.keyboard.press("Enter")

    def dialog(self, page, opener, *steps):
        """Open with Enter, type amounts and choose records, confirm with Enter."""
        self.reach(page, opener)
        page.keyboard.press("Enter")
        page.wait_for_selector(".modal .o_form_view")
        for name, text in steps:
            self.choose(page, name, text) if text.isalpha() else self.type_into(
                page, f".modal [name={name}] input", text
            )
        self.confirm(page)

    def confirm(self, page):
        self.reach(page, CONFIRM)
        # a calendar takes Enter until it is drawn away, faster than any hand
        expect(page.locator(".o_datetime_picker")).to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.locator(".modal")).to_have_count(0)

    def open_card(self, page, client_id):
        page.goto(f"{self.base_url()}/odoo/res.partner/{client_id}")
        page.wait_for_selector(".o_form_view .o_notebook")
        self.reach(page, ".o_notebook a[name=client_balance]")
        page.keyboard.press("Enter")
        page.wait_for_selector(".o_client_balance_ledger .o_data_row")

    def test_the_dialogs_of_the_client_card(self):
        self._settle(1000, bank=self.bank1)
        client_id = self.client.id
        with self.browse(self.accountant) as page:
            self.open_card(page, client_id)
            self.dialog(page, ".o_client_balance_add", ("amount", "41"))
            for opener, *steps in (
                ("top_up", ("amount", "100")),
                ("refund", ("amount", "30")),
                ("transfer", ("amount", "7")),
                ("exchange", ("currency_to_id", "USD"), ("amount", "400")),
                ("limit", ("limit", "55")),
            ):
                self.open_card(page, client_id)
                self.dialog(page, f"[name=action_client_balance_{opener}]", *steps)
        self.assertEqual(self._balance(self.bank1), 1000 + 41 + 100 - 30 - 7 - 400)
        self.assertEqual(self._balance(self.bank2), 7)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 10)
        self.assertEqual(self._get(self.bank1).overdraft_limit, 55)

    def test_a_settlement_is_corrected_from_its_row(self):
        settlement = self._settle(1000, bank=self.bank1)
        with self.browse(self.accountant) as page:
            page.goto(
                f"{self.base_url()}/odoo/client.balance.settlement/{settlement.id}"
            )
            page.wait_for_selector(".o_form_view")
            self.dialog(page, "button[name=action_edit]", ("amount", "900"))
        self.assertEqual(self._balance(self.bank1), 900)
        self.assertEqual(len(self._settlements(self.bank1)), 3)

    def test_the_two_checkboxes_of_the_payment_dialog(self):
        over, under = self._invoice(100), self._invoice(100)
        ids = over.id, under.id
        with self.browse(self.clerk) as page:
            for invoice_id, amount, name in zip(
                ids, ("150", "80"), ("to", "from"), strict=True
            ):
                page.goto(f"{self.base_url()}/odoo/account.move/{invoice_id}")
                page.wait_for_selector(".o_form_view")
                self.reach(page, "button[name=action_register_payment]")
                page.keyboard.press("Enter")
                self.type_into(page, ".modal [name=amount] input", amount)
                page.keyboard.press("Tab")
                box = f".modal [name={name}_client_balance] input"
                page.wait_for_selector(f"{box}:enabled")
                self.reach(page, box)
                page.keyboard.press("Space")
                self.confirm(page)
        self.assertEqual((over | under).mapped("payment_state"), ["paid", "paid"])
        self.assertEqual(self._balance(self.bank1), 50 - 20)

    def test_the_dialogs_of_documents(self):
        self._settle(70, bank=self.bank1)
        invoice = self._invoice(100)
        credit_note = self._invoice(40, move_type="out_refund")
        act = self.env["client.balance.statement"].create(
            {
                "partner_id": self.client.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        documents = (
            (invoice, "action_pay_from_client_balance"),
            (credit_note, "action_to_client_balance"),
            (act, "action_mark_sent"),
        )
        openers = [(record._name, record.id, button) for record, button in documents]
        with self.browse(self.accountant) as page:
            for model, record_id, button in openers:
                page.goto(f"{self.base_url()}/odoo/{model}/{record_id}")
                page.wait_for_selector(".o_form_view")
                self.dialog_or_confirmation(page, f"button[name={button}]")
        self.assertEqual(invoice.amount_residual, 30)
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 40)
        self.assertEqual(act.state, "sent")

    def dialog_or_confirmation(self, page, opener):
        self.reach(page, opener)
        page.keyboard.press("Enter")
        page.wait_for_selector(".modal footer")
        self.confirm(page)
