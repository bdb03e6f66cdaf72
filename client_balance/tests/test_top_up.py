import datetime

from freezegun import freeze_time
from lxml import html
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestTopUp(ProviderCommon):
    """Money that comes and goes through an online provider.

    One class: making the company costs more than the tests.
    """

    # Confirmed once -------------------------------------------------------------------

    def test_a_confirmed_top_up_is_an_advance_on_the_chosen_balance(self):
        transaction = self._top_up(500, bank=self.bank2)
        self.assertEqual(self._balance(self.bank2), 500)
        settlement = self._settlements(self.bank2)
        self.assertRecordValues(
            settlement,
            [
                {
                    "settlement_type": "top_up",
                    "amount": 500,
                    "is_advance": True,
                    "advance_date": fields.Date.today(),
                    "payment_id": transaction.payment_id.id,
                    "external_ref": f"payment.transaction:{transaction.id}",
                }
            ],
        )
        self.assertEqual(
            self._entry_lines(transaction.payment_id),
            [
                (self.balance_account, self.bank2, -500),
                (self.outstanding, self.env["res.partner.bank"], 500),
            ],
        )
        self.assertEqual(transaction.payment_id.partner_id, self.client)

    def test_a_notification_that_comes_twice_posts_once(self):
        transaction = self._top_up(500)
        self._notify(transaction)
        transaction.is_post_processed = False
        self._post_process(transaction)
        self.assertEqual(self._balance(), 500)
        self.assertEqual(len(self._settlements()), 1)

    def test_the_same_payment_is_one_settlement_whatever_forgets_it(self):
        transaction = self._top_up(500)
        transaction.write({"payment_id": False, "is_post_processed": False})
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._post_process(transaction)
        self.env.invalidate_all()
        self.assertEqual(self._balance(), 500)

    def test_a_late_notification_posts_without_the_client(self):
        transaction = self._top_up(500, notify="pending")
        self.assertEqual(self._balance(), 0)
        transaction.last_state_change = fields.Datetime.now() - datetime.timedelta(
            days=3
        )
        self._send(transaction)
        self._post_process(transaction)
        self.assertEqual(self._balance(), 500)

    def test_cancelled_and_failed_top_ups_leave_nothing(self):
        for state in ("cancel", "error"):
            transaction = self._top_up(500, notify=state)
            self.assertFalse(transaction.payment_id)
        self.assertFalse(self._settlements())
        self.assertEqual(
            self.env["account.payment"].search_count(
                [("partner_id", "=", self.client.id)]
            ),
            0,
        )

    def test_a_failed_top_up_that_succeeds_after_all(self):
        transaction = self._top_up(500, notify="error")
        self._notify(transaction)
        self.assertEqual(self._balance(), 500)

    def test_a_captured_part_goes_to_the_balance(self):
        self.provider.capture_manually = True
        transaction = self._top_up(500, bank=self.bank1)
        self.assertEqual(transaction.state, "authorized")
        self.assertEqual(self._balance(self.bank1), 0)
        captured = transaction.sudo()._capture(amount_to_capture=300)
        self._post_process(captured)
        self.assertEqual(self._balance(self.bank1), 300)

    def test_a_dollar_top_up_goes_to_the_dollar_balance(self):
        self._top_up(10, currency_id=self.usd.id)
        self.assertEqual(self._balance(currency=self.usd), 10)

    def test_a_contact_that_left_meanwhile_topped_up_its_old_company(self):
        transaction = self._top_up(500, notify="pending")
        self.contact.parent_id = self.other_client
        self._notify(transaction)
        self.assertEqual(self._balance(), 500)
        self.assertEqual(self._balance(partner=self.other_client), 0)

    def test_a_bank_account_that_changed_hands_meanwhile_gets_nothing(self):
        transaction = self._top_up(500, bank=self.bank2, notify="pending")
        self.bank2.partner_id = self.other_client
        self._notify(transaction)
        self.assertEqual(self._balance(), 500)

    def test_a_bank_account_archived_meanwhile_leaves_it_to_the_default(self):
        transaction = self._top_up(500, bank=self.bank2, notify="pending")
        self.bank2.active = False
        self._notify(transaction)
        self.assertEqual(self._balance(self.bank1), 500)

    def test_money_is_not_lost_for_want_of_a_setting(self):
        self.company.client_balance_account_id = False
        self.company.client_balance_foreign_account_id = False
        transaction = self._top_up(500)
        payment = transaction.payment_id
        self.assertEqual(payment.state, "in_process")
        self.assertFalse(self._settlements())
        self.assertTrue(payment.activity_ids)

    def test_a_top_up_in_two_companies_stays_apart(self):
        self._top_up(500)
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        sister = self.env["res.company"].create({"name": "Sister"})
        portal = self.env["client.balance.portal"].with_user(self.portal_user).sudo()
        self.portal_user.company_ids += branch
        self.assertEqual(portal._get_top_up_companies(), self.company)
        self.portal_user.company_ids += sister
        self.assertEqual(portal._get_top_up_companies(), self.company | sister)
        sister.client_balance_portal_top_up = False
        self.assertEqual(portal._get_top_up_companies(), self.company)

    def test_a_top_up_is_posted_in_the_company_of_its_provider(self):
        self._top_up(500, bank=self.bank1)
        sister = self._create_company(name="Sister", currency_id=self.uah.id)
        companies = self.company | sister
        self.env = self.env(context={"allowed_company_ids": companies.ids})
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", sister.id)], limit=1
        )
        provider = self.provider.with_env(self.env).copy(
            {"company_id": sister.id, "journal_id": journal.id, "state": "test"}
        )
        self._top_up(70, bank=self.bank1, provider_id=provider.id)
        balances = self.env["client.balance"].search(
            [("partner_id", "=", self.client.id)]
        )
        self.assertEqual(
            {balance.company_id: balance.amount for balance in balances},
            {self.company: 500, sister: 70},
        )
        settlement = balances.settlement_ids.filtered_domain(
            [("company_id", "=", sister.id)]
        )
        self.assertEqual(settlement.move_id.company_id, sister)
        self.assertEqual(
            settlement.move_line_id.account_id, sister.client_balance_account_id
        )

    # Who may touch it -----------------------------------------------------------------

    def test_nobody_confirms_or_redirects_a_top_up_by_hand(self):
        """A manager alone would be his own second person."""
        transaction = self._top_up(500, notify="pending")
        for user in (self.clerk, self.accountant):
            for vals in ({"state": "done"}, {"amount": 5000}, {"partner_id": 1}):
                with self.assertRefused("only its provider reports", AccessError):
                    transaction.with_user(user).write(vals)

    def test_nobody_forges_a_refund_of_a_top_up(self):
        transaction = self._top_up(500)
        system = self._create_user(
            "cb_system", "account.group_account_manager,base.group_system"
        )
        for user, message in (
            (self.clerk, "not allowed"),
            (system, "only its provider reports"),
        ):
            with self.assertRefused(message, AccessError):
                self.env["payment.transaction"].with_user(user).create(
                    {
                        "provider_id": self.provider.id,
                        "payment_method_id": self.method.id,
                        "reference": "forged",
                        "amount": -500,
                        "currency_id": self.uah.id,
                        "partner_id": self.client.id,
                        "operation": "refund",
                        "state": "done",
                        "source_transaction_id": transaction.id,
                    }
                )
        with self.assertRefused("Only a manager", AccessError):
            transaction.with_user(self.clerk).action_refund(500)

    # Refund through the provider ------------------------------------------------------

    def _refund(self, transaction, amount, user=None):
        transaction.with_user(user or self.accountant).action_refund(amount)
        return transaction.child_transaction_ids.sorted("id")[-1:]

    def test_a_refund_takes_from_the_balance_before_the_provider_is_asked(self):
        self._settle(40, bank=self.bank1)
        transaction = self._top_up(500, bank=self.bank1)
        seen = []

        def ask(refund):
            seen.append(self._balance(self.bank1))
            refund._set_pending()

        self.patch(type(transaction), "_send_refund_request", ask)
        refund = self._refund(transaction, 300)
        self.assertEqual(seen, [240])
        self._notify(refund)
        self.assertEqual(self._balance(self.bank1), 240)
        self.assertEqual(
            self._entry_lines(refund.payment_id),
            [
                (self.outstanding, self.env["res.partner.bank"], -300),
                (self.balance_account, self.bank1, 300),
            ],
        )
        settlement = self._settlements(self.bank1)[-1]
        self.assertEqual(
            (settlement.settlement_type, settlement.amount), ("refund", -300)
        )
        self.env.invalidate_all()
        # the money that went back is the top-up's, not the older one
        self.assertEqual(settlement.used_credit_ids.credit_id.settlement_type, "top_up")

    def test_a_spent_top_up_is_not_refunded(self):
        transaction = self._top_up(500)
        self._settle(-300, date=fields.Date.today())
        with self.assertRefused("of top-up .* 200.00.* are left"):
            self._refund(transaction, 500)
        self.assertEqual(self._balance(), 200)
        self.assertFalse(transaction.child_transaction_ids)
        self._refund(transaction, 200)
        self.assertEqual(self._balance(), 0)
        with self.assertRefused("0.00.* are left"):
            self._refund(transaction, 1)

    def test_money_of_others_does_not_refund_a_spent_top_up(self):
        transaction = self._top_up(500)
        self._settle(-500, date=fields.Date.today())
        self._settle(500, description="Bonus", date=fields.Date.today())
        with self.assertRefused("0.00.* are left"):
            self._refund(transaction, 500)

    def test_tampered_refunds_are_refused(self):
        transaction = self._top_up(500)
        for amount in (-1, 0, 500.01, 10**18, float("nan"), float("inf"), "abc", 0.001):
            with self.subTest(amount=amount), self.assertRaises(UserError):
                self._refund(transaction, amount)
        self.assertEqual(self._balance(), 500)

    def test_a_declined_refund_gives_the_money_back(self):
        transaction = self._top_up(500)
        for state in ("cancel", "error"):
            self.patch(
                type(transaction),
                "_send_refund_request",
                lambda refund, state=state: self._send(refund, state),
            )
            refund = self._refund(transaction, 500)
            self._post_process(refund)
            self.assertEqual(self._balance(), 500)
            self.assertFalse(refund.payment_id)
        self.assertEqual(transaction.payment_id.amount_available_for_refund, 500)

    def test_a_declined_refund_that_is_made_after_all(self):
        transaction = self._top_up(500)
        self.patch(
            type(transaction),
            "_send_refund_request",
            lambda refund: self._send(refund, "error"),
        )
        refund = self._refund(transaction, 500)
        self.assertEqual(self._balance(), 500)
        self._notify(refund)
        self.assertEqual(self._balance(), 0)
        self.assertEqual(len(refund.payment_id), 1)

    def test_the_office_refunds_with_cores_dialog(self):
        transaction = self._top_up(500)
        wizard = (
            self.env["payment.refund.wizard"]
            .with_user(self.accountant)
            .with_context(active_id=transaction.payment_id.id)
            .create({"amount_to_refund": 200})
        )
        wizard.action_refund()
        self.assertEqual(self._balance(), 300)

    def test_a_dollar_refund_keeps_the_value_of_the_advance(self):
        self.company.client_balance_foreign_valuation = "advance"
        transaction = self._top_up(10, currency_id=self.usd.id)
        today = fields.Date.today()
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": today,
                "inverse_company_rate": 42.0,
            }
        )
        refund = self._refund(transaction, 10)
        self.assertEqual(self._balance(currency=self.usd), 0)
        lines = self._entry_lines(refund.payment_id)
        account = self.company.expense_currency_exchange_account_id
        none = self.env["res.partner.bank"]
        self.assertEqual(
            lines,
            [
                (self.outstanding, none, -420),
                (account, none, 20),
                (self._line(refund.payment_id.move_id).account_id, none, 400),
            ],
        )

    # Coming from the provider ---------------------------------------------------------

    def test_a_chargeback_of_money_that_is_there_leaves_the_balance(self):
        transaction = self._top_up(500, bank=self.bank1)
        refund = self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertFalse(refund.payment_id.activity_ids)

    @freeze_time("2026-03-31 22:30:00")
    def test_money_of_a_client_whose_day_is_ahead_goes_back_on_that_day(self):
        """Half past one in Kyiv: in the time zone of the provider it is yesterday."""
        transaction = self._top_up(500, bank=self.bank1, notify=None)
        self._send(transaction)
        self._post_process(transaction.with_context(tz="Europe/Kyiv"))
        day = self._day("2026-04-01")
        self.assertEqual(self._settlements(self.bank1).date, day)
        self._refund(transaction, 200)
        self.assertEqual(self._balance(self.bank1), 300)
        refund = self._chargeback(transaction, 300)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(refund.payment_id.date, day)
        self.assertFalse(refund.payment_id.activity_ids)

    def test_a_chargeback_of_money_that_an_accountant_has_divided(self):
        transaction = self._top_up(500, bank=self.bank1)
        move = transaction.payment_id.move_id
        line = self._line(move)
        move.button_draft()
        move.write(
            {
                "line_ids": [
                    Command.update(line.id, {"balance": -300, "amount_currency": -300}),
                    Command.create(
                        {
                            "account_id": self.balance_account.id,
                            "partner_id": self.client.id,
                            "client_balance_bank_id": self.bank2.id,
                            "balance": -200,
                        }
                    ),
                ]
            }
        )
        move.action_post()
        self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._balance(self.bank2), 200)

    def test_a_chargeback_of_spent_money_is_a_receivable_and_an_activity(self):
        self.company.client_balance_responsible_id = self.accountant
        transaction = self._top_up(500, bank=self.bank1)
        self._settle(-350, bank=self.bank1, date=fields.Date.today())
        refund = self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank1), 0)
        none = self.env["res.partner.bank"]
        self.assertEqual(
            self._entry_lines(refund.payment_id),
            [
                (self.outstanding, none, -500),
                (self.balance_account, self.bank1, 150),
                (self.receivable, none, 350),
            ],
        )
        activity = refund.payment_id.activity_ids
        self.assertEqual(activity.user_id, self.accountant)
        self.assertIn("350.00", activity.note)
        portal = self.env["client.balance.portal"].with_user(self.portal_user).sudo()
        owed = portal._get_owed()
        self.assertEqual(owed[self.company.id, self.uah.id], 350)

    def test_a_chargeback_of_money_that_is_all_spent(self):
        transaction = self._top_up(500)
        self._settle(-500, date=fields.Date.today())
        refund = self._chargeback(transaction, 500)
        self.assertEqual(
            [line[0] for line in self._entry_lines(refund.payment_id)],
            [self.outstanding, self.receivable],
        )
        self.assertTrue(refund.payment_id.activity_ids)

    def test_a_chargeback_that_comes_twice_is_posted_once(self):
        transaction = self._top_up(500)
        refund = self._chargeback(transaction, 200)
        self._notify(refund)
        refund.is_post_processed = False
        self._post_process(refund)
        self.assertEqual(self._balance(), 300)

    # The page -------------------------------------------------------------------------

    def _token(self, page):
        [form] = page.xpath("//form[@id='o_payment_form']")
        return form

    def _call(self, route, **params):
        return self.url_open(route, json={"params": params}).json()

    def _start(self, form, **params):
        """What the payment form of the page sends."""
        return self._call(
            params.pop("route", form.get("data-transaction-route")),
            **{
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "token_id": None,
                "amount": float(form.get("data-amount")),
                "flow": "direct",
                "tokenization_requested": False,
                "landing_route": form.get("data-landing-route"),
                "is_validation": False,
                "access_token": form.get("data-access-token"),
                **params,
            },
        )

    def test_the_whole_way_of_a_top_up(self):
        page = self._open("/my/balance/top_up")
        self.assertFalse(page.xpath("//form[@id='o_payment_form']"))
        page = self._open(f"/my/balance/top_up?amount=1+500,50&bank={self.bank2.id}")
        answer = self._start(self._token(page))
        reference = answer["result"]["reference"]
        transaction = self.env["payment.transaction"].search(
            [("reference", "=", reference)]
        )
        self.assertEqual(transaction.amount, 1500.5)
        # a payout that names the payment is not taken for a second top-up
        found = self.env["client.balance"]._find_by_payment_reference(
            reference, self.company
        )
        self.assertFalse(found[0])
        self.assertEqual(self._balance(self.bank2), 0)
        page = self._open("/my/balance/top_up/done")
        self.assertTrue(page.xpath("//div[@name='failed']"))
        self._send(transaction, "pending")
        page = self._open("/my/balance/top_up/done")
        self.assertTrue(page.xpath("//div[@name='pending']"))
        self._notify(transaction)
        page = self._open("/my/balance/top_up/done")
        self.assertTrue(page.xpath("//div[@name='done']"))
        self.assertIn("1,500.50", self._text(page.xpath("//p[@name='amount']")[0]))
        self.assertEqual(self._balance(self.bank2), 1500.5)
        self.assertIn("1,500.50", self._text(self._open("/my/balance")))

    def test_tampered_top_ups_start_nothing(self):
        page = self._open(f"/my/balance/top_up?amount=100&bank={self.bank1.id}")
        form = self._token(page)
        foreign_bank = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA003333"}
        )
        sister = self.env["res.company"].create({"name": "Sister"})
        hidden = self.provider.copy({"name": "Hidden", "is_published": False})
        hidden.write({"state": "test", "is_published": False})
        foreign = (
            self.env["payment.provider"]
            .sudo()
            .create(
                {
                    "name": "Foreign",
                    "code": "demo",
                    "state": "test",
                    "is_published": True,
                    "company_id": sister.id,
                    "payment_method_ids": [Command.set(self.method.ids)],
                }
            )
        )
        base, company = "/my/balance/top_up/transaction", self.company.id
        uah, bank = self.uah.id, self.bank1.id
        before = self.env["payment.transaction"].search_count([])
        attacks = [
            *({"amount": amount} for amount in (-1, 0, 99, 100.01, 1e18, "100", None)),
            *({"amount": amount} for amount in (True, [100], {"a": 1}, "NaN")),
            *({"access_token": token} for token in ("", None, "x", 1, ["x"])),
            *({"provider_id": i} for i in (hidden.id, foreign.id, 0, "x", None)),
            *({"payment_method_id": i} for i in (0, 10**9, None, "x", [1])),
            *({"flow": flow} for flow in ("token", "magic", None, 1)),
            {"flow": "token", "token_id": 1},
            *(
                {"route": f"{base}/{where}"}
                for where in (
                    f"{sister.id}/{uah}/{bank}",
                    f"{company}/{self.usd.id}/{bank}",
                    f"{company}/{uah}/{self.bank2.id}",
                    f"{company}/{uah}/{foreign_bank.id}",
                    f"{company}/{uah}/0",
                    f"{company}/{10**9}/{bank}",
                )
            ),
            {"partner_id": self.other_client.id},
            {"custom_create_values": {"state": "done"}},
        ]
        for attack in attacks:
            with self.subTest(attack=attack), mute_logger("odoo.http"):
                answer = self._start(form, **attack)
                self.assertIn("error", answer)
                self.assertRegex(
                    answer["error"]["data"]["name"], "Forbidden|BadRequest|NotFound"
                )
        self.assertEqual(self.env["payment.transaction"].search_count([]), before)
        answer = self._start(form, landing_route="https://evil.example.com")
        transaction = self.env["payment.transaction"].search(
            [("reference", "=", answer["result"]["reference"])]
        )
        self.assertEqual(transaction.landing_route, "/my/balance/top_up/done")

    def test_tampered_pages_offer_nothing(self):
        self._open("/my/balance/top_up")
        for amount in ("-1", "0", "NaN", "1e9", "abc", "9" * 300, "%00", "0.001", ""):
            response = self.url_open(f"/my/balance/top_up?amount={amount}")
            with self.subTest(amount=amount[:20]):
                self.assertEqual(response.status_code, 400)
                page = html.fromstring(response.text)
                self.assertFalse(page.xpath("//form[@id='o_payment_form']"))
        for query in (
            "bank=1000000000000000000",
            "bank=-1",
            "currency=XXX",
            "currency=-1",
            "company=999999999",
            "company=x&bank=<script>alert(1)</script>",
        ):
            response = self.url_open(f"/my/balance/top_up?amount=5&{query}")
            self.assertEqual(response.status_code, 200)
            self.assertNotIn("<script>alert", response.text)

    def test_strangers_see_no_result_and_start_nothing(self):
        page = self._open("/my/balance/top_up?amount=100")
        form = self._token(page)
        self._top_up(500)
        self.authenticate("cb_portal_2", "cb_portal_2")
        self.assertEqual(self.url_open("/my/balance/top_up/done").status_code, 404)
        with mute_logger("odoo.http"):
            self.assertIn("error", self._start(form))
        self.authenticate("cb_clerk", "cb_clerk")
        for url in ("/my/balance/top_up", "/my/balance/top_up/done"):
            response = self.url_open(url)
            self.assertEqual(response.status_code, 403)
            self.assertIn("In the office", response.text)
        self.authenticate(None, None)
        for url in ("/my/balance/top_up", "/my/balance/top_up/done"):
            response = self.url_open(url, allow_redirects=False)
            self.assertIn("/web/login", response.headers["Location"])
        with mute_logger("odoo.http"):
            self.assertIn("error", self._start(form))

    def test_where_the_company_offers_no_top_ups(self):
        self.company.client_balance_portal_top_up = False
        self.authenticate("cb_portal_1", "cb_portal_1")
        response = self.url_open("/my/balance/top_up")
        self.assertEqual(response.status_code, 403)
        self.assertIn("not topped up here", response.text)
        page = self._open("/my/balance")
        self.assertFalse(page.xpath("//a[@name='top_up']"))

    def test_bank_transfer_with_reference_and_qr_code(self):
        self.company.partner_id.company_registry = "42198765"
        self.bank_journal.bank_account_id = self.env["res.partner.bank"].create(
            {
                "partner_id": self.company.partner_id.id,
                "acc_number": "UA213223130000026007233566001",
            }
        )
        page = self._open(f"/my/balance/top_up?amount=1500.5&bank={self.bank1.id}")
        [transfer] = page.xpath("//div[@name='bank_transfer']")
        text = self._text(transfer)
        reference = self.env["client.balance"]._get_payment_reference(
            self.client, self.bank1, self.uah
        )
        self.assertIn(reference, text)
        self.assertIn("UA213223130000026007233566001", text)
        [image] = transfer.xpath(".//img/@src")
        self.assertTrue(image.startswith("data:image/svg+xml;base64,"))

    # In the browser -------------------------------------------------------------------

    def test_a_client_tops_up_on_a_phone(self):
        self.browser_size = "390x844"
        self.start_tour(
            "/my/balance", "client_balance_portal_top_up", login="cb_portal_1"
        )
        self.assertEqual(self._balance(self.bank1), 1250.75)

    def test_a_client_pays_a_part_and_is_offered_the_rest_online(self):
        self.company.client_balance_portal_pay = True
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", "True"
        )
        invoice = self._invoice(1000)
        self._settle(600, bank=self.bank1)
        self.start_tour(
            f"/my/invoices/{invoice.id}",
            "client_balance_portal_pay",
            login="cb_portal_1",
        )
        self.assertEqual(self._balance(self.bank1), 199.5)
        self.assertEqual(invoice.amount_residual, 599.5)
