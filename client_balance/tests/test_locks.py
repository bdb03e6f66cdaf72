from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestLocks(MoneyCommon):
    """What core refuses is refused; what we undo takes an open date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for line in cls.bank_journal.outbound_payment_method_line_ids:
            line.payment_account_id = cls.bank_journal.default_account_id
        cls.bank1.allow_out_payment = True

    def _transfer(self, amount=40):
        self._confirm(
            self._get(self.bank1),
            model="client.balance.transfer",
            bank_to_id=self.bank2,
            amount=amount,
            date="2026-03-20",
        )
        return self._made("transfer")

    def _refund(self, amount=40, date="2026-03-20"):
        self._confirm(
            self._get(self.bank1),
            self.accountant,
            "client.balance.refund",
            amount=amount,
            date=date,
        )
        return self._made("refund")

    def _amounts(self, move):
        return [
            (line.account_id, line.debit, line.credit)
            for line in move.line_ids.sorted("id")
        ]

    # Lock dates -----------------------------------------------------------------------

    def test_both_legs_of_a_transfer_are_reversed_on_the_first_open_date(self):
        self._settle(100, bank=self.bank1)
        made = self._transfer()
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.company.hard_lock_date = "2026-04-30"
        made[0].with_user(self.manager).action_reverse()
        self.assertEqual(
            made.reversed_by_id.mapped("date"), [self._day("2026-05-01")] * 2
        )
        self.assertEqual(made.mapped("date"), [self._day("2026-03-20")] * 2)
        self.assertEqual(self._balance(self.bank1), 100)

    def test_a_transfer_reversed_later_must_still_have_its_money(self):
        self._settle(100, bank=self.bank1)
        made = self._transfer()
        self._settle(-30, date="2026-04-05", bank=self.bank2)
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("already spent"):
            made[0].with_user(self.manager).action_reverse()

    def test_a_locked_refund_is_not_reset(self):
        self._settle(100, bank=self.bank1)
        refund = self._refund()
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("2026"):
            refund.payment_id.action_draft()
        self.assertEqual(self._balance(self.bank1), 60)
        with self.assertRefused("locked period"):
            self._refund(5, date="2026-03-25")

    def test_a_correction_in_a_locked_period_is_judged_on_the_open_date(self):
        settlement = self._settle(100, bank=self.bank1)
        self._settle(-80, date="2026-03-10", bank=self.bank1)
        self.company.fiscalyear_lock_date = "2026-03-31"
        replacement = settlement.with_user(self.manager).action_correct({"amount": 90})
        self.assertEqual(replacement.date, self._day("2026-04-01"))
        self.assertEqual(self._balance(self.bank1), 10)

    # Hashed journals ------------------------------------------------------------------

    def test_a_hashed_entry_stays_and_is_reversed_by_another_one(self):
        journal = self.company.client_balance_journal_id
        journal.restrict_mode_hash_table = True
        self._settle(100, bank=self.bank1)
        made = self._transfer()
        move = made.move_id
        if not move.inalterable_hash:
            move.button_hash()
        self.assertTrue(move.inalterable_hash)
        with self.assertRaises(UserError):
            move.button_draft()
        made[0].with_user(self.manager).action_reverse()
        self.assertEqual(move.state, "posted")
        self.assertEqual(self._balance(self.bank1), 100)
        self.assertEqual(self._balance(self.bank2), 0)

    def test_a_hashed_settlement_is_corrected_by_further_entries(self):
        journal = self.company.client_balance_journal_id
        journal.restrict_mode_hash_table = True
        settlement = self._settle(100, bank=self.bank1)
        replacement = settlement.with_user(self.manager).action_correct({"amount": 70})
        self.assertEqual(settlement.move_id.state, "posted")
        self.assertEqual(replacement.amount, 70)
        self.assertEqual(self._balance(self.bank1), 70)

    def test_a_hashed_refund_is_not_reset(self):
        self.bank_journal.restrict_mode_hash_table = True
        self._settle(100, bank=self.bank1)
        refund = self._refund()
        if not refund.move_id.inalterable_hash:
            refund.move_id.button_hash()
        with self.assertRaises(UserError):
            refund.payment_id.action_draft()
        self.assertEqual(self._balance(self.bank1), 60)

    # Restrictive audit trail ----------------------------------------------------------

    def test_the_audit_trail_keeps_what_was_posted(self):
        self.company.restrictive_audit_trail = True
        self._settle(100, bank=self.bank1)
        made = self._transfer()
        refund = self._refund()
        made[0].with_user(self.manager).action_reverse()
        payment = refund.payment_id
        payment.action_cancel()
        self.assertEqual(self._balance(self.bank1), 100)
        with self.assertRaises(UserError):
            payment.move_id.unlink()
        self.assertEqual(refund.reversed_by_id.amount, 40)

    # Storno ---------------------------------------------------------------------------

    def test_a_reversal_in_storno_is_a_negative_amount_on_the_same_side(self):
        self.company.account_storno = True
        settlement = self._settle(100, bank=self.bank1)
        reversal = settlement.with_user(self.manager).action_reverse()
        clearing = self.company.client_balance_clearing_account_id
        self.assertEqual(
            self._amounts(settlement.move_id),
            [(self.balance_account, 0, 100), (clearing, 100, 0)],
        )
        self.assertEqual(
            self._amounts(reversal.move_id),
            [(self.balance_account, 0, -100), (clearing, -100, 0)],
        )
        self.assertTrue(all(reversal.move_id.line_ids.mapped("is_storno")))
        self.assertEqual(reversal.amount, -100)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_transfer_and_its_reversal_in_storno(self):
        self.company.account_storno = True
        self._settle(100, bank=self.bank1)
        made = self._transfer()
        self.assertEqual(
            self._amounts(made.move_id),
            [(self.balance_account, 40, 0), (self.balance_account, 0, 40)],
        )
        made[0].with_user(self.manager).action_reverse()
        self.assertEqual(
            self._amounts(made.reversed_by_id.move_id),
            [(self.balance_account, -40, 0), (self.balance_account, 0, -40)],
        )
        self.assertEqual(self._balance(self.bank1), 100)
        self.assertEqual(self._balance(self.bank2), 0)

    def test_a_correction_in_storno(self):
        self.company.account_storno = True
        settlement = self._settle(100, bank=self.bank1)
        replacement = settlement.with_user(self.manager).action_correct({"amount": 70})
        self.assertEqual(
            self._amounts(settlement.reversed_by_id.move_id)[0],
            (self.balance_account, 0, -100),
        )
        self.assertEqual(
            self._amounts(replacement.move_id)[0], (self.balance_account, 0, 70)
        )

    def test_a_refund_in_storno_is_an_ordinary_entry(self):
        self.company.account_storno = True
        self._settle(100, bank=self.bank1)
        refund = self._refund()
        self.assertRecordValues(
            refund.move_line_id, [{"debit": 40, "credit": 0, "is_storno": False}]
        )
        self.assertTrue(refund.move_line_id.reconciled)

    def test_money_that_leaves_by_a_negative_settlement_in_storno(self):
        self.company.account_storno = True
        self._settle(100, bank=self.bank1)
        taken = self._settle(-30, bank=self.bank1)
        self.assertRecordValues(
            taken.move_line_id, [{"debit": 30, "credit": 0, "is_storno": False}]
        )
        taken.with_user(self.manager).action_reverse()
        self.assertEqual(
            self._amounts(taken.reversed_by_id.move_id)[0],
            (self.balance_account, -30, 0),
        )
        self.assertEqual(self._balance(self.bank1), 100)

    def test_a_foreign_exchange_and_its_reversal_in_storno(self):
        self.company.account_storno = True
        self._advance(100, "2026-03-02", currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-15", 42)
        form = Form(
            self.env["client.balance.exchange"]
            .with_user(self.manager)
            .with_context(default_balance_id=self._get(currency=self.usd).id)
        )
        form.date, form.amount = "2026-03-20", 100
        form.save().action_confirm()
        made = self._made("exchange")
        loss = self.company.expense_currency_exchange_account_id
        self.assertEqual(
            self._amounts(made.move_id),
            [
                (self.balance_account, 4000, 0),
                (self.balance_account, 0, 4200),
                (loss, 200, 0),
            ],
        )
        made[0].with_user(self.manager).action_reverse()
        self.assertEqual(
            self._amounts(made.reversed_by_id.move_id),
            [
                (self.balance_account, -4000, 0),
                (self.balance_account, 0, -4200),
                (loss, -200, 0),
            ],
        )
