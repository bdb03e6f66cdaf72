from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .ledger_paths_common import LedgerPathsCommon


@tagged("post_install", "-at_install")
class TestEntryPaths(LedgerPathsCommon):
    """Journal entries: posted by hand, by time, in copies, and undone."""

    def test_an_entry_posted_by_the_cron(self):
        move = self._entry(100, bank=self.bank1, post=False)
        move.auto_post = "at_date"
        self._run_autopost()
        self.assertEqual(move.state, "posted")
        self.assertAmounts([100], bank=self.bank1)

    def test_a_recurring_entry_weighs_once_and_its_copy_keeps_the_bank_account(self):
        move = self._entry(100, bank=self.bank1, post=False)
        move.write({"auto_post": "monthly", "auto_post_until": "2026-12-31"})
        move.action_post()
        copy = self.env["account.move"].search(
            [("auto_post_origin_id", "=", move.id), ("id", "!=", move.id)]
        )
        self.assertEqual(copy.state, "draft")
        self.assertEqual(self._line(copy).client_balance_bank_id, self.bank1)
        self.assertAmounts([100], bank=self.bank1)
        copy.action_post()
        self.assertAmounts([100, 100], bank=self.bank1)

    @freeze_time("2026-03-01")
    def test_an_entry_of_the_future_posted_softly_weighs_nothing(self):
        move = self._entry(100, date="2026-06-01", post=False)
        move._post(soft=True)
        self.assertEqual(move.state, "draft")
        self.assertFalse(self._settlements())

    def test_a_copy_is_a_draft_with_the_bank_account(self):
        move = self._settle(100, bank=self.bank1).move_id
        copy = move.copy()
        self.assertEqual(self._line(copy).client_balance_bank_id, self.bank1)
        self.assertAmounts([100], bank=self.bank1)

    def test_edits_and_deletion_of_a_draft_weigh_nothing(self):
        move = self._entry(100, post=False)
        self._line(move).with_context(check_move_validity=False).write(
            {"partner_id": self.other_client.id, "balance": -70}
        )
        move.unlink()
        self.assertFalse(self._settlements())

    def test_unlink_or_reverse_of_an_open_entry_deletes_it(self):
        move = self._entry(100)
        move._unlink_or_reverse()
        self.assertFalse(move.exists())
        self.assertAmounts([100, -100])

    def test_unlink_or_reverse_of_a_hashed_entry_reverses_it(self):
        move = self._hashed_entry(100)
        move._unlink_or_reverse()
        self.assertTrue(move.exists())
        self.assertAmounts([100, -100])
        self.assertEqual(self._settlements()[-1].reversal_of_id.move_id, move)

    def test_unlink_or_reverse_under_the_audit_trail_cancels(self):
        self.company.restrictive_audit_trail = True
        move = self._entry(100)
        move._unlink_or_reverse()
        self.assertEqual(move.state, "cancel")
        self.assertAmounts([100, -100])

    def test_a_reversal_without_cancelling_is_a_draft_first(self):
        move = self._entry(100, bank=self.bank1)
        reverse = move._reverse_moves([{"date": "2026-03-05"}])
        self.assertEqual(self._line(reverse).client_balance_bank_id, self.bank1)
        self.assertAmounts([100], bank=self.bank1)
        reverse.action_post()
        self.assertAmounts([100, -100], bank=self.bank1)
        self.assertEqual(self._settlements(self.bank1)[1].settlement_type, "reversal")

    def test_two_lines_added_to_a_posted_entry(self):
        move = self._entry(100)
        values = {"partner_id": self.client.id, "name": "More"}
        self.env["account.move.line"].create(
            [
                {
                    **values,
                    "move_id": move.id,
                    "account_id": account.id,
                    "balance": balance,
                }
                for account, balance in (
                    (self.balance_account, -30),
                    (self.income_account, 30),
                )
            ]
        )
        self.assertAmounts([100, 30])

    def test_core_refuses_to_create_a_posted_entry(self):
        with self.assertRefused("posted"):
            self.env["account.move"].create(
                {"move_type": "entry", "state": "posted", "line_ids": []}
            )

    def test_an_entry_of_several_clients_moves_each_balance(self):
        move = self.env["account.move"].create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner and partner.id,
                            "balance": balance,
                        }
                    )
                    for account, partner, balance in (
                        (self.balance_account, self.client, -10),
                        (self.balance_account, self.client, -5),
                        (self.balance_account, self.other_client, -20),
                        (self.income_account, None, 35),
                    )
                ],
            }
        )
        move.action_post()
        self.assertAmounts([10, 5])
        self.assertAmounts([20], partner=self.other_client)

    def test_an_entry_that_takes_and_gives_on_one_empty_key(self):
        """As cash-basis entries do: judged on the net."""
        move = self.env["account.move"].create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.balance_account.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                        }
                    )
                    for balance in (100, -100)
                ],
            }
        )
        move.action_post()
        self.assertEqual(sorted(self._settlements().mapped("amount")), [-100, 100])
        self.assertEqual(self._balance(), 0)

    # Hashed -------------------------------------------------------------------------

    def _hashed_entry(self, amount, **vals):
        self.misc_journal.restrict_mode_hash_table = True
        move = self._entry(amount, **vals)
        if not move.inalterable_hash:
            move.button_hash()
        self.assertTrue(move.inalterable_hash)
        return move

    def test_a_hashed_entry_stays_and_so_does_its_bank_account(self):
        move = self._hashed_entry(100, bank=self.bank1)
        with self.assertRefused("."):
            move.button_draft()
        with self.assertRefused("cannot be changed"):
            self._line(move).client_balance_bank_id = self.bank2
        self.assertAmounts([100], bank=self.bank1)

    # Master data --------------------------------------------------------------------

    def test_an_item_of_a_branch_is_on_the_balance_of_the_root_company(self):
        branch = self._branch()
        self._branch_entry(branch, 100)
        self._entry(-40, date="2026-03-02")
        self.assertAmounts([100, -40])
        self.assertEqual(self._settlements().company_id, self.company)

    def test_a_branch_credit_is_the_source_of_a_root_spend(self):
        branch = self._branch()
        credit = self._branch_entry(branch, 100)
        spend = self._entry(-40, date="2026-03-02")
        self.assertTrue(self._line(spend).reconciled)
        self.assertEqual(self._line(credit).amount_residual, -60)

    def _branch(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        return branch

    def _branch_entry(self, branch, amount):
        env = self.env(context={"allowed_company_ids": (branch + self.company).ids})
        move = env["account.move"].create(
            {
                "company_id": branch.id,
                "journal_id": self.misc_journal.id,
                "date": "2026-03-01",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self.balance_account, -amount),
                        (self.income_account, amount),
                    )
                ],
            }
        )
        self.assertEqual(move.company_id, branch)
        move.action_post()
        return move.with_env(self.env)

    # Standard tools -----------------------------------------------------------------

    def _transfer_wizard(self, lines, account):
        wizard = (
            self.env["account.automatic.entry.wizard"]
            .with_context(active_model="account.move.line", active_ids=lines.ids)
            .create(
                {
                    "action": "change_account",
                    "date": "2026-03-05",
                    "journal_id": self.misc_journal.id,
                    "destination_account_id": account.id,
                }
            )
        )
        return wizard.do_action()

    def test_the_transfer_wizard_takes_money_without_a_bank_account(self):
        move = self._entry(100)
        self._transfer_wizard(self._line(move), self.income_account)
        self.assertAmounts([100, -100])

    def test_the_transfer_wizard_knows_no_bank_account_and_is_refused(self):
        move = self._entry(100, bank=self.bank1)
        with self.assertRefused("cannot be matched"):
            self._transfer_wizard(self._line(move), self.income_account)
        self.assertAmounts([100], bank=self.bank1)

    def test_the_transfer_wizard_brings_money_to_the_balance(self):
        move = self._entry(100, account=self.outstanding)
        line = move.line_ids.filtered(lambda item: item.account_id == self.outstanding)
        self._transfer_wizard(line, self.balance_account)
        self.assertAmounts([100])
