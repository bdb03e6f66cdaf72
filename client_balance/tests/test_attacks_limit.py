import contextlib

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .attack_common import AttackCommon


@tagged("post_install", "-at_install")
class TestAttacksLimit(AttackCommon):
    """Settings, the limit, companies and swallowed refusals."""

    # Settings and master data -------------------------------------------------------

    def test_the_flag_of_an_account(self):
        for account, flag in (
            (self.balance_account, False),
            (self.income_account, True),
        ):
            self._refused(
                lambda account=account, flag=flag: self._as_clerk(account).write(
                    {"is_client_balance": flag}
                ),
                exception=AccessError,
            )

    def test_the_bank_account_named_on_an_invoice_is_of_its_client(self):
        invoice = self._invoice(100, partner=self.other_client)
        try:
            with self.env.cr.savepoint():
                self._as_clerk(invoice).client_balance_bank_id = self.bank1
        except UserError:
            return
        wizard = self._as_clerk(
            self.env["account.payment.register"],
            active_model="account.move",
            active_ids=invoice.ids,
        ).create(
            {"amount": 150, "payment_date": "2026-03-05", "to_client_balance": True}
        )
        self._refused(wizard._create_payments)

    def test_a_contact_that_becomes_a_company_leaves_no_money_between(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id, "type": "contact"}
        )
        self._entry(100, partner=contact)
        self._entry(-30, date="2026-03-02", partner=contact)
        contact.is_company = True
        self.assertLedgerSound()
        total = self._balance() + self._balance(partner=contact)
        self.assertEqual(total, 70)

    def test_a_client_placed_under_another_company_takes_the_money_along(self):
        self._entry(100, partner=self.other_client)
        reversed_move = self._entry(10, partner=self.other_client)
        reversed_move._reverse_moves([{"date": "2026-03-05"}], cancel=True)
        self._entry(5)
        self.other_client.write({"parent_id": self.client.id, "is_company": False})
        self.assertLedgerSound()
        self.assertEqual(self._balance(), 105)

    # The limit ----------------------------------------------------------------------

    def test_two_rows_of_different_days_in_one_batch(self):
        """Net zero, but on the first day the money is not there yet."""
        moves = self._entry(-100, date="2026-03-01", post=False) | self._entry(
            100, date="2026-03-05", post=False
        )
        self._refused(moves.action_post, message="Not enough money")
        self._refused(
            lambda: (
                self.env["client.balance.settlement"]
                .with_user(self.manager)
                .create(
                    [
                        {"partner_id": self.client.id, "amount": amount, "date": date}
                        for amount, date in ((100, "2026-03-05"), (-100, "2026-03-01"))
                    ]
                )
            ),
            message="Not enough money",
        )

    def test_money_moved_to_a_later_day_under_its_spend(self):
        credit = self._entry(100, date="2026-03-01")
        self._entry(-100, date="2026-03-02")
        self._refused(
            lambda: credit.with_context(skip_readonly_check=True).write(
                {"date": "2026-03-20"}
            ),
            message="Not enough money",
        )

    def test_a_spend_between_two_credits_that_are_not_enough_on_its_day(self):
        self._entry(50, date="2026-03-01")
        self._entry(50, date="2026-03-10")
        self._refused(lambda: self._entry(-80, date="2026-03-05"))
        self._entry(-80, date="2026-03-10")
        self._refused(lambda: self._entry(-30, date="2026-03-01"))
        self._entry(-20, date="2026-03-01")

    def test_a_reversal_before_its_original(self):
        move = self._entry(100, date="2026-03-10")
        self._refused(
            lambda: move._reverse_moves([{"date": "2026-03-01"}], cancel=True),
            message="before the settlement itself",
        )
        spend = self._entry(-10, date="2026-03-11")
        self._refused(
            lambda: spend._reverse_moves([{"date": "2026-03-01"}], cancel=True),
            message="before the settlement itself",
        )

    def test_a_reversal_on_a_later_day_than_the_money_was_spent(self):
        move = self._entry(100, date="2026-03-01")
        self._entry(-100, date="2026-03-02")
        self._entry(100, date="2026-03-10")
        move._reverse_moves([{"date": "2026-03-10"}], cancel=True)
        self.assertEqual(self._balance(), 0)

    def test_a_limit_that_is_no_number_or_below_what_is_used(self):
        self._entry(100)
        balance = self._settlements().balance_id.with_user(self.manager)
        for limit in (float("nan"), float("inf"), -5, "50", [50], {"limit": 50}):
            with self.subTest(limit=limit):
                self._refused(
                    lambda limit=limit: balance.write({"overdraft_limit": limit}),
                    message="not an overdraft limit",
                )
        balance.overdraft_limit = 50
        self._entry(-120, date="2026-03-02")
        self._entry(500, date="2026-03-03")
        self._refused(
            lambda: balance.write({"overdraft_limit": 19.99}), message="in use"
        )
        balance.overdraft_limit = 20

    def test_the_limit_is_granted_by_managers_only(self):
        self._entry(100)
        balance = self._settlements().balance_id
        for user in (self.clerk, self.reader, self.salesperson):
            self._refused(
                lambda user=user: balance.with_user(user).write(
                    {"overdraft_limit": 1000}
                ),
                exception=AccessError,
            )

    # Companies ----------------------------------------------------------------------

    def test_a_manager_settles_only_in_companies_of_his(self):
        other = self._create_company(name="Other", currency_id=self.uah.id)
        other._client_balance_set_up()
        for vals in (
            {},
            {"currency_id": self.uah.id},
            {"currency_id": self.uah.id, "date": "2026-03-01", "external_ref": "X"},
        ):
            self._refused(
                lambda vals=vals: (
                    self.env["client.balance.settlement"]
                    .with_user(self.manager)
                    .create(
                        {
                            "partner_id": self.client.id,
                            "amount": 5,
                            "company_id": other.id,
                            **vals,
                        }
                    )
                ),
                exception=AccessError,
            )

    def test_a_reference_is_one_per_company_and_may_be_a_number(self):
        other = self._create_company(name="Other", currency_id=self.uah.id)
        other._client_balance_set_up()
        self.manager.company_ids += other
        requests = [
            {
                "partner_id": self.client.id,
                "amount": amount,
                "external_ref": 1001,
                "company_id": company.id,
            }
            for company, amount in ((self.company, 5), (other, 7))
        ]
        Settlement = (
            self.env["client.balance.settlement"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=(self.company + other).ids)
        )
        made = Settlement.create(requests)
        self.assertEqual(made.mapped("amount"), [5, 7])
        self.assertEqual(Settlement.create(requests), made)
        self.assertEqual(
            Settlement.create([{**requests[1], "external_ref": "1001"}]), made[1]
        )
        self.assertEqual(self._balance(), 5)

    # A refusal that somebody swallows -----------------------------------------------

    def test_a_swallowed_refusal_cannot_be_committed(self):
        move = self._clerk_entry()
        with self.env.cr.savepoint() as savepoint:
            with contextlib.suppress(UserError):
                move.action_post()
            for _attempt in range(2):
                # assertRaises would open a savepoint, which flushes by itself
                refused = False
                try:
                    self.env.cr.flush()
                except UserError:
                    refused = True
                self.assertTrue(refused)
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(move.state, "draft")
