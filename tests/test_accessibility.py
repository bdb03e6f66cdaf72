"""Our pages for people who use a keyboard, a screen reader, or see less contrast.

axe-core looks at what is ours; core's own screens around it are not judged.
"""

from browsing import Browsing
from playwright.sync_api import expect

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

from tools import lint

#: The search box, the menu of columns, tabs, tags, the boxes that select rows, menus of
#: choices, pictures of users and clocks of activities on our pages are core's.
RUN = """async (selector) => {
    const found = await axe.run(
        {
            include: [[selector]],
            exclude: [
                [".o_searchview"],
                [".o_optional_columns_dropdown"],
                [".o_notebook_headers"],
                [".o_field_tags .o_tag"],
                [".o_list_record_selector"],
                [".o_field_many2one_avatar_user img"],
                [".o-mail-ActivityButton"],
                [".o_field_selection .o-dropdown"],
                [".o_select_menu_input"],
            ],
        },
        {resultTypes: ["violations"], iframes: false}
    );
    return found.violations
        .filter((rule) => ["serious", "critical"].includes(rule.impact))
        .flatMap((rule) => rule.nodes.map((node) =>
            `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""

REFUND = {"move_type": "out_refund"}

#: Our lists; what is core's in them, such as the search box, is left out above.
LISTS = {
    "client_balance_checklist_action": ".o_form_view .o_form_sheet",
    "client_balance_report_action": ".o_list_view .o_content",
    "client_balance_ageing_action": ".o_list_view .o_content",
    "client_balance_advance_action": ".o_list_view .o_content",
    "client_balance_action": ".o_list_view .o_content",
    "client_balance_settlement_action": ".o_list_view .o_content",
    "client_balance_settlement_action_graph": ".o_graph_view .o_content",
    "client_balance_statement_action": ".o_list_view .o_content",
    "client_balance_request_action": ".o_view_nocontent",
    "client_balance_reason_action": ".o_list_view .o_content",
    "client_balance_opening_action": ".o_view_nocontent",
}
#: What is ours in core's payment dialog.
BOXES = ".modal .o_inner_group:has([name=to_client_balance])"


@tagged("post_install", "-at_install")
class TestAccessibility(Browsing, ClientBalanceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lint.node_modules()
        cls.axe = lint.NODE_MODULES / "axe-core" / "axe.min.js"

    def assertAccessible(self, page, selector):
        page.wait_for_selector(selector)
        page.add_script_tag(path=self.axe)
        findings = page.evaluate(RUN, selector)
        self.assertFalse(findings, f"{selector} at {page.url}")

    def _open_card(self, page, client_id):
        page.goto(f"{self.base_url()}/odoo/res.partner/{client_id}")
        page.wait_for_selector(".o_form_view .o_notebook")
        page.focus(".o_notebook a[name=client_balance]")
        page.keyboard.press("Enter")
        page.wait_for_selector(".o_client_balance_ledger .o_data_row")

    def test_the_screens_of_clerks_have_no_serious_finding(self):
        self._settle(159, bank=self.bank1, description="Letter 7")
        self._settle(-20, bank=self.bank1)
        invoice = self._invoice(100)
        client_id, invoice_id = self.client.id, invoice.id
        with self.browse(self.accountant) as page:
            self._open_card(page, client_id)
            self.assertAccessible(page, ".o_client_balance_ledger")
            # Keyboard only: open the dialog, fill it in, confirm it.
            page.focus(".o_client_balance_add")
            page.keyboard.press("Enter")
            self.assertAccessible(page, ".modal .o_form_view")
            page.focus(".modal [name=amount] input")
            page.keyboard.type("41")
            page.keyboard.press("Tab")
            page.focus(".modal footer .btn-primary")
            page.keyboard.press("Enter")
            expect(page.locator(".modal")).to_have_count(0)
            page.goto(f"{self.base_url()}/odoo/account.move/{invoice_id}")
            page.wait_for_selector("[name=client_balance_apply]")
            self.assertAccessible(page, ".o_group [name=client_balance_apply]")
            page.click("[name=action_pay_from_client_balance]")
            self.assertAccessible(page, ".modal .o_form_view")
        self.assertEqual(self._balance(self.bank1), 180)

    def test_the_dialogs_have_no_serious_finding(self):
        self._settle(159, bank=self.bank1)
        invoice, credit_note = self._invoice(100), self._invoice(9, **REFUND)
        client_id = self.client.id
        documents = (
            (invoice.id, "action_register_payment"),
            (credit_note.id, "action_to_client_balance"),
        )
        with self.browse(self.accountant) as page:
            self._open_card(page, client_id)
            for name in ("top_up", "refund", "transfer", "exchange", "limit"):
                page.click(f"[name=action_client_balance_{name}]")
                self.assertAccessible(page, ".modal .o_form_view")
                page.keyboard.press("Escape")
                expect(page.locator(".modal")).to_have_count(0)
            page.click(".o_client_balance_ledger .o_data_row [name=action_edit]")
            self.assertAccessible(page, ".modal .o_form_view")
            for document_id, button in documents:
                page.goto(f"{self.base_url()}/odoo/account.move/{document_id}")
                page.click(f"button[name={button}] >> visible=true")
                page.wait_for_selector(".modal .o_form_view")
                if button == "action_register_payment":
                    page.fill(".modal [name=amount] input", "120")
                    page.keyboard.press("Tab")
                    self.assertAccessible(page, BOXES)
                else:
                    self.assertAccessible(page, ".modal .o_form_view")

    def test_the_lists_and_reports_have_no_serious_finding(self):
        self._settle(159, bank=self.bank1)
        self._settle(12, bank=self.bank1, is_advance=True)
        act = self._act()
        with self.browse(self.accountant) as page:
            for action, selector in LISTS.items():
                with self.subTest(action):
                    page.goto(f"{self.base_url()}/odoo/action-client_balance.{action}")
                    self.assertAccessible(page, selector)
            page.goto(f"{self.base_url()}/odoo/client.balance.statement/{act}")
            self.assertAccessible(page, ".o_form_view .o_form_sheet")

    def test_the_settings_have_no_serious_finding(self):
        administrator = self._create_user(
            "cb_axe_admin", "base.group_system,account.group_account_manager"
        )
        with self.browse(administrator) as page:
            page.goto(f"{self.base_url()}/odoo/action-account.action_account_config")
            self.assertAccessible(page, ".o_setting_box[id^=client_balance_]")

    def _act(self):
        """:return: id of a draft"""
        return (
            self.env["client.balance.statement"]
            .create(
                {
                    "partner_id": self.client.id,
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                }
            )
            .id
        )

    def test_the_portal_has_no_serious_finding(self):
        self._settle(159, bank=self.bank1, description="Letter 7")
        self.company.client_balance_portal_pay = True
        self.company.client_balance_portal_top_up = True
        invoice_id = self._invoice(100).id
        act = self.env["client.balance.statement"].browse(self._act())
        act.action_mark_sent()
        paths = [
            "/my/balance",
            "/my/balance/top_up",
            f"/my/balance/statement/{act.id}",
        ]
        contact = self._create_client(
            "Ivan", parent_id=self.client.id, is_company=False
        )
        portal = new_test_user(
            self.env,
            login="cb_portal_axe",
            groups="base.group_portal",
            partner_id=contact.id,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.browse(portal) as page:
            for path in paths:
                page.goto(f"{self.base_url()}{path}")
                self.assertAccessible(page, "#wrap")
            # On the page of an invoice only this form is ours.
            page.goto(f"{self.base_url()}/my/invoices/{invoice_id}")
            page.click("[data-bs-target='#client_balance_pay']")
            self.assertAccessible(page, "form.o_client_balance_pay")
