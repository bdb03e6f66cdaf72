from lxml import html

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPay(PortalCommon):
    """One class: making the company costs more than the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_portal_pay = True
        cls.foreign_bank = cls.env["res.partner.bank"].create(
            {"partner_id": cls.other_client.id, "acc_number": "UA003333"}
        )

    def _page(self, invoice, user="cb_portal_1", query=""):
        if not self.session or self.session.login != user:
            self.authenticate(user, user)
        response = self.url_open(f"/my/invoices/{invoice.id}{query}")
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.text)

    def _values(self, page, **values):
        """What the form of the page would send, with ``values`` typed in."""
        [form] = page.xpath("//form[hasclass('o_client_balance_pay')]")
        sent = {field.get("name"): field.get("value") for field in form.inputs}
        return {**sent, **values}

    def _submit(self, invoice, values):
        return self.url_open(f"/my/invoices/{invoice.id}/pay_from_balance", data=values)

    def _offers(self, page):
        return bool(page.xpath("//form[hasclass('o_client_balance_pay')]"))

    def _portal(self, user=None):
        """:return: the service as the controller uses it for a portal user"""
        user = user or self.portal_user
        return self.env["client.balance.portal"].with_user(user).sudo()

    def _offer(self, invoice, user=None):
        self.env.invalidate_all()
        portal = self._portal(user)
        return portal._get_payment_offer(invoice.with_env(portal.env))

    def _ask(self, invoice, user=None, **values):
        """What the controller does with the form of a fresh page."""
        portal = self._portal(user)
        if "token" not in values:
            values["token"] = portal._get_payment_token(invoice.with_env(portal.env))
        with self.env.cr.savepoint():
            return portal._pay_from_balance(invoice.with_env(portal.env), values)

    # The page -------------------------------------------------------------------------

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

    def _create_pending_transaction(self, invoice):
        method = self.env["payment.method"].search([], limit=1)
        provider = self.env["payment.provider"].create(
            {"name": "Demo", "code": "demo", "company_id": self.company.id}
        )
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "pending",
                "amount": 1000,
                "currency_id": self.uah.id,
                "partner_id": self.client.id,
                "state": "pending",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )

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

    # Attacks --------------------------------------------------------------------------

    def _prepare_attack(self):
        self.invoice = self._invoice(1000)
        self._settle(600, bank=self.bank1)
        self._settle(777, bank=self.foreign_bank, partner_id=self.other_client.id)

    def assertUntouched(self):
        self.env.invalidate_all()
        self.assertEqual(self.invoice.amount_residual, 1000)
        self.assertEqual(self._balance(self.bank1), 600)
        self.assertEqual(self._balance(self.foreign_bank, self.other_client), 777)

    def test_tampered_amounts_take_nothing(self):
        self._prepare_attack()
        values = self._values(self._page(self.invoice))
        for amount in (
            "-1",
            "-600",
            "0",
            "0.00",
            "",
            " ",
            "600.01",
            "1000",
            "1000000000000000000",
            "1e2",
            "0x10",
            "NaN",
            "inf",
            "-inf",
            "abc",
            "1.2.3",
            "1,2,3",
            "100.001",
            "0.001",
            "<script>alert(1)</script>",
            "'; DROP TABLE client_balance; --",
            "١٢",
            "9" * 400,
            "\x00",
        ):
            with self.subTest(amount=amount[:40]):
                with self.assertRaises(UserError):
                    self._ask(self.invoice, amount=amount)
                self.assertUntouched()
        for amount in ("<script>alert(1)</script>", "1000000000000000000", "\x00"):
            response = self._submit(self.invoice, {**values, "amount": amount})
            self.assertEqual(response.status_code, 400)
            page = html.fromstring(response.text)
            self.assertTrue(page.xpath("//div[@name='client_balance_error']"))
            self.assertNotIn("<script>alert", response.text)
        self.assertUntouched()

    def test_what_is_missing_or_no_text_takes_nothing(self):
        self._prepare_attack()
        for values in ({}, {"amount": None}, {"amount": ["1"]}, {"amount": 1.0}):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._ask(self.invoice, **values)
        for token in (None, 1, ["x"]):
            with self.subTest(token=token), self.assertRaises(UserError):
                self._ask(self.invoice, amount="1", token=token)
        self.assertUntouched()

    def test_tampered_bank_accounts_take_nothing(self):
        self._prepare_attack()
        for bank in (str(self.foreign_bank.id), "none", "abc", "-1", "9" * 30, ["1"]):
            with (
                self.subTest(bank=bank),
                self.assertRefused("cannot be taken: .*0.00"),
            ):
                self._ask(self.invoice, amount="100", bank=bank)
        self.assertUntouched()

    def test_tampered_tokens_take_nothing(self):
        self._prepare_attack()
        for token in (
            "",
            "abc",
            f"{self.invoice.id}-0-999-{self.uah.id}",
            f"{self.invoice.id}-1-100000-{self.uah.id}",
            f"{self.invoice.id}-0-100000",
            f"{self.invoice.id}-%-%",
            "%",
            "_" * 5,
            "1" * 500,
        ):
            with self.subTest(token=token[:40]), self.assertRefused("out of date"):
                self._ask(self.invoice, amount="100", token=token)
        self.assertUntouched()

    def test_other_parameters_change_nothing_but_the_own_payment(self):
        self._prepare_attack()
        values = self._values(
            self._page(self.invoice),
            amount="100",
            currency="USD",
            partner_id=self.other_client.id,
            company_id="1",
            date="2020-01-01",
            invoice_ids="[1]",
        )
        self._submit(self.invoice, values)
        self.assertEqual(self._balance(self.bank1), 500)
        self.assertEqual(self._balance(self.foreign_bank, self.other_client), 777)
        self.assertNotEqual(str(self._settlements(self.bank1)[-1].date), "2020-01-01")

    def test_an_invoice_of_another_client_is_not_there(self):
        self._prepare_attack()
        foreign = self._invoice(500, partner=self.other_client)
        values = self._values(self._page(self.invoice), amount="100")
        token = foreign._portal_ensure_token()
        for extra in ({}, {"access_token": token}):
            response = self._submit(foreign, {**values, **extra})
            self.assertEqual(response.status_code, 404)
        for invoice_id in (0, 10**9, 10**18):
            response = self.url_open(
                f"/my/invoices/{invoice_id}/pay_from_balance", data=values
            )
            self.assertIn(response.status_code, (404,))
        self.assertEqual(foreign.amount_residual, 500)
        self.assertUntouched()

    def test_a_shared_link_shows_no_balance(self):
        self._prepare_attack()
        foreign = self._invoice(500, partner=self.other_client)
        token = foreign._portal_ensure_token()
        page = self._page(foreign, query=f"?access_token={token}")
        self.assertFalse(self._offers(page))
        self.assertNotIn("777", self._text(page))

    def test_nobody_is_logged_in(self):
        self._prepare_attack()
        token = self.invoice._portal_ensure_token()
        values = self._values(self._page(self.invoice), amount="100")
        self.authenticate(None, None)
        page = html.fromstring(
            self.url_open(f"/my/invoices/{self.invoice.id}?access_token={token}").text
        )
        self.assertFalse(self._offers(page))
        response = self.url_open(
            f"/my/invoices/{self.invoice.id}/pay_from_balance",
            data={**values, "access_token": token},
            allow_redirects=False,
        )
        self.assertNotEqual(response.status_code, 200)
        self.assertUntouched()

    def test_a_request_from_another_site_is_refused(self):
        self._prepare_attack()
        values = self._values(self._page(self.invoice), amount="100")
        values["csrf_token"] = "forged"
        with self.assertLogs("odoo.http", "WARNING"):
            response = self._submit(self.invoice, values)
        self.assertEqual(response.status_code, 400)
        self.assertUntouched()

    def test_an_address_pays_nothing(self):
        self._prepare_attack()
        self._page(self.invoice)
        response = self.url_open(
            f"/my/invoices/{self.invoice.id}/pay_from_balance?amount=100"
        )
        self.assertEqual(response.status_code, 405)
        self.assertUntouched()

    def test_where_the_company_does_not_allow_it(self):
        self._prepare_attack()
        values = self._values(self._page(self.invoice), amount="100")
        self.company.client_balance_portal_pay = False
        self.assertFalse(self._offers(self._page(self.invoice)))
        response = self._submit(self.invoice, values)
        self.assertEqual(response.status_code, 403)
        self.assertIn("cannot be paid from the balance here", response.text)
        self.assertUntouched()

    def test_in_a_company_that_is_not_the_users(self):
        self._prepare_attack()
        values = self._values(self._page(self.invoice), amount="100")
        sister = self.env["res.company"].create({"name": "Sister"})
        self.portal_user.write(
            {"company_id": sister.id, "company_ids": [Command.set(sister.ids)]}
        )
        self.assertEqual(self._submit(self.invoice, values).status_code, 404)
        self.assertUntouched()

    def test_a_contact_that_left_the_company(self):
        self._prepare_attack()
        values = self._values(self._page(self.invoice), amount="100")
        self.contact.parent_id = self.other_client
        self.assertEqual(self._submit(self.invoice, values).status_code, 404)
        self.assertUntouched()

    def test_an_employee_uses_the_office(self):
        self._prepare_attack()
        self.authenticate("cb_clerk", "cb_clerk")
        page = self.url_open(f"/my/invoices/{self.invoice.id}").text
        self.assertNotIn("o_client_balance_pay", page)

    def test_documents_that_are_no_open_invoice(self):
        self._prepare_attack()
        refund = self._invoice(50, move_type="out_refund")
        draft = self._invoice(60)
        values = self._values(self._page(self.invoice), amount="10")
        draft.button_draft()
        for document in (refund, draft):
            response = self._submit(document, values)
            self.assertIn(response.status_code, (400, 403, 404))
        self.assertUntouched()

    def test_words_in_the_address_are_not_shown(self):
        self._prepare_attack()
        page = self._page(self.invoice, query="?balance_error=Pay+me&balance=Pay+me")
        self.assertNotIn("Pay me", self._text(page))
        page = self._page(self.invoice, query="?client_balance_error=Pay+me")
        self.assertNotIn("Pay me", self._text(page))
