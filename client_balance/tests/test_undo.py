from odoo.tests import tagged

from ..models.client_balance_gate import Caller
from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestUndo(ClientBalanceCommon):
    """Whatever is undone, the money returns to its source, or a list says why not."""

    def _payment(self, amount, on_balance, invoice):
        """A payment whose difference goes to (+) or comes from (−) the balance."""
        kind = "overpayment" if on_balance > 0 else "write_off"
        caller = Caller(kind, invoice_ids=invoice._ids)
        payment = (
            self.env["account.payment"]
            .with_context(client_balance_caller=caller)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.client.id,
                    "amount": amount,
                    "date": "2026-03-05",
                    "currency_id": self.uah.id,
                    "journal_id": self.bank_journal.id,
                    "write_off_line_vals": [
                        {
                            "name": "Client balance",
                            "account_id": self.balance_account.id,
                            "partner_id": self.client.id,
                            "currency_id": self.uah.id,
                            "amount_currency": -on_balance,
                            "balance": -on_balance,
                        }
                    ],
                }
            )
        )
        payment.action_post()
        (payment.move_id.line_ids | invoice.line_ids).filtered(
            lambda line: line.account_id == self.receivable
        ).reconcile()
        return payment.with_context(client_balance_caller=False)

    def _ways_to_undo(self):
        return {
            "reset": lambda payment: payment.action_draft(),
            "cancelled": lambda payment: payment.action_cancel(),
            "deleted": lambda payment: (payment.action_draft(), payment.unlink()),
        }

    # A payment that overpaid ----------------------------------------------------------

    def test_an_undone_overpayment_leaves_the_balance(self):
        """20,159.00 on 20,000.00: 159.00 leave the balance again."""
        for name, undo in self._ways_to_undo().items():
            with self.subTest(name):
                payment = self._payment(20159, 159, self._invoice(20000))
                self.assertEqual(self._balance(), 159)
                undo(payment)
                self.assertEqual(self._balance(), 0)
                last = self._settlements()[-1]
                self.assertRecordValues(
                    last,
                    [
                        {
                            "amount": -159,
                            "settlement_type": "reversal",
                            "date": self._day("2026-03-05"),
                        }
                    ],
                )

    def test_a_spent_overpayment_is_not_undone_and_the_list_says_what_it_paid(self):
        payment = self._payment(20159, 159, self._invoice(20000))
        invoice = self._invoice(100, date="2026-03-06")
        other = self._invoice(50, date="2026-03-06")
        invoice.with_user(self.clerk).action_apply_client_balance()
        other.with_user(self.clerk).action_apply_client_balance()
        message = f"already spent(.|\n)*{invoice.name}.*100(.|\n)*{other.name}.*50"
        for name, undo in self._ways_to_undo().items():
            with self.subTest(name), self.assertRefused(message):
                undo(payment)
        self.assertEqual(self._balance(), 9)
        invoice.button_draft()
        other.button_draft()
        payment.action_draft()
        self.assertEqual(self._balance(), 0)

    # A payment that took from the balance ---------------------------------------------

    def test_an_undone_shortfall_returns_to_the_same_source(self):
        """8,500.00 on 10,000.00, 1,500.00 from the balance."""
        source = self._settle(1500)
        for name, undo in self._ways_to_undo().items():
            with self.subTest(name):
                payment = self._payment(8500, -1500, self._invoice(10000))
                self.assertEqual(self._balance(), 0)
                self.assertEqual(source.amount_left, 0)
                undo(payment)
                self.assertEqual(self._balance(), 1500)
                self.assertEqual(source.amount_left, 1500)

    def test_a_payment_posted_again_takes_the_money_again(self):
        source = self._settle(1500)
        payment = self._payment(8500, -1500, self._invoice(10000))
        payment.action_draft()
        payment.action_post()
        self.assertEqual(self._balance(), 0)
        self.assertEqual(source.amount_left, 0)
        self.assertEqual(
            self._settlements().mapped("amount"), [1500, -1500, 1500, -1500]
        )

    def test_a_payment_posted_again_after_the_money_went_elsewhere_is_refused(self):
        self._settle(1500)
        payment = self._payment(8500, -1500, self._invoice(10000))
        payment.action_draft()
        self._invoice(1500).with_user(self.clerk).action_apply_client_balance()
        with self.assertRefused("Not enough money"):
            payment.action_post()

    def test_money_that_came_back_is_spent_in_order_again(self):
        first = self._settle(100, date="2026-03-01")
        second = self._settle(100, date="2026-03-02")
        early = self._invoice(100)
        early.with_user(self.clerk).action_apply_client_balance()
        early.button_draft()
        late = self._invoice(150, date="2026-03-06")
        late.with_user(self.clerk).action_apply_client_balance()
        self.assertEqual((first.amount_left, second.amount_left), (0, 50))

    # Statement lines ------------------------------------------------------------------

    def _statement_line(self, amount):
        """A bank statement line whose whole amount tops up the balance."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": "2026-03-05",
                "payment_ref": "Top-up",
                "partner_id": self.client.id,
                "amount": amount,
                "counterpart_account_id": self.balance_account.id,
            }
        )
        return line

    def test_an_undone_statement_line_leaves_the_balance(self):
        line = self._statement_line(700)
        self.assertEqual(self._balance(), 700)
        line.action_undo_reconciliation()
        self.assertEqual(self._balance(), 0)
        line = self._statement_line(700)
        line.unlink()
        self.assertEqual(self._balance(), 0)

    def test_a_spent_statement_line_is_not_undone(self):
        line = self._statement_line(700)
        invoice = self._invoice(500, date="2026-03-06")
        invoice.with_user(self.clerk).action_apply_client_balance()
        for undo in (line.action_undo_reconciliation, line.unlink):
            with self.assertRefused(f"already spent(.|\n)*{invoice.name}"):
                undo()
        self.assertEqual(self._balance(), 200)

    # Credit notes ---------------------------------------------------------------------

    def _credit_note(self, invoice, amount=None):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": "2026-03-15"})
        )
        wizard.refund_moves()
        credit_note = wizard.new_move_ids
        if amount:
            credit_note.invoice_line_ids.write({"price_unit": amount})
        credit_note.action_post()
        return credit_note

    def test_a_credit_note_on_an_invoice_paid_from_the_balance_stays_open(self):
        self._settle(1500)
        for amount in (None, 400):
            with self.subTest(amount=amount):
                invoice = self._invoice(700)
                invoice.with_user(self.clerk).action_apply_client_balance()
                before = self._balance()
                credit_note = self._credit_note(invoice, amount)
                self.assertEqual(self._balance(), before)
                self.assertEqual(invoice.payment_state, "paid")
                self.assertEqual(credit_note.amount_residual, amount or 700)
                action = credit_note.with_user(self.clerk).action_to_client_balance()
                self.env[action["res_model"]].with_user(self.clerk).with_context(
                    **action["context"]
                ).create({"partner_bank_id": False}).action_confirm()
                self.assertEqual(self._balance(), before + (amount or 700))

    def test_reverse_and_replace_of_a_paid_invoice_returns_the_money(self):
        self._settle(1500)
        invoice = self._invoice(700)
        invoice.with_user(self.clerk).action_apply_client_balance()
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": "2026-03-15"})
        )
        wizard.modify_moves()
        self.assertEqual(self._balance(), 1500)
        self.assertEqual(invoice.payment_state, "reversed")

    # Settlements of people ------------------------------------------------------------

    def test_undoing_does_not_hide_what_happened(self):
        self._settle(1500)
        invoice = self._invoice(700)
        invoice.with_user(self.clerk).action_apply_client_balance()
        invoice.button_draft()
        spend, reversal = self._settlements()[1:]
        self.assertEqual(spend.invoice_ids, invoice)
        self.assertEqual(reversal.invoice_ids, invoice)
        self.assertEqual(spend.reversed_by_id, reversal)

    def test_the_reversal_of_a_reversal_is_a_settlement_of_its_own(self):
        """Three linked rows would all be hidden, and with them the client's money."""
        settlement = self._settle(100, is_advance=True, advance_date="2026-02-20")
        settlement.with_user(self.manager).action_reverse()
        reversal = settlement.reversed_by_id
        reversal.move_id.with_user(self.accountant)._reverse_moves(
            [{"date": "2026-03-05"}], cancel=True
        )
        again = self._settlements()[-1]
        self.assertRecordValues(
            again,
            [
                {
                    "amount": 100,
                    "settlement_type": "entry",
                    "reversal_of_id": False,
                    "is_advance": True,
                    "advance_date": self._day("2026-02-20"),
                    "description": f"Reversal of {reversal.name}",
                }
            ],
        )
        self.assertFalse(reversal.reversed_by_id)
        shown = self.env["client.balance.settlement"].search(
            [("partner_id", "=", self.client.id), ("is_reversed_pair", "=", False)]
        )
        self.assertEqual(shown, again)
        self.assertEqual(self._balance(), 100)
        # what the books say now can be undone once more
        again.move_id.button_draft()
        self.assertEqual(self._balance(), 0)

    def _reverse(self, move, date="2026-03-20"):
        """Core's button “Reverse Entry”."""
        return move.with_user(self.accountant)._reverse_moves(
            [{"date": date}], cancel=True
        )

    def test_an_entry_is_not_reversed_twice(self):
        """Core would: with other money of the client."""
        self._settle(500)
        settlement = self._settle(100)
        settlement.with_user(self.manager).action_reverse()
        with self.assertRefused("once more"), self.env.cr.savepoint():
            self._reverse(settlement.move_id)
        self.assertEqual(self._balance(), 500)

    def test_money_that_an_invoice_gave_back_does_not_come_back_again(self):
        """Core would put it on the balance twice, and the client owes it once more."""
        self._settle(100)
        invoice = self._invoice(100)
        invoice.with_user(self.clerk).action_apply_client_balance()
        entry = invoice.client_balance_settlement_ids.move_id
        invoice.button_draft()
        with self.assertRefused("once more"), self.env.cr.savepoint():
            self._reverse(entry, "2026-12-31")
        self.assertEqual(self._balance(), 100)

    def test_two_drafts_that_reverse_an_entry_are_not_both_posted(self):
        self._settle(500)
        drafts = self._entry(100)._reverse_moves([{"date": "2026-03-20"}])
        drafts |= drafts.reversed_entry_id._reverse_moves([{"date": "2026-03-20"}])
        with self.assertRefused("once more"), self.env.cr.savepoint():
            drafts.action_post()
        drafts[0].action_post()
        self.assertEqual(self._balance(), 500)

    def test_a_reversal_is_not_reversed_twice(self):
        settlement = self._settle(100)
        settlement.with_user(self.manager).action_reverse()
        self._reverse(settlement.reversed_by_id.move_id)
        with self.assertRefused("once more"), self.env.cr.savepoint():
            self._reverse(settlement.reversed_by_id.move_id)
        self.assertEqual(self._balance(), 100)

    def test_a_part_of_an_opening_entry_is_not_reversed_twice(self):
        self._settle(500)
        values = {"amount": 100, "date": "2026-03-01", "settlement_type": "opening"}
        settlements = (
            self.env["client.balance.settlement"]
            .with_user(self.manager)
            .create(
                [
                    {**values, "partner_id": client.id}
                    for client in (self.client, self.other_client)
                ]
            )
        )
        settlements[0].action_reverse()
        with self.assertRefused("once more"), self.env.cr.savepoint():
            self._reverse(settlements.sudo().move_id)
        self.assertEqual(self._balance(), 500)

    def test_an_entry_whose_reversal_was_reversed_is_reversed_again(self):
        settlement = self._settle(100)
        settlement.with_user(self.manager).action_reverse()
        self._reverse(settlement.reversed_by_id.move_id)
        self.assertEqual(self._balance(), 100)
        self._reverse(settlement.move_id)
        self.assertEqual(self._balance(), 0)

    def test_the_total_of_the_client_stays_when_an_invoice_is_paid_and_unpaid(self):
        """Receivable − balance changes by bank money only, here by none."""
        self._settle(1500)
        invoice = self._invoice(700)

        def total():
            return sum(
                self.env["account.move.line"]
                .search(
                    [
                        ("partner_id", "=", self.client.id),
                        ("parent_state", "=", "posted"),
                        (
                            "account_id",
                            "in",
                            (self.receivable | self.balance_account).ids,
                        ),
                    ]
                )
                .mapped("balance")
            )

        before = total()
        invoice.with_user(self.clerk).action_apply_client_balance()
        self.assertAlmostEqual(total(), before)
        content = invoice.invoice_payments_widget["content"]
        invoice.js_remove_outstanding_partial(content[0]["partial_id"])
        self.assertAlmostEqual(total(), before)
