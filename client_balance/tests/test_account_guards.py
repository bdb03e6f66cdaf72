from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .accounts_common import AccountsCommon


@tagged("post_install", "-at_install")
class TestAccountGuards(AccountsCommon):
    """What guards the accounts, and how one in use is adopted."""

    # Guards of the accounts -----------------------------------------------------------

    def test_choosing_an_account_flags_it(self):
        account = self._used_account()
        self.company.client_balance_account_id = account
        self.assertTrue(account.is_client_balance)
        self.assertTrue(self.balance_account.is_client_balance)
        self.assertEqual(
            self.env["account.account"]._get_client_balance_account_ids()
            & {account.id, self.balance_account.id},
            {account.id, self.balance_account.id},
        )

    def test_used_account_is_not_flagged_without_adoption(self):
        account = self._used_account(100)
        account.reconcile = True
        for forged in ({}, {"client_balance_adoption": True}):
            self._refused(
                account.with_context(**forged),
                {"is_client_balance": True},
                "already has posted journal items",
            )
        self._refused(
            self.company,
            {"client_balance_account_id": account.id},
            "already has posted journal items",
        )

    def test_unused_account_can_be_unflagged(self):
        account = self._used_account()
        account.write({"reconcile": True, "is_client_balance": True})
        account.is_client_balance = False
        self.assertNotIn(
            account.id, self.env["account.account"]._get_client_balance_account_ids()
        )

    def test_used_balance_account_stays_one(self):
        self._settle(100)
        self._refused(
            self.balance_account,
            {"is_client_balance": False},
            "stays a balance account",
        )

    def test_balance_account_keeps_type_reconciliation_and_no_taxes(self):
        account = self.balance_account
        tax = self.env["account.tax"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        for vals, message in (
            ({"account_type": "income"}, "cannot hold client balances"),
            ({"account_type": "asset_receivable"}, "cannot hold client balances"),
            ({"reconcile": False}, "must allow reconciliation"),
            ({"tax_ids": [Command.set(tax.ids)]}, "never carry taxes"),
        ):
            with self.subTest(vals=vals), self.assertRefused(message, ValidationError):
                account.write(vals)

    def test_account_in_use_is_not_archived_or_deleted(self):
        account = self.balance_account
        for forbidden in (account.unlink, account.action_archive):
            with self.assertRefused("New settlements of Perfect Trade go to"):
                forbidden()

    def test_the_journal_of_new_settlements_is_not_archived(self):
        journal = self.company.client_balance_journal_id
        with self.assertRefused("New settlements of .* are posted", ValidationError):
            journal.with_user(self.accountant).action_archive()
        self.company.client_balance_journal_id = self.misc_journal
        journal.with_user(self.accountant).action_archive()
        self.assertFalse(journal.active)

    def test_old_account_is_archived_when_its_money_is_gone(self):
        self._settle(100)
        account = self._used_account()
        self.company.client_balance_account_id = account
        with self.assertRefused("still holds the money of 1 clients"):
            self.balance_account.action_archive()
        self._entry(-100)
        self.balance_account.action_archive()
        self.assertFalse(self.balance_account.active)
        self.assertIn(
            self.balance_account.id,
            self.env["account.account"]._get_client_balance_account_ids(),
        )

    def test_an_entry_brings_money_to_the_new_balance_account(self):
        """100.00 $ on the old one, 60.00 $ of it spent from the new one since."""
        old, new = self.balance_account, self._used_account()
        self._settle(100, date="2026-02-01", currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-05", 41.0)
        self.company.client_balance_account_id = new
        self._settle(-60, date="2026-03-06", currency_id=self.usd.id)
        move = self.env["account.move"].create(
            {
                "journal_id": self.misc_journal.id,
                "date": "2026-03-10",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "currency_id": self.usd.id,
                            "amount_currency": amount,
                            "balance": amount * 40,
                        }
                    )
                    for account, amount in ((old, 100), (new, -100))
                ],
            }
        )
        move.action_post()
        self.assertEqual(self._balance(currency=self.usd), 40)
        self.assertEqual(
            self._settlements(currency=self.usd).mapped("amount"), [100, -60, -100, 100]
        )
        for account, worth in ((old, 0), (new, -1600)):
            items = self.env["account.move.line"].search(
                [("account_id", "=", account.id), ("parent_state", "=", "posted")]
            )
            self.assertEqual(sum(items.mapped("balance")), worth)
            self.assertEqual(sum(items.mapped("amount_residual")), worth)
        old.action_archive()
        self.assertLedgerSound()

    def test_clearing_account_is_no_balance_account(self):
        with self.assertRefused("cannot be a balance account", ValidationError):
            self.company.client_balance_clearing_account_id = self.balance_account

    def test_account_with_a_currency_takes_only_that(self):
        account = self._used_account(currency_id=self.usd.id)
        account.reconcile = True
        self.company.client_balance_foreign_account_id = account
        euro = self.env.ref("base.EUR")
        with self.assertRefused("takes only USD, not EUR"):
            self.company._get_client_balance_account(euro)
        self.assertEqual(self.company._get_client_balance_account(self.usd), account)

    def test_foreign_currency_falls_back_to_the_first_account(self):
        self.assertEqual(
            self.company._get_client_balance_account(self.usd), self.balance_account
        )

    def test_merging_keeps_balance_accounts_apart(self):
        other = self._used_account()
        other.reconcile = True
        accounts = self.balance_account | other
        wizard = (
            self.env["account.merge.wizard"]
            .with_context(active_model="account.account", active_ids=accounts.ids)
            .create({})
        )
        self.assertNotEqual(
            wizard._get_grouping_key(self.balance_account),
            wizard._get_grouping_key(other),
        )

    def test_an_account_that_companies_shared_stays_one_in_each(self):
        """Core splits it by SQL, past every hook."""
        other = self._create_company(name="Second", currency_id=self.uah.id)
        env = self.env(
            su=True,
            context={"allowed_company_ids": [self.company.id, other.id]},
        )
        account = self.balance_account.with_env(env)
        account.write(
            {
                "company_ids": [Command.link(other.id)],
                "code_mapping_ids": [
                    Command.create({"company_id": other.id, "code": "681900"})
                ],
            }
        )
        other = other.with_env(env)
        other.client_balance_account_id = account
        other._client_balance_set_up()
        self._settle(100)
        env["client.balance.settlement"].with_company(other).create(
            {"partner_id": self.client.id, "amount": 50, "company_id": other.id}
        )
        account._action_unmerge()
        self.env.invalidate_all()
        split = other.client_balance_account_id
        self.assertNotEqual(split, account)
        self.assertTrue(split.is_client_balance)
        self.assertLedgerSound()
        env["client.balance.settlement"].with_company(other).create(
            {"partner_id": self.client.id, "amount": 5, "company_id": other.id}
        )
        self.assertEqual(self._balance(), 100)

    # Adoption -------------------------------------------------------------------------

    def test_adoption_replays_the_items_in_date_order(self):
        account = self._used_account(100, 50, -30)
        wizard = self._adopt(account)
        self.assertEqual(wizard.item_count, 3)
        self.assertFalse(wizard.item_ids)
        self.assertFalse(wizard.key_ids)
        wizard.action_adopt()
        self.assertTrue(account.is_client_balance)
        self.assertTrue(account.reconcile)
        self.assertEqual(self._balance(), 120)
        settlements = self._settlements()
        self.assertEqual(settlements.mapped("amount"), [100, 50, -30])
        self.assertEqual(settlements.mapped("balance_after"), [100, 150, 120])
        self.assertEqual(
            [str(date) for date in settlements.mapped("date")],
            ["2026-02-01", "2026-02-02", "2026-02-03"],
        )
        self.assertEqual(self.company.client_balance_account_id, self.balance_account)

    def test_account_offers_its_adoption(self):
        account = self._used_account(100)
        action = account.with_user(self.accountant).action_adopt_account()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.accountant)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual((wizard.account_id, wizard.item_count), (account, 1))

    def test_adopted_account_can_take_new_entries(self):
        account = self._used_account(100)
        self._adopt(account, use_for_new="company").action_adopt()
        self.assertEqual(self.company.client_balance_account_id, account)
        self._settle(-100)
        self.assertEqual(self._balance(), 0)

    def test_adoption_asks_for_missing_clients(self):
        account = self._used_account(100, partner=self.env["res.partner"])
        wizard = self._adopt(account)
        self.assertEqual(len(wizard.item_ids), 1)
        with self.assertRefused("have no client"):
            wizard.action_adopt()
        self.assertFalse(account.is_client_balance)
        with Form(wizard) as form, form.item_ids.edit(0) as item:
            item.partner_id = self.other_client
        wizard.action_adopt()
        self.assertEqual(self._balance(partner=self.other_client), 100)

    def test_adoption_lists_balances_below_zero(self):
        account = self._used_account(100, -130, 40)
        wizard = self._adopt(account)
        self.assertRecordValues(
            wizard.key_ids,
            [{"partner_id": self.client.id, "lowest": -30, "overdraft_limit": 0}],
        )
        self.assertEqual(str(wizard.key_ids.first_day), "2026-02-02")
        with self.assertRefused("Romashka LLC .* would fall to"):
            wizard.action_adopt()
        wizard.key_ids.overdraft_limit = 30
        wizard.action_adopt()
        self.assertEqual(self._balance(), 10)

    def test_adoption_takes_no_limit_that_is_no_amount(self):
        account = self._used_account(100, -130, 40)
        wizard = self._adopt(account)
        for limit in (float("nan"), float("inf"), -1, "x"):
            with (
                self.subTest(limit=limit),
                self.assertRefused("is not an overdraft limit"),
            ):
                wizard.write(
                    {"key_ids": [(1, wizard.key_ids.id, {"overdraft_limit": limit})]}
                )
        with self.assertRefused("would fall to"):
            wizard.action_adopt()

    def test_adoption_counts_what_the_ledger_has(self):
        self._settle(500, date="2026-01-05")
        wizard = self._adopt(self._used_account(-130))
        self.assertFalse(wizard.key_ids)
        wizard.action_adopt()
        self.assertEqual(self._balance(), 370)

    def test_filling_in_a_client_may_uncover_a_balance_below_zero(self):
        account = self._used_account(-70, partner=self.env["res.partner"])
        wizard = self._adopt(account)
        wizard.item_ids.partner_id = self.other_client
        with self.assertRefused("Volia PJSC .* would fall to"):
            wizard.action_adopt()

    def test_adoption_is_for_managers(self):
        account = self._used_account(100)
        with self.assertRefused(".", AccessError):
            self.env["client.balance.adopt"].with_user(self.clerk).create(
                {"account_id": account.id}
            )

    def test_shared_account_needs_access_to_all_its_companies(self):
        other = self._create_company(name="Hidden", currency_id=self.uah.id)
        account = self._used_account(
            company_ids=[Command.set((self.company | other).ids)],
            code_mapping_ids=[
                Command.create({"company_id": self.company.id, "code": "269900"}),
                Command.create({"company_id": other.id, "code": "269900"}),
            ],
        )
        with self.assertRefused("also an account of Hidden"):
            self._adopt(account).action_adopt()
