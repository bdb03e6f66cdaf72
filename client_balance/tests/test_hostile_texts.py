import csv
import io
import json
from unittest.mock import patch

from lxml import html
from openpyxl import load_workbook
from werkzeug.urls import url_encode

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .portal_common import PortalCommon
from .statement_common import StatementCommon

#: What takes a text for a part of a statement, a pattern or a format.
INJECTIONS = (
    "'; DROP TABLE client_balance_settlement; --",
    "' OR '1'='1",
    '" OR ""="',
    "\\'; SELECT 1; --",
    "%",
    "_",
    "%s %(amount)s {0} {self}",
    "$$; SELECT pg_sleep(9); $$",
)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1")
HTML = '<script>alert(1)</script><img src="x" onerror="alert(2)"/>"\'&amp;'
#: A letter and a picture beyond the first 65,536 characters, and accents that combine.
RARE = "𝔘 🧾 é ї \u202e\u200b"


@tagged("post_install", "-at_install")
class TestHostileTexts(StatementCommon, PortalCommon):
    """Whatever is written into a text: it is a text, everywhere it is shown."""

    def _export(self, file_format):
        self.authenticate("cb_clerk", "cb_clerk")
        data = {"format": file_format, "domain": [["partner_id", "=", self.client.id]]}
        response = self.url_open(
            "/client_balance/export",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "data": json.dumps(data),
            },
        )
        self.assertEqual(response.status_code, 200)
        return response.content

    def _csv(self):
        text = self._export("csv").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def _cells(self, content):
        sheets = load_workbook(io.BytesIO(content)).worksheets
        return [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]

    # SQL --------------------------------------------------------------------------

    def test_sql_in_what_is_recorded_stays_text(self):
        for text in INJECTIONS:
            settlement = self._settle(1, description=text, external_ref=text)
            self.env.invalidate_all()
            self.assertEqual(settlement.description, text)
            self.assertEqual(self._settle(1, external_ref=text), settlement)
        self.assertEqual(len(self._settlements()), len(INJECTIONS))

    def test_sql_in_what_is_searched_finds_itself_only(self):
        self._settle(1, description="Letter 7")
        found = self._settle(2, description="100 % _ '")
        Settlement = self.env["client.balance.settlement"].with_user(self.reader)
        for text in INJECTIONS:
            if "%" in text or "_" in text:
                continue  # Odoo's own wildcards: they find more, and that is meant
            with self.subTest(text=text):
                self.assertFalse(Settlement.name_search(text))
                page = self._open("/my/balance?" + url_encode({"search": text}))
                self.assertFalse(PortalCommon._rows(self, page))
        self.assertEqual(
            [id_ for id_, _name in Settlement.name_search("_ '")], found.ids
        )

    def test_sql_in_the_parameters_of_the_portal_counts_as_not_given(self):
        self._settle(1)
        for name in ("bank", "currency", "date_from", "date_to", "sortby", "reversed"):
            for text in INJECTIONS[:4]:
                query = url_encode({name: text})
                page = self._open(f"/my/balance?{query}")
                self.assertEqual(len(PortalCommon._rows(self, page)), 1)

    def test_sql_in_the_order_or_the_fields_is_refused(self):
        self._settle(1)
        for model in ("client.balance.report", "client.balance.settlement"):
            records = self.env[model].with_user(self.reader)
            for text in INJECTIONS:
                for ask in (
                    lambda r=records, t=text: r.search([], order=t),
                    lambda r=records, t=text: r.search([(t, "=", 1)]),
                    lambda r=records, t=text: r.formatted_read_group([], [t], []),
                    lambda r=records, t=text: r.formatted_read_group([], [], [t]),
                ):
                    # the error must come from Odoo, before PostgreSQL sees anything
                    try:
                        ask()
                    except (ValueError, UserError):
                        continue
                    self.fail(f"{model} takes {text}")
        for text in INJECTIONS:
            report = self.env["client.balance.report"].with_user(self.reader)
            report = report.with_context(client_balance_date=text)
            self.assertTrue(report.search([("x_balance_uah", "=", 1)]))

    # Formulas ---------------------------------------------------------------------

    def test_no_export_has_a_formula(self):
        reasons = self.env["client.balance.reason"].create(
            [{"name": text.strip() or text, "direction": "both"} for text in FORMULAS]
        )
        self.client.name = "=Client"
        self.bank1.acc_number = "@1111"
        for text, reason in zip(FORMULAS, reasons, strict=True):
            self._settle(1, bank=self.bank1, description=text, reason_id=reason.id)
        for row in self._csv():
            for title in ("Client", "Description", "Reason", "Bank account"):
                self.assertRegex(row[title], r"\A'")
        self.assertEqual(
            [row["Description"] for row in reversed(self._csv())],
            [f"'{text}" for text in FORMULAS],
        )
        report = self.env["client.balance.report"].with_user(self.reader)
        with report._write_xlsx([], ["name", "x_balance_uah"]) as file:
            report_file = file.read()
        act = self._act(place="=Kyiv")
        for content in (self._export("xlsx"), report_file, act._make_xlsx()):
            cells = self._cells(content)
            self.assertIn("=Client", str([cell.value for cell in cells]))
            self.assertNotIn("f", {cell.data_type for cell in cells})

    # HTML -------------------------------------------------------------------------

    def assertText(self, node, text=HTML):
        """``text`` is shown in ``node``, and nothing of it has become an element."""
        self.assertIn(text, node.text_content())
        self.assertFalse(node.xpath("//img[@onerror]"))
        self.assertFalse(node.xpath("//script[starts-with(text(), 'alert(1)')]"))

    def _render(self, report, records, user):
        reports = self.env["ir.actions.report"].with_user(user)
        return html.fromstring(
            reports._render_qweb_html(f"client_balance.{report}", records.ids)[0]
        )

    def test_html_in_a_text_is_shown_as_text(self):
        self.client.write({"name": HTML, "email": "romashka@example.com"})
        self.bank1.acc_number = HTML
        settlement = self._settle(
            10, bank=self.bank1, description=HTML, external_ref=HTML
        )
        self.assertText(self._open())
        note = self._render("action_report_accounting_note", settlement, self.manager)
        self.assertText(note)
        act = self._act(place=HTML)
        self.assertText(
            self._render("action_report_client_balance_statement", act, self.clerk)
        )
        act.with_user(self.clerk).action_mark_sent()
        self.assertText(self._open(f"/my/balance/statement/{act.id}"))

    def test_html_in_a_text_of_an_e_mail(self):
        self.client.write({"name": HTML, "email": "romashka@example.com"})
        self._settle(10, date=fields.Date.today(), description=HTML)
        notice = self.env["client.balance.notice"].sudo().search([])
        mails_sudo = self.env["mail.mail"].sudo()
        before = mails_sudo.search([])
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 1
        ):
            notice._cron_send()
        [mail] = mails_sudo.search([]) - before
        self.assertText(html.fromstring(mail.body_html))

    def test_html_in_the_preview_of_an_entry(self):
        self.balance_account.name = HTML
        wizard = (
            self.env["client.balance.settlement.add"]
            .with_user(self.manager)
            .create({"partner_id": self.client.id, "amount": 5, "date": "2026-03-01"})
        )
        self.assertText(html.fromstring(wizard.preview))

    def test_html_in_what_a_refusal_repeats(self):
        self.company.client_balance_portal_pay = True
        invoice = self._invoice(100)
        self._settle(100)
        url = f"/my/invoices/{invoice.id}"
        page = self._open(url)
        [form] = page.xpath("//form[hasclass('o_client_balance_pay')]")
        values = {field.get("name"): field.get("value") for field in form.inputs}
        response = self.url_open(
            f"{url}/pay_from_balance", data={**values, "amount": HTML[:40]}
        )
        self.assertEqual(response.status_code, 400)
        self.assertText(html.fromstring(response.text), HTML[:40])

    # Long and rare ----------------------------------------------------------------

    def test_rare_characters_come_back_as_they_were(self):
        self.client.name = RARE
        settlement = self._settle(1, description=RARE, external_ref=RARE)
        self.env.invalidate_all()
        self.assertEqual(settlement.description, RARE)
        self.assertEqual(self._settle(1, external_ref=RARE), settlement)
        [row] = self._csv()
        self.assertEqual((row["Client"], row["Description"]), (RARE, RARE))
        self.assertIn(RARE, [cell.value for cell in self._cells(self._export("xlsx"))])
        self.assertIn(RARE, self._open().text_content())

    def test_a_text_longer_than_a_cell_is_cut_and_not_lost(self):
        text = "Довгий 🧾 опис " * 5000
        self._settle(1, description=text)
        [row] = self._csv()
        self.assertEqual(row["Description"], text)
        values = [cell.value for cell in self._cells(self._export("xlsx"))]
        [cell] = [value for value in values if str(value).startswith("Довгий")]
        self.assertGreater(len(cell), 10_000)
        self.assertTrue(text.startswith(cell))

    def test_a_reference_that_no_index_can_hold_is_refused(self):
        long = "".join(f"{n * 7919 % 100_003:x}" for n in range(2000))
        with self.assertRefused("external reference has at most 255"):
            self._settle(1, external_ref=long)

    def test_a_character_that_cannot_be_stored_is_refused(self):
        for text in ("a\0b", "a\ud800b"):
            for name in ("description", "external_ref"):
                with self.subTest(text=text, name=name), self.assertRefused(name):
                    self._settle(1, **{name: text})

    # Values of the wrong kind -----------------------------------------------------

    def _get_doors(self):
        """:return: the ways by which programs send values of settlements"""
        settlement = self._settle(5).with_user(self.manager)
        requests = self.env["client.balance.request"].with_user(self.manager)
        head = {"partner_id": self.client.id, "amount": 1, "date": "2026-03-01"}
        return (
            lambda vals: settlement.create({**head, **vals}),
            settlement.action_correct,
            lambda vals: requests.request_settlement({**head, **vals}),
            lambda vals: requests.request_correction(settlement.id, vals),
        )

    def test_values_of_the_wrong_kind_are_refused_in_words(self):
        doors = self._get_doors()
        values = {
            "date": ("abc", "2026-02-30", 5, ["x"]),
            "advance_date": ("abc",),
            "partner_id": ("abc", [1], {}, True, 1.5),
            "partner_bank_id": ("UA001111",),
            "currency_id": ("UAH",),
            "company_id": ("x",),
            "reason_id": ("x",),
            "counterpart_account_id": ("2600",),
            "description": ([], ["x"], {"a": 1}),
            "external_ref": (["x"], {"a": 1}),
            "settlement_type": (["manual"], {"a": 1}, 5),
            "attachment_ids": ("x", 5, ["x"], [7], [(6, 0, ["x"])], [(0, 0, {})], [()]),
        }
        for name, wrong in values.items():
            for value in wrong:
                for door in doors:
                    with self.subTest(name=name, value=value), self.assertRefused(name):
                        door({name: value})

    def test_arguments_of_the_wrong_kind_are_refused_in_words(self):
        Settlement = self.env["client.balance.settlement"].with_user(self.manager)
        Request = self.env["client.balance.request"].with_user(self.manager)
        settlement = self._settle(100).with_user(self.manager)
        invoice = self._invoice(50).with_user(self.clerk)
        doors = [
            (invoice.action_apply_client_balance, [True, [[1]], {"a": 1}, "x"]),
            (settlement.action_correct, [0, "x", ["x"], None]),
            (Request.request_settlement, [["x"], "x", 5]),
            (lambda wrong: Request.request_correction(wrong, {}), ["9999", [1], {}]),
            (lambda wrong: Request.request_correction(settlement.id, wrong), ["x"]),
            (lambda wrong: Settlement.create([wrong]), ["x", 5, ["x"]]),
            (Request.action_refuse, [[[1]], {"a": 1}, "\0"]),
        ]
        for door, values in doors:
            for value in values:
                with (
                    self.subTest(value=value),
                    self.assertRefused("no value|is not the number"),
                ):
                    door(value)
        self.assertEqual(self._balance(), 100)

    def test_records_that_do_not_exist_are_refused(self):
        """Else the money would go to the balance without a bank account."""
        for name in (
            "partner_id",
            "partner_bank_id",
            "currency_id",
            "reason_id",
            "counterpart_account_id",
        ):
            for number in (10**8, -1, 2**31, 10**30):
                for door in self._get_doors():
                    with (
                        self.subTest(name=name, number=number),
                        self.assertRefused(f"no record with the number.*{name}"),
                    ):
                        door({name: number})

    def test_documents_that_one_may_not_read_are_not_attached(self):
        private = self.env["ir.attachment"].create({"name": "Salary", "raw": b"9"})
        for number in (private.id, 2**31, 10**30):
            for command in ((4, number), (6, 0, [number])):
                for door in self._get_doors():
                    with (
                        self.subTest(command=command),
                        self.assertRefused("access|There is no"),
                    ):
                        door({"attachment_ids": [command]})

    def test_a_field_that_settlements_have_not_is_refused(self):
        """Else a typing error in the name of the bank account would move the money."""
        with self.assertRefused("no field “bank_id”"):
            self._settle(1, bank_id=self.bank1.id)

    def test_what_the_ledger_writes_itself_is_refused_in_a_request(self):
        """Passed over in silence it would leave a program with what it did not get."""
        first = self._settle(100)
        payment = self.env["account.payment"].create({"amount": 1})
        forged = {
            "number": 77,
            "balance_after": 999,
            "running_balance": 999,
            "is_live": True,
            "name": "Forged",
            "move_name": "Forged",
            "payment_name": "Forged",
            "payment_id": payment.id,
            "move_id": first.move_id.id,
            "move_line_ref": first.move_line_ref,
            "reversal_of_id": first.id,
            "reversed_by_id": first.id,
            "replaces_id": first.id,
            "balance_id": first.balance_id.id,
            "invoice_ids": [(6, 0, first.move_id.ids)],
            "paid_ids": [(0, 0, {"amount": 1})],
            "create_uid": self.accountant.id,
            "create_date": "2020-01-01",
        }
        doors = self._get_doors()
        before = self._settlements()
        for name, value in forged.items():
            for door in doors:
                with (
                    self.subTest(name=name),
                    self.assertRefused(f"“{name}” of a settlement is written by"),
                ):
                    door({name: value})
        self.assertEqual(self._settlements(), before)

    def test_names_of_the_services_own_are_not_taken_from_a_request(self):
        first = self._settle(100)
        forged = {"_replaces_id": first.id, "_date_given": False}
        made = self._settle(1, bank=self.bank1, **forged)
        again = made.with_user(self.manager).action_correct({**forged, "amount": 2})
        self.assertFalse(made.replaces_id)
        self.assertEqual(again.replaces_id, made)
        self.assertFalse(first.reversed_by_id)

    def test_documents_of_others_are_not_read_through_a_settlement(self):
        secret = (
            self.env["ir.attachment"]
            .with_user(self.accountant)
            .create({"name": "Secret", "raw": b"secret"})
        )
        with self.assertRefused(".", AccessError):
            self._settle(1, attachment_ids=[(6, 0, secret.ids)])
            self.env.invalidate_all()
            secret.with_user(self.manager).read(["raw"])

    def test_requests_for_files_that_are_none_are_refused(self):
        self.authenticate("cb_clerk", "cb_clerk")
        token = http.Request.csrf_token(self)
        for data in (
            "{",
            "[]",
            "5",
            '"x"',
            '{"format": ["xlsx"]}',
            '{"format": "exe"}',
        ):
            for url in ("/client_balance/export", "/client_balance/report/export"):
                with (
                    self.subTest(data=data, url=url),
                    self.assertNoLogs("odoo.http", "ERROR"),
                ):
                    answer = self.url_open(
                        url, data={"csrf_token": token, "data": data}
                    )
                if "exe" not in data and "xlsx" not in data:
                    self.assertGreaterEqual(answer.status_code, 400)
