from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalAttacks(PortalCommon):
    PAGES = (
        "/my/balance",
        "/my/balance/export/xlsx",
        "/my/balance/export/pdf",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign_bank = cls.env["res.partner.bank"].create(
            {"partner_id": cls.other_client.id, "acc_number": "UA003333"}
        )
        create = cls.env["client.balance.settlement"].with_user(cls.manager).create
        cls.own, cls.foreign = create(
            [
                {
                    "partner_id": cls.client.id,
                    "partner_bank_id": cls.bank1.id,
                    "amount": 159,
                    "date": "2026-03-01",
                    "description": "Mine",
                },
                {
                    "partner_id": cls.other_client.id,
                    "partner_bank_id": cls.foreign_bank.id,
                    "amount": 777,
                    "date": "2026-03-01",
                    "description": "Foreign",
                },
            ]
        )

    def _assertOwnPage(self, query):
        """:return: the page, after a look for what is foreign"""
        page = self._open(f"/my/balance?{query}")
        for secret in ("777.00", "UA003333", "Volia"):
            self.assertNotIn(secret, self._text(page))
        self.assertNotIn("Foreign", " ".join(self._rows(page)))
        return page

    def _assertOwnOnly(self, query):
        self._assertOwnPage(query)
        values = str([[c.value for c in row] for row in self._sheet(f"?{query}")])
        pdf = self.url_open(f"/my/balance/export/pdf?{query}")
        self.assertEqual(pdf.status_code, 200)
        for secret in ("777", "UA003333", "Volia", "Foreign"):
            self.assertNotIn(secret, values)
        for secret in ("777.00", "UA003333", "Volia"):
            self.assertNotIn(secret, pdf.text)

    def test_each_client_sees_its_own(self):
        self._assertOwnOnly("")
        page = self._open(user="cb_portal_2")
        self.assertIn("Foreign", self._rows(page)[0])
        self.assertNotIn("159.00", self._text(page))

    def test_the_paper_behind_a_link_shows_no_balance(self):
        invoice = self._invoice(100)
        invoice.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        left = "59.00"
        url = f"/my/invoices/{invoice.id}?report_type=html&access_token="
        url += invoice._portal_ensure_token()
        for user, is_shown in (
            (None, False),
            ("cb_portal_2", False),
            ("cb_portal_1", True),
        ):
            with self.subTest(user=user):
                self.authenticate(user, user)
                text = self.url_open(url).text
                self.assertIn("Paid from balance", text)
                self.assertEqual("Remaining balance" in text, is_shown)
                self.assertEqual(left in text, is_shown)

    def test_foreign_ids_give_nothing(self):
        for query in (
            f"bank={self.foreign_bank.id}",
            f"partner_id={self.other_client.id}",
            f"company_id={self.company.id}&partner={self.other_client.id}",
            f"balance_id={self.foreign.balance_id.id}",
            f"ids={self.foreign.id}",
            "search=Foreign",
            "search=777",
            "search=UA003333",
        ):
            with self.subTest(query=query):
                self._assertOwnOnly(query)

    def test_tampered_filters_are_harmless(self):
        for query in (
            "bank=1000000000000000000",
            "bank=-1",
            "bank=abc",
            "bank=1%20OR%201%3D1",
            "bank[]=1&bank=2",
            "currency=XXX",
            "currency='; DROP TABLE client_balance; --",
            "date_from=yesterday",
            "date_from=0000-00-00&date_to=9999-99-99",
            "date_from=-1&date_to=1000000000000000000",
            "date_from=0001-01-01&date_to=9999-12-31",
            "sortby=amount;DELETE",
            "sortby=create_uid",
            "sortby=__class__",
            "reversed=1000000000000000000",
            "notice=<script>alert(1)</script>",
            "search=%27%20OR%201%3D1%20--",
            "search=%25",
            "search=_",
            "search=%00",
            "search=%5C",
            "search=%ff%fe",
            "search=1e400",
            "search=NaN",
            "search=1000000000000000000",
            "search=999999999999999",
            "search=-",
            "search=%E2%88%92159,00",
            "search=" + "x" * 3000,
            "search=<script>alert(1)</script>",
        ):
            with self.subTest(query=query[:60]):
                page = self._assertOwnPage(query)
                self.assertNotIn(
                    "<script>alert", html.tostring(page, encoding="unicode")
                )

    def test_tampered_downloads_are_harmless(self):
        for query in (
            "bank=1000000000000000000&date_from=yesterday&date_to=9999-99-99",
            "currency=%27&sortby=amount;DELETE&search=%00&reversed=x",
            "date_from=0001-01-01&date_to=9999-12-31&search=1e400",
        ):
            with self.subTest(query=query):
                self._assertOwnOnly(query)

    def test_page_numbers_out_of_range_are_harmless(self):
        for number in (-1, 0, 2, 10**18, 10**40):
            page = self._open(f"/my/balance/page/{number}")
            self.assertIn("Mine", self._rows(page)[0])
        for number in ("abc", "1.5"):
            with self.subTest(number=number):
                response = self.url_open(f"/my/balance/page/{number}")
                self.assertEqual(response.status_code, 404, response.url)

    def test_anonymous_visitors_are_sent_to_the_login(self):
        self.authenticate(None, None)
        for url in self.PAGES:
            response = self.url_open(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])

    def test_nothing_can_be_posted(self):
        self.authenticate("cb_portal_1", "cb_portal_1")
        for url in self.PAGES:
            response = self.url_open(url, data={"amount": "1"}, method="POST")
            self.assertEqual(response.status_code, 405)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_rpc_gives_a_portal_user_nothing(self):
        for model, field in (
            ("client.balance", "amount"),
            ("client.balance.settlement", "amount"),
            ("client.balance.reason", "name"),
        ):
            for method, args, kwargs in (
                ("search_read", [], {"fields": [field]}),
                ("read", [[self.own.id]], {"fields": [field]}),
                ("search_count", [[]], {}),
                ("write", [[self.own.id], {field: 1}], {}),
                ("create", [[{"amount": 1}]], {}),
                ("unlink", [[self.own.id]], {}),
                ("export_data", [[self.own.id], [field]], {}),
                ("formatted_read_group", [[]], {"aggregates": ["__count"]}),
            ):
                with self.subTest(model=model, method=method):
                    self.assertRpcDenied(model, method, args, kwargs)
        for method in ("action_reverse", "action_open_document"):
            self.assertRpcDenied(
                "client.balance.settlement", method, [[self.own.id]], {}
            )

    def test_no_model_of_ours_is_open_to_portal_users(self):
        # acts are read like invoices: by a rule, the client's own that were sent
        acts = {"client.balance.statement", "client.balance.statement.line"}
        for name in self.env.registry:
            model = self.env[name].with_user(self.portal_user)
            if not name.startswith("client.balance") or model._abstract:
                continue
            operations = {"read", "write", "create", "unlink"}
            for operation in operations - ({"read"} if name in acts else set()):
                with self.subTest(model=name, operation=operation):
                    self.assertFalse(model.has_access(operation))

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_rpc_does_not_reach_the_reader(self):
        for model in (
            "client.balance.portal",
            "report.client_balance.portal_statement",
        ):
            for method in ("_get_balances", "_get_statement", "_get_report_values"):
                self.assertRpcDenied(model, method, [], {})
            self.assertRpcDenied(model, "search_read", [[]], {})

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_rpc_does_not_read_our_fields_of_other_models(self):
        for model, record, name in (
            ("res.partner", self.client, "client_balance_ids"),
            ("res.partner", self.client, "client_balance_bank_id"),
            ("account.move", self._invoice(10), "client_balance_settlement_ids"),
            ("account.move", self._invoice(10), "client_balance_available"),
        ):
            with self.subTest(field=name):
                self.assertRpcDenied(model, "read", [record.ids], {"fields": [name]})

    def assertRpcDenied(self, model, method, args, kwargs):
        self.authenticate("cb_portal_1", "cb_portal_1")
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                }
            },
        ).json()
        self.assertIn("error", answer)
        self.assertRegex(
            answer["error"]["data"]["name"],
            "AccessError|AttributeError|NotFound|UserError",
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_general_report_routes_give_a_portal_user_nothing(self):
        self.authenticate("cb_portal_1", "cb_portal_1")
        for partner in (self.client, self.other_client):
            for converter in ("html", "pdf", "text"):
                url = (
                    f"/report/{converter}/client_balance.portal_statement/{partner.id}"
                )
                response = self.url_open(url)
                self.assertGreaterEqual(response.status_code, 400)
                self.assertNotIn("777.00", response.text)

    def test_contacts_of_a_company_share_its_balance(self):
        other_contact = self.env["res.partner"].create(
            {"name": "Petro", "parent_id": self.client.id}
        )
        self._create_portal_user("cb_portal_3", other_contact)
        page = self._open(user="cb_portal_3")
        self.assertIn("Mine", self._rows(page)[0])

    def test_contact_that_is_moved_loses_the_balance(self):
        self.contact.parent_id = self.other_client
        self._assertRows("cb_portal_1", "Foreign")

    def test_contact_that_becomes_a_client_of_its_own_loses_the_balance(self):
        self.contact.parent_id = False
        page = self._open()
        self.assertNotIn("159.00", self._text(page))
        self.assertEqual(len(self._sheet()), 1)

    def _assertRows(self, user, text):
        rows = self._rows(self._open(user=user))
        self.assertEqual(len(rows), 1)
        self.assertIn(text, rows[0])

    def test_other_company_is_not_shown(self):
        company = self._create_company(name="Sister", currency_id=self.uah.id)
        company._client_balance_set_up()
        self.manager.company_ids += company
        self.env["client.balance.settlement"].with_user(self.manager).with_context(
            allowed_company_ids=company.ids
        ).create(
            {
                "partner_id": self.client.id,
                "company_id": company.id,
                "amount": 555,
                "date": "2026-03-01",
            }
        )
        self.assertNotIn("555.00", self._text(self._open()))
        self.assertEqual(self._column(self._sheet(), "Amount"), [159])
        self.portal_user.company_ids += company
        page = self._open()
        self.assertIn("555.00", self._text(page))
        self.assertIn("Sister", self._text(page))

    def test_branch_shows_the_balance_of_its_root_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        contact = self.env["res.partner"].create(
            {"name": "Iryna", "parent_id": self.client.id}
        )
        self._create_portal_user("cb_portal_4", contact, company=branch)
        self._assertRows("cb_portal_4", "Mine")

    def test_employee_without_rights_is_refused(self):
        self.authenticate("cb_employee", "cb_employee")
        for url in self.PAGES:
            self.assertEqual(self.url_open(url).status_code, 403)
