"""Something breaks in the middle of an operation: nothing of it is left.

Each operation is repeated with an exception after its first, second, third … writing
statement. Then the tables must be byte for byte as before, and the same operation must
succeed: nothing of the broken try hides in Python's memory either. `make test` breaks
each operation in a few places, `make soak` in all of them.
"""

import os
from contextlib import contextmanager
from unittest.mock import patch

import freezegun

from odoo.sql_db import BaseCursor
from odoo.tools import SQL

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

from tests.random_operations import TODAY, RandomCase

#: In how many places an operation is broken; 0 means in all.
PLACES = 0 if os.environ.get("SOAK") else 2

TABLES = (
    "client_balance",
    "client_balance_settlement",
    "client_balance_settlement_invoice_rel",
    "account_move",
    "account_move_line",
    "account_payment",
    "account_partial_reconcile",
    "account_full_reconcile",
    "account_bank_statement_line",
    "res_partner",
    "res_partner_bank",
    "mail_message",
)


class Broken(Exception):
    """What the test throws; nobody may swallow it."""


class TestFaults(RandomCase, ClientBalanceCommon):
    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freezegun.freeze_time(TODAY))
        super().setUpClass()

    def _digest(self):
        """:return: a digest of each table's rows"""
        self.env.flush_all()
        return {
            table: self.env.execute_query(
                SQL(
                    "SELECT COUNT(*), md5(string_agg(t::text, '|' ORDER BY t::text))"
                    " FROM %s t",
                    SQL.identifier(table),
                )
            )
            for table in TABLES
        }

    @contextmanager
    def _counting(self, place=None):
        """Count the writing statements; break after the one with number ``place``."""
        count = [0]
        cursor = type(self.env.cr)
        execute = cursor.execute

        def counted(cr, query, *args, **kwargs):
            result = execute(cr, query, *args, **kwargs)
            code = query.code if isinstance(query, SQL) else str(query)
            if code.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
                count[0] += 1
                if count[0] == place:
                    raise Broken(f"after statement {place}: {code.strip()[:60]}")
            return result

        assert issubclass(cursor, BaseCursor)
        with patch.object(cursor, "execute", counted):
            yield count

    def _attempt(self, prepare, operate, place=None):
        """Run the operation, then take everything back. :return: writing statements"""
        with self.env.cr.savepoint() as savepoint:
            subject = prepare()
            self.env.flush_all()
            before = self._digest()
            with self._counting(place) as count:
                if place:
                    with self.assertRaises(Broken), self.env.cr.savepoint():
                        operate(subject)
                        self.env.flush_all()
                else:
                    operate(subject)
                    self.env.flush_all()
            if place:
                self.env.invalidate_all()
                self.assertEqual(self._digest(), before, f"place {place}")
                self.assertLedgerSound()
                operate(subject)
                self.assertNotEqual(self._digest(), before)
            self.assertLedgerSound()
            savepoint.rollback()
        self.env.invalidate_all()
        return count[0]

    def _break_everywhere(self, prepare, operate):
        steps = self._attempt(prepare, operate)
        self.assertGreater(steps, 1)
        places = range(1, steps + 1)
        if PLACES:
            places = sorted(
                {1 + index * (steps - 1) // (PLACES - 1) for index in range(PLACES)}
            )
        for place in places:
            with self.subTest(place=place):
                self._attempt(prepare, operate, place)
        print(f"{len(places)} places")

    # Operations -----------------------------------------------------------------------

    def _confirm(self, model, user, **values):
        self.env[model].with_user(user).create(values).action_confirm()

    def _register(self, invoice, **values):
        self.env["account.payment.register"].with_user(self.clerk).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-10", **values})._create_payments()

    def _funded_invoice(self):
        self._settle(500)
        self._settle(700, date="2026-03-02")
        return self._invoice(1000)

    def _balance_of(self, settlement):
        return settlement.balance_id

    def test_an_overpayment(self):
        self._break_everywhere(
            lambda: self._invoice(1000),
            lambda invoice: self._register(
                invoice, amount=1200, to_client_balance=True
            ),
        )

    def test_a_shortfall(self):
        self._break_everywhere(
            self._funded_invoice,
            lambda invoice: self._register(
                invoice,
                amount=300,
                from_client_balance=True,
                client_balance_bank_id=False,
            ),
        )

    def test_an_invoice_paid_from_the_balance(self):
        self._break_everywhere(
            self._funded_invoice,
            lambda invoice: (
                self.env["client.balance.application"]
                .with_user(self.clerk)
                ._pay_invoice(
                    invoice.with_user(self.clerk),
                    {self.env["res.partner.bank"]: 900},
                    "2026-03-10",
                )
            ),
        )

    def test_a_settlement_its_correction_and_reversal(self):
        self._break_everywhere(lambda: None, lambda _none: self._settle(100))
        self._break_everywhere(
            lambda: self._settle(100).with_user(self.manager),
            lambda settlement: settlement.action_correct({"amount": 120}),
        )
        self._break_everywhere(
            lambda: self._settle(100).with_user(self.manager),
            lambda settlement: settlement.action_reverse(),
        )

    def test_a_transfer_and_an_exchange(self):
        def prepare():
            self._settle(100, date="2026-03-01", bank=self.bank1)
            return self._settle(50, date="2026-03-02", bank=self.bank1).balance_id

        self._break_everywhere(
            prepare,
            lambda balance: self._confirm(
                "client.balance.transfer",
                self.manager,
                partner_id=self.client.id,
                balance_id=balance.id,
                bank_to_id=self.bank2.id,
                amount=120,
                date="2026-03-10",
            ),
        )
        self._break_everywhere(
            prepare,
            lambda balance: self._confirm(
                "client.balance.exchange",
                self.manager,
                partner_id=self.client.id,
                balance_id=balance.id,
                currency_to_id=self.usd.id,
                amount=120,
                date="2026-03-10",
            ),
        )

    def test_a_top_up_and_a_refund(self):
        self._break_everywhere(
            lambda: None,
            lambda _none: self._confirm(
                "client.balance.top.up",
                self.clerk,
                partner_id=self.client.id,
                amount=120,
                date="2026-03-10",
            ),
        )
        self._break_everywhere(
            lambda: self._settle(100, bank=self.bank1).balance_id,
            lambda balance: self._confirm(
                "client.balance.refund",
                self.accountant,
                partner_id=self.client.id,
                balance_id=balance.id,
                amount=70,
                date="2026-03-10",
            ),
        )

    def test_a_payment_that_is_undone(self):
        def prepare():
            self._register(self._invoice(1000), amount=1200, to_client_balance=True)
            return self.env["account.payment"].search([], order="id desc", limit=1)

        self._break_everywhere(prepare, lambda payment: payment.action_draft())
        self._break_everywhere(prepare, lambda payment: payment.action_cancel())

    def test_clients_that_are_merged(self):
        def prepare():
            self._settle(100)
            self._settle(50, partner_id=self.other_client.id)

        self._break_everywhere(
            prepare,
            lambda _none: self.env["base.partner.merge.automatic.wizard"]._merge(
                (self.client | self.other_client).ids, self.other_client
            ),
        )
