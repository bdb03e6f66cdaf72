import json

from odoo.fields import Command
from odoo.tests import tagged

from .accounts_common import AccountsCommon
from .attack_common import AttackCommon
from .money_common import MoneyCommon

REFUSED = "cannot be matched.*a match stays within one client"


@tagged("post_install", "-at_install")
class TestMatchKeys(AttackCommon, MoneyCommon):
    """On a balance account money of one key never pays what another one spent."""

    def setUp(self):
        super().setUp()
        self.gave = self._line(self._entry(100, bank=self.bank1))

    def _spent(self, partner=None, bank=None, currency=None, amount=40):
        """An item that took more than was there, with a limit: half of it is open."""
        where = {"partner": partner, "bank": bank, "currency": currency}
        self._entry(amount / 2, "2026-03-02", **where)
        self._get(bank, partner, currency).overdraft_limit = 1000
        item = self._line(self._entry(-amount, "2026-03-03", **where))
        self.assertEqual(item.amount_residual_currency, amount / 2)
        return item

    def _all_spent(self):
        return {
            "client": self._spent(self.other_client),
            "bank account": self._spent(bank=self.bank2),
            "none": self._spent(),
            "currency": self._spent(bank=self.bank1, currency=self.usd),
        }

    def _matches(self):
        return self.env["account.partial.reconcile"].search_count([])

    def test_items_of_two_keys_are_not_matched_whoever_tries(self):
        items = self._all_spent()
        before = self._matches()
        for user in (self.accountant, self.manager, self.env.user):
            for name, item in items.items():
                with self.subTest(name, user=user.login), self.assertRefused(REFUSED):
                    pair = (item | self.gave).with_user(user)
                    # managers of balances need a right on items for this
                    (pair.sudo() if user == self.manager else pair).reconcile()
        self.assertEqual(self._matches(), before)

    def test_a_match_written_by_a_program_is_refused(self):
        item = self._spent(self.other_client)
        vals = {
            "debit_move_id": item.id,
            "credit_move_id": self.gave.id,
            "amount": 20.0,
            "debit_amount_currency": 20.0,
            "credit_amount_currency": 20.0,
        }
        Partial = self._as_clerk(self.env["account.partial.reconcile"])
        self._refused(lambda: Partial.create(vals), REFUSED)
        self._refused(lambda: Partial.sudo().create(vals), REFUSED)
        self._refused(
            lambda: self._as_clerk(self.gave).write(
                {"matched_debit_ids": [Command.create(vals)]}
            ),
            REFUSED,
        )

    def test_a_match_that_a_balance_made_is_not_rewritten(self):
        """Another match in its place would leave the invoice open, the money gone."""
        invoice = self._invoice(20)
        entry = self.env["client.balance.application"]._pay_invoice(
            invoice, {self.bank1: 20}, self._day("2026-03-05")
        )
        other = self._invoice(30).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        due = invoice.line_ids.filtered(lambda line: line.account_id == self.receivable)
        match = due.matched_credit_ids
        for way in (
            lambda: self._as_clerk(match).write({"debit_move_id": other.id}),
            lambda: self._as_clerk(match).write({"amount": 1}),
            lambda: self._as_clerk(other).write(
                {"matched_credit_ids": [Command.link(match.id)]}
            ),
            lambda: self._as_clerk(match).sudo().write({"debit_move_id": other.id}),
        ):
            self._refused(way, "not rewritten")
        self.assertTrue(all(entry.line_ids.mapped("reconciled")))

    def test_a_match_with_another_account_is_refused(self):
        """Core refuses it in its screens, a program writes the match itself."""
        invoice = self._invoice(100)
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self._refused((receivable | self.gave).reconcile, "same account")
        self._refused(
            lambda: self._as_clerk(self.env["account.partial.reconcile"]).create(
                {
                    "debit_move_id": receivable.id,
                    "credit_move_id": self.gave.id,
                    "amount": 100.0,
                    "debit_amount_currency": 100.0,
                    "credit_amount_currency": 100.0,
                }
            ),
            REFUSED,
        )
        self.assertEqual(invoice.amount_residual, 100)

    def test_names_that_somebody_may_not_read_are_not_told(self):
        item = self._spent(self.other_client)
        for model, record in (
            ("res.partner", self.other_client),
            ("res.partner.bank", self.bank1),
        ):
            self.env["ir.rule"].sudo().create(
                {
                    "name": "Hidden",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "domain_force": [("id", "!=", record.id)],
                }
            )
        self.env.invalidate_all()
        for told in (
            r"\(another client, No bank account, UAH\)",
            r"\(Romashka LLC, a bank account, UAH\)",
        ):
            with self.assertRefused(told):
                (item | self.gave).with_user(self.accountant).reconcile()

    def test_a_branch_shares_the_money_of_its_root(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.accountant.company_ids |= branch
        gave = self._settle(30)
        env = self.env(context={"allowed_company_ids": (branch | self.company).ids})
        spent = (
            self.env["client.balance.settlement"]
            .with_env(env)
            .create(
                {"partner_id": self.client.id, "amount": -30, "company_id": branch.id}
            )
        )
        self.assertEqual(spent.used_credit_ids.credit_id, gave)

    # Reversals: one entry has items of several keys on one account --------------------

    def _transfer(self):
        self._confirm(
            self._get(self.bank1),
            model="client.balance.transfer",
            bank_to_id=self.bank2,
            amount=60,
            date="2026-03-10",
        )
        return self._made("transfer")

    def assertWithinKeys(self):
        self.env.flush_all()
        self.assertFalse(self.balance_account._get_client_balance_strays())

    def test_both_legs_of_a_transfer_are_undone_each_with_its_own_money(self):
        made = self._transfer()
        made[:1].with_user(self.manager).action_reverse()
        self.assertWithinKeys()
        self.assertEqual(self.gave.amount_residual, -100)
        items = (made | made.reversed_by_id).move_line_id
        self.assertTrue(all(items.mapped("reconciled")))

    def test_an_entry_of_two_clients_is_reversed_by_an_accountant(self):
        line = self._line(self._entry(15, partner=self.other_client))
        entry = self.env["account.move"].create(
            {
                "journal_id": self.misc_journal.id,
                "date": "2026-03-05",
                "line_ids": [
                    *self._lines(-10)[:1],
                    *self._lines(10, partner_id=self.other_client.id)[:1],
                ],
            }
        )
        self._settle(10)
        entry.action_post()
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": self.misc_journal.id, "date": "2026-03-06"})
        )
        wizard.refund_moves()
        self.assertWithinKeys()
        self.assertEqual(self._balance(partner=self.other_client), 15)
        self.assertFalse(line.reconciled)

    def test_the_context_of_a_reversal_opens_no_way(self):
        item = self._spent(self.other_client)
        context = json.loads(json.dumps({"move_reverse_cancel": True}))
        pair = (item | self.gave).with_user(self.accountant).with_context(**context)
        pair.reconcile()
        self.assertWithinKeys()
        self.assertEqual(item.amount_residual, 20)


