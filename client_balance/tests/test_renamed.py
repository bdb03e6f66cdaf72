from unittest.mock import patch

from odoo.tests import tagged

from .statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestRenamed(StatementCommon):
    """An entry gets another number: the ledger names it by the present one."""

    def _resequence(self, moves, first_name):
        """What an accountant does with “Resequence” in the list of entries."""
        wizard = (
            self.env["account.resequence.wizard"]
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"first_name": first_name, "ordering": "keep"})
        )
        wizard.resequence()
        self.assertEqual(min(moves.mapped("name")), first_name)

    def _names(self, settlements):
        return settlements.mapped(lambda row: (row.name, row.move_name))

    def test_the_ledger_follows_resequenced_entries(self):
        made = self._settle(100, bank=self.bank1) | self._settle(20, bank=self.bank1)
        made |= self._settle(30)
        reversal = made[1].with_user(self.manager).action_reverse()
        made |= reversal
        before = [row.read(["create_date", "write_uid", "number"]) for row in made]
        Gate = type(self.env["client.balance.gate"])
        follow = Gate._follow_names
        calls = []

        def count(gate, move_ids):
            calls.extend([move_ids] if move_ids else [])
            return follow(gate, move_ids)

        with patch.object(Gate, "_follow_names", count):
            self._resequence(made.move_id, "CBAL/2026/0101")
        self.assertEqual(calls, [set(made.move_id.ids)], "once for all of them")
        for row in made:
            self.assertEqual(self._names(row), [(row.move_id.name,) * 2])
        self.assertEqual(
            {row.move_id.name for row in made},
            {f"CBAL/2026/010{number}" for number in (1, 2, 3, 4)},
        )
        self.assertEqual(
            [row.read(["create_date", "write_uid", "number"]) for row in made], before
        )
        self.assertLedgerSound()

    def test_payment_register_and_portal_show_the_present_number(self):
        payment = self._receipt(self._invoice(100), 120, to_client_balance=True)
        advance = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 50,
                "date": "2026-03-05",
                "journal_id": self.bank_journal.id,
                "client_balance_advance": True,
            }
        )
        advance.action_post()
        self._resequence(payment.move_id | advance.move_id, "PBNK1/2026/00101")
        settlements = self._settlements(self.bank1)
        self.assertEqual(len(settlements), 2)
        for row in settlements:
            self.assertEqual(row.payment_name, row.payment_id.name)
            self.assertEqual(row.payment_name, row.move_id.name)
        self.env.flush_all()
        register = self.env["client.balance.advance"].search(
            [("partner_id", "=", self.client.id)]
        )
        self.assertEqual(register.mapped("document"), [advance.name])
        documents = self.env["client.balance.portal"].sudo()._get_documents(settlements)
        self.assertEqual(
            {document["name"] for found in documents.values() for document in found},
            {payment.name, advance.name},
        )

    def test_an_entry_renamed_by_an_accountant_is_followed(self):
        settlement = self._settle(100, bank=self.bank1, external_ref="shop 7")
        settlement.move_id.with_user(self.accountant).name = "CBAL/2026/0777"
        self.assertRecordValues(
            settlement,
            [
                {
                    "name": "CBAL/2026/0777",
                    "move_name": "CBAL/2026/0777",
                    "payment_name": False,
                    "external_ref": "shop 7",
                }
            ],
        )

    def test_a_number_that_is_taken_away_is_kept_until_there_is_another(self):
        move = self._entry(100, bank=self.bank1)
        [settlement] = self._settlements(self.bank1)
        name = settlement.name
        move.button_draft()
        for empty in ("/", False):
            with self.subTest(empty=empty):
                move.name = empty
                self.env.flush_all()
                self.assertEqual(self._names(settlement), [(name, name)])
        move.unlink()
        self.assertEqual(self._names(settlement), [(name, name)])

    def test_a_draft_posted_under_another_number_is_followed_by_its_past(self):
        payment = self._receipt(self._invoice(100), 120, to_client_balance=True)
        payment.action_draft()
        payment.move_id.write({"name": False, "date": "2025-12-20"})
        payment.action_post()
        self.assertIn("/2025/", payment.name)
        settlements = self._settlements(self.bank1)
        self.assertEqual(len(settlements), 3)
        for row in settlements:
            self.assertEqual(self._names(row), [(payment.name,) * 2])
            self.assertEqual(row.payment_name, payment.name)

    def test_a_sent_act_keeps_the_number_that_the_client_has(self):
        settlement = self._settle(100, date="2026-03-05", bank=self.bank1)
        name = settlement.name
        act = self._sent()
        settlement.move_id.name = "CBAL/2026/0777"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(act.line_ids.mapped("number"), [name])
        self.assertEqual(self._act().line_ids.mapped("number"), ["CBAL/2026/0777"])
