from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .accounts_common import AccountsCommon
from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestOldAccount(AccountsCommon, MoneyCommon):
    """Another balance account is chosen, and one click brings the money there."""

    def setUp(self):
        super().setUp()
        self.old = self.balance_account
        self.new = self._used_account()
        self._set_rate(self.usd, "2026-03-05", 42.0)

    def _choose_new(self):
        self.company.client_balance_account_id = self.new

    def _open_list(self, user=None, date="2026-03-20"):
        Batch = self.env["client.balance.batch"].with_user(user or self.manager)
        batch = Batch.browse(Batch.action_open_old_account()["res_id"])
        batch.date = date
        return batch

    def _bring(self, **kwargs):
        """:return: the list of proposals, all of them posted"""
        batch = self._open_list(**kwargs)
        counts = batch.run_batch(limit=500)
        self.assertEqual((counts["todo"], counts["failed"]), (0, 0))
        self.env.invalidate_all()
        return batch

    def _open_items(self, account):
        """:return: what is open on an account, [(amount, value)]"""
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            order="id",
        )
        return [(item.amount_residual_currency, item.amount_residual) for item in items]

    def _unused(self):
        """:return: what the register of advances says is unused"""
        [[amount]] = self.env["client.balance.advance"]._read_group(
            [("partner_id", "=", self.client.id)], aggregates=["unused:sum"]
        )
        return amount

    # What is brought ------------------------------------------------------------------

    def test_money_comes_over_with_its_value_and_the_day_of_the_advance(self):
        for date in ("2026-02-10", "2026-03-05"):
            self._advance(100, date, self.bank1, currency_id=self.usd.id)
        self._settle(-30, "2026-03-06", self.bank1, currency_id=self.usd.id)
        self._choose_new()
        self._bring()
        self.assertEqual(self._open_items(self.old), [])
        self.assertEqual(
            self._open_items(self.new), [(-70.0, -2800.0), (-100.0, -4200.0)]
        )
        arrived = self._made("transfer").filtered(lambda row: row.amount > 0)
        self.assertEqual(
            [(row.amount, row.is_advance, str(row.advance_date)) for row in arrived],
            [(70.0, True, "2026-02-10"), (100.0, True, "2026-03-05")],
        )
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 170)
        self.old.action_archive()

    def test_money_that_is_no_advance_keeps_its_day_for_the_ageing(self):
        self._settle(100, "2026-02-10")
        self._choose_new()
        self._bring()
        [arrived] = self._made("transfer").filtered(lambda row: row.amount > 0)
        self.assertFalse(arrived.is_advance)
        self.assertEqual(arrived.advance_date, self._day("2026-02-10"))

    def test_the_register_of_advances_says_what_is_left(self):
        self._advance(1000, "2026-02-10", self.bank1)
        self._choose_new()
        self._bring(date="2026-03-01")
        self._settle(-400, "2026-03-06", self.bank1)
        self.assertEqual(self._unused(), 600)
        self.assertEqual(self._balance(self.bank1), 600)

    def test_what_was_spent_from_the_new_account_before_is_matched(self):
        self._advance(1000, "2026-02-10", self.bank1)
        self._choose_new()
        self._settle(-400, "2026-03-06", self.bank1)
        self.assertEqual(self._unused(), 1000)
        self._bring()
        self.assertEqual(self._unused(), 600)
        self.assertEqual(self._open_items(self.new), [(-600.0, -600.0)])
        self.assertEqual(self._open_items(self.old), [])

    def test_what_a_client_owes_comes_over_as_well(self):
        self._settle(100, "2026-02-10")
        self._get().with_user(self.manager).overdraft_limit = 500
        self._settle(-300, "2026-03-01")
        self._choose_new()
        self.assertEqual(self._open_list().line_ids.amount, -200)
        self._bring()
        self.assertEqual(self._open_items(self.new), [(200.0, 200.0)])
        self.assertEqual(self._open_items(self.old), [])
        self.assertEqual(self._balance(), -200)

    def test_each_client_bank_account_and_currency_is_a_line(self):
        self._settle(10, bank=self.bank1)
        self._settle(20, bank=self.bank2)
        self._settle(30, partner_id=self.other_client.id)
        self._settle(40, bank=self.bank1, currency_id=self.usd.id)
        self._choose_new()
        batch = self._bring()
        self.assertEqual(sorted(batch.line_ids.mapped("amount")), [10, 20, 30, 40])
        self.assertEqual(batch.line_ids.account_id, self.old)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 40)
        self.assertEqual(len(self._made("transfer").move_id), 4)

    def test_a_contact_of_the_client_is_the_client(self):
        contact = self._create_client(
            "Olena", parent_id=self.client.id, is_company=False
        )
        self._settle(10)
        self._entry(15, partner=contact)
        self._choose_new()
        batch = self._bring()
        self.assertEqual(batch.line_ids.mapped("amount"), [25])
        self.assertEqual(self._open_items(self.old), [])

    def test_hryvnias_on_the_account_of_foreign_currencies_come_over(self):
        self.company.client_balance_foreign_account_id = self.new
        self._entry(50, account=self.new)
        self._settle(10, currency_id=self.usd.id)
        batch = self._bring()
        self.assertRecordValues(
            batch.line_ids, [{"account_id": self.new.id, "amount": 50}]
        )
        self.assertEqual(self._open_items(self.new), [(-10.0, -400.0)])

    def test_a_reversed_move_lies_on_the_old_account_again(self):
        self._settle(100)
        self._choose_new()
        self._bring()
        self._made("transfer")[0].with_user(self.manager).action_reverse()
        self.assertEqual(self._open_items(self.new), [])
        self.assertEqual(self._balance(), 100)
        self._bring(date="2026-03-21")
        self.assertEqual(self._open_items(self.new), [(-100.0, -100.0)])

    # What is refused ------------------------------------------------------------------

    def test_nothing_to_bring_is_said_in_words(self):
        self._settle(100)
        with self.assertRefused("there is nothing to bring over"):
            self._open_list()

    def test_money_that_left_meanwhile_is_not_brought(self):
        self._settle(100)
        self._choose_new()
        first, second = self._open_list(), self._open_list()
        first.run_batch()
        second.run_batch()
        self.assertIn("Nothing of Romashka LLC lies on", second.line_ids.message)
        self.assertEqual(len(self._made("transfer")), 2)

    def test_nothing_moves_where_the_old_account_was_chosen_again(self):
        self._settle(100)
        self._choose_new()
        batch = self._open_list()
        self.company.client_balance_account_id = self.old
        batch.run_batch()
        self.assertIn("Nothing of Romashka LLC lies on", batch.line_ids.message)
        self.assertFalse(self._made("transfer"))

    def test_a_manager_brings_nothing_of_another_company(self):
        other = self._create_company(name="Other", currency_id=self.uah.id)
        self._settle(100)
        self._choose_new()
        self.manager.write({"company_ids": other.ids, "company_id": other.id})
        Batch = self.env["client.balance.batch"].with_user(self.manager)
        Batch = Batch.with_context(allowed_company_ids=other.ids)
        line = {
            "account_id": self.old.id,
            "partner_id": self.client.id,
            "currency_id": self.uah.id,
        }
        vals = {"kind": "old_account", "line_ids": [Command.create(line)]}
        with self.assertRaises(AccessError):
            Batch.create({**vals, "company_id": self.company.id})
        self.assertFalse(self._made("transfer"))

    def test_a_locked_day_is_named(self):
        self._settle(100)
        self._choose_new()
        self.company.sudo().fiscalyear_lock_date = "2026-03-31"
        batch = self._open_list()
        batch.run_batch()
        self.assertIn("The first open date is 04/01/2026", batch.line_ids.message)
        self.assertFalse(self._made("transfer"))

    def test_clerks_bring_nothing(self):
        self._settle(100)
        self._choose_new()
        with self.assertRaises(AccessError):
            self._open_list(user=self.clerk)
        batch = self._open_list()
        with self.assertRaises(AccessError):
            batch.with_user(self.clerk).run_batch()

    # Settings -------------------------------------------------------------------------

    def test_settings_offer_it_while_money_lies_elsewhere(self):
        settings = self.env["res.config.settings"]
        self._settle(100)
        self.assertFalse(Form(settings).client_balance_has_old_account)
        self._choose_new()
        self.assertTrue(Form(settings).client_balance_has_old_account)
        self._bring()
        self.assertFalse(Form(settings).client_balance_has_old_account)

    def test_another_company_is_not_asked(self):
        self._settle(100)
        self._choose_new()
        other = self._create_company(name="Other", currency_id=self.uah.id)
        settings = self.env["res.config.settings"].with_company(other).create({})
        self.assertFalse(settings.client_balance_has_old_account)
