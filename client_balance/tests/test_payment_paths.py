from odoo.fields import Command
from odoo.tests import tagged

from .ledger_paths_common import LedgerPathsCommon


@tagged("post_install", "-at_install")
class TestPaymentPaths(LedgerPathsCommon):
    """Payments: reset, posted again, cancelled, deleted, rejected, reversed."""

    def test_reset_and_posted_again(self):
        payment = self._payment(120, 20)
        self.assertAmounts([20], bank=self.bank1)
        payment.action_draft()
        self.assertAmounts([20, -20], bank=self.bank1)
        payment.action_post()
        self.assertAmounts([20, -20, 20], bank=self.bank1)
        self.assertEqual(self._live(bank=self.bank1).payment_id, payment)

    def test_cancelled(self):
        payment = self._payment(120, 20)
        payment.action_cancel()
        self.assertAmounts([20, -20], bank=self.bank1)

    def test_deleted(self):
        payment = self._payment(120, 20)
        name = payment.name
        payment.action_draft()
        payment.unlink()
        self.assertAmounts([20, -20], bank=self.bank1)
        self.assertEqual(self._settlements(self.bank1)[0].payment_name, name)
        self.assertFalse(self._settlements(self.bank1)[0].payment_id)

    def test_a_posted_payment_deleted_with_its_entry(self):
        payment = self._payment(120, 20)
        payment.unlink()
        self.assertAmounts([20, -20], bank=self.bank1)

    def test_rejecting_is_refused_while_the_entry_stands(self):
        payment = self._payment(120, 20)
        with self.assertRefused("Reset it to draft or cancel"):
            payment.action_reject()
        self.assertAmounts([20], bank=self.bank1)

    def test_its_entry_reversed(self):
        payment = self._payment(120, 20)
        payment.move_id._reverse_moves([{"date": "2026-03-05"}], cancel=True)
        self.assertAmounts([20, -20], bank=self.bank1)
        self.assertEqual(self._settlements(self.bank1)[1].settlement_type, "reversal")

    def test_undoing_is_refused_once_the_money_is_spent(self):
        payment = self._payment(120, 20)
        spend = self._entry(-20, date="2026-03-02", bank=self.bank1)
        for undo in ("action_draft", "action_cancel", "unlink"):
            with self.subTest(undo=undo), self.assertRefused(spend.name):
                getattr(payment, undo)()
        self.assertEqual(payment.state, "in_process")
        self.assertAmounts([20, -20], bank=self.bank1)

    def test_a_payment_to_the_balance_account_is_a_top_up(self):
        self._payment(50, destination_account_id=self.balance_account.id)
        self.assertEqual(self._settlements().settlement_type, "top_up")
        self.assertAmounts([50])

    def test_a_payment_from_the_balance_account_is_a_refund(self):
        self._payment(50, destination_account_id=self.balance_account.id)
        refund = self._payment(
            30,
            date="2026-03-02",
            payment_type="outbound",
            destination_account_id=self.balance_account.id,
        )
        self.assertEqual(self._live()[-1].settlement_type, "refund")
        self.assertAmounts([50, -30])
        refund.action_draft()
        self.assertEqual(self._balance(), 50)


@tagged("post_install", "-at_install")
class TestStatementPaths(LedgerPathsCommon):
    """Bank lines, which core rewrites in several steps while they are posted."""

    def _rewrite(self, line, amount, account):
        """What a reconciliation widget does: clear the items, make new ones."""
        liquidity = line._seek_for_lines()[0]
        line.move_id.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "account_id": liquidity.account_id.id,
                            "name": "Bank",
                            "balance": amount,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "name": "Rest",
                            "balance": -amount,
                        }
                    ),
                ]
            }
        )

    def test_created_on_the_balance_account(self):
        line = self._statement_line(100)
        self.assertAmounts([100])
        self.assertEqual(self._live().move_id, line.move_id)

    def test_rewritten_onto_and_off_the_balance_account(self):
        line = self._statement_line(100, on_balance=False)
        self.assertFalse(self._settlements())
        self._rewrite(line, 100, self.balance_account)
        self.assertAmounts([100])
        self._rewrite(line, 100, self.income_account)
        self.assertAmounts([100, -100])

    def test_undone(self):
        line = self._statement_line(100)
        line.action_undo_reconciliation()
        self.assertAmounts([100, -100])

    def test_deleted(self):
        line = self._statement_line(100)
        line.unlink()
        self.assertAmounts([100, -100])
        self.assertFalse(self._settlements()[0].move_id)

    def test_deleted_under_the_audit_trail(self):
        self.company.restrictive_audit_trail = True
        line = self._statement_line(100)
        move = line.move_id
        line.unlink()
        self.assertEqual(move.state, "cancel")
        self.assertAmounts([100, -100])

    def test_rewritten_to_the_same_although_the_money_is_spent(self):
        line = self._statement_line(100)
        spend = self._entry(-100, date="2026-03-02")
        self._rewrite(line, 100, self.balance_account)
        self.assertAmounts([100, -100, -100, 100])
        self.assertTrue(self._line(spend).reconciled)
        self.assertTrue(self._line(line.move_id).reconciled)

    def test_undone_or_deleted_when_the_money_is_spent_is_refused(self):
        line = self._statement_line(100)
        spend = self._entry(-60, date="2026-03-02")
        for undo in ("action_undo_reconciliation", "unlink"):
            with self.subTest(undo=undo), self.assertRefused(spend.name):
                getattr(line, undo)()
        with self.assertRefused("Not enough money"):
            self._rewrite(line, 100, self.income_account)
        self.assertAmounts([100, -60])

    def test_its_amount_and_client_cannot_change_under_the_balance_item(self):
        line = self._statement_line(100)
        for name, value in (("amount", 130), ("partner_id", self.other_client.id)):
            with self.subTest(field=name), self.assertRefused("posted journal item"):
                line.write({name: value})
            self.env.invalidate_all()
            self.assertAmounts([100])

    def test_a_whole_statement_deleted(self):
        line = self._statement_line(100)
        statement = self.env["account.bank.statement"].create(
            {"name": "March", "line_ids": [Command.set(line.ids)]}
        )
        statement.unlink()
        self.assertFalse(statement.exists())
        self.assertTrue(line.exists())
        self.assertAmounts([100])
        line.unlink()
        self.assertAmounts([100, -100])
