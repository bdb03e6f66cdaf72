from odoo.tests import Form, tagged

from .payment_common import PaymentDialogCommon


@tagged("post_install", "-at_install")
class TestPaymentRegister(PaymentDialogCommon):
    """What the dialog does where it is right to do it."""

    def test_an_overpayment_goes_to_the_balance_in_one_entry(self):
        invoice = self._invoice(20000)
        dialog = self._dialog(invoice, 20159)
        self.assertEqual(dialog.client_balance_state, "over")
        self.assertEqual(dialog.client_balance_difference, 159)
        dialog.to_client_balance = True
        payment = self._pay(dialog)

        self.assertEqual(invoice.payment_state, "paid")
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.receivable.id,
                    "balance": -20000,
                    "partner_id": self.client.id,
                    "client_balance_bank_id": False,
                },
                {
                    "account_id": self.balance_account.id,
                    "balance": -159,
                    "partner_id": self.client.id,
                    "client_balance_bank_id": self.bank1.id,
                },
                {
                    "account_id": payment.outstanding_account_id.id,
                    "balance": 20159,
                    "partner_id": self.client.id,
                    "client_balance_bank_id": False,
                },
            ],
        )
        self.assertRecordValues(
            self._settlements(self.bank1),
            [
                {
                    "amount": 159,
                    "settlement_type": "overpayment",
                    "date": self._day(self.pay_date),
                    "invoice_ids": invoice.ids,
                    "payment_id": payment.id,
                    "move_id": payment.move_id.id,
                    "move_line_id": self._line(payment.move_id).id,
                    "create_uid": self.clerk.id,
                }
            ],
        )
        self.assertEqual(self._balance(self.bank1), 159)
        self.assertRecordValues(
            payment,
            [
                {
                    "client_balance_credited": 159,
                    "client_balance_spent": 0,
                    "client_balance_bank_id": self.bank1.id,
                }
            ],
        )

    def test_a_shortfall_is_taken_from_the_balance_in_one_entry(self):
        self._settle(2000, bank=self.bank1)
        invoice = self._invoice(10000)
        dialog = self._dialog(invoice, 8500)
        self.assertEqual(dialog.client_balance_state, "under")
        self.assertEqual(dialog.client_balance_available, 2000)
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 1500)
        payment = self._pay(dialog)

        self.assertEqual(invoice.payment_state, "paid")
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.receivable.id, "balance": -10000},
                {"account_id": self.balance_account.id, "balance": 1500},
                {"account_id": payment.outstanding_account_id.id, "balance": 8500},
            ],
        )
        self.assertRecordValues(
            self._settlements(self.bank1)[-1:],
            [
                {
                    "amount": -1500,
                    "settlement_type": "write_off",
                    "invoice_ids": invoice.ids,
                    "payment_id": payment.id,
                    "balance_after": 500,
                }
            ],
        )
        self.assertRecordValues(
            payment,
            [{"client_balance_credited": 0, "client_balance_spent": 1500}],
        )

    def test_a_smaller_amount_leaves_the_invoice_open_by_the_rest(self):
        self._settle(2000, bank=self.bank1)
        invoice = self._invoice(10000)
        self._pay(
            self._dialog(
                invoice, 8500, from_client_balance=True, client_balance_amount=700
            )
        )
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(invoice.amount_residual, 800)
        self.assertEqual(self._balance(self.bank1), 1300)

    def test_the_proposal_is_cut_to_what_is_available(self):
        self._settle(600, bank=self.bank1)
        dialog = self._dialog(self._invoice(10000), 8500, from_client_balance=True)
        self.assertEqual(dialog.client_balance_amount, 600)

    def test_a_typed_amount_is_never_changed(self):
        self._settle(2000, bank=self.bank1)
        self._settle(50, bank=self.bank2)
        dialog = self._dialog(
            self._invoice(10000),
            8500,
            from_client_balance=True,
            client_balance_amount=700,
        )
        dialog.client_balance_bank_id = self.bank2
        self.assertEqual(dialog.client_balance_available, 50)
        self.assertEqual(dialog.client_balance_amount, 700)
        dialog.amount = 9900
        self.assertEqual(dialog.client_balance_amount, 700)
        dialog.from_client_balance = False
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 50)

    def test_equal_amount_offers_nothing(self):
        dialog = self._dialog(self._invoice(10000), 10000)
        self.assertFalse(dialog.client_balance_state)
        with self.assertRaisesRegex(AssertionError, "invisible"):
            dialog.to_client_balance = True
        self.assertTrue(dialog._get_modifier("from_client_balance", "invisible"))

    def test_a_sign_flip_unticks(self):
        self._settle(5000, bank=self.bank1)
        dialog = self._dialog(self._invoice(10000), 10100, to_client_balance=True)
        dialog.amount = 9900
        self.assertFalse(dialog.to_client_balance)
        dialog.from_client_balance = True
        self.assertEqual(dialog.client_balance_amount, 100)
        dialog.amount = 10200
        self.assertFalse(dialog.from_client_balance)
        self.assertFalse(dialog.to_client_balance)
        dialog.to_client_balance = True
        dialog.amount = 10000
        self.assertFalse(dialog.to_client_balance)

    def test_nothing_ticked_is_plain_core(self):
        invoice = self._invoice(10000)
        payment = self._pay(self._dialog(invoice, 10100))
        self.assertFalse(self._line(payment.move_id))
        self.assertFalse(self._settlements(self.bank1))

    def test_ticking_hides_the_difference_of_core_and_keeps_it_open(self):
        self._set_outstanding_account()
        dialog = self._dialog(self._invoice(10000), 10100)
        self.assertTrue(dialog.show_payment_difference)
        dialog.payment_difference_handling = "reconcile"
        dialog.writeoff_account_id = self.income_account
        dialog.to_client_balance = True
        self.assertFalse(dialog.show_payment_difference)
        self.assertEqual(dialog.payment_difference_handling, "open")
        payment = self._pay(dialog)
        self.assertEqual(len(payment.move_id.line_ids), 3)
        self.assertEqual(self._balance(self.bank1), 100)

    def test_the_box_cannot_be_ticked_where_nothing_is_available(self):
        dialog = self._dialog(self._invoice(10000), 8500)
        self.assertEqual(dialog.client_balance_available, 0)
        with self.assertRaisesRegex(AssertionError, "readonly"):
            dialog.from_client_balance = True

    def test_a_credit_note_of_the_invoice_leaves_the_balance_alone(self):
        self._settle(500, bank=self.bank1)
        invoice = self._invoice(100)
        self._pay(self._dialog(invoice, 80, from_client_balance=True))
        credit_note = invoice._reverse_moves([{"date": self.pay_date}])
        credit_note.action_post()
        self.assertEqual(self._balance(self.bank1), 480)
        self.assertEqual(credit_note.amount_residual, 100, "an open credit")

    def test_money_on_the_balance_is_no_outstanding_credit(self):
        self._pay(self._dialog(self._invoice(100), 120, to_client_balance=True))
        self.assertFalse(self._invoice(50).invoice_has_outstanding)

    def test_the_invoice_shows_what_moved(self):
        self._settle(500, bank=self.bank1)
        spent, credited = self._invoice(100), self._invoice(100)
        self._pay(self._dialog(spent, 80, from_client_balance=True))
        payment = self._pay(self._dialog(credited, 120, to_client_balance=True))
        spent, credited = spent.with_user(self.clerk), credited.with_user(self.clerk)
        self.assertRegex(spent.client_balance_spent, "20.00")
        self.assertFalse(spent.client_balance_credited)
        self.assertRegex(credited.client_balance_credited, "20.00")
        self.assertFalse(credited.client_balance_spent)
        payment.action_draft()
        self.assertFalse(credited.client_balance_credited)

    def test_grouped_invoices_name_each_other(self):
        first, second = self._invoice(100), self._invoice(200)
        dialog = self._dialog(first | second, group_payment=True)
        dialog.amount = 350
        dialog.to_client_balance = True
        self._pay(dialog)
        self.assertIn(second.name, first.client_balance_credited)
        self.assertRegex(first.client_balance_credited, "50.00")

    # -- whose balance -----------------------------------------------------------------

    def test_the_bank_account_named_on_the_invoice_is_proposed(self):
        invoice = self._invoice(100, client_balance_bank_id=self.bank2.id)
        dialog = self._dialog(invoice, 110)
        self.assertEqual(dialog.client_balance_bank_id, self.bank2)

    def test_the_next_invoice_of_the_client_names_it_as_well(self):
        """Copied by hand, each month, or after a reversal."""
        invoice = self._invoice(100, client_balance_bank_id=self.bank2.id)
        invoice.button_draft()
        invoice.auto_post = "monthly"
        invoice.action_post()
        following = self.env["account.move"].search(
            [("auto_post_origin_id", "=", invoice.id), ("id", "!=", invoice.id)]
        )
        self.assertEqual(following.client_balance_bank_id, self.bank2)
        self.assertEqual(invoice.copy().client_balance_bank_id, self.bank2)
        other = invoice.copy({"partner_id": self.other_client.id})
        self.assertFalse(other.client_balance_bank_id)
        self.bank2.active = False
        self.assertFalse(invoice.copy().client_balance_bank_id)

    def test_the_bank_account_of_the_former_client_leaves_a_draft(self):
        invoice = self._invoice(100, client_balance_bank_id=self.bank2.id)
        invoice.button_draft()
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        with Form(invoice.with_user(self.clerk)) as form:
            form.partner_id = contact
            self.assertEqual(form.client_balance_bank_id, self.bank2)
            form.partner_id = self.other_client
        self.assertFalse(invoice.client_balance_bank_id)

    def test_the_default_of_the_client_card_is_proposed(self):
        self.client.client_balance_bank_id = self.bank2
        dialog = self._dialog(self._invoice(100), 110)
        self.assertEqual(dialog.client_balance_bank_id, self.bank2)

    def test_the_bank_account_of_the_company_is_never_proposed(self):
        own = self.env["res.partner.bank"].create(
            {"partner_id": self.company.partner_id.id, "acc_number": "UA00OURS"}
        )
        invoice = self._invoice(100, partner=self.other_client, partner_bank_id=own.id)
        dialog = self._dialog(invoice, 110)
        self.assertFalse(dialog.client_balance_bank_id)

    def test_invoices_that_name_different_bank_accounts_decide_nothing(self):
        invoices = self._invoice(100, client_balance_bank_id=self.bank2.id)
        invoices |= self._invoice(100, client_balance_bank_id=self.bank1.id)
        self.client.client_balance_bank_id = self.bank2
        dialog = self._dialog(invoices, group_payment=True)
        dialog.amount = 250
        self.assertEqual(dialog.client_balance_bank_id, self.bank2)

    def test_the_bank_account_can_be_changed_or_emptied(self):
        self._pay(
            self._dialog(
                self._invoice(100),
                110,
                to_client_balance=True,
                client_balance_bank_id=self.bank2,
            )
        )
        self.assertEqual(self._balance(self.bank2), 10)
        self._pay(
            self._dialog(
                self._invoice(100),
                110,
                to_client_balance=True,
                client_balance_bank_id=self.env["res.partner.bank"],
            )
        )
        self.assertEqual(self._balance(None), 10)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_client_without_bank_accounts_has_a_balance_too(self):
        invoice = self._invoice(100, partner=self.other_client)
        payment = self._pay(self._dialog(invoice, 110, to_client_balance=True))
        self.assertEqual(self._balance(None, self.other_client), 10)
        self.assertFalse(payment.client_balance_bank_id)

    def test_a_contact_uses_the_balance_of_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena, buyer", "parent_id": self.client.id}
        )
        invoice = self._invoice(100, partner=contact)
        payment = self._pay(self._dialog(invoice, 110, to_client_balance=True))
        self.assertEqual(self._line(payment.move_id).partner_id, self.client)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 10)
