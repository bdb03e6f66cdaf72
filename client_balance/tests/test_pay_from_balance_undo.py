from odoo.tests import tagged

from .pay_from_balance_common import PayFromBalanceCommon


@tagged("post_install", "-at_install")
class TestPayFromBalanceUndo(PayFromBalanceCommon):
    """What was paid from the balance is undone, or posted again."""

    def test_an_entry_that_names_it_as_reversed_does_not_keep_the_money(self):
        self._settle(1500, bank=self.bank1)
        invoice = self._invoice(1000)
        self._pay(invoice)
        entry = self._application(invoice)
        other = self._entry(5, account=self.income_account)
        other.reversed_entry_id = entry
        self._unreconcile(invoice)
        self.assertEqual(self._balance(self.bank1), 1500)

    def test_unreconciling_returns_the_money_to_the_same_source(self):
        source = self._settle(1500, bank=self.bank1)
        invoice = self._invoice(1000)
        self._pay(invoice)
        entry = self._application(invoice)
        self._unreconcile(invoice)
        self.assertEqual(self._balance(self.bank1), 1500)
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertFalse(invoice.client_balance_spent)
        spend, reversal = self._settlements(self.bank1)[1:]
        self.assertEqual(spend.move_id, entry)
        self.assertRecordValues(
            reversal,
            [
                {
                    "amount": 1000,
                    "settlement_type": "reversal",
                    "reversal_of_id": spend.id,
                    "date": self._day("2026-03-10"),
                }
            ],
        )
        self.assertEqual(self._line(source.move_id).amount_residual, -1500)
        self.assertFalse(invoice.invoice_has_outstanding)
        self._pay(invoice)
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_reset_invoice_returns_the_money(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        self._pay(invoice)
        invoice.with_user(self.clerk).button_draft()
        self.assertEqual(self._balance(), 1500)
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 1000)

    def test_a_cancelled_or_deleted_invoice_returns_the_money(self):
        self._settle(1500)
        for undo in (
            lambda invoice: invoice.button_cancel(),
            lambda invoice: (invoice.button_draft(), invoice.unlink()),
            lambda invoice: invoice.with_context(force_delete=True).unlink(),
        ):
            invoice = self._invoice(1000)
            self._pay(invoice)
            self.assertEqual(self._balance(), 500)
            undo(invoice)
            self.assertEqual(self._balance(), 1500)

    def test_reversing_the_entry_by_hand_returns_the_money_once(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        self._pay(invoice)
        self._application(invoice)._reverse_moves([{"date": "2026-03-12"}], cancel=True)
        self.assertEqual(self._balance(), 1500)
        self.assertEqual(invoice.amount_residual, 1000)

    def test_in_a_locked_period_the_money_returns_on_the_first_open_date(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        self._pay(invoice)
        self.company.fiscalyear_lock_date = "2026-03-31"
        self._unreconcile(invoice, self.accountant)
        reversal = self._settlements()[-1]
        self.assertEqual(reversal.date, self._day("2026-04-01"))
        self.assertEqual(self._balance(), 1500)

    def test_the_other_payments_of_a_reset_invoice_are_left_alone(self):
        self._settle(300)
        invoice = self._invoice(1000)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 700})._create_payments()
        self._pay(invoice)
        invoice.button_draft()
        self.assertEqual(self._balance(), 300)
        self.assertEqual(invoice.amount_residual, 300)
