from odoo import SUPERUSER_ID
from odoo.tests import tagged

from .second_person_common import AmountsCommon


@tagged("post_install", "-at_install")
class TestNoSecondPerson(AmountsCommon):
    """What goes on every day without a question, as the least user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_approval_amount = 1

    def _register(self, invoice, amount, **vals):
        Register = self.env["account.payment.register"].with_user(self.clerk)
        return (
            Register.with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": "2026-03-10", "amount": amount, **vals})
            ._create_payments()
            .with_env(self.env)
        )

    def test_the_payment_dialog_within_its_own_money(self):
        invoice = self._invoice(20000)
        payment = self._register(invoice, 70000, to_client_balance=True)
        self.assertEqual(self._balance(self.bank1), 50000)
        second = self._invoice(40000)
        self._register(second, 10000, from_client_balance=True)
        self.assertEqual(self._balance(self.bank1), 20000)
        self.assertFalse(second.amount_residual)
        third = self._register(self._invoice(100), 60100, to_client_balance=True)
        mine = third.with_user(self.clerk)
        mine.action_draft()
        self.assertEqual(self._balance(self.bank1), 20000)
        mine.action_post()
        self.assertEqual(self._balance(self.bank1), 80000)
        self.assertTrue(payment.move_id)

    def test_invoices_paid_from_the_balance_and_back(self):
        self._fund(50000)
        one, two = self._invoice(20000), self._invoice(30000)
        self.assertTrue(
            one.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        )
        dialog = (
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .with_context(default_invoice_ids=two.ids)
            .create({"date": "2026-03-10"})
        )
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 0)
        content = one.invoice_payments_widget["content"]
        one.with_user(self.clerk).js_remove_outstanding_partial(
            content[0]["partial_id"]
        )
        self.assertEqual(self._balance(self.bank1), 20000)
        two.with_user(self.clerk).button_draft()
        self.assertEqual(self._balance(self.bank1), 50000)

    def test_an_invoice_in_another_currency(self):
        invoice = self._invoice(1000, currency=self.usd)
        self._fund(10000)
        self._register(
            invoice, 30000, currency_id=self.uah.id, from_client_balance=True
        )
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertFalse(invoice.amount_residual)

    def test_open_credits_come_and_go(self):
        credit = self._invoice(20000, move_type="out_refund")
        item = credit.line_ids.filtered(lambda line: line.account_id == self.receivable)
        application = self.env["client.balance.application"].with_user(self.clerk)
        entry = application._put_on_balance(
            item.with_user(self.clerk), 20000, self.bank1, "2026-03-10"
        )
        self.assertEqual(self._balance(self.bank1), 20000)
        self.assertTrue(entry)
        item.with_user(self.clerk).remove_move_reconcile()
        self.assertEqual(self._balance(self.bank1), 0)

    def test_bank_lines_both_ways(self):
        line = self._statement_line(5000, on_balance=False)
        receipt = self.env["client.balance.receipt"]
        receipt.with_user(self.clerk)._put_on_balance(
            line.with_user(self.clerk), 5000, self.client, self.bank1
        )
        back = self._statement_line(-3000, on_balance=False)
        receipt.with_user(self.manager)._put_on_balance(
            back.with_user(self.accountant), -3000, self.client, self.bank1
        )
        self.assertEqual(self._balance(self.bank1), 2000)
        self._as(back).action_undo_reconciliation()
        self.assertEqual(self._balance(self.bank1), 5000)

    def test_transfers_between_bank_accounts_of_one_client(self):
        self._fund(5000)
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=3000, date="2026-03-20"
        )
        self.assertEqual(self._balance(self.bank2), 3000)

    def test_programs_have_no_second_person(self):
        settlement = self._fund(5000)
        settlement.with_user(SUPERUSER_ID).action_reverse()
        self.assertEqual(self._balance(self.bank1), 0)

    def _count(self, work):
        """:return: the queries of ``work``, the second of two like it"""
        for _warm in range(2):
            work_now = work()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            work_now()
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
        return count

    def test_everyday_work_asks_at_most_three_questions_more(self):
        self._fund(900000)
        mine = self.env["client.balance.application"].with_user(self.clerk)

        def pay():
            invoice = self._invoice(100)
            return lambda: mine._pay_invoice(
                invoice.with_user(self.clerk), {self.bank1: 100}, "2026-03-10"
            )

        def register(amount, **vals):
            def prepare():
                Register = self.env["account.payment.register"].with_user(self.clerk)
                wizard = Register.with_context(
                    active_model="account.move", active_ids=self._invoice(100).ids
                ).create({"payment_date": "2026-03-10", "amount": amount, **vals})
                return wizard._create_payments

            return prepare

        for name, work in (
            ("pay from balance", pay),
            ("overpayment", register(150, to_client_balance=True)),
            ("shortfall", register(50, from_client_balance=True)),
        ):
            counts = {}
            for is_on in (False, True):
                self.company.client_balance_approval = is_on
                self.company.client_balance_approval_day_amount = 5
                counts[is_on] = self._count(work)
            with self.subTest(name=name, counts=counts):
                self.assertLessEqual(counts[True], counts[False] + 3)