@tagged("post_install", "-at_install")
class TestAdoptedMatches(AccountsCommon):
    """An account comes with the matches that people made on it."""

    def setUp(self):
        super().setUp()
        self.account = self._used_account(100, 50, reconcile=True)
        self.spent = self._entry(
            -30, "2026-02-10", self.other_client, account=self.account
        )
        self.items = self.env["account.move.line"].search(
            [("account_id", "=", self.account.id)], order="id"
        )

    def _match(self, *items):
        self.env["account.move.line"].union(*items).reconcile()

    def test_a_match_of_two_clients_is_listed_and_refused(self):
        self._match(self.items[0], self.items[2])
        wizard = self._adopt(self.account)
        wizard.key_ids.overdraft_limit = 30
        self.assertRecordValues(
            wizard.match_ids,
            [
                {
                    "debit_id": self.spent.id,
                    "debit_partner_id": self.other_client.id,
                    "credit_id": self.items[0].move_id.id,
                    "credit_partner_id": self.client.id,
                    "amount": 30,
                }
            ],
        )
        with self.assertRefused("are matched on .* Unreconcile them"):
            wizard.action_adopt()
        self.assertFalse(self.account.is_client_balance)
        action = wizard.action_unreconcile()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertFalse(wizard.match_ids)
        self.assertEqual(self.items[2].amount_residual, 30)
        wizard.action_adopt()
        self.assertEqual(self._balance(partner=self.other_client), -30)

    def test_a_match_within_a_client_stays(self):
        spent = self._entry(-20, "2026-02-11", account=self.account)
        own = spent.line_ids.filtered(lambda line: line.account_id == self.account)
        self._match(self.items[1], own)
        wizard = self._adopt(self.account)
        self.assertFalse(wizard.match_ids)
        wizard.key_ids.overdraft_limit = 30
        wizard.action_adopt()
        self.assertEqual(self.items[1].amount_residual, -30)

    def test_a_client_that_is_filled_in_may_uncover_one(self):
        nobody = self._entry(
            -25, "2026-02-12", self.env["res.partner"], account=self.account
        )
        item = nobody.line_ids.filtered(lambda line: line.account_id == self.account)
        self._match(self.items[1], item)
        wizard = self._adopt(self.account)
        self.assertFalse(wizard.match_ids)
        wizard.key_ids.overdraft_limit = 30
        wizard.item_ids.partner_id = self.other_client
        with self.assertRefused("are matched on"):
            wizard.action_adopt()
        wizard.item_ids.partner_id = self.client
        wizard.action_adopt()
        self.assertEqual(self._balance(), 125)

    def test_drafts_that_are_matched_are_not_flagged_without_adoption(self):
        self._match(self.items[0], self.items[2])
        (self.items.move_id).button_draft()
        if not self.items[0].matched_debit_ids:
            self.skipTest("core unmatches drafts")
        with self.assertRefused("Adopt an account"):
            self.account.is_client_balance = True
