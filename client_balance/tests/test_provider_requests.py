from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestProviderRequests(ProviderCommon):
    """Our own refund through a provider: above 1 000,00 ₴ two people agree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"client_balance_approval": True, "client_balance_approval_amount": 1000}
        )
        cls.second = cls._create_user(
            "cb_second",
            "client_balance.group_client_balance_manager,account.group_account_invoice",
        )
        cls.asked = []

    def setUp(self):
        super().setUp()
        self.transaction = self._top_up(5000, bank=self.bank1)
        self.asked = []
        send = type(self.transaction)._send_refund_request

        def ask(refund):
            self.asked.append(refund.amount)
            return send(refund)

        self.patch(type(self.transaction), "_send_refund_request", ask)

    def _request(self, amount=5000, user=None):
        self.transaction.with_user(user or self.accountant).action_refund(amount)
        return self._waiting()

    def _waiting(self):
        return self.env["client.balance.request"].search(
            [("operation", "=", "provider"), ("state", "=", "requested")]
        )

    def _wizard(self, user=None, **vals):
        return (
            self.env["payment.refund.wizard"]
            .with_user(user or self.accountant)
            .with_context(active_id=self.transaction.payment_id.id)
        )

    def test_up_to_the_amount_one_manager_refunds(self):
        self.transaction.with_user(self.accountant).action_refund(1000)
        self.assertEqual(self._balance(self.bank1), 4000)
        self.assertFalse(self._waiting())
        self.assertFalse(self._settlements(self.bank1)[-1:].request_id)

    def test_cores_dialog_sends_a_request_above_the_amount(self):
        form = Form(self._wizard())
        form.amount_to_refund = 1000
        self.assertFalse(form.client_balance_needs_approval)
        form.amount_to_refund = 4500
        self.assertTrue(form.client_balance_needs_approval)
        wizard = form.save()
        action = wizard.action_refund()
        self.assertIn("sent as a request", action["params"]["message"])
        self.assertEqual(
            action["params"]["next"]["type"], "ir.actions.act_window_close"
        )
        wizard.action_refund()
        request, reference = self._waiting(), self.transaction.reference
        self.assertRecordValues(
            request,
            [
                {
                    "partner_id": self.client.id,
                    "partner_bank_id": self.bank1.id,
                    "amount": -4500,
                    "requested_by_id": self.accountant.id,
                    "description": reference,
                }
            ],
        )
        self.assertIn("4,500.00", request.details)
        self.assertIn(self.transaction.reference, request.details)
        self.assertIn(self.second, request.activity_ids.user_id)
        self.assertEqual(self._balance(self.bank1), 5000)
        self.assertFalse(self.asked, "no provider is asked before the approval")
        self.assertFalse(self.transaction.child_transaction_ids)

    def test_another_manager_approves_and_the_provider_pays(self):
        request = self._request()
        with self.assertRefused("yourself"):
            request.with_user(self.accountant).action_approve()
        settlement = request.with_user(self.second).action_approve()
        self.assertEqual(self.asked, [-5000])
        self.assertRecordValues(
            settlement.with_env(self.env),
            [
                {
                    "settlement_type": "refund",
                    "amount": -5000,
                    "request_id": request.id,
                    "create_uid": self.second.id,
                }
            ],
        )
        self.assertEqual(request.state, "approved")
        refund = self.transaction.child_transaction_ids
        self._post_process(refund)
        self.assertEqual(self._balance(self.bank1), 0)
        with self.assertRefused("decided already"):
            request.with_user(self.second).action_approve()
        self.assertEqual(self.asked, [-5000])

    def test_the_money_is_judged_again_at_the_approval(self):
        request = self._request()
        self._settle(-600, bank=self.bank1, date=self.transaction.payment_id.date)
        with self.assertRefused("4,400.00.* are left"):
            request.with_user(self.second).action_approve()
        self.assertEqual(request.state, "requested")
        self.assertEqual(self._balance(self.bank1), 4400)
        self.assertFalse(self.asked or self.transaction.child_transaction_ids)

    def test_a_declined_refund_returns_and_is_asked_for_anew(self):
        self.patch(
            type(self.transaction),
            "_send_refund_request",
            lambda refund: self._send(refund, "error"),
        )
        request = self._request()
        request.with_user(self.second).action_approve()
        self.assertEqual(self._balance(self.bank1), 5000)
        self.assertEqual(request.state, "approved")
        self.assertTrue(self._request())

    def test_a_refund_that_the_provider_makes_in_the_end_is_a_fact(self):
        self.patch(
            type(self.transaction),
            "_send_refund_request",
            lambda refund: self._send(refund, "error"),
        )
        self._request().with_user(self.second).action_approve()
        self._notify(self.transaction.child_transaction_ids)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_what_would_be_refused_is_refused_when_it_is_asked(self):
        self._settle(-600, bank=self.bank1, date=self.transaction.payment_id.date)
        for amount in (4400.01, float("inf")):
            with self.assertRefused("."):
                self._request(amount)
        self.assertFalse(self._waiting())
        with self.assertRefused("Only a manager", AccessError):
            self._request(user=self.clerk)

    def test_no_code_path_refunds_more_alone(self):
        """Core refunds as superuser: it counts who does so."""
        tx_sudo = self.transaction.with_user(self.accountant).sudo()
        with self.assertRefused("needs a second person"):
            tx_sudo._refund(5000)
        with self.assertRefused("needs a second person"):
            tx_sudo.action_refund(5000)
            self._waiting().with_user(self.accountant).action_cancel()
            tx_sudo._refund()
        self.assertEqual(self._balance(self.bank1), 5000)
        self.assertFalse(self.asked)

    def test_the_setting_may_be_turned_off_while_a_request_waits(self):
        request = self._request()
        self.company.client_balance_approval = False
        request.with_user(self.second).action_approve()
        self.assertEqual(self._balance(self.bank1), 0)

    def test_the_payment_was_undone_while_the_request_waited(self):
        request = self._request()
        self.transaction.payment_id.action_draft()
        with self.assertRefused("not on the balance of Romashka LLC any more"):
            request.with_user(self.second).action_approve()
        self.assertFalse(self.asked)
        self.assertEqual(request.state, "requested")

    def test_a_request_speaks_ukrainian(self):
        self.env["res.lang"]._activate_lang("uk_UA")
        transaction = self.transaction.with_user(self.accountant)
        action = transaction.with_context(lang="uk_UA").action_refund(5000)
        self.assertIn("погодить інший менеджер", action["params"]["message"])
