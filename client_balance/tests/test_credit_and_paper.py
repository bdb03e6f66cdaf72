import re

from lxml.html import fromstring

from odoo.fields import Command
from odoo.tests import tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestCreditAndPaper(ClientBalanceCommon):
    """The balance in credit limits, on the invoice, on paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_use_credit_limit = True
        cls.client.credit_limit = 1000

    def _warning(self, amount, partner=None):
        """What core warns of on a new draft, read by the clerk."""
        draft = self._invoice(amount, partner=partner)
        draft.button_draft()
        draft.invalidate_recordset()
        draft = draft.with_user(self.clerk).with_context(lang="en_US")
        return draft.partner_credit_warning

    def _paper(self, report, record):
        """:return: the amounts that the paper tells of the balance, in hundredths"""
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            report, record.ids
        )
        paper = fromstring(html.decode())
        rows = paper.xpath("//div[@name='client_balance']/div")
        if report == "account.account_invoices":
            # beside the floating column of the totals they stand among the goods
            column = "//div[@id='right-elements']//div[@name='client_balance']/div"
            self.assertEqual(paper.xpath(column), rows)
        # however the language of the client writes them
        return [int(re.sub(r"\D", "", row.text_content())) for row in rows]

    def test_the_balance_raises_what_a_client_may_still_owe(self):
        self.assertIn("reached its credit limit", self._warning(1200))
        self._settle(250)
        self.assertFalse(self._warning(1200))
        warning = self._warning(1300)
        self.assertRegex(warning, r": 1\D050[.,]00")
        self.assertIn("The client balance is already deducted.", warning)

    def test_balances_in_other_currencies_count_at_the_rate_of_the_day(self):
        self._settle(10, currency_id=self.usd.id)
        self.assertFalse(self._warning(1400))
        self.assertIn("reached its credit limit", self._warning(1400.01))

    def test_a_contact_uses_the_balance_of_its_company(self):
        contact = self._create_client("Ivan", parent_id=self.client.id)
        contact.is_company = False
        self._settle(250)
        self.assertFalse(self._warning(1200, partner=contact))

    def test_the_client_card_shows_the_available_credit(self):
        self._settle(250)
        self._invoice(400)
        client = self.client.with_user(self.reader)
        self.assertEqual(client.client_balance_credit_left, 850)

    def test_the_invoice_shows_what_is_to_pay_after_the_balance(self):
        self._settle(250)
        invoice = self._invoice(400).with_user(self.clerk)
        self.assertEqual(invoice.client_balance_net, 150)
        self.assertEqual(self._invoice(100).client_balance_net, 0)

    def test_the_printed_invoice_says_what_the_balance_paid(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        invoice.with_user(self.clerk).action_apply_client_balance()
        self.assertEqual(
            self._paper("account.account_invoices", invoice), [1000_00, 500_00]
        )

    def test_the_paper_of_clients_without_balance_stays_as_it_was(self):
        invoice = self._invoice(1000)
        self.assertEqual(self._paper("account.account_invoices", invoice), [])

    def test_the_paper_is_the_same_for_people_without_rights_on_balances(self):
        self._settle(500)
        invoice = self._invoice(1000)
        self.assertEqual(
            invoice.with_user(self.employee)._get_client_balance_print_vals(),
            {"paid": 0, "remaining": 500},
        )

    def test_a_reversed_application_is_not_printed(self):
        self._settle(500)
        invoice = self._invoice(400)
        invoice.with_user(self.clerk).action_apply_client_balance()
        content = invoice.invoice_payments_widget["content"]
        invoice.js_remove_outstanding_partial(content[0]["partial_id"])
        self.assertEqual(
            invoice._get_client_balance_print_vals(), {"paid": 0, "remaining": 500}
        )

    def test_the_receipt_says_what_went_to_the_balance(self):
        invoice = self._invoice(1000)
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": 1159, "to_client_balance": True})
        )
        payment = wizard._create_payments()
        self.assertEqual(
            self._paper("account.action_report_payment_receipt", payment), [159_00]
        )

    def test_a_bill_says_nothing_of_balances(self):
        self._settle(500)
        bill = self._invoice(
            100,
            move_type="in_invoice",
            invoice_line_ids=[
                Command.create({"name": "Rent", "price_unit": 100, "tax_ids": False})
            ],
        )
        self.assertEqual(bill._get_client_balance_print_vals(), {})
