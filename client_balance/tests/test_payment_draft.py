from odoo import Command
from odoo.tests import Form, tagged

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

    def test_the_words_of_a_draft_change_and_it_is_confirmed_as_it_was(self):
        for name in ("memo", "payment_reference"):
            with self.subTest(field=name):
                invoice = self._invoice(100)
                payment = self._overpaid(invoice)
                before = self._balance(self.bank2)
                items = self._items(payment)
                payment = payment.with_user(self.clerk)
                payment.action_draft()
                # a program may send what it does not change as well
                payment.write({name: "corrected", "date": self.pay_date, "amount": 120})
                self.assertEqual(self._items(payment), items)
                payment.action_post()
                self.assertEqual(self._items(payment), items)
                self.assertEqual(self._balance(self.bank2), before)
                last = self._settlements(self.bank2)[-1:]
                self.assertEqual(last.payment_id.id, payment.id)
                self.assertEqual(last.invoice_ids, invoice)
                self.assertEqual(last.settlement_type, "overpayment")

    def _items(self, payment):
        """The items of the entry, with their ids."""
        return [
            (line.id, line.account_id.id, line.partner_id.id, line.amount_currency)
            for line in payment.move_id.line_ids.sorted("id")
        ]

    def test_memo_is_edited_on_the_form_by_the_clerk(self):
        payment = self._draft().with_user(self.clerk)
        with Form(payment) as form:
            form.memo = "corrected"
        self._assert_part(payment)
        self.assertEqual(payment.move_id.ref, "corrected")
        payment.action_post()
        self.assertEqual(self._balance(self.bank2), 20)

    def test_all_else_of_a_draft_with_a_balance_part_stays(self):
        """Core would make its entry anew, without the balance part."""
        payment = self._draft()
        items = self._items(payment)
        contact = self.env["res.partner"].create(
            {"name": "Olena, buyer", "parent_id": self.client.id}
        )
        other = self.bank_journal.copy({"code": "BNK9"})
        for label, vals in (
            ("Date", {"date": "2026-03-12"}),
            ("Amount", {"amount": 120.01}),
            ("Amount", {"memo": "more", "amount": 130}),
            ("Journal", {"journal_id": other.id}),
            ("Currency", {"currency_id": self.usd.id}),
            ("Currency", {"currency_id": False}),
            ("Customer/Vendor", {"partner_id": contact.id}),
            ("Customer/Vendor", {"partner_id": self.other_client.id}),
            ("Partner Type", {"partner_type": "supplier"}),
            ("Payment Type", {"payment_type": "outbound"}),
            ("Destination", {"destination_account_id": self.balance_account.id}),
        ):
            for user in (self.clerk, self.accountant):
                with (
                    self.subTest(vals=vals, user=user.login),
                    self._raises(
                        f"balance of Romashka.*“{label}.*cannot change. Delete this"
                    ),
                ):
                    payment.with_user(user).write(vals)
        self.env.invalidate_all()
        self.assertEqual(self._items(payment), items)
        payment.with_user(self.clerk).action_post()
        self.assertEqual(self._balance(self.bank2), 20)

    def test_a_draft_is_refused_on_the_form_with_what_to_do(self):
        with (
            self.assertRefused("“Amount” cannot change. Delete this payment"),
            Form(self._draft().with_user(self.clerk)) as form,
        ):
            form.amount = 125

    def test_a_draft_keeps_what_an_accountant_added_to_its_entry(self):
        """Core would merge the write-offs into one item of the first one's account."""
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
        items = self._items(payment)
        payment.write({"amount": 120, "payment_reference": "7"})
        self.assertEqual(self._items(payment), items)
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

    def test_a_cancelled_payment_keeps_its_items_until_it_is_reset(self):
        payment = self._overpaid()
        items = self._items(payment)
        payment.action_cancel()
        self.assertEqual(payment.move_id.state, "cancel")
        payment.payment_reference = "7"
        with self._raises("“Amount” cannot change"):
            payment.amount = 130
        payment.action_draft()
        self.assertEqual(self._items(payment), items)
        payment.with_user(self.clerk).action_post()
        self.assertEqual(self._balance(self.bank2), 20)

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

    def test_words_of_drafts_of_both_kinds_are_edited_together(self):
        ours = self._draft()
        plain = self._pay(self._dialog(self._invoice(100), 100))
        plain.action_draft()
        both = ours | plain
        with self._raises("“Date” cannot change"):
            both.write({"date": "2026-03-12"})
        both.write({"memo": "corrected", "payment_reference": "7"})
        self._assert_part(ours)
        self.assertEqual(both.move_id.mapped("ref"), ["corrected"] * 2)

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
        payment = self._draft().with_user(self.clerk)
        payment.unlink()
        self.assertFalse(payment.exists())
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
