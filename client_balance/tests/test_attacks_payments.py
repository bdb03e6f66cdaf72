import contextlib

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .attack_common import AttackCommon


@tagged("post_install", "-at_install")
class TestAttacksPayments(AttackCommon):
    """Stamped drafts, posted items, payments and bank lines."""

    # Stamped drafts -----------------------------------------------------------------

    def test_a_clerk_may_reset_and_post_his_overpayment(self):
        payment = self._overpayment(20)
        self._as_clerk(payment).action_draft()
        self.assertEqual(self._balance(self.bank1), 0)
        self._as_clerk(payment).action_post()
        self.assertEqual(self._balance(self.bank1), 20)

    def test_a_draft_payment_with_other_values_is_not_posted(self):
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

    def test_an_item_of_a_payment_moved_to_another_entry(self):
        payment = self._overpayment(20)
        self._as_clerk(payment).action_draft()
        line = self._line(payment.move_id)
        draft = self._clerk_entry(lines=self._lines(account=self.outstanding))
        self._as_clerk(line, check_move_validity=False).write({"move_id": draft.id})
        with contextlib.suppress(UserError), self.env.cr.savepoint():
            draft.action_post()
        self.env.invalidate_all()
        self.assertEqual(self._all_balances(), {})

    def _receivable_item(self, move):
        return move.line_ids.filtered(lambda line: line.account_id == self.receivable)

    def test_the_other_side_of_a_draft_payment(self):
        """A gift from the company's expenses would look like an overpayment."""
        move = self._overpayment().move_id
        clerk = self._as_clerk(move)
        clerk.button_draft()
        items = clerk.line_ids - self._line(clerk)
        clerk.write(
            {
                "line_ids": [
                    Command.update(item.id, {"account_id": self.income_account.id})
                    for item in items
                ]
            }
        )
        self._refused(clerk.action_post, message="Only an accountant")
        move.with_user(self.accountant).action_post()

    def test_an_item_added_to_or_taken_from_a_draft_payment(self):
        clerk = self._as_clerk(self._overpayment().move_id)
        clerk.button_draft()
        clerk.write(
            {
                "line_ids": [
                    Command.delete(self._receivable_item(clerk).id),
                    Command.create(
                        {"account_id": self.income_account.id, "balance": -100}
                    ),
                ]
            }
        )
        self._refused(clerk.action_post, message="Only an accountant")

    # Advances -----------------------------------------------------------------------

    def _advance_payment(self, **vals):
        return self._as_clerk(self.env["account.payment"]).create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 1,
                "date": "2026-03-01",
                "journal_id": self.bank_journal.id,
                "client_balance_advance": True,
                "client_balance_advance_bank_id": self.bank1.id,
                **vals,
            }
        )

    def test_money_of_others_in_the_entry_of_an_advance(self):
        """The pass of the advance would have posted it all."""
        payment = self._advance_payment()
        payment.action_post()
        payment.action_draft()
        payment.move_id.write(
            {"line_ids": self._lines(1000, partner_id=self.other_client.id)}
        )
        self._refused(payment.action_post, message="was changed by hand")

    def test_more_money_in_the_entry_of_an_advance(self):
        payment = self._advance_payment()
        payment.action_post()
        payment.action_draft()
        line = self._line(payment.move_id)
        payment.move_id.write(
            {
                "line_ids": [
                    Command.update(line.id, {"balance": -9, "amount_currency": -9}),
                    Command.create(
                        {"account_id": self.income_account.id, "balance": 8}
                    ),
                ]
            }
        )
        self._refused(payment.action_post, message="was changed by hand")

    def test_items_given_to_an_advance(self):
        payment = self._advance_payment(line_ids=self._lines(500))
        self._refused(payment.action_post, message="was changed by hand")

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
        ):
            with self.subTest(vals=vals):
                self._refused(
                    lambda vals=vals: self._as_clerk(
                        line, check_move_validity=False, skip_readonly_check=True
                    ).write(vals)
                )

    def test_copies_of_the_entry_on_its_items(self):
        """They stay out of the screens, but a program can write them."""
        self._entry(100)
        line = self._line(self._entry(-60, date="2026-03-02"))
        draft = self._line(self._entry(70, post=False))
        for item, vals in (
            (line, {"parent_state": "draft"}),
            (line, {"date": "2026-03-09"}),
            (draft, {"parent_state": "posted"}),
        ):
            for user in (self.clerk, self.accountant):
                with self.subTest(vals=vals, user=user.login):
                    self._refused(
                        lambda item=item, user=user, vals=vals: item.with_user(
                            user
                        ).write(vals),
                        message="are those of its entry",
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
