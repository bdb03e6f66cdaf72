from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .payment_common import PaymentDialogCommon

#: What a forger can put into the context of a request.
FORGED = {
    "client_balance_gate": True,
    "client_balance_caller": {"settlement_type": "overpayment"},
    "client_balance_adoption": True,
    "client_balance_keep_lines": True,
    "client_balance_matching": True,
    "client_balance_payment_bank_id": 1,
    "force_delete": True,
    "skip_readonly_check": True,
    "su": True,
}


@tagged("post_install", "-at_install")
class TestRpc(PaymentDialogCommon, HttpCase):
    """What anybody may send to the server, as it arrives: through JSON-RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settlement = cls._settle(cls, 500, bank=cls.bank1)
        cls.balance = cls.settlement.balance_id
        cls.stranger_company = cls._create_company(
            name="Stranger", currency_id=cls.uah.id
        )
        cls.outsider = cls._create_user(
            "cb_outsider",
            "client_balance.group_client_balance_manager,account.group_account_manager",
        )
        cls.outsider.write(
            {
                "company_id": cls.stranger_company.id,
                "company_ids": [Command.set(cls.stranger_company.ids)],
            }
        )

    def _call(self, login, model, method, *args, context=None, **kwargs):
        """:return: the answer of the server, as a browser or a program gets it"""
        if self.session is None or self.session.login != login:
            self.authenticate(login, login)
        kwargs["context"] = {
            "lang": "en_US",
            "allowed_company_ids": self.env["res.users"]
            .search([("login", "=", login)])
            .company_ids.ids,
            **(context or {}),
        }
        return self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {
                    "model": model,
                    "method": method,
                    "args": list(args),
                    "kwargs": kwargs,
                }
            },
        ).json()

    def assertDenied(self, login, model, method, *args, **kwargs):
        """Refused with a sentence or as unknown; no balance and no entry changed."""
        before = self._state()
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model"):
            answer = self._call(login, model, method, *args, **kwargs)
        self.assertIn("error", answer, f"{login}: {model}.{method}")
        name = answer["error"]["data"]["name"]
        self.assertRegex(name, r"^odoo\.exceptions\.|AttributeError|NotFound")
        self.env.invalidate_all()
        self.assertEqual(self._state(), before)

    # What no request reaches ----------------------------------------------------------

    def test_the_services_have_no_public_method(self):
        """Abstract models are callable as well: everything in them is private."""
        for name in ("gate", "posting", "application", "matching", "merge", "setup"):
            model = type(self.env[f"client.balance.{name}"])
            own = {
                method
                for cls in model.mro()
                if cls.__module__.startswith("odoo.addons.client_balance")
                for method in vars(cls)
                if callable(getattr(cls, method)) and not method.startswith("_")
            }
            self.assertFalse(own, name)

    def test_private_methods(self):
        caller = {"settlement_type": "manual"}
        for model, method, *args in (
            ("client.balance.gate", "_synchronize", {}),
            ("client.balance.gate", "_append", [], {}),
            ("client.balance.gate", "_replay", self.balance_account.id),
            ("client.balance.posting", "_post", [{"partner_id": 1, "amount": 5}]),
            ("client.balance.posting", "_post_entries", [{}]),
            ("client.balance.posting", "_reverse_moves", [], {}),
            ("client.balance.application", "_pay_invoice", 1, {}, "2026-03-01"),
            ("client.balance.application", "_put_on_balance", 1, 5, 1, "2026-03-01"),
            ("client.balance.merge", "_move_keys", {}),
            ("client.balance", "_append_rows", self.balance.ids, [caller]),
            ("client.balance", "_touch", []),
            ("client.balance.settlement", "_link_reversals", self.settlement.ids),
            ("account.payment.register", "_create_payments", []),
            ("account.move", "_post", self.settlement.move_id.ids),
        ):
            with self.subTest(method=method):
                self.assertDenied("cb_manager", model, method, *args)

    def test_the_ledger_is_written_by_nobody(self):
        settlement, balance = self.settlement.ids, self.balance.ids
        key = {
            "partner_id": self.client.id,
            "company_id": self.company.id,
            "currency_id": self.uah.id,
            "amount": 99,
        }
        for login in ("cb_manager", "cb_accountant", "cb_clerk", "cb_reader"):
            for model, method, *args in (
                ("client.balance", "create", [key]),
                ("client.balance", "write", balance, {"amount": 999}),
                ("client.balance", "write", balance, {"partner_id": 1}),
                ("client.balance", "web_save", balance, {"amount": 999}),
                ("client.balance", "unlink", balance),
                ("client.balance", "copy", balance),
                ("client.balance", "action_archive", balance),
                ("client.balance", "load", ["id", "amount"], [["x", "5"]]),
                ("client.balance.settlement", "write", settlement, {"amount": 9}),
                ("client.balance.settlement", "write", settlement, {"is_live": 0}),
                ("client.balance.settlement", "web_save", settlement, {"amount": 9}),
                ("client.balance.settlement", "unlink", settlement),
                ("client.balance.settlement", "copy", settlement),
                ("client.balance.match", "create", [{}]),
            ):
                with self.subTest(login=login, model=model, method=method):
                    if method == "load":
                        self._call(login, model, method, *args, context=FORGED)
                        continue
                    kwargs = {"specification": {}} if method == "web_save" else {}
                    self.assertDenied(
                        login, model, method, *args, context=FORGED, **kwargs
                    )
        self.env.invalidate_all()
        self.assertEqual(self.balance.amount, 500)
        self.assertEqual(self.balance.settlement_count, 1)

    # Officers and readers -------------------------------------------------------------

    def test_what_managers_do_is_refused_to_the_others(self):
        settlement = self.settlement.ids
        values = {"partner_id": self.client.id, "amount": 5, "date": "2026-03-01"}
        for login in ("cb_clerk", "cb_reader", "cb_sales", "cb_employee"):
            for model, method, *args in (
                ("client.balance.settlement", "create", [values]),
                ("client.balance.settlement", "action_reverse", settlement),
                (
                    "client.balance.settlement",
                    "action_correct",
                    settlement,
                    {"amount": 900},
                ),
                ("client.balance", "write", self.balance.ids, {"overdraft_limit": 5}),
                ("client.balance.transfer", "create", [{}]),
                ("client.balance.exchange", "create", [{}]),
                ("client.balance.refund", "create", [{}]),
                ("client.balance.settlement.add", "create", [{}]),
                ("client.balance.adopt", "create", [{}]),
                ("client.balance", "check_integrity"),
            ):
                with self.subTest(login=login, model=model, method=method):
                    self.assertDenied(login, model, method, *args, context=FORGED)

    def test_only_officers_pay_invoices(self):
        invoice = self._invoice(100)
        for login in ("cb_reader", "cb_sales", "cb_employee"):
            for method, *args in (
                ("action_apply_client_balance", self.bank1.id),
                ("action_pay_from_client_balance",),
            ):
                with self.subTest(login=login, method=method):
                    self.assertDenied(
                        login,
                        "account.move",
                        method,
                        invoice.ids,
                        *args,
                        context=FORGED,
                    )
        answer = self._call(
            "cb_clerk",
            "account.move",
            "action_apply_client_balance",
            invoice.ids,
            self.bank1.id,
        )
        self.assertIs(answer.get("result"), True)
        self.env.invalidate_all()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.balance.amount, 400)

    def test_an_entry_of_a_clerk(self):
        lines = [
            {
                "account_id": account.id,
                "partner_id": self.client.id,
                "balance": balance,
            }
            for account, balance in (
                (self.balance_account, -70),
                (self.income_account, 70),
            )
        ]
        move = self._call(
            "cb_clerk",
            "account.move",
            "create",
            [
                {
                    "date": "2026-03-01",
                    "journal_id": self.misc_journal.id,
                    "line_ids": [[0, 0, line] for line in lines],
                }
            ],
            context=FORGED,
        )["result"]
        for method, *args in (
            ("action_post",),
            ("write", {"state": "posted"}),
            ("write", {"auto_post": "at_date"}),
        ):
            with self.subTest(method=method):
                self.assertDenied(
                    "cb_clerk", "account.move", method, move, *args, context=FORGED
                )

    def test_a_payment_dialog_with_a_forged_client(self):
        wizard = self._call(
            "cb_clerk",
            "account.payment.register",
            "create",
            [{"amount": 60, "payment_date": self.pay_date}],
            context={
                "active_model": "account.move",
                "active_ids": self._invoice(100, partner=self.other_client).ids,
            },
        )["result"]
        self._call(
            "cb_clerk",
            "account.payment.register",
            "write",
            wizard,
            {
                "partner_id": self.client.id,
                "client_balance_bank_id": self.bank1.id,
                "from_client_balance": True,
                "client_balance_amount": 40,
            },
        )
        self.assertDenied(
            "cb_clerk", "account.payment.register", "action_create_payments", wizard
        )

    # Another company ------------------------------------------------------------------

    def test_a_manager_of_another_company_reaches_nothing(self):
        settlement, balance = self.settlement.ids, self.balance.ids
        values = {
            "partner_id": self.client.id,
            "company_id": self.company.id,
            "amount": 5,
        }
        both = {"allowed_company_ids": (self.company + self.stranger_company).ids}
        for context in (None, FORGED, both):
            for model, method, *args in (
                ("client.balance", "read", balance, ["amount"]),
                ("client.balance", "write", balance, {"overdraft_limit": 5}),
                ("client.balance.settlement", "read", settlement, ["amount"]),
                ("client.balance.settlement", "action_reverse", settlement),
                (
                    "client.balance.settlement",
                    "action_correct",
                    settlement,
                    {"amount": 1},
                ),
                ("client.balance.settlement", "create", [values]),
            ):
                with self.subTest(method=method, context=context):
                    self.assertDenied(
                        "cb_outsider", model, method, *args, context=context
                    )
        for model in ("client.balance", "client.balance.settlement"):
            answer = self._call("cb_outsider", model, "search_read", [], ["id"])
            self.assertEqual(answer["result"], [])
