from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestExchangeEntries(MoneyCommon):
    """The exchange entries that core posts for what a balance pays.

    100,00 $ came at 40.00; they pay an invoice of 60,00 $ at 42.00.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_foreign_valuation = "today"
        for line in cls.bank_journal.inbound_payment_method_line_ids:
            line.payment_account_id = cls.bank_journal.default_account_id

    def _invoice_in_dollars(self):
        self._advance(100, "2026-02-10", self.bank1, currency_id=self.usd.id)
        invoice = self._invoice(60, date="2026-02-20", currency=self.usd)
        self._set_rate(self.usd, "2026-03-01", 42)
        return invoice

    def _paid_invoice(self):
        invoice = self._invoice_in_dollars()
        self.env["client.balance.application"]._pay_invoice(
            invoice, {self.bank1: 60}, self._day("2026-03-20")
        )
        return invoice

    def _register(self, invoice, **values):
        form = Form(
            self.env["account.payment.register"]
            .with_user(self.clerk)
            .with_context(active_model="account.move", active_ids=invoice.ids)
        )
        form.payment_date = "2026-03-20"
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()._create_payments().with_env(self.env)

    def _reverse_by_hand(self, moves):
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"journal_id": moves.journal_id[:1].id, "date": "2026-03-25"})
        )
        return wizard.reverse_moves()

    def _assert_undone_once(self, exchange, invoice):
        """Each exchange entry has one reversal, and nothing of them is left open."""
        self.assertEqual(len(exchange), 2)
        for move in exchange:
            self.assertEqual(len(move.reversal_move_ids), 1)
        self.assertFalse(exchange.reversal_move_ids.reversal_move_ids)
        self.assertEqual(self._exchange_moves(), exchange | exchange.reversal_move_ids)
        self.assertFalse(
            self._exchange_moves().line_ids.filtered("amount_residual"), "left open"
        )
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 100)
        items = self.env["account.move.line"].search(
            [
                ("account_id", "in", (self.balance_account | self.receivable).ids),
                ("parent_state", "=", "posted"),
            ]
        )
        for account, value in ((self.balance_account, -4000), (self.receivable, 2400)):
            own = items.filtered(
                lambda line, account=account: line.account_id == account
            )
            self.assertEqual(sum(own.mapped("balance")), value)
            self.assertEqual(sum(own.mapped("amount_residual")), value)

    def test_it_is_not_reversed_by_hand(self):
        invoice = self._paid_invoice()
        entry = invoice.client_balance_settlement_ids.move_id
        exchange = self._exchange_moves()
        self.assertEqual(len(exchange), 2)
        for moves in (exchange[0], exchange[1], exchange, exchange[0] | entry):
            with (
                self.subTest(moves=moves.ids),
                self.assertRefused(f"belongs to {entry.name}.*balance of Romashka"),
                self.env.cr.savepoint(),
            ):
                self._reverse_by_hand(moves)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._exchange_moves(), exchange)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 40)

    def test_that_of_a_payment_with_a_balance_part_is_not_reversed_by_hand(self):
        payment = self._register(
            self._invoice_in_dollars(),
            amount=20,
            from_client_balance=True,
            client_balance_bank_id=self.bank1,
        )
        exchange = self._exchange_moves()
        self.assertEqual(len(exchange), 2)
        for move in exchange:
            with (
                self.subTest(move=move.name),
                self.assertRefused(f"belongs to {payment.name}"),
                self.env.cr.savepoint(),
            ):
                self._reverse_by_hand(move)

    def test_that_of_a_bank_payment_is_reversed_as_ever(self):
        invoice = self._invoice_in_dollars()
        self._register(invoice)
        exchange = self._exchange_moves()
        self._reverse_by_hand(exchange)
        self.assertEqual(len(exchange.reversal_move_ids), 1)
        self.assertEqual(invoice.payment_state, "paid")

    def test_each_way_to_undo_the_payment_reverses_it_once(self):
        def unreconcile(invoice):
            content = invoice.invoice_payments_widget["content"]
            [partial_id] = [
                row["partial_id"] for row in content if not row["is_exchange"]
            ]
            invoice.js_remove_outstanding_partial(partial_id)

        def unreconcile_the_difference(invoice):
            content = invoice.invoice_payments_widget["content"]
            [partial_id] = [row["partial_id"] for row in content if row["is_exchange"]]
            invoice.js_remove_outstanding_partial(partial_id)

        def unreconcile_all(invoice):
            invoice.line_ids.with_context(
                active_ids=invoice.line_ids.ids
            ).action_unreconcile_match_entries()

        def reverse(invoice):
            self._reverse_by_hand(invoice.client_balance_settlement_ids.move_id)

        for undo in (
            unreconcile,
            unreconcile_the_difference,
            unreconcile_all,
            reverse,
        ):
            with self.subTest(undo=undo.__name__):
                savepoint = self.env.cr.savepoint()
                invoice = self._paid_invoice()
                exchange = self._exchange_moves()
                undo(invoice.with_user(self.accountant))
                self._assert_undone_once(exchange, invoice)
                self.assertLedgerSound()
                savepoint.close(rollback=True)
                self.env.invalidate_all()
