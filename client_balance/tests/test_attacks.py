import contextlib
import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.client_balance_gate import Caller
from .test_ledger_paths import LedgerPathsCommon


@tagged("post_install", "-at_install")
class TestAttacks(LedgerPathsCommon):
    """Ways in which a clerk could make or lose money on a balance, and cannot.

    Whatever is tried, the balance of the client must be what it was.
    """

    def _as_clerk(self, records, **context):
        """``records`` as an RPC call of the clerk would see them."""
        # what does not survive JSON cannot come through RPC
        context = json.loads(json.dumps(context))
        return records.with_user(self.clerk).with_context(**context)

    def _lines(self, amount=100, account=None, **vals):
        return [
            Command.create(
                {
                    "account_id": (account or self.balance_account).id,
                    "partner_id": self.client.id,
                    "balance": -amount,
                    **vals,
                }
            ),
            Command.create({"account_id": self.income_account.id, "balance": amount}),
        ]

    def _clerk_entry(self, context=None, lines=None, **vals):
        return self._as_clerk(self.env["account.move"], **(context or {})).create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": lines or self._lines(),
                **vals,
            }
        )

    def _refused(self, attack, message=".", exception=UserError):
        """``attack`` is refused and no balance has changed."""
        before = self._all_balances()
        with self.assertRefused(message, exception):
            attack()
        self.env.invalidate_all()
        self.assertEqual(self._all_balances(), before)

    def _all_balances(self):
        return {
            balance.display_name: balance.amount
            for balance in self.env["client.balance"].search([])
            if balance.amount
        }

    def _overpayment(self, amount=20, **vals):
        """A payment with a stamped item, as the dialog makes it."""
        caller = Caller("overpayment")
        env = self.env(context={**self.env.context, "client_balance_caller": caller})
        payment = (
            env["account.payment"]
            .with_user(self.clerk)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.client.id,
                    "amount": 100 + amount,
                    "date": "2026-03-01",
                    "journal_id": self.bank_journal.id,
                    "write_off_line_vals": [
                        {
                            "name": "Balance",
                            "account_id": self.balance_account.id,
                            "partner_id": self.client.id,
                            "currency_id": self.uah.id,
                            "amount_currency": -amount,
                            "balance": -amount,
                            "client_balance_bank_id": self.bank1.id,
                            "client_balance_type": "overpayment",
                        }
                    ],
                    **vals,
                }
            )
        )
        payment.action_post()
        return payment.with_env(self.env)

    # A plain entry ------------------------------------------------------------------

    def test_a_plain_entry(self):
        move = self._clerk_entry()
        self._refused(move.action_post, message="Only an accountant")
        self._refused(lambda: move.write({"state": "posted"}))
        self._refused(move._post)

    def test_the_default_of_the_stamp_from_the_context(self):
        move = self._clerk_entry({"default_client_balance_type": "overpayment"})
        self.assertFalse(self._line(move).client_balance_type)
        self._refused(move.action_post, message="Only an accountant")

    def test_the_stamp_written_or_created(self):
        self._refused(
            lambda: self._clerk_entry(
                lines=self._lines(client_balance_type="overpayment")
            ),
            exception=AccessError,
        )
        move = self._clerk_entry()
        self._refused(
            lambda: move.write(
                {
                    "line_ids": [
                        Command.update(
                            self._line(move).id, {"client_balance_type": "write_off"}
                        )
                    ]
                }
            ),
            exception=AccessError,
        )

    def test_forged_passes_in_the_context(self):
        forged = (
            {"client_balance_caller": {"settlement_type": "overpayment"}},
            {"client_balance_caller": "Caller('overpayment')"},
            {"client_balance_gate": True},
            {"client_balance_gate": {}},
            {"client_balance_adoption": True},
            {"client_balance_matching": True},
            {"client_balance_keep_lines": True},
            {"skip_readonly_check": True, "force_delete": True},
            {"bypass_lock_check": True, "check_move_validity": False},
            {"su": True, "tracking_disable": True, "install_mode": True},
        )
        for context in forged:
            with self.subTest(context=context):
                self._refused(self._clerk_entry(context).action_post)
                self._refused(
                    lambda context=context: self._as_clerk(
                        self.env["client.balance.settlement"], **context
                    ).create({"partner_id": self.client.id, "amount": 5})
                )

    def test_ledger_records_written_with_a_forged_gate(self):
        self._settle(100)
        settlement = self._settlements()
        for user in (self.clerk, self.manager, self.accountant):
            for gate in (True, "GATE", {}, []):
                forged = settlement.with_user(user).with_context(
                    client_balance_gate=gate
                )
                self._refused(lambda forged=forged: forged.write({"amount": 999}))
                self._refused(lambda forged=forged: forged.unlink())
                self._refused(
                    lambda forged=forged: forged.balance_id.write({"amount": 999})
                )
                self._refused(
                    lambda forged=forged: forged.balance_id.create(
                        {"partner_id": self.client.id, "amount": 5}
                    )
                )

    def test_an_entry_that_the_cron_posts_as_superuser(self):
        self._refused(
            lambda: self._clerk_entry(auto_post="at_date"), message="accountant"
        )
        self._refused(
            lambda: self._clerk_entry(auto_post="monthly"), message="accountant"
        )
        move = self._clerk_entry()
        self._refused(lambda: move.write({"auto_post": "at_date"}))
        self._refused(
            lambda: move.write({"auto_post": "monthly", "date": "2026-03-02"})
        )
        empty = self._clerk_entry(
            lines=self._lines(account=self.outstanding), auto_post="at_date"
        )
        line = empty.line_ids[0]
        self._refused(lambda: line.write({"account_id": self.balance_account.id}))
        self._refused(
            lambda: empty.write({"line_ids": [Command.clear(), *self._lines()]})
        )
        self._run_autopost()
        self.assertEqual(self._all_balances(), {})

    def test_a_recurring_entry_of_an_accountant_changed_by_a_clerk(self):
        move = self._entry(100, post=False)
        move.write({"auto_post": "monthly", "auto_post_until": "2026-12-31"})
        move.action_post()
        copy = self.env["account.move"].search(
            [("auto_post_origin_id", "=", move.id), ("id", "!=", move.id)]
        )
        self._refused(
            lambda: self._as_clerk(copy).write(
                {
                    "line_ids": [
                        Command.update(self._line(copy).id, {"balance": -900}),
                        Command.update(
                            (copy.line_ids - self._line(copy)).id, {"balance": 900}
                        ),
                    ]
                }
            )
        )

    def test_posted_softly_for_a_later_day(self):
        move = self._clerk_entry(date="2099-01-01")
        self._refused(lambda: move._post(soft=True))

    # Invoices and other documents ---------------------------------------------------

    def test_an_invoice_line_on_the_balance_account(self):
        for move_type in ("out_invoice", "out_refund", "in_invoice", "in_refund"):
            with self.subTest(move_type=move_type):
                invoice = self._as_clerk(self.env["account.move"]).create(
                    {
                        "move_type": move_type,
                        "partner_id": self.client.id,
                        "invoice_date": "2026-03-01",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "Gift",
                                    "price_unit": 50,
                                    "account_id": self.balance_account.id,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                        ],
                    }
                )
                self._refused(invoice.action_post, message="Only an accountant")

    def test_the_account_of_a_posted_invoice_line(self):
        invoice = self._invoice(50)
        line = invoice.invoice_line_ids
        self._refused(
            lambda: self._as_clerk(line).write({"account_id": self.balance_account.id})
        )
        self._refused(
            lambda: self._as_clerk(invoice, skip_readonly_check=True).write(
                {
                    "invoice_line_ids": [
                        Command.update(line.id, {"account_id": self.balance_account.id})
                    ]
                }
            )
        )

    def test_the_receivable_account_of_the_client(self):
        self.client.property_account_receivable_id = self.balance_account
        self._refused(
            lambda: (
                self._as_clerk(self.env["account.move"])
                .create(
                    {
                        "move_type": "out_refund",
                        "partner_id": self.client.id,
                        "invoice_date": "2026-03-01",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "Gift",
                                    "price_unit": 50,
                                    "account_id": self.income_account.id,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                        ],
                    }
                )
                .action_post()
            )
        )

    def test_reversing_an_entry_of_an_accountant(self):
        self._entry(100)
        spend = self._entry(-60, date="2026-03-02")
        self._refused(
            lambda: self._as_clerk(spend)._reverse_moves(
                [{"date": "2026-03-03"}], cancel=True
            ),
            message="Only an accountant",
        )
        wizard = self._as_clerk(
            self.env["account.move.reversal"],
            active_model="account.move",
            active_ids=spend.ids,
        ).create({"date": "2026-03-03", "journal_id": self.misc_journal.id})
        self._refused(wizard.refund_moves)
        self._refused(wizard.modify_moves)

    def test_copies_of_stamped_entries(self):
        settlement = self._settle(100)
        payment = self._overpayment()
        for move in (settlement.move_id, payment.move_id):
            copy = self._as_clerk(move).copy()
            self.assertFalse(any(self._line(copy).mapped("client_balance_type")))
            self._refused(copy.action_post)

    # Undoing what one could not do --------------------------------------------------

    def test_undoing_entries_and_settlements_of_others(self):
        self._entry(100)
        spends = (
            self._entry(-10, date="2026-03-02"),
            self._settle(-10, date="2026-03-02").move_id,
        )
        for move in spends:
            clerk = self._as_clerk(move, force_delete=True, skip_readonly_check=True)
            for undo in (
                clerk.button_draft,
                clerk.button_cancel,
                clerk.unlink,
                clerk.line_ids.unlink,
                lambda clerk=clerk: clerk.write({"state": "draft"}),
                lambda clerk=clerk: clerk.write({"line_ids": [Command.clear()]}),
                lambda clerk=clerk: clerk.write({"date": "2026-03-09"}),
            ):
                with self.subTest(move=move.name):
                    self._refused(undo)

    def test_undoing_a_refund(self):
        self._entry(100)
        refund = self._payment(
            30,
            date="2026-03-02",
            payment_type="outbound",
            destination_account_id=self.balance_account.id,
        )
        for undo in ("action_draft", "action_cancel", "unlink"):
            with self.subTest(undo=undo):
                self._refused(
                    getattr(self._as_clerk(refund), undo), message="accountant"
                )

    def test_reversing_and_correcting_settlements(self):
        self._settle(100)
        spend = self._settle(-60, date="2026-03-02")
        self._refused(self._as_clerk(spend).action_reverse, exception=AccessError)
        self._refused(
            lambda: self._as_clerk(spend).action_correct({"amount": -1}),
            exception=AccessError,
        )

    # Stamped drafts -----------------------------------------------------------------

    def test_a_clerk_may_reset_and_post_his_overpayment(self):
        payment = self._overpayment(20)
        self._as_clerk(payment).action_draft()
        self.assertEqual(self._balance(self.bank1), 0)
        self._as_clerk(payment).action_post()
        self.assertEqual(self._balance(self.bank1), 20)

    def test_a_stamped_draft_with_other_values_is_not_posted(self):
        payment = self._overpayment(20)
        self._as_clerk(payment).action_draft()
        move = self._as_clerk(payment.move_id, skip_readonly_check=True)
        line = self._line(move)
        other = move.line_ids - line
        bigger = [
            Command.update(line.id, {"balance": -120, "amount_currency": -120}),
            Command.update(other[:1].id, {"balance": 220, "amount_currency": 220}),
        ]
        euro = self.env.ref("base.EUR")
        euro.active = True
        changes = (
            ("amount", lambda: move.write({"line_ids": bigger})),
            ("client", lambda: line.write({"partner_id": self.other_client.id})),
            (
                "client and bank account",
                lambda: line.write(
                    {
                        "partner_id": self.other_client.id,
                        "client_balance_bank_id": False,
                    }
                ),
            ),
            (
                "bank account",
                lambda: line.write({"client_balance_bank_id": self.bank2.id}),
            ),
            ("currency", lambda: line.write({"currency_id": self.usd.id})),
            (
                "client of the entry",
                lambda: move.write({"partner_id": self.other_client.id}),
            ),
            ("currency of the entry", lambda: move.write({"currency_id": self.usd.id})),
            (
                "client of the payment",
                lambda: self._as_clerk(payment).write(
                    {"partner_id": self.other_client.id}
                ),
            ),
            (
                "currency of the payment",
                lambda: self._as_clerk(payment).write({"currency_id": euro.id}),
            ),
        )
        for name, change in changes:
            with self.subTest(change=name), self.env.cr.savepoint() as savepoint:
                before = self._all_balances()
                with contextlib.suppress(UserError), self.env.cr.savepoint():
                    change()
                    move.action_post()
                self.env.invalidate_all()
                gained = self._all_balances()
                # refused, or posted as the dialog has made it
                self.assertIn(
                    gained,
                    (
                        before,
                        {self._live(bank=self.bank1).balance_id.display_name: 20.0},
                    ),
                )
                savepoint.rollback()

    def test_a_stamped_line_moved_to_another_entry(self):
        payment = self._overpayment(20)
        self._as_clerk(payment).action_draft()
        line = self._line(payment.move_id)
        draft = self._clerk_entry(lines=self._lines(account=self.outstanding))
        self._as_clerk(line, check_move_validity=False).write({"move_id": draft.id})
        with contextlib.suppress(UserError), self.env.cr.savepoint():
            draft.action_post()
        self.env.invalidate_all()
        self.assertEqual(self._all_balances(), {})

    # Posted items -------------------------------------------------------------------

    def test_posted_items_written_directly(self):
        payment = self._overpayment(20)
        line = self._line(payment.move_id)
        for vals in (
            {"partner_id": self.other_client.id},
            {"balance": -500},
            {"amount_currency": -500},
            {"credit": 500},
            {"currency_id": self.usd.id},
            {"client_balance_bank_id": self.bank2.id},
            {"client_balance_bank_id": False},
            {"client_balance_type": "manual"},
        ):
            with self.subTest(vals=vals):
                self._refused(
                    lambda vals=vals: self._as_clerk(
                        line, check_move_validity=False, skip_readonly_check=True
                    ).write(vals)
                )

    def test_the_client_of_a_posted_document(self):
        payment = self._overpayment(20)
        before = self._all_balances()
        for record in (payment, payment.move_id):
            try:
                with self.env.cr.savepoint():
                    self._as_clerk(record, skip_readonly_check=True).write(
                        {"partner_id": self.other_client.id}
                    )
            except UserError:
                self.env.invalidate_all()
            self.assertEqual(self._all_balances(), before)

    # Payments and bank lines --------------------------------------------------------

    def test_a_payment_to_or_from_the_balance_account(self):
        self._entry(100)
        for payment_type in ("inbound", "outbound"):
            payment = self._as_clerk(self.env["account.payment"]).create(
                {
                    "payment_type": payment_type,
                    "partner_type": "customer",
                    "partner_id": self.client.id,
                    "amount": 50,
                    "date": "2026-03-02",
                    "journal_id": self.bank_journal.id,
                    "destination_account_id": self.balance_account.id,
                }
            )
            self._refused(payment.action_post, message="Only an accountant")

    def test_the_destination_of_a_draft_payment_written_directly(self):
        payment = self._as_clerk(self._payment(50, post=False))
        self._refused(
            lambda: (
                payment.write({"destination_account_id": self.balance_account.id}),
                payment.action_post(),
            ),
            message="accountant",
        )

    def test_the_write_off_of_cores_dialog(self):
        self._entry(500)
        invoice = self._invoice(100)
        for amount in (80, 150):
            wizard = self._as_clerk(
                self.env["account.payment.register"],
                active_model="account.move",
                active_ids=invoice.ids,
            ).create(
                {
                    "amount": amount,
                    "payment_date": "2026-03-05",
                    "payment_difference_handling": "reconcile",
                    "writeoff_account_id": self.balance_account.id,
                }
            )
            self._refused(wizard._create_payments)

    def test_write_off_lines_given_to_a_payment(self):
        payment = self._as_clerk(self.env["account.payment"]).create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 1,
                "date": "2026-03-01",
                "journal_id": self.bank_journal.id,
                "write_off_line_vals": [
                    {
                        "name": "Gift",
                        "account_id": self.balance_account.id,
                        "partner_id": self.client.id,
                        "amount_currency": -1000,
                        "balance": -1000,
                    }
                ],
            }
        )
        self._refused(payment.action_post, message="Only an accountant")

    def test_a_bank_line(self):
        self._refused(
            lambda: self._as_clerk(self.env["account.bank.statement.line"]).create(
                {
                    "journal_id": self.bank_journal.id,
                    "date": "2026-03-01",
                    "payment_ref": "Gift",
                    "amount": 50,
                    "partner_id": self.client.id,
                    "counterpart_account_id": self.balance_account.id,
                }
            )
        )

    def test_a_journal_whose_default_account_is_a_balance_account(self):
        self._refused(
            lambda: self._as_clerk(self.misc_journal).write(
                {"default_account_id": self.balance_account.id}
            ),
            exception=AccessError,
        )
        self.misc_journal.default_account_id = self.balance_account
        move = self._as_clerk(self.env["account.move"]).create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create({"partner_id": self.client.id, "balance": -5}),
                    Command.create(
                        {"account_id": self.income_account.id, "balance": 5}
                    ),
                ],
            }
        )
        self._refused(move.action_post)

    def test_the_transfer_wizard(self):
        move = self._entry(100, account=self.outstanding)
        line = move.line_ids.filtered(lambda item: item.account_id == self.outstanding)
        self._refused(
            lambda: (
                self._as_clerk(
                    self.env["account.automatic.entry.wizard"],
                    active_model="account.move.line",
                    active_ids=line.ids,
                )
                .create(
                    {
                        "action": "change_account",
                        "date": "2026-03-05",
                        "journal_id": self.misc_journal.id,
                        "destination_account_id": self.balance_account.id,
                    }
                )
                .do_action()
            )
        )

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
        for limit in (float("nan"), float("inf"), -5):
            with self.subTest(limit=limit):
                self._refused(
                    lambda limit=limit: balance.write({"overdraft_limit": limit}),
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
