from lxml import html

from odoo.tests import tagged

from .portal_pay_common import PortalPayCommon


@tagged("post_install", "-at_install")
class TestPortalPay(PortalPayCommon):
    """The client pays its own invoice from its own balance."""

    def test_the_page_offers_what_is_due_at_most(self):
        invoice = self._invoice(1000)
        self._settle(1500, bank=self.bank1)
        offer = self._offer(invoice)
        self.assertEqual((offer["due"], offer["amount"]), (1000, 1000))

    def test_the_page_offers_what_is_available_at_most(self):
        invoice = self._invoice(1000)
        self._settle(300, bank=self.bank1)
        page = self._page(invoice)
        self.assertEqual(self._values(page)["amount"], "300.00")
        [available] = page.xpath("//strong[@name='available']")
        self.assertIn("300.00", self._text(available))

    def test_the_client_pays_a_part_and_the_rest_stays_due(self):
        invoice = self._invoice(1000)
        self._settle(1500, bank=self.bank1)
        values = self._values(self._page(invoice), amount="400,00")
        response = self._submit(invoice, values)
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        self.assertTrue(page.xpath("//div[@name='client_balance_notice']"))
        self.assertEqual(invoice.amount_residual, 600)
        self.assertEqual(self._balance(self.bank1), 1100)
        settlement = self._settlements(self.bank1)[-1]
        self.assertEqual(settlement.settlement_type, "write_off")
        self.assertEqual(settlement.invoice_ids, invoice)
        self.assertEqual(settlement.create_uid, self.portal_user)

    def test_the_rest_is_offered_online_in_the_same_visit(self):
        self.env["ir.config_parameter"].set_param(
            "account_payment.enable_portal_payment", "True"
        )
        invoice = self._invoice(1000)
        self._settle(400)
        response = self._submit(invoice, self._values(self._page(invoice)))
        page = html.fromstring(response.text)
        self.assertTrue(page.xpath("//a[@name='pay_rest_online']"))
        self.assertTrue(page.xpath("//div[@id='pay_with']"))
        self.assertFalse(self._offers(page))
        [paid] = page.xpath("//div[@name='client_balance_paid']")
        self.assertIn("400.00", self._text(paid))

    def test_a_double_click_pays_once(self):
        invoice = self._invoice(1000)
        self._settle(1500)
        values = self._values(self._page(invoice), amount="400")
        self._submit(invoice, values)
        response = self._submit(invoice, values)
        self.assertIn("balance=again", response.url)
        self.assertEqual(self._balance(), 1100)
        self.assertEqual(invoice.amount_residual, 600)

    def test_two_tabs_pay_once(self):
        invoice = self._invoice(1000)
        self._settle(1500)
        first, second = self._page(invoice), self._page(invoice)
        self._submit(invoice, self._values(first, amount="400"))
        response = self._submit(invoice, self._values(second, amount="500"))
        self.assertIn("balance=again", response.url)
        self.assertEqual(self._balance(), 1100)

    def test_a_stale_page_pays_nothing(self):
        invoice = self._invoice(1000)
        self._settle(1500)
        values = self._values(self._page(invoice), amount="400")
        paid = self._entry(300, account=self.receivable)
        (paid | invoice).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        response = self._submit(invoice, values)
        self.assertEqual(response.status_code, 400)
        page = html.fromstring(response.text)
        [error] = page.xpath("//div[@name='client_balance_error']")
        self.assertIn("out of date", self._text(error))
        self.assertEqual(self._balance(), 1500)
        # the page that comes with the refusal is fresh
        self._submit(invoice, self._values(page, amount="700"))
        self.assertEqual(self._balance(), 800)
        self.assertEqual(invoice.amount_residual, 0)

    def test_a_page_in_hryvnias_takes_no_dollars(self):
        self._settle(5000, bank=self.bank1, currency_id=self.usd.id)
        invoice, portal = self._invoice(1000), self._portal()
        token = portal._get_payment_token(invoice.with_env(portal.env))
        invoice.button_draft()
        invoice.currency_id = self.usd
        invoice.action_post()
        self.env.invalidate_all()
        with self.assertRefused("out of date"):
            self._ask(invoice, amount="100", token=token)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 5000)

    def test_undone_and_paid_again(self):
        invoice = self._invoice(1000)
        self._settle(1500)
        old = self._values(self._page(invoice))
        self._submit(invoice, old)
        self.assertEqual(self._balance(), 500)
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(self._balance(), 1500)
        self._submit(invoice, old)
        self.assertEqual(self._balance(), 1500)
        self._submit(invoice, self._values(self._page(invoice)))
        self.assertEqual(self._balance(), 500)

    def test_several_bank_accounts_pay_in_turn_or_one_alone(self):
        invoice = self._invoice(1000)
        self._settle(300, bank=self.bank1)
        self._settle(900, bank=self.bank2)
        keys = [item["key"] for item in self._offer(invoice)["balances"]]
        self.assertEqual(keys, [str(self.bank1.id), str(self.bank2.id)])
        self._ask(invoice, amount="100", bank=str(self.bank2.id))
        self.assertEqual(self._balance(self.bank1), 300)
        self.assertEqual(self._balance(self.bank2), 800)
        self._ask(invoice, amount="900", bank="")
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._balance(self.bank2), 200)
        self.assertEqual(invoice.amount_residual, 0)

    def test_a_dollar_balance_pays_no_hryvnia_invoice(self):
        invoice = self._invoice(1000)
        self._settle(500, currency_id=self.usd.id)
        self.assertIsNone(self._offer(invoice))

    def test_off_by_default(self):
        company = self.env["res.company"].create({"name": "New"})
        self.assertFalse(company.client_balance_portal_pay)
        self.assertFalse(company.client_balance_online_overpayment)
        self.assertFalse(company.client_balance_notice_spend)

    def test_nothing_is_offered_while_an_online_payment_is_on_its_way(self):
        invoice = self._invoice(1000)
        self._settle(1500)
        self._create_pending_transaction(invoice)
        self.assertIsNone(self._offer(invoice))
        with self.assertRefused("is being processed"):
            self._ask(invoice, amount="100")
        self.assertEqual(self._balance(), 1500)

    def test_a_branch_invoice_is_paid_from_the_balance_of_the_company(self):
        self._settle(500)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        self.env = self.env(
            context={"allowed_company_ids": (self.company | branch).ids}
        )
        self.client.with_company(
            branch
        ).property_account_receivable_id = self.receivable
        invoice = self._invoice(200, company_id=branch.id)
        self.portal_user.company_ids += branch
        self._ask(invoice, amount="200")
        self.assertEqual(self._balance(), 300)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._settlements()[-1].move_id.company_id, branch)
