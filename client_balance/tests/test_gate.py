from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestGate(ClientBalanceCommon):
    """Every posted item on a balance account is a settlement, and nothing else."""

    def test_a_posted_entry_is_a_settlement(self):
        move = self._entry(159, bank=self.bank1)
        settlement = self._settlements(self.bank1)
        self.assertRecordValues(
            settlement,
            [
                {
                    "name": move.name,
                    "amount": 159,
                    "settlement_type": "entry",
                    "number": 1,
                    "balance_after": 159,
                    "move_id": move.id,
                    "move_line_id": self._line(move).id,
                    "is_live": True,
                }
            ],
        )
        self.assertEqual(self._balance(self.bank1), 159)

    def test_a_draft_entry_weighs_nothing(self):
        self._entry(159, post=False)
        self.assertFalse(self._settlements())

    def test_reset_and_post_again_leave_one_live_settlement(self):
        move = self._entry(100)
        move.button_draft()
        self.assertEqual(self._balance(), 0)
        move.action_post()
        self.assertEqual(self._settlements().mapped("amount"), [100, -100, 100])
        self.assertEqual(self._settlements().mapped("balance_after"), [100, 0, 100])
        first, reversal, _again = self._settlements()
        self.assertEqual(first.reversed_by_id, reversal)
        self.assertEqual(reversal.reversal_of_id, first)

    def test_cancelling_and_deleting_an_entry_reverse_it(self):
        move = self._entry(100)
        move.button_cancel()
        self.assertEqual(self._balance(), 0)
        move.button_draft()
        move.unlink()
        settlement = self._settlements()[0]
        self.assertFalse(settlement.move_id)
        self.assertTrue(settlement.move_name)

    def test_deleting_a_posted_entry_by_force_reverses_it(self):
        move = self._entry(100)
        move.with_context(force_delete=True).unlink()
        self.assertEqual(self._balance(), 0)
        self.assertEqual(len(self._settlements()), 2)

    def test_writing_the_state_directly_is_seen(self):
        move = self._entry(100, post=False)
        move.write({"state": "posted"})
        self.assertEqual(self._balance(), 100)
        move.state = "draft"
        self.assertEqual(self._balance(), 0)

    def test_changing_the_client_of_a_posted_item_moves_the_money(self):
        move = self._entry(100)
        self._line(move).partner_id = self.other_client
        self.assertEqual(self._balance(), 0)
        self.assertEqual(self._balance(partner=self.other_client), 100)

    def test_changing_the_account_of_a_posted_item_takes_it_off_the_balance(self):
        move = self._entry(100)
        line = self._line(move)
        line.account_id = self.income_account
        self.assertEqual(self._balance(), 0)
        line.account_id = self.balance_account
        self.assertEqual(self._balance(), 100)

    def test_changing_amounts_of_a_posted_entry_is_followed(self):
        move = self._entry(100)
        line = self._line(move)
        move.with_context(skip_readonly_check=True).write(
            {
                "line_ids": [
                    (1, line.id, {"credit": 130, "amount_currency": -130}),
                    (
                        1,
                        (move.line_ids - line).id,
                        {"debit": 130, "amount_currency": 130},
                    ),
                ]
            }
        )
        self.assertEqual(self._balance(), 130)

    def test_changing_the_date_of_a_posted_entry_is_followed(self):
        move = self._entry(100)
        move.with_context(skip_readonly_check=True).write({"date": "2026-03-20"})
        live = self._settlements().filtered("is_live")
        self.assertEqual(live.date, self._day("2026-03-20"))

    def test_reversing_an_entry_links_the_reversal(self):
        move = self._entry(100)
        move._reverse_moves([{"date": "2026-03-05"}], cancel=True)
        original, reversal = self._settlements()
        self.assertRecordValues(
            reversal,
            [
                {
                    "amount": -100,
                    "settlement_type": "reversal",
                    "reversal_of_id": original.id,
                }
            ],
        )
        self.assertEqual(original.reversed_by_id, reversal)

    def test_the_entry_of_a_reversal_cannot_be_reset(self):
        move = self._entry(100)
        reverse = move._reverse_moves([{"date": "2026-03-05"}], cancel=True)
        with self.assertRefused("must stay posted"):
            reverse.button_draft()

    def test_a_reversed_entry_cannot_be_reset_as_well(self):
        move = self._entry(100)
        move._reverse_moves([{"date": "2026-03-05"}], cancel=True)
        with self.assertRefused("already reversed"):
            move.button_draft()

    def test_an_item_without_a_client_is_refused(self):
        with self.assertRefused("has no client"):
            self._entry(100, partner=self.env["res.partner"])

    def test_a_bank_account_of_somebody_else_is_refused(self):
        with self.assertRefused("does not belong to"):
            self._entry(100, partner=self.other_client, bank=self.bank1)

    def test_the_bank_account_of_a_posted_item_cannot_be_changed(self):
        move = self._entry(100, bank=self.bank1)
        with self.assertRefused("cannot be changed"):
            self._line(move).client_balance_bank_id = self.bank2

    def test_a_contact_uses_the_balance_of_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        self._entry(100, partner=contact)
        self.assertEqual(self._balance(), 100)

    def test_money_cannot_be_taken_twice(self):
        self._entry(100)
        self._entry(-80, date="2026-03-02")
        with self.assertRefused("20.*available.*80"):
            self._entry(-80, date="2026-03-03")
        self.assertEqual(self._balance(), 20)

    def test_a_spend_dated_before_the_money_is_refused_with_the_first_good_date(self):
        self._entry(100, date="2026-03-10")
        with self.assertRefused("03/10/2026"):
            self._entry(-50, date="2026-03-05")
        self._entry(-50, date="2026-03-10")
        self.assertEqual(self._balance(), 50)

    def test_undoing_spent_money_is_refused_and_lists_what_it_paid(self):
        credit = self._entry(100)
        spend = self._entry(-80, date="2026-03-02")
        with self.assertRefused(spend.name):
            credit.button_draft()
        self.assertEqual(self._balance(), 20)

    def test_undoing_spent_money_is_refused_although_more_came_later(self):
        credit = self._entry(100)
        self._entry(-80, date="2026-03-02")
        self._entry(500, date="2026-03-20")
        with self.assertRefused("already spent"):
            credit.button_draft()

    def test_the_limit_lets_a_balance_go_below_zero(self):
        self._entry(100)
        balance = self.env["client.balance"].search(
            [("partner_id", "=", self.client.id)]
        )
        balance.with_user(self.manager).overdraft_limit = 50
        self._entry(-130, date="2026-03-02")
        self.assertEqual(balance.amount, -30)
        self.assertEqual(balance.available, 20)
        with self.assertRefused("in use"):
            balance.overdraft_limit = 20

    def test_nobody_writes_a_balance_or_a_settlement_directly(self):
        self._entry(100)
        settlement = self._settlements()
        for user in (self.manager, self.accountant):
            with self.assertRaises(UserError):
                settlement.with_user(user).amount = 5
            with self.assertRaises(UserError):
                settlement.with_user(user).unlink()
            with self.assertRaises(UserError):
                settlement.balance_id.with_user(user).amount = 5
        for user in (self.clerk, self.reader):
            with self.assertRaises(AccessError):
                settlement.with_user(user).description = "x"
        settlement.with_user(self.manager).description = "What it was for"

    def test_a_clerk_cannot_mint_a_balance_with_a_plain_entry(self):
        move = self._entry(100, post=False)
        with self.assertRefused("Only an accountant", AccessError):
            move.with_user(self.clerk).action_post()
        self.assertEqual(self._balance(), 0)
        move.with_user(self.accountant).action_post()
        self.assertEqual(self._balance(), 100)

    def test_the_pass_cannot_be_forged_through_the_context(self):
        move = self._entry(100, post=False)
        for forged in (
            {"settlement_type": "manual"},
            "Caller('manual')",
            True,
            ["manual"],
        ):
            with self.assertRaises(AccessError):
                move.with_user(self.clerk).with_context(
                    client_balance_caller=forged
                ).action_post()

    def test_spends_are_matched_with_the_oldest_credits(self):
        first = self._entry(10, date="2026-03-01")
        second = self._entry(50, date="2026-03-01")
        third = self._entry(20, date="2026-03-02")
        self._entry(-35, date="2026-03-03")
        residuals = [
            self._line(move).amount_residual_currency for move in (first, second, third)
        ]
        self.assertEqual(residuals, [0, -25, -20])

    def test_a_spend_whose_source_is_undone_finds_another_one(self):
        self._entry(100, date="2026-03-01")
        spend = self._entry(-40, date="2026-03-03")
        second = self._entry(60, date="2026-03-01")
        self._settlements()[0].move_id.button_draft()
        self.assertTrue(self._line(spend).reconciled)
        self.assertEqual(self._line(second).amount_residual_currency, -20)

    def test_exchange_differences_keep_the_bank_account_and_make_no_settlement(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        self._entry(20, date="2026-03-01", bank=self.bank1, currency=self.usd)
        self._entry(-20, date="2026-03-12", bank=self.bank1, currency=self.usd)
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.balance_account.id)]
        )
        self.assertEqual(len(lines), 3)
        self.assertEqual(lines.client_balance_bank_id, self.bank1)
        self.assertAlmostEqual(sum(lines.mapped("balance")), 0)
        self.assertEqual(len(self._settlements(self.bank1, currency=self.usd)), 2)

    def test_amounts_are_rounded_before_they_reach_the_database(self):
        for _round in range(3):
            self._entry(0.1)
        self._entry(-0.3, date="2026-03-02")
        self.assertEqual(self._balance(), 0)
