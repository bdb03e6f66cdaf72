from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestPosting(ClientBalanceCommon):
    """Settlements that people and programs record by themselves."""

    def test_creating_a_settlement_posts_its_entry(self):
        settlement = self._settle(159, bank=self.bank1, description="Letter 7")
        self.assertRecordValues(
            settlement,
            [
                {
                    "amount": 159,
                    "partner_bank_id": self.bank1.id,
                    "settlement_type": "manual",
                    "description": "Letter 7",
                    "balance_after": 159,
                }
            ],
        )
        self.assertRecordValues(
            settlement.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.balance_account.id, "balance": -159},
                {
                    "account_id": self.company.client_balance_clearing_account_id.id,
                    "balance": 159,
                },
            ],
        )
        self.assertEqual(settlement.move_id.state, "posted")

    def test_a_batch_keeps_the_order(self):
        made = (
            self.env["client.balance.settlement"]
            .with_user(self.manager)
            .create(
                [
                    {"partner_id": self.client.id, "amount": amount}
                    for amount in (5, 3, -2)
                ]
            )
        )
        self.assertEqual(made.mapped("amount"), [5, 3, -2])
        self.assertEqual(self._balance(), 6)

    def test_only_managers_record(self):
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.assertRaises(AccessError):
                self._settle(5, user=user)
        self.assertFalse(self._settlements())

    def test_bad_input_is_refused_with_a_sentence(self):
        cases = [
            ({"amount": 0}, "cannot be zero"),
            ({"amount": 0.001}, "cannot be zero"),
            ({"amount": 1.005}, "decimal places"),
            ({"amount": "abc"}, "not an amount"),
            ({"amount": float("inf")}, "not an amount"),
            ({"amount": float("nan")}, "not an amount"),
            ({"amount": 10**18}, "is too much"),
            ({"amount": -5}, "Not enough money"),
            ({"partner_id": False}, "needs a client"),
            ({"partner_id": self.other_client.id}, "does not belong to"),
            ({"settlement_type": "overpayment"}, "made by their documents"),
            ({"counterpart_account_id": self.balance_account.id}, "itself"),
        ]
        for vals, message in cases:
            with self.subTest(vals=vals), self.assertRefused(message):
                self._settle(**{"amount": 5, "partner_bank_id": self.bank1.id, **vals})
        self.bank2.active = False
        with self.assertRefused("archived"):
            self._settle(5, bank=self.bank2)
        with self.assertRefused("Closed LLC is archived"):
            self._settle(
                5, partner_id=self._create_client("Closed LLC", active=False).id
            )
        with self.assertRefused("not active"):
            self._settle(
                5,
                currency_id=self.env.ref("base.ZWL", False).id
                if self.env.ref("base.ZWL", False)
                else self.env["res.currency"]
                .search([("active", "=", False)], limit=1)
                .id,
            )
        self.assertFalse(self._settlements(self.bank1))

    def _off_balance_account(self):
        return self.env["account.account"].create(
            {
                "name": "Guarantees received",
                "code": "990000",
                "account_type": "off_balance",
                "company_ids": [(6, 0, self.company.ids)],
            }
        )

    def test_no_account_of_money_stands_against_a_settlement(self):
        settlement = self._settle(10)
        refused = [self.bank_journal.default_account_id, self._off_balance_account()]
        for account in refused:
            sentence = f"{account.name} is a bank, cash or off-balance account"
            vals = {"counterpart_account_id": account.id}
            with self.subTest(account=account.code):
                with self.assertRefused(sentence):
                    self._settle(5, **vals)
                with self.assertRefused(sentence):
                    settlement.with_user(self.manager).action_correct(vals)
        self.assertFalse(settlement.reversed_by_id)
        # as for the overpayment that is transferred from receivables
        taken = self._settle(5, counterpart_account_id=self.receivable.id)
        self.assertEqual(taken.counterpart_account_id, self.receivable)
        self.assertEqual(self._balance(), 15)

    def test_a_reason_or_setting_of_before_lets_no_account_of_money_in(self):
        bank = self.bank_journal.default_account_id
        reason = self.env["client.balance.reason"].create(
            {"name": "Bonus", "account_id": self.income_account.id}
        )
        for table, column, record, vals in (
            ("client_balance_reason", "account_id", reason, {"reason_id": reason.id}),
            (
                "res_company",
                "client_balance_clearing_account_id",
                self.company,
                {"reason_id": False},
            ),
        ):
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    bank.id,
                    record.id,
                )
            )
            self.env.invalidate_all()
            with self.subTest(table=table), self.assertRefused("bank, cash or off-bal"):
                self._settle(5, **vals)

    def test_a_client_of_another_company_gets_no_money_here(self):
        other = self._create_company(name="Other Trade", currency_id=self.uah.id)
        self._settle(100, bank=self.bank1)
        # books of before: now such a client is not given away
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            (other.id, self.client.id),
        )
        self.env.invalidate_all()
        self._switch_on(other)
        with self.assertRefused(
            "Romashka LLC belongs to Other Trade and can have no balance in Perfect"
        ):
            self._settle(5, bank=self.bank1)
        # what is there already may leave
        self._settle(-100, bank=self.bank1)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_client_that_is_seen_in_another_company_only_is_refused(self):
        other = self._create_company(name="Other Trade", currency_id=self.uah.id)
        settlement = self._settle(100, bank=self.bank1)
        # books of before, see above; the manager does not work in the other company
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            (other.id, self.client.id),
        )
        self.env.invalidate_all()
        sentence = (
            f"client with the number {self.client.id} belongs to a company in which you"
            " do not work.*clear the company"
        )
        as_manager = settlement.with_user(self.manager)
        for amount in (90, -90):
            with (
                self.subTest(amount=amount),
                self.assertRefused(sentence, AccessError),
            ):
                as_manager.action_correct({"amount": amount})
        with self.assertRefused(sentence, AccessError):
            self._settle(-5, bank=self.bank1)
        self.assertEqual(settlement.balance_id.amount, 100)
        as_manager.action_reverse()
        self.assertEqual(settlement.balance_id.amount, 0)

    def _switch_on(self, other):
        """The manager works in the company of the test and in ``other`` at once."""
        self.manager.company_ids |= other
        companies = self.company | other
        self.env = self.env(context={"allowed_company_ids": companies.ids})

    def test_a_client_of_a_branch_has_its_balance_in_the_root_company(self):
        branch = self.env["res.company"].create(
            {"name": "Perfect Trade Lviv", "parent_id": self.company.id}
        )
        self.client.company_id = branch
        self._switch_on(branch)
        self._settle(5, bank=self.bank1)
        self._settle(5, bank=self.bank1, company_id=branch.id)
        self.assertEqual(self._balance(self.bank1), 10)

    def test_no_account_configured_is_explained(self):
        self.company.client_balance_journal_id = False
        with self.assertRefused("Settings"):
            self._settle(5)

    def test_the_same_external_reference_returns_the_same_settlement(self):
        first = self._settle(100, external_ref="A-1")
        again = self._settle(100, external_ref="A-1")
        self.assertEqual(first, again)
        self.assertEqual(self._balance(), 100)
        with self.assertRefused("A-1"):
            self._settle(101, external_ref="A-1")
        first.with_user(self.manager).action_reverse()
        self.assertEqual(self._settle(100, external_ref="A-1"), first)
        self.assertEqual(self._balance(), 0)

    def test_the_same_reference_twice_in_one_batch_is_one_settlement(self):
        vals = {"partner_id": self.client.id, "amount": 7, "external_ref": "B-1"}
        made = (
            self.env["client.balance.settlement"]
            .with_user(self.manager)
            .create([vals, dict(vals)])
        )
        self.assertEqual(len(made), 1)
        self.assertEqual(self._balance(), 7)

    def test_reversing_posts_an_opposite_entry(self):
        settlement = self._settle(100)
        reversal = settlement.with_user(self.manager).action_reverse()
        self.assertRecordValues(
            reversal,
            [
                {
                    "amount": -100,
                    "settlement_type": "reversal",
                    "reversal_of_id": settlement.id,
                    "date": settlement.date,
                }
            ],
        )
        self.assertTrue(self._line(settlement.move_id).reconciled)
        with self.assertRefused("already reversed"):
            settlement.with_user(self.manager).action_reverse()

    def test_reversing_spent_money_is_refused(self):
        settlement = self._settle(100)
        self._settle(-80, date="2026-03-02")
        with self.assertRefused("already spent"):
            settlement.with_user(self.manager).action_reverse()
        self.assertFalse(settlement.reversed_by_id)

    def test_correcting_judges_the_net(self):
        settlement = self._settle(100)
        spend = self._settle(-80, date="2026-03-02")
        replacement = settlement.with_user(self.manager).action_correct({"amount": 120})
        self.assertEqual(replacement.amount, 120)
        self.assertEqual(self._balance(), 40)
        self.assertTrue(self._line(spend.move_id).reconciled)
        self.assertEqual(self._line(replacement.move_id).amount_residual_currency, -40)

    def test_a_correction_keeps_what_was_not_changed(self):
        reason = self.env["client.balance.reason"].create(
            {"name": "Bonus", "account_id": self.income_account.id}
        )
        settlement = self._settle(
            100, reason_id=reason.id, description="Letter 7", is_advance=True
        )
        replacement = settlement.with_user(self.manager).action_correct({"amount": 90})
        self.assertRecordValues(
            replacement,
            [
                {
                    "amount": 90,
                    "reason_id": reason.id,
                    "description": "Letter 7",
                    "is_advance": True,
                    "advance_date": self._day("2026-03-01"),
                    "counterpart_account_id": self.income_account.id,
                    "settlement_type": "manual",
                }
            ],
        )

    def test_correcting_below_what_was_spent_is_refused(self):
        settlement = self._settle(100)
        self._settle(-80, date="2026-03-02")
        with self.assertRefused("Not enough money"):
            settlement.with_user(self.manager).action_correct({"amount": 70})
        self.assertEqual(self._balance(), 20)

    def test_correcting_the_description_reverses_nothing(self):
        settlement = self._settle(100)
        same = settlement.with_user(self.manager).action_correct(
            {"description": "Better"}
        )
        self.assertEqual(same, settlement)
        self.assertFalse(settlement.reversed_by_id)

    def test_in_a_locked_period_reversal_and_replacement_take_the_open_date(self):
        settlement = self._settle(100)
        self.company.fiscalyear_lock_date = "2026-03-31"
        replacement = settlement.with_user(self.manager).action_correct({"amount": 90})
        self.assertEqual(replacement.date, self._day("2026-04-01"))
        self.assertEqual(settlement.reversed_by_id.date, self._day("2026-04-01"))

    def test_a_settlement_in_a_locked_period_is_refused_with_the_open_date(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("locked period"):
            self._settle(100)

    def test_the_open_date_of_the_refusal_works(self):
        """Core would take the end of the month."""
        self.company.fiscalyear_lock_date = "2026-03-15"
        with self.assertRefused("first open date is 03/16/2026"):
            self._settle(100, date="2026-03-01")
        self._settle(100, date="2026-03-16")

    def test_settlements_of_entries_are_changed_in_their_documents(self):
        self._entry(100)
        with self.assertRefused("was made by"):
            self._settlements().with_user(self.manager).action_reverse()

    def test_an_opening_balance_uses_the_unaffected_earnings(self):
        settlement = self._settle(100, settlement_type="opening")
        self.assertIn(
            "equity_unaffected",
            settlement.move_id.line_ids.account_id.mapped("account_type"),
        )
