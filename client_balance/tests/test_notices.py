import base64
import re
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestNotices(PortalCommon):
    """E-mails to clients, and the QR code of bank transfers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.email = "romashka@example.com"
        cls.today = fields.Date.today()

    def _notices(self, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return self.env["client.balance.notice"].sudo().search(domain, order="id")

    def _run(self):
        """The scheduled action. :return: the e-mails that it wrote"""
        Mail_sudo = self.env["mail.mail"].sudo()
        known = Mail_sudo.search([])
        notices = self.env["client.balance.notice"].sudo()
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_k: 1
        ):
            notices._cron_send()
        return Mail_sudo.search([]) - known

    def test_a_credited_balance_is_told(self):
        self._settle(159, date=self.today, description="Letter 7")
        notice = self._notices()
        self.assertEqual((notice.kind, notice.state), ("credit", "queued"))
        mail = self._run()
        self.assertEqual(notice.state, "sent")
        self.assertEqual(mail.recipient_ids, self.client)
        self.assertIn("159.00", mail.body_html)
        self.assertIn("Letter 7", mail.body_html)
        self.assertIn("/my/balance", mail.body_html)
        self.assertIn("List-Unsubscribe", mail.headers)
        self.assertFalse(self._run())

    def test_a_used_balance_is_told_only_where_the_company_says_so(self):
        invoice = self._invoice(100)
        self._settle(300, bank=self.bank1, date=self.today)
        self._run()
        application = self.env["client.balance.application"]
        application._pay_invoice(invoice, {self.bank1: 40}, self.today)
        self.assertFalse(self._run())
        self.company.client_balance_notice_spend = True
        application._pay_invoice(invoice, {self.bank1: 50}, self.today)
        mail = self._run()
        self.assertIn("50.00", mail.body_html)
        self.assertEqual(self._notices(kind="spend").mapped("state"), ["sent"])

    def test_the_client_reads_it_in_its_own_language(self):
        self.env["res.lang"]._activate_lang("uk_UA")
        template = self.env.ref("client_balance.mail_template_notice_credit")
        template.with_context(lang="uk_UA").subject = "Ваш баланс поповнено"
        self.client.lang = "uk_UA"
        self._settle(159, date=self.today)
        self.assertEqual(self._run().subject, "Ваш баланс поповнено")

    def test_what_is_no_news_is_not_told(self):
        self._settle(1, date="2026-01-01")
        self._settle(2, date=self.today, settlement_type="opening")
        self._entry(3, date=self.today)
        self.company.client_balance_notice_credit = False
        self._settle(5, date=self.today)
        self.assertFalse(self._notices())

    def test_who_has_no_address_gets_none(self):
        self.client.email = False
        self._settle(159, date=self.today)
        self.assertFalse(self._run())
        self.assertEqual(self._notices().mapped("state"), ["skipped"])

    def test_what_was_reversed_meanwhile_is_not_told(self):
        settlement = self._settle(159, date=self.today)
        settlement.with_user(self.manager).action_reverse()
        self.assertFalse(self._run())
        self.assertEqual(self._notices().mapped("state"), ["skipped"])

    def test_invoicing_address_gets_it(self):
        accounting = self.env["res.partner"].create(
            {
                "name": "Accounting",
                "parent_id": self.client.id,
                "type": "invoice",
                "email": "acc@example.com",
            }
        )
        self._settle(159, date=self.today)
        self.assertEqual(self._run().recipient_ids, accounting)

    def test_an_e_mail_that_fails_stops_no_other(self):
        self.other_client.email = "volia@example.com"
        self._settle(1, date=self.today)
        self._settle(2, date=self.today, partner_id=self.other_client.id)
        notices = self._notices()
        broken = type(notices)._send_mail

        def send(notice):
            if notice == notices[0]:
                raise ValueError("No paper")
            return broken(notice)

        self.patch(type(notices), "_send_mail", send)
        with mute_logger("odoo.addons.client_balance.models.client_balance_notice"):
            mails = self._run()
        self.assertEqual(len(mails), 1)
        self.assertEqual(notices.mapped("state"), ["failed", "sent"])
        self.assertEqual(notices[0].error, "No paper")

    def test_an_act_obeys_the_company_and_the_client(self):
        act = self.env["client.balance.statement"].create(
            {
                "partner_id": self.client.id,
                "company_id": self.company.id,
                "currency_id": self.uah.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        mails = []
        template = type(self.env["mail.template"])
        self.patch(
            template,
            "send_mail",
            lambda _self, *_args, **values: mails.append(values["email_values"]),
        )
        act._send_mail()
        self.assertIn("/my/balance/notices?token=", mails[0]["headers"])
        self.client._set_client_balance_muted(self.company, True)
        act._send_mail()
        self.client._set_client_balance_muted(self.company, False)
        self.company.client_balance_notice_statement = False
        act._send_mail()
        self.assertEqual(len(mails), 1)
        self.assertIn("No e-mail was sent", act.message_ids[0].body)

    def test_clients_who_want_none_get_none(self):
        self._settle(159, date=self.today)
        body = self._run().body_html
        link = re.search(r'href="[^"]*(/my/balance/notices\?token=[^"]+)"', body)[1]
        token = link.split("token=")[1]
        page = html.fromstring(self.url_open(link).text)
        self.assertTrue(page.xpath("//p[@name='subscribed']"))
        self._settle(1, date=self.today)
        self.assertEqual(len(self._run()), 1)
        # mail programs post the link by themselves, without a session
        page = html.fromstring(
            self.url_open(link, data={"List-Unsubscribe": "One-Click"}).text
        )
        self.assertTrue(page.xpath("//p[@name='muted']"))
        self._settle(2, date=self.today)
        self.assertFalse(self._run())
        self.url_open("/my/balance/notices", data={"token": token, "subscribe": "1"})
        self._settle(3, date=self.today)
        self.assertEqual(len(self._run()), 1)

    def test_they_stop_for_one_company_only(self):
        sister = self.env["res.company"].create({"name": "Sister"})
        self.client._set_client_balance_muted(self.company, True)
        self.assertTrue(self.client._is_client_balance_muted(self.company))
        self.assertFalse(self.client._is_client_balance_muted(sister))
        self.assertTrue(self.contact._is_client_balance_muted(self.company))

    def test_forged_links_stop_nothing(self):
        self._settle(159, date=self.today)
        url = self.env["client.balance.notice"]._get_unsubscribe_url(
            self.client, self.company
        )
        token = url.split("token=")[1]
        other = base64.urlsafe_b64encode(b"\x01" + b"0" * 40 + b'{"partner": 1}')
        for forged in (
            "",
            "x",
            token[:-4],
            token[:-4] + "AAAA",
            other.decode(),
            "%00",
            "A" * 5000,
        ):
            with self.subTest(token=forged[:20]):
                url = f"/my/balance/notices?token={forged}"
                self.assertEqual(self.url_open(url).status_code, 403)
                self.assertEqual(self.url_open(url, data={"a": 1}).status_code, 403)
        self.assertFalse(self.client._is_client_balance_muted(self.company))

    # QR code of a transfer ------------------------------------------------------------

    def _create_own_bank(self, number="UA213223130000026007233566001"):
        self.company.partner_id.company_registry = "42198765"
        return self.env["res.partner.bank"].create(
            {
                "partner_id": self.company.partner_id.id,
                "acc_number": number,
                "acc_holder_name": "ТОВ «Перфект Трейд»",
            }
        )

    def _decode(self, link):
        self.assertTrue(link.startswith("https://bank.gov.ua/qr/"))
        code = link.rsplit("/", 1)[1]
        self.assertRegex(code, r"^[\w-]+$")
        return base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))

    def test_structure_of_the_national_bank(self):
        bank = self._create_own_bank()
        link = bank._get_nbu_link(1500.5, "CB-42-7-61 Аванс", self.uah)
        self.assertEqual(
            self._decode(link).decode().split("\n"),
            [
                "BCD",
                "002",
                "1",
                "UCT",
                "",
                "ТОВ «Перфект Трейд»",
                "UA213223130000026007233566001",
                "UAH1500.50",
                "42198765",
                "",
                "",
                "CB-42-7-61 Аванс",
                "",
            ],
        )

    def test_long_texts_fit_in_the_other_encoding(self):
        bank = self._create_own_bank()
        bank.acc_holder_name = "Дуже довга назва\nпідприємства " * 9
        structure = self._decode(
            bank._get_nbu_link(1, "CB-1-1-11 " + "ї" * 500, self.uah)
        )
        self.assertLessEqual(len(structure), 331)
        lines = structure.decode("cp1251").split("\n")
        self.assertEqual(len(lines), 13)
        self.assertEqual(lines[2], "2")
        self.assertEqual((len(lines[5]), len(lines[11])), (70, 140))

    def test_the_code_is_an_image_with_odoos_own_method(self):
        bank = self._create_own_bank()
        image = bank.build_qr_code_base64(100, "CB-42-7-61", "", self.uah, self.client)
        svg = base64.b64decode(image.split(",")[1]).decode()
        self.assertIn("<svg", svg)

    def test_no_code_where_the_rules_allow_none(self):
        bank = self._create_own_bank()
        self.assertFalse(bank._get_nbu_link(1, "x", self.usd))
        self.company.partner_id.write({"company_registry": "12345", "vat": False})
        self.assertFalse(bank._get_nbu_link(1, "x", self.uah))
        foreign = self._create_own_bank("BE15001559627230")
        self.assertFalse(foreign._get_nbu_link(1, "x", self.uah))
        self.assertIsNone(
            foreign.build_qr_code_base64(1, "x", "", self.uah, self.client)
        )
