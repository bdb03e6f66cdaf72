"""Our pages for people who use a keyboard, a screen reader, or see less contrast.

axe-core looks at what is ours; core's own screens around it are not judged.
"""

from browsing import Browsing
from playwright.sync_api import expect

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

from tools import lint

#: The search box, the menu of columns, tabs and tags on our pages are core's.
RUN = """async (selector) => {
    const found = await axe.run(
        {
            include: [[selector]],
            exclude: [
                [".o_searchview"],
                [".o_optional_columns_dropdown"],
                [".o_notebook_headers"],
                [".o_field_tags .o_tag"],
            ],
        },
        {resultTypes: ["violations"], iframes: false}
    );
    return found.violations
        .filter((rule) => ["serious", "critical"].includes(rule.impact))
        .flatMap((rule) => rule.nodes.map((node) =>
            `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""


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

    def test_the_portal_has_no_serious_finding(self):
        self._settle(159, bank=self.bank1, description="Letter 7")
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
            page.goto(f"{self.base_url()}/my/balance")
            self.assertAccessible(page, "#wrap")
