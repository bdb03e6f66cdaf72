import base64
import io
import json

import openpyxl
from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from .statement_common import StatementCommon

#: one transparent pixel
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)


class TestStatementPortal(StatementCommon, HttpCase):
    """Clients read and answer the own acts; nobody else's, and nothing more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contact = cls.env["res.partner"].create(
            {"name": "Olena", "parent_id": cls.client.id}
        )
        cls.portal_user = cls._create_portal_user("cb_portal_1", contact)
        cls.stranger = cls._create_portal_user("cb_portal_2", cls.other_client)

    @classmethod
    def _create_portal_user(cls, login, partner):
        return new_test_user(
            cls.env(su=True),
            login=login,
            groups="base.group_portal",
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.patch(
            type(self.env["ir.actions.report"]),
            "get_wkhtmltopdf_state",
            # reports are HTML in tests, also where nothing can make a PDF
            lambda report: "ok",
        )
        self._invoice(1000)
        self._settle(300, date="2026-03-02")
        self.act = self._sent()
        self.url = f"/my/balance/statement/{self.act.id}"
        self.token = f"?access_token={self.act.access_token}"

    def _page(self, url=None, user="cb_portal_1", status=200):
        self.authenticate(user, user)
        with self.assertNoLogs("odoo.http", "WARNING"):
            response = self.url_open(url or self.url)
        self.assertEqual(response.status_code, status)
        return html.fromstring(response.text)

    def _post(self, action, user="cb_portal_1", url=None, **data):
        """Send a form as the page does. :return: the page that comes back"""
        self.authenticate(user, user)
        page = self.url_open(f"{url or self.url}/{action}", data=self._form(data))
        self.assertLess(page.status_code, 500)
        self.env.invalidate_all()
        return page

    def _form(self, data):
        return {"csrf_token": Request.csrf_token(self), **data}

    def _sign(self, user="cb_portal_1", url=None, query="", **params):
        if user:
            self.authenticate(user, user)
        else:
            self.authenticate(None, None)
        response = self.url_open(
            f"{url or self.url}/sign{query}",
            data=json.dumps({"params": params}),
            headers={"Content-Type": "application/json"},
        )
        self.env.invalidate_all()
        answer = response.json()
        self.assertNotIn("error", answer)
        return answer["result"]

    def _text(self, node):
        return " ".join(node.text_content().replace("\xa0", " ").split())

    # Reading --------------------------------------------------------------------------

    def test_the_list_and_the_page_show_the_own_act(self):
        page = self._page("/my/balance/statement")
        [row] = page.xpath("//a[@name='act']")
        self.assertIn("Waiting for you", self._text(row))
        page = self._page()
        [table] = page.xpath("//table[@name='rows']")
        self.assertIn("1,000.00", self._text(table))
        self.assertIn("700.00", self._text(page.xpath("//p[@name='conclusion']")[0]))
        self.assertTrue(page.xpath("//p[@name='not_qualified']"))

    def test_drafts_and_strangers_are_sent_away(self):
        draft = self._act("2026-02-01", "2026-02-28")
        draft._portal_ensure_token()
        for url, user in (
            (self.url, "cb_portal_2"),
            (self.url + "?access_token=wrong", "cb_portal_2"),
            (self.url + "?report_type=pdf", "cb_portal_2"),
            (self.url + "?report_type=xlsx", "cb_portal_2"),
            (draft.get_portal_url(), "cb_portal_1"),
            ("/my/balance/statement/999999999", "cb_portal_1"),
        ):
            page = self._page(url, user)
            self.assertFalse(page.xpath("//*[@name='statement']"), url)
            self.assertNotIn(self.act.name, self._text(page))
        self.assertFalse(
            self._page("/my/balance/statement", "cb_portal_2").xpath("//a[@name='act']")
        )

    def test_anonymous_visitors_need_the_token(self):
        self.authenticate(None, None)
        response = self.url_open(self.url, allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        response = self.url_open(self.url + self.token)
        self.assertIn(self.act.name, response.text)
        response = self.url_open(f"{self.url}{self.token}&report_type=xlsx")
        self.assertIn("spreadsheetml", response.headers["Content-Type"])

    def test_over_rpc_a_portal_user_reads_only_the_own_sent_acts(self):
        draft = self._act("2026-02-01", "2026-02-28")
        other = self._sent(partner_id=self.other_client.id)
        Statement = self.env["client.balance.statement"].with_user(self.portal_user)
        self.assertEqual(Statement.search([]), self.act)
        for act in (draft, other):
            with self.assertRefused("access|not allowed", AccessError):
                act.with_user(self.portal_user).read(["name"])
        lines = self.act.line_ids.with_user(self.portal_user)
        self.assertTrue(lines.mapped("label"))
        with self.assertRefused("not allowed|access|move_id", AccessError):
            lines.read(["move_id"])
        with self.assertRefused("not allowed", AccessError):
            self.act.with_user(self.portal_user).write({"user_id": self.stranger.id})
        with self.assertRefused("not allowed", AccessError):
            lines.write({"client_credit": 1})
        with self.assertRefused("not allowed", AccessError):
            self.act.with_user(self.portal_user).action_revoke()

    def test_another_company_of_the_group_is_out_of_reach(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.portal_user.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertFalse(self._page().xpath("//*[@name='statement']"))

    def test_the_spreadsheet_adds_up(self):
        self.authenticate("cb_portal_1", "cb_portal_1")
        response = self.url_open(f"{self.url}?report_type=xlsx")
        workbook = openpyxl.load_workbook(io.BytesIO(response.content))
        rows = [[cell.value for cell in row] for row in workbook.active.iter_rows()]
        labels = {row[0]: row for row in rows if isinstance(row[0], str)}
        self.assertEqual(labels["Turnover for the period"][2:4], [1000, 300])
        self.assertEqual(labels["Closing balance"][2], 700)

    def test_the_office_downloads_the_spreadsheet(self):
        url = f"/client_balance/statement/{self.act.id}/xlsx"
        self.authenticate("cb_reader", "cb_reader")
        self.assertEqual(self.url_open(url).status_code, 200)
        for user in ("cb_employee", "cb_portal_2"):
            self.authenticate(user, user)
            self.assertEqual(self.url_open(url).status_code, 404)

    # Signing --------------------------------------------------------------------------

    def test_signing_agrees_mirrors_and_tells_the_accountant(self):
        result = self._sign(name="Olena Bondar", signature=PICTURE)
        self.assertTrue(result.get("force_refresh"), result)
        act = self.act
        self.assertEqual((act.state, act.signed_by), ("agreed", "Olena Bondar"))
        self.assertEqual((act.client_closing_balance, act.difference), (-700.0, 0.0))
        self.assertEqual(act.activity_ids.user_id, self.clerk)
        self.assertEqual(act.signed_attachment_id.res_id, act.id)
        self.assertTrue(act.signed_attachment_id.raw)
        page = self._page()
        self.assertTrue(page.xpath("//div[@name='signature']"))
        self.assertFalse(page.xpath("//div[@name='actions']"))

    def test_it_is_signed_once(self):
        self._sign(name="Olena", signature=PICTURE)
        again = self._sign(name="Petro", signature=PICTURE)
        self.assertIn("in state", again["error"])
        self.assertEqual(self.act.signed_by, "Olena")

    def test_a_link_with_the_token_signs_without_login(self):
        result = self._sign(
            user=None, query=self.token, name="Olena", signature=PICTURE
        )
        self.assertIn("access_token", result["redirect_url"])
        self.assertEqual(self.act.state, "agreed")

    def test_bad_signatures_change_nothing(self):
        for params in (
            {"name": "Olena"},
            {"name": "", "signature": PICTURE},
            {"name": ["x"], "signature": PICTURE},
            {"name": "Olena", "signature": {"a": 1}},
            {"name": "Olena", "signature": "не картинка"},
            {"name": "Olena", "signature": base64.b64encode(b"text").decode()},
            {"name": "Olena", "signature": "A" * 2_000_001},
        ):
            self.assertTrue(self._sign(**params).get("error"), str(params)[:60])
        for user, query in ((None, ""), ("cb_portal_2", ""), (None, "?access_token=x")):
            result = self._sign(user, query=query, name="X", signature=PICTURE)
            self.assertIn("not available", result["error"])
        self.assertEqual(self.act.state, "sent")

    def test_the_office_does_not_answer_for_the_client(self):
        """Reading is not being: with a right on all acts, and with the link as well."""
        for user in ("cb_reader", "cb_clerk", "cb_manager"):
            for query in ("", self.token):
                with self.subTest(user=user, query=query):
                    result = self._sign(user, query=query, name="X", signature=PICTURE)
                    self.assertIn("Only the client answers", result["error"])
                    page = self._page(self.url + query, user)
                    self.assertTrue(page.xpath("//*[@name='statement']"))
                    self.assertFalse(page.xpath("//div[@name='actions']"))
            page = self._post("refuse", user, reason="Not ours")
            self.assertIn("Only the client answers", page.text)
            page = self._post("answer", user, name="X", debit_new0="5")
            self.assertIn("Only the client answers", page.text)
        self.assertEqual(self.act.state, "sent")
        self.assertFalse(self.act.has_client_half)

    def test_the_token_is_for_those_who_send_the_act(self):
        for user in (self.reader, self.portal_user):
            with self.assertRaises(AccessError):
                self.act.with_user(user).read(["access_token"])
        self.assertTrue(self.act.with_user(self.clerk).access_token)

    def test_a_signature_is_a_raster_image_by_its_content(self):
        drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>'
        for content in (drawing, b"<?xml version='1.0'?>" + drawing, b"%PDF-1.4"):
            result = self._sign(
                name="Olena", signature=base64.b64encode(content).decode()
            )
            self.assertIn("not a picture", result["error"])
        self.assertEqual(self.act.state, "sent")
        self.assertFalse(self.act.signature)

    def test_odd_links_lead_nowhere(self):
        for token in (["x"], {"a": 1}, 5, "ключ", True):
            result = self._sign("cb_portal_2", access_token=token, name="X")
            self.assertIn("not available", result["error"])
        for number in (0, 2**31, 10**20):
            page = self._page(f"/my/balance/statement/{number}")
            self.assertFalse(page.xpath("//*[@name='statement']"))
        self.authenticate("cb_reader", "cb_reader")
        for number in (0, 2**31, 10**20):
            url = f"/client_balance/statement/{number}/xlsx"
            self.assertEqual(self.url_open(url).status_code, 404)

    def test_what_was_signed_stays_as_it_was(self):
        self._sign(name="Olena", signature=PICTURE)
        signed = self.act.signed_attachment_id
        picture = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self.act._name),
                ("res_id", "=", self.act.id),
                ("res_field", "=", "signature"),
            ]
        )
        self.assertTrue(picture)
        for user in (self.clerk, self.manager):
            for document in (signed, picture):
                for action in (
                    lambda file: file.write({"raw": b"other"}),
                    lambda file: file.write({"res_id": 0}),
                    lambda file: file.sudo().write({"raw": b"other"}),
                    lambda file: file.unlink(),
                    lambda file: file.sudo().unlink(),
                ):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        action(document.with_user(user))
            with self.assertRefused("does not change any more"):
                self.act.with_user(user).write({"contract": "No. 7"})
        self.assertTrue(signed.exists())

    # Refusing and differing -----------------------------------------------------------

    def test_a_refusal_needs_a_reason(self):
        page = self._post("refuse", reason="   ")
        self.assertIn("Write why you refuse", page.text)
        self.assertEqual(self.act.state, "sent")
        self._post("refuse", reason="Not our invoice")
        self.assertEqual(
            (self.act.state, self.act.answer), ("refused", "Not our invoice")
        )
        self.assertIn("Not our invoice", self.act.activity_ids.note)
        page = self._post("refuse", reason="again")
        self.assertIn("already answered", page.text)
        self.assertEqual(self.act.answer, "Not our invoice")

    def test_the_form_is_filled_in_as_the_mirror_of_ours(self):
        page = self._page()
        invoice = self.act.line_ids.filtered("debit")
        [field] = page.xpath(f"//input[@name='credit_{invoice.id}']")
        self.assertEqual(field.get("value"), "1000.00")

    def test_the_client_fills_in_only_the_own_half(self):
        invoice = self.act.line_ids.filtered("debit")
        ours = self.act.line_ids.mapped(lambda line: (line.debit, line.credit))
        self._post(
            "answer",
            name="Olena",
            answer="One invoice is missing",
            debit_opening="5",
            **{
                f"debit_{invoice.id}": "",
                f"credit_{invoice.id}": "900,50",
                "credit_new0": "12.30",
                "document_new0": "=HYPERLINK(1)",
                "date_new0": "2026-03-09",
                f"label_{invoice.id}": "x",
                "closing_balance": "0",
                "state": "agreed",
            },
        )
        act = self.act
        self.assertEqual((act.state, act.signed_by), ("differences", "Olena"))
        self.assertEqual(invoice.client_credit, 900.5)
        self.assertEqual(
            act.line_ids.filtered("kind").mapped(
                lambda line: (line.debit, line.credit)
            ),
            ours,
        )
        added = act.line_ids - act.line_ids.filtered("kind")
        self.assertEqual((added.client_credit, added.debit), (12.3, 0.0))
        # by the client: 5 + 300 − 900.50 − 12.30
        self.assertEqual(act.client_closing_balance, -607.8)
        self.assertEqual((act.closing_balance, act.difference), (700.0, 92.2))
        page = self._page()
        self.assertIn("92.20", self._text(page.xpath("//p[@name='difference']")[0]))

    def test_lines_of_other_acts_are_not_reached(self):
        self._invoice(77, partner=self.other_client)
        foreign = self._sent(partner_id=self.other_client.id).line_ids
        self._post(
            "answer", name="Olena", **{f"credit_{foreign.id}": "5", "credit_x": "5"}
        )
        self.assertEqual(foreign.client_credit, 0.0)
        self.assertEqual((self.act.state, self.act.difference), ("differences", 0.0))

    @mute_logger("odoo.http")
    def test_tampered_amounts_change_nothing(self):
        line = self.act.line_ids[0]
        for value in (
            "-5",
            "1e3",
            "NaN",
            "inf",
            "abc",
            "1" * 18,
            "１２",
            "0x10",
            "5;5",
        ):
            page = self._post("answer", name="Olena", **{f"debit_{line.id}": value})
            self.assertIn("no positive number", page.text, value)
        page = self._post(
            "answer", name="Olena", date_new0="31.31.2026", credit_new0="5"
        )
        self.assertIn("not a date", page.text)
        page = self._post("answer", name=" ")
        self.assertIn("Enter your name", page.text)
        self._post("answer", user="cb_portal_2", name="Eve")
        self._post("refuse", user="cb_portal_2", reason="Eve")
        self.assertEqual(self.act.state, "sent")
        self.assertFalse(self.act.has_client_half)

    def test_a_revoked_act_says_so_and_takes_no_answer(self):
        self.act.with_user(self.clerk).action_revoke()
        page = self._page()
        self.assertTrue(page.xpath("//div[@name='revoked']"))
        self.assertFalse(page.xpath("//div[@name='actions']"))
        self.assertIn("in state", self._sign(name="Olena", signature=PICTURE)["error"])
