import base64

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestEvidence(MoneyCommon):
    """What a second person agreed to is what was asked for, and stays so."""

    model = "client.balance.exchange"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_user(
            "cb_second", "client_balance.group_client_balance_manager"
        )
        cls.company.write(
            {"client_balance_approval": True, "client_balance_approval_amount": 1000}
        )

    def _document(self, **vals):
        return (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "Letter.txt", "raw": b"Pay 5000", **vals})
        )

    def _ask(self, document, **vals):
        return (
            self.env["client.balance.request"]
            .with_user(self.manager)
            .request_settlement(
                {
                    "partner_id": self.client.id,
                    "amount": 5000,
                    "date": "2026-03-01",
                    "attachment_ids": [[Command.SET, 0, document.ids]],
                    **vals,
                }
            )
        )

    def _assertKept(self, document, users):
        for user in users:
            records = document.with_user(user)
            for action in (
                lambda records=records: records.write({"raw": b"Pay 9000"}),
                lambda records=records: records.write({"name": "Other.txt"}),
                lambda records=records: records.sudo().write(
                    {"datas": base64.b64encode(b"x")}
                ),
                lambda records=records: records.write({"res_id": 0, "res_model": ""}),
                records.unlink,
                records.sudo().unlink,
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    action()
        self.env.invalidate_all()
        self.assertEqual(document.sudo().raw, b"Pay 5000")
        self.assertEqual(document.sudo().name, "Letter.txt")

    def test_documents_of_a_request_stay_before_and_after_it_is_approved(self):
        client_file = self._document(res_model="res.partner", res_id=self.client.id)
        for document in (self._document(), client_file):
            request = self._ask(document)
            self._assertKept(document, (self.manager, self.second))
            request.with_user(self.second).action_approve()
            self._assertKept(document, (self.manager, self.second))
            settlement = request.settlement_ids
            self.assertEqual(settlement.attachment_ids, document)

    def test_other_documents_are_changed_as_ever(self):
        document = self._document()
        document.write({"raw": b"Pay 9000", "name": "Draft.txt"})
        self._settle(5, attachment_ids=[Command.set(document.ids)])
        document.unlink()
        self.assertFalse(document.exists())

    def test_a_request_is_not_changed_after_asking(self):
        request = self._ask(self._document())
        for vals in (
            {"amount": 9},
            {"vals": {**request.vals, "amount": 9}},
            {"partner_id": self.other_client.id},
            {"requested_by_id": self.second.id},
            {"attachment_ids": [Command.clear()]},
        ):
            for user in (self.manager, self.second, self.accountant):
                with self.assertRaises(UserError):
                    request.with_user(user).write(vals)
            with self.assertRefused("is not changed"):
                request.sudo().write(vals)
        request.with_user(self.second).action_approve()
        self.assertEqual(request.settlement_ids.amount, 5000)

    def test_everything_that_will_be_done_is_shown(self):
        reason = self.env["client.balance.reason"].create(
            {
                "name": "Bonus",
                "direction": "both",
                "is_advance": True,
                "company_id": self.company.id,
                "account_id": self.income_account.id,
            }
        )
        request = self._ask(
            self._document(),
            reason_id=reason.id,
            is_advance=False,
            settlement_type="opening",
            counterpart_account_id=self.income_account.id,
        )
        rows = dict(request._get_detail_rows())
        self.assertEqual(rows["Type"], "Opening")
        self.assertEqual(rows["Advance"], "No")
        self.assertEqual(rows["Reason"], "Bonus")
        self.assertIn(self.income_account.name, rows["Counterpart Account"])
        shown = {"external_ref", "attachment_ids"} | {
            name
            for name in request.vals
            if self.env["client.balance.settlement"]
            ._fields[name]
            ._description_string(self.env)
            in rows
        }
        self.assertEqual(shown, set(request.vals))

    # Exchange -------------------------------------------------------------------------

    def test_an_exchange_never_gives_more_than_the_rate(self):
        """One cent at a time, and at a typed rate, the client gains nothing."""
        self.company.client_balance_approval = False
        accounts = self.env["account.account"].create(
            [
                {"name": name, "code": code, "account_type": kind}
                for name, code, kind in (
                    ("Gain", "714900", "income_other"),
                    ("Loss", "945900", "expense"),
                )
            ]
        )
        self.company.income_currency_exchange_account_id = accounts[0]
        self.company.expense_currency_exchange_account_id = accounts[1]
        self._set_rate(self.usd, "2026-03-15", 41.4)
        self._advance(1000, "2026-03-01", self.bank1)
        for amount, rate, given in (
            # 0.63 ₴ are 0.0152 $, which half up would be 0.02 $ (0.83 ₴)
            (0.63, False, 0.01),
            (0.63, False, 0.01),
            (0.82, False, 0.01),
            (0.83, False, 0.02),
            (41.4, False, 1.0),
            (100, 41.7, 2.39),
        ):
            before = self._balance(self.bank1, currency=self.usd)
            values = {"rate": rate} if rate else {}
            self._confirm(
                self._get(self.bank1),
                currency_to_id=self.usd,
                amount=amount,
                date="2026-03-20",
                **values,
            )
            now = self._balance(self.bank1, currency=self.usd)
            self.assertEqual(self.usd.round(now - before), given)
        gains = self.env["account.move.line"].search(
            [("account_id", "=", accounts[0].id), ("parent_state", "=", "posted")]
        )
        self.assertTrue(gains)
        self.assertLess(max(gains.mapped("balance")), 0)
