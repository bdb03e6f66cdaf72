from lxml import html

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .portal_pay_common import PortalPayCommon


@tagged("post_install", "-at_install")
class TestPortalPayAttacks(PortalPayCommon):
    """What a client sends to the page of an invoice, and should not."""

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

    def test_an_invoice_that_contradicts_itself_takes_nothing_and_says_so(self):
        self._prepare_attack()
        values = self._values(self._page(self.invoice), amount="100")
        clerk = self.invoice.with_user(self.clerk).with_context(skip_invoice_sync=True)
        clerk.commercial_partner_id = self.other_client
        page = self._page(self.invoice)
        self.assertFalse(self._offers(page))
        [problem] = page.xpath("//*[@name='client_balance_problem']/text()")
        self.assertIn("has checked whose it is", problem)
        self.assertNotIn("Volia", html.tostring(page, encoding="unicode"))
        response = self._submit(self.invoice, values)
        self.assertEqual(response.status_code, 403)
        self.assertIn("has checked whose it is", response.text)
        self.assertUntouched()

    def test_the_stored_client_of_anothers_invoice_takes_nothing(self):
        self._prepare_attack()
        invoice = self._invoice(500, partner=self.other_client)
        clerk = invoice.with_user(self.clerk).with_context(skip_invoice_sync=True)
        clerk.commercial_partner_id = self.client
        self.assertFalse(self._offer(invoice))
        self.assertFalse(self._portal()._get_client_problem(invoice.sudo()))
        with self.assertRaises(UserError):
            self._ask(invoice, amount="100")
        self._page(self.invoice)
        response = self._submit(invoice, self._values(self._page(self.invoice)))
        self.assertEqual(response.status_code, 404)
        self.assertEqual(invoice.amount_residual, 500)
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
