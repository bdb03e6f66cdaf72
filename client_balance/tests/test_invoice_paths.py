from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .ledger_paths_common import LedgerPathsCommon


@tagged("post_install", "-at_install")
class TestInvoicePaths(LedgerPathsCommon):
    """Invoices with a line on the balance account, and what follows from them."""

    def _balance_invoice(self, amount, tax=None):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": "2026-03-01",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Advance",
                            "price_unit": amount,
                            "account_id": self.balance_account.id,
                            "tax_ids": [Command.set(tax.ids if tax else [])],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_a_line_on_the_balance_account_and_its_credit_note(self):
        invoice = self._balance_invoice(100)
        self.assertAmounts([100])
        note = invoice._reverse_moves(
            [{"invoice_date": "2026-03-05", "date": "2026-03-05"}], cancel=True
        )
        self.assertAmounts([100, -100])
        self.assertEqual(self._settlements()[1].reversal_of_id.move_id, invoice)
        self.assertEqual(note.state, "posted")

    def test_reset_and_cancelled(self):
        invoice = self._balance_invoice(100)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertAmounts([100, -100])

    def test_cash_basis_entries_leave_the_balance_and_are_not_matched(self):
        self.company.tax_exigibility = True
        transition = self.env["account.account"].create(
            {
                "name": "VAT not yet due",
                "code": "643999",
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        tax = self.env["account.tax"].create(
            {
                "name": "VAT on payment",
                "amount": 20,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
                "country_id": self.company.account_fiscal_country_id.id,
                "company_id": self.company.id,
            }
        )
        invoice = self._balance_invoice(100, tax)
        self.assertAmounts([100])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-03"})._create_payments()
        cash_basis = self.env["account.move"].search(
            [("tax_cash_basis_origin_move_id", "=", invoice.id)]
        )
        self.assertTrue(cash_basis)
        self.assertEqual(self._balance(), 100)
        self.assertFalse(any(self._line(cash_basis).mapped("matched_credit_ids")))
        # the credit of the invoice is still there to be spent
        spend = self._entry(-100, date="2026-03-10")
        self.assertTrue(self._line(spend).reconciled)
        self.assertTrue(self._line(invoice).reconciled)

    def test_cash_basis_tax_that_waits_on_the_balance_account(self):
        """An odd choice of the accountant's: taking and giving weigh nothing."""
        self.company.tax_exigibility = True
        tax = self.env["account.tax"].create(
            {
                "name": "VAT on payment",
                "amount": 20,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": self.balance_account.id,
                "country_id": self.company.account_fiscal_country_id.id,
                "company_id": self.company.id,
            }
        )
        invoice = self._invoice(100)
        invoice.button_draft()
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        self.assertAmounts([20])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-03"})._create_payments()
        # core moves the tax from the account and, without another one, back to it
        self.assertEqual(sorted(self._settlements().mapped("amount")), [-20, 20, 20])

    def test_paying_a_foreign_invoice_leaves_the_balance_alone(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        invoice = self._invoice(20, currency=self.usd)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-12"})._create_payments()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(self._settlements(currency=self.usd))


@tagged("post_install", "-at_install")
class TestMatchingPaths(LedgerPathsCommon):
    """First in, first out, whatever order the entries came in."""

    def _residuals(self, *moves):
        return [self._line(move).amount_residual_currency for move in moves]

    def test_credits_of_one_day_are_used_in_the_order_of_recording(self):
        moves = [self._entry(amount) for amount in (10, 50, 20)]
        self._entry(-35)
        self.assertEqual(self._residuals(*moves), [0, -25, -20])

    def test_two_hundred_open_credits(self):
        move = self.env["account.move"].create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        *[(self.balance_account, -1)] * 200,
                        (self.income_account, 200),
                    )
                ],
            }
        )
        move.action_post()
        before = self.env.cr.sql_log_count
        self._entry(-150, date="2026-03-02")
        self.assertLess(self.env.cr.sql_log_count - before, 200)
        residuals = [
            settlement.move_line_id.amount_residual
            for settlement in self._settlements()[:200]
        ]
        self.assertEqual(residuals, [0] * 150 + [-1] * 50)
        self.assertEqual(self._balance(), 50)

    def test_exchange_differences_of_an_undone_spend_are_undone(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        self._entry(20, bank=self.bank1, currency=self.usd)
        spend = self._entry(-20, date="2026-03-12", bank=self.bank1, currency=self.usd)
        spend.button_draft()
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.balance_account.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertAlmostEqual(sum(items.mapped("amount_currency")), -20)
        self.assertAlmostEqual(sum(items.mapped("balance")), -800)
        self.assertEqual(items.client_balance_bank_id, self.bank1)
        spend.action_post()
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.balance_account.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertAlmostEqual(sum(items.mapped("balance")), 0)

    def test_an_exchange_difference_is_not_among_what_was_paid(self):
        """The refusal names what a person can undo, and nothing of 0.00."""
        self._set_rate(self.usd, "2026-03-10", 36.0)
        source = self._entry(20, bank=self.bank1, currency=self.usd)
        invoice = self._invoice(20, date="2026-03-10", currency=self.usd)
        invoice.action_apply_client_balance(self.bank1.id)
        exchange = self.env["account.move"].search(
            [
                ("journal_id", "=", self.company.currency_exchange_journal_id.id),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertTrue(exchange)
        names = "|".join(exchange.mapped("name"))
        with self.assertRefused(rf"^((?!{names})[\s\S])*$"):
            source.button_draft()

    def test_what_a_person_matched_by_hand_stays_and_the_balance_is_right(self):
        first = self._entry(100, bank=self.bank1)
        second = self._entry(100, bank=self.bank1)
        spend = self._entry(-40, date="2026-03-02", bank=self.bank1)
        self._line(spend).remove_move_reconcile()
        (self._line(spend) | self._line(second)).reconcile()
        self.assertEqual(self._residuals(first, second), [-100, -60])
        self.assertEqual(self._balance(self.bank1), 160)

    def test_a_dated_spend_in_a_locked_period_is_judged_on_its_new_date(self):
        self._entry(100, date="2026-03-10")
        self.company.fiscalyear_lock_date = fields.Date.to_date("2026-03-31")
        spend = self._entry(-40, date="2026-03-05")
        self.assertGreater(spend.date, fields.Date.to_date("2026-03-31"))
        self.assertEqual(self._settlements()[-1].date, spend.date)
