from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .provider_common import ProviderCommon
from .second_person_common import SecondPersonCommon


class RequestsCommon(SecondPersonCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_approval_amount = 1000
        # who agrees to a payment registers it
        groups = ("account.group_account_user", "account.group_account_manager")
        for group in groups:
            cls.second.group_ids += cls.env.ref(group)
        cls.alone = cls._alone(*groups)

    def _old_account(self, amount):
        """An account of the time before, with money of the client."""
        account = self.env["account.account"].create(
            {
                "name": "Advances",
                "code": "681999",
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self._entry(amount, account=account)
        return account

    def _approve(self):
        request = self._pending()
        with self.assertRefused("yourself"):
            request.with_user(request.requested_by_id).action_approve()
        request.with_user(self.second).action_approve()
        self.assertEqual(request.state, "approved")
        return request


@tagged("post_install", "-at_install")
class TestSecondPersonRequests(RequestsCommon):
    """Whatever needs a second person can be asked for."""

    def test_delete_asks_for_a_reversal(self):
        large, small = self._fund(5000), self._fund(900)
        self.assertFalse(small.with_user(self.manager).action_delete())
        action = large.with_user(self.manager).action_delete()
        self.assertEqual(action["res_model"], "client.balance.request")
        self.assertEqual(self._balance(self.bank1), 5000)
        request = self._pending()
        self.assertRecordValues(
            request, [{"operation": "reversal", "amount": -5000, "state": "requested"}]
        )
        self.assertIn(large.name, request.details)
        large.with_user(self.manager).action_delete()
        self.assertEqual(self._pending(), request, "asked once")
        self._approve()
        self.assertEqual(large.reversed_by_id.request_id, request)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_refund_that_the_bank_rejects_is_reset_by_two(self):
        self._fund(5000)
        self._confirm(
            self._get(self.bank1),
            self.alone,
            "client.balance.refund",
            amount=5000,
            date="2026-03-20",
        )
        self._approve()
        refund = self._made("refund")
        with self.assertRefused("needs a second person"):
            refund.payment_id.with_user(self.alone).action_draft()
        Request = self.Request.with_user(self.alone)
        Request.request_reversal(refund.ids)
        self.assertEqual(self._balance(self.bank1), 0)
        self._approve()
        self.assertEqual(refund.payment_id.state, "draft")
        self.assertEqual(self._balance(self.bank1), 5000)
        with self.assertRefused("already reversed"):
            Request.request_reversal(refund.ids)

    def test_a_plain_entry_is_reset_by_two(self):
        self.company.client_balance_approval = False
        entry = self._entry(5000, user=self.accountant)
        self.company.client_balance_approval = True
        settlement = self._settlements()[-1]
        self.Request.with_user(self.alone).request_reversal(settlement.ids)
        self._approve()
        self.assertEqual(entry.state, "draft")
        self.assertEqual(self._balance(), 0)

    def test_a_limit_is_raised_by_two(self):
        self._settle(1, bank=self.bank1)
        balance = self._get(self.bank1).with_user(self.manager)
        with self.assertRefused("A higher limit .*needs a second person"):
            balance.overdraft_limit = 5000
        with self.assertRefused("needs a second person"):
            balance.sudo().overdraft_limit = 5000
        balance.overdraft_limit = 500
        dialog = (
            self.env["client.balance.limit"]
            .with_user(self.manager)
            .with_context(default_balance_id=balance.id)
            .create({"limit": 5000, "note": "Contract 7"})
        )
        action = dialog.action_confirm()
        self.assertEqual(action["res_model"], "client.balance.request")
        self.assertEqual(balance.overdraft_limit, 500)
        self._approve()
        self.assertRecordValues(
            balance,
            [
                {
                    "overdraft_limit": 5000,
                    "limit_granted_by_id": self.second.id,
                    "limit_note": "Contract 7",
                }
            ],
        )
        balance.overdraft_limit = 0

    def test_an_account_is_adopted_by_two(self):
        account = self._old_account(5000)
        dialog = (
            self.env["client.balance.adopt"]
            .with_user(self.alone)
            .create({"account_id": account.id})
        )
        action = dialog.action_adopt()
        self.assertEqual(action["res_model"], "client.balance.request")
        self.assertFalse(account.is_client_balance)
        self.assertEqual(self._pending().amount, 5000)
        self._approve()
        self.assertTrue(account.is_client_balance)
        self.assertEqual(self._balance(), 5000)

    def test_settlements_of_a_file_are_asked_for_together(self):
        rows = [
            self._vals(999, settlement_type="opening", external_ref=f"O-{number}")
            for number in range(5)
        ]
        request = self.Request.with_user(self.manager).request_settlements(rows)
        self.assertEqual(request.amount, 4995)
        self.assertIn("999", request.details)
        self._approve()
        self.assertEqual(self._balance(self.bank1), 4995)
        with self.assertRefused("Nothing was asked for"):
            request.with_user(self.manager).request_settlements([])

    def test_only_managers_ask(self):
        settlement = self._fund(5000)
        for user in (self.clerk, self.reader, self.employee):
            Request = self.Request.with_user(user)
            for name, arguments in (
                ("request_reversal", [settlement.ids]),
                ("request_settlements", [[self._vals(5)]]),
                ("request_provider_refund", [1, 5]),
            ):
                with (
                    self.subTest(user=user.login, name=name),
                    self.assertRaises(AccessError),
                ):
                    getattr(Request, name)(*arguments)
        for value in ("5", [5], 1.5, True):
            with self.assertRefused("no value for field"):
                self.Request.with_user(self.manager).request_reversal([value])


@tagged("post_install", "-at_install")
class TestSecondPersonProvider(ProviderCommon, RequestsCommon):
    """Our own refund through a provider is ours to decide: two people do."""

    def test_a_refund_through_the_provider_is_asked_for(self):
        transaction = self._top_up(5000, self.bank1)
        self.assertEqual(self._balance(self.bank1), 5000)
        mine = transaction.with_user(self.alone)
        Request = self.Request.with_user(self.alone)
        with self.assertRefused("cannot be refunded"):
            Request.request_provider_refund(transaction.id, 6000)
        action = mine.action_refund(amount_to_refund=4000)
        self.assertIn("sent as a request", action["params"]["message"])
        self.assertEqual(self._balance(self.bank1), 5000)
        Request.request_provider_refund(transaction.id, 4000)
        request = self._approve()
        self.assertEqual(self._balance(self.bank1), 1000)
        self.assertEqual(request.settlement_ids.mapped("amount"), [-4000])
