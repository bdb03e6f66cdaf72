from psycopg2.errors import NotNullViolation

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .payment_common import PaymentDialogCommon


@tagged("post_install", "-at_install")
class TestPaymentDraft(PaymentDialogCommon):
    """A payment that is reset, edited, confirmed again, cancelled or rejected."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method_line.payment_account_id = cls.outstanding
        cls.fee_account = cls.income_account.copy({"code": "999111"})

    def _overpaid(self, invoice=None, amount=120, **values):
        dialog = self._dialog(
            invoice or self._invoice(100),
            amount,
            to_client_balance=True,
            client_balance_bank_id=self.bank2,
            **values,
        )
        return self._pay(dialog)

    def _draft(self, **values):
        payment = self._overpaid(**values)
        payment.with_user(self.clerk).action_draft()
        return payment

    def _assert_part(self, payment, amount=-20):
        self.assertRecordValues(
            self._line(payment.move_id),
            [
                {
                    "amount_currency": amount,
                    "client_balance_bank_id": self.bank2.id,
                    "partner_id": self.client.id,
                }
            ],
        )

    def test_reset_takes_the_money_off_and_confirming_puts_it_back(self):
        invoice = self._invoice(100)
        payment = self._overpaid(invoice)
        payment.with_user(self.clerk).action_draft()
        self.assertEqual(self._balance(self.bank2), 0)
        self._assert_part(payment)
        payment.with_user(self.clerk).action_post()
        self.assertEqual(self._balance(self.bank2), 20)
        self.assertRecordValues(
            self._settlements(self.bank2),
            [
                {"amount": 20, "settlement_type": "overpayment"},
                {"amount": -20, "settlement_type": "reversal"},
                {"amount": 20, "settlement_type": "overpayment"},
            ],
        )
        self.assertEqual(self._settlements(self.bank2)[-1:].invoice_ids, invoice)

    def test_an_edited_amount_changes_only_what_is_paid_on_the_invoice(self):
        payment = self._draft()
        payment.amount = 130
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.receivable.id, "balance": -110},
                {"account_id": self.balance_account.id, "balance": -20},
                {"account_id": self.outstanding.id, "balance": 130},
            ],
        )

    def test_an_edited_draft_keeps_each_of_its_write_offs(self):
        """Core would merge them into one item of the first one's account."""
        payment = self._draft()
        receivable = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        payment.move_id.with_user(self.accountant).write(
            {
                "line_ids": [
                    Command.update(
                        receivable.id, {"balance": -95, "amount_currency": -95}
                    ),
                    Command.create(self._item(self.balance_account, -10, self.bank1)),
                    Command.create(self._item(self.fee_account, 5)),
                ]
            }
        )
        payment.write({"date": "2026-03-11", "amount": 126, "payment_reference": "7"})
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.receivable.id,
                    "balance": -101,
                    "client_balance_bank_id": False,
                },
                {
                    "account_id": self.balance_account.id,
                    "balance": -20,
                    "client_balance_bank_id": self.bank2.id,
                },
                {
                    "account_id": self.balance_account.id,
                    "balance": -10,
                    "client_balance_bank_id": self.bank1.id,
                },
                {
                    "account_id": self.fee_account.id,
                    "balance": 5,
                    "client_balance_bank_id": False,
                },
                {
                    "account_id": self.outstanding.id,
                    "balance": 126,
                    "client_balance_bank_id": False,
                },
            ],
        )
        payment.with_user(self.accountant).action_post()
        self.assertEqual(self._balance(self.bank2), 20)
        self.assertEqual(self._balance(self.bank1), 10)

    def _item(self, account, amount, bank=None):
        return {
            "name": "By hand",
            "account_id": account.id,
            "partner_id": self.client.id,
            "client_balance_bank_id": bank and bank.id,
            "currency_id": self.uah.id,
            "balance": amount,
            "amount_currency": amount,
        }

    def test_client_currency_and_direction_of_such_a_draft_stay(self):
        payment = self._draft()
        for name, value in (
            ("partner_id", self.other_client.id),
            ("currency_id", self.usd.id),
            ("payment_type", "outbound"),
        ):
            with (
                self.subTest(field=name),
                self._raises("belongs to the balance of Romashka"),
            ):
                payment.write({name: value})
        self._assert_part(payment)

    def test_another_contact_of_the_client_may_be_named(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena, buyer", "parent_id": self.client.id}
        )
        payment = self._draft()
        payment.write(
            {"partner_id": contact.id, "outstanding_account_id": self.outstanding.id}
        )
        self._assert_part(payment)

    def test_a_draft_with_a_balance_part_stays_a_customers(self):
        payment = self._draft()
        with self._raises("belongs to the balance"):
            payment.write({"partner_type": "supplier"})
        self._assert_part(payment)

    def test_drafts_without_balance_part_are_edited_as_in_core(self):
        dialog = self._dialog(self._invoice(100), 90)
        dialog.payment_difference_handling = "reconcile"
        dialog.writeoff_account_id = self.fee_account
        payment = self._pay(dialog)
        payment.action_draft()
        payment.amount = 95
        self.assertEqual(
            sorted(payment.move_id.line_ids.mapped("balance")), [-105, 10, 95]
        )

    def test_drafts_of_both_kinds_are_edited_together(self):
        ours = self._draft()
        plain = self._pay(self._dialog(self._invoice(100), 100))
        plain.action_draft()
        (ours | plain).write({"date": "2026-03-12"})
        self._assert_part(ours)
        self.assertEqual(
            set((ours | plain).move_id.mapped("date")), {self._day("2026-03-12")}
        )

    def test_a_draft_edited_by_hand_needs_an_accountant(self):
        payment = self._draft()
        line = self._line(payment.move_id)
        other = payment.move_id.line_ids.filtered(
            lambda item: item.account_id == self.receivable
        )
        payment.with_user(self.clerk).move_id.write(
            {
                "line_ids": [
                    Command.update(line.id, {"balance": -90, "amount_currency": -90}),
                    Command.update(other.id, {"balance": -30, "amount_currency": -30}),
                ]
            }
        )
        with self._raises("Only an accountant"):
            payment.with_user(self.clerk).action_post()

    def test_another_client_on_the_entry_of_a_draft_gets_nothing(self):
        for client in (self.client, self.other_client):
            self._settle(500, partner_id=client.id)
        for box, amount, after in (
            ("to_client_balance", 120, 520),
            ("from_client_balance", 60, 460),
        ):
            with self.subTest(box=box):
                dialog = self._dialog(
                    self._invoice(100),
                    amount,
                    client_balance_bank_id=self.env["res.partner.bank"],
                    **{box: True},
                )
                payment = self._pay(dialog).with_user(self.clerk)
                payment.action_draft()
                payment.move_id.write({"partner_id": self.other_client.id})
                payment.action_post()
                self.assertEqual(self._balance(), after)
                self.assertEqual(self._balance(partner=self.other_client), 500)
                payment.action_draft()

    def test_copy_of_a_payment_carries_no_balance_part(self):
        copy = self._overpaid().copy()
        copy.action_post()
        self.assertFalse(self._line(copy.move_id))
        self.assertEqual(self._balance(self.bank2), 20)

    def test_copy_of_the_entry_keeps_the_bank_account_and_needs_an_accountant(self):
        move = self._overpaid().move_id.copy({"date": "2026-03-11"})
        self.assertEqual(self._line(move).client_balance_bank_id, self.bank2)
        with self._raises("Only an accountant"):
            move.with_user(self.clerk).action_post()
        move.with_user(self.accountant).action_post()
        self.assertEqual(self._balance(self.bank2), 40)

    def test_reversing_the_entry_takes_the_money_back(self):
        payment = self._overpaid()
        payment.move_id._reverse_moves([{"date": "2026-03-20"}], cancel=True)
        self.assertEqual(self._balance(self.bank2), 0)

    def test_cancelling_and_deleting_take_the_money_back(self):
        payment = self._overpaid()
        payment.with_user(self.clerk).action_cancel()
        self.assertEqual(self._balance(self.bank2), 0)
        payment = self._overpaid()
        payment.action_draft()
        payment.unlink()
        self.assertEqual(self._balance(self.bank2), 0)

    def test_undoing_spent_money_is_refused_with_what_it_paid(self):
        payment = self._overpaid()
        invoice = self._invoice(100)
        self._pay(
            self._dialog(
                invoice,
                85,
                client_balance_bank_id=self.bank2,
                from_client_balance=True,
            )
        )
        for undo in ("action_draft", "action_cancel"):
            with self.subTest(undo=undo), self._raises(invoice.name):
                getattr(payment.with_user(self.clerk), undo)()
        self.assertEqual(self._balance(self.bank2), 5)

    def test_rejecting_is_refused_while_the_entry_stands(self):
        payment = self._overpaid()
        with self._raises("Reset it to draft or cancel it"):
            payment.with_user(self.clerk).action_reject()
        self.assertEqual(self._balance(self.bank2), 20)
        plain = self._pay(self._dialog(self._invoice(100), 100))
        plain.action_reject()
        self.assertEqual(plain.state, "rejected")

    def test_a_draft_without_a_currency_is_refused_as_by_core(self):
        """Odoo says it in words where the request ends."""
        plain = self._pay(self._dialog(self._invoice(100), 100))
        plain.action_draft()
        with mute_logger("odoo.sql_db"), self.assertRaises(NotNullViolation):
            plain.with_user(self.clerk).currency_id = False
        with self._raises("its client, currency"):
            self._draft().with_user(self.clerk).currency_id = False
