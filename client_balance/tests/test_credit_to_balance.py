from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestCreditToBalance(ClientBalanceCommon):
    """Credit notes and unmatched payments that are put on the balance."""

    def _dialog(self, document, user=None, **vals):
        user = user or self.clerk
        action = document.with_user(user).action_to_client_balance()
        return (
            self.env["client.balance.deposit"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"date": "2026-03-10", **vals})
        )

    def _deposit(self, document, user=None, **vals):
        dialog = self._dialog(document, user, **vals)
        dialog.action_confirm()
        return dialog

    def _credit_note(self, amount, **kwargs):
        return self._invoice(amount, move_type="out_refund", **kwargs)

    def _payment(self, amount, partner=None):
        """A payment of the client that met no invoice."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.client).id,
                "amount": amount,
                "date": "2026-03-02",
                "currency_id": self.uah.id,
                "journal_id": self.bank_journal.id,
            }
        )
        payment.action_post()
        return payment

    def test_the_credit_note_of_an_invoice_is_of_the_bank_account_that_it_named(self):
        invoice = self._invoice(1000, client_balance_bank_id=self.bank2.id)
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": "2026-03-05"})
        )
        credit_note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        credit_note.action_post()
        credit_note.line_ids.remove_move_reconcile()
        self._deposit(credit_note)
        self.assertEqual(self._balance(self.bank2), 1000)

    def _receivable_of(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _open_credit(self, document):
        move = document if document._name == "account.move" else document.move_id
        return self._receivable_of(move)

    def _made_entry(self):
        """:return: the entry that has just put a credit on the balance"""
        row = self.env["client.balance.settlement"].search(
            [("settlement_type", "=", "credit_note")], order="id desc", limit=1
        )
        return row.move_id

    def test_an_archived_bank_account_gets_no_credit(self):
        """The invoice may name it from before it was archived."""
        credit_note = self._credit_note(100, client_balance_bank_id=self.bank2.id)
        self.bank2.active = False
        with self.assertRefused("is archived"):
            self._deposit(credit_note)
        self._deposit(credit_note, partner_bank_id=self.bank1.id)
        self.assertEqual(self._balance(self.bank1), 100)

    def test_a_credit_note_goes_to_the_balance(self):
        """Return of goods for 2,400.00: Dr receivable, Cr balance."""
        credit_note = self._credit_note(2400)
        self._deposit(credit_note, partner_bank_id=self.bank1.id)
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 2400)
        settlement = self._settlements(self.bank1)
        self.assertRecordValues(
            settlement,
            [
                {
                    "amount": 2400,
                    "settlement_type": "credit_note",
                    "invoice_ids": credit_note.ids,
                    "is_advance": False,
                    "date": self._day("2026-03-10"),
                }
            ],
        )
        self.assertRecordValues(
            settlement.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.balance_account.id, "balance": -2400},
                {"account_id": self.receivable.id, "balance": 2400},
            ],
        )
        self.assertEqual(
            settlement.move_id.journal_id, self.company.client_balance_journal_id
        )

    def test_the_dialog_proposes_all_that_is_open_and_the_default_account(self):
        dialog = self._dialog(self._credit_note(2400))
        self.assertRecordValues(
            dialog,
            [
                {
                    "partner_id": self.client.id,
                    "amount_open": 2400,
                    "amount": 2400,
                    "partner_bank_id": self.bank1.id,
                    "is_advance": False,
                }
            ],
        )

    def test_a_part_leaves_the_rest_open(self):
        credit_note = self._credit_note(2400)
        self._deposit(credit_note, amount=1000, partner_bank_id=False)
        self.assertEqual(credit_note.amount_residual, 1400)
        self.assertEqual(self._balance(), 1000)
        self._deposit(credit_note, partner_bank_id=False)
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertEqual(self._balance(), 2400)

    def test_an_unmatched_payment_becomes_an_advance(self):
        payment = self._payment(5000)
        self.assertTrue(payment.with_user(self.clerk).client_balance_has_open_credit)
        self._deposit(payment, partner_bank_id=False)
        self.assertRecordValues(
            self._settlements(),
            [
                {
                    "amount": 5000,
                    "settlement_type": "credit_note",
                    "is_advance": True,
                    "advance_date": self._day("2026-03-02"),
                }
            ],
        )
        self.assertFalse(payment.with_user(self.clerk).client_balance_has_open_credit)
        invoice = self._invoice(5000)
        self.assertFalse(invoice.invoice_has_outstanding)

    def test_several_credits_are_put_on_the_balance_oldest_first(self):
        lines = (self._credit_note(100) | self._credit_note(200)).line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self._deposit(lines, amount=250, partner_bank_id=False)
        self.assertEqual(lines.sorted("id").mapped("amount_residual"), [0, -50])
        self.assertEqual(self._settlements().mapped("amount"), [100, 150])

    def test_more_than_open_is_refused(self):
        credit_note = self._credit_note(2400)
        for amount in (2400.01, 0, -5):
            with self.subTest(amount=amount), self.assertRefused("above zero, at most"):
                self._deposit(credit_note, amount=amount)
        self.assertFalse(self._settlements(self.bank1))

    def test_the_same_dialog_confirmed_twice_counts_once(self):
        credit_note = self._credit_note(2400)
        self._deposit(credit_note, amount=100, partner_bank_id=False).action_confirm()
        self.assertEqual(self._balance(), 100)

    def test_what_is_no_open_credit_is_refused(self):
        draft = self._credit_note(10)
        draft.button_draft()
        spent = self._credit_note(10)
        self._deposit(spent)
        invoice = self._invoice(10)
        for document in (spent, invoice):
            with self.assertRefused("Nothing is left"):
                document.with_user(self.clerk).action_to_client_balance()
        lines = draft.line_ids | invoice.line_ids
        for line in lines:
            with self.assertRefused("not an open credit"):
                line.with_user(self.clerk).action_to_client_balance()

    def test_credits_of_two_clients_open_as_a_list(self):
        credits = self._credit_note(10) | self._credit_note(
            20, partner=self.other_client
        )
        action = credits.with_user(self.clerk).action_to_client_balance()
        self.assertEqual(action["res_model"], "client.balance.batch")
        lines = credits.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        with self.assertRefused("one client"):
            self.env["client.balance.application"]._check_open_credits_together(lines)

    def test_a_bank_account_of_another_client_is_refused(self):
        stranger = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA009999"}
        )
        with self.assertRefused("does not belong to"):
            self._deposit(self._credit_note(10), partner_bank_id=stranger.id)

    def test_only_officers_put_credits_on_the_balance(self):
        credit_note = self._credit_note(2400)
        for user in (self.reader, self.salesperson, self.employee):
            with self.assertRaises(AccessError):
                credit_note.with_user(user).action_to_client_balance()
            with self.assertRaises(AccessError):
                self.env["client.balance.deposit"].with_user(user).create(
                    {"line_ids": [Command.set(credit_note.line_ids.ids)]}
                )

    def test_reversing_opens_the_credit_note_again(self):
        credit_note = self._credit_note(2400)
        self._deposit(credit_note, partner_bank_id=False)
        self._settlements().with_user(self.manager).action_reverse()
        self.assertEqual(credit_note.amount_residual, 2400)
        self.assertEqual(self._balance(), 0)
        self.assertEqual(len(self._settlements()), 2)

    def test_unreconciling_takes_the_money_off_the_balance(self):
        credit_note = self._credit_note(2400)
        self._deposit(credit_note, partner_bank_id=False)
        content = credit_note.invoice_payments_widget["content"]
        credit_note.with_user(self.clerk).js_remove_outstanding_partial(
            content[0]["partial_id"]
        )
        self.assertEqual(credit_note.amount_residual, 2400)
        self.assertEqual(self._balance(), 0)

    def test_resetting_a_credit_note_whose_money_is_spent_is_refused(self):
        credit_note = self._credit_note(2400)
        self._deposit(credit_note, partner_bank_id=False)
        invoice = self._invoice(2000)
        invoice.action_apply_client_balance()
        with self.assertRefused(f"already spent(.|\n)*{invoice.name}"):
            credit_note.button_draft()
        self.assertEqual(self._balance(), 400)
        invoice.button_draft()
        credit_note.button_draft()
        self.assertEqual(self._balance(), 0)

    def test_resetting_a_payment_put_on_the_balance_takes_it_off(self):
        payment = self._payment(5000)
        self._deposit(payment, partner_bank_id=False)
        payment.action_draft()
        self.assertEqual(self._balance(), 0)
        payment.action_post()
        self.assertTrue(payment.client_balance_has_open_credit)

    def test_dollars_go_to_the_dollar_balance_and_back_without_a_rest(self):
        credit_note = self._credit_note(100, currency=self.usd)
        self._set_rate(self.usd, "2026-03-10", 44.0)
        self._deposit(credit_note, partner_bank_id=False)
        self.assertEqual(self._balance(currency=self.usd), 100)
        self.assertEqual(credit_note.amount_residual, 0)
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.receivable.id), ("parent_state", "=", "posted")]
        )
        self.assertAlmostEqual(sum(items.mapped("balance")), 0)

    def test_dollars_on_the_balance_keep_the_rate_of_their_own_day(self):
        """With the rate of the advance: 4 000 ₴ at 40, though the rate is 44 by now."""
        self.company.client_balance_foreign_valuation = "advance"
        credit_note = self._credit_note(100, currency=self.usd)
        self._set_rate(self.usd, "2026-03-10", 44.0)
        self._deposit(credit_note, partner_bank_id=False, amount=40)
        self._deposit(credit_note, partner_bank_id=False)
        self.assertEqual(
            self._settlements(currency=self.usd).move_line_id.mapped("balance"),
            [-1600, -2400],
        )
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertFalse(
            self.env["account.move"].search(
                [
                    ("journal_id", "=", self.company.currency_exchange_journal_id.id),
                    ("line_ids.partner_id", "=", self.client.id),
                ]
            )
        )
        self.assertLedgerSound()

    def test_a_credit_that_was_deleted_meanwhile_is_explained(self):
        credit_note = self._credit_note(100)
        dialog = self._dialog(credit_note)
        credit_note.button_draft()
        credit_note.name = False
        credit_note.unlink()
        self.env.invalidate_all()
        with self.assertRefused("was deleted after the dialog was opened"):
            dialog.action_confirm()

    def test_the_form_of_the_dialog_works(self):
        credit_note = self._credit_note(2400)
        action = credit_note.action_to_client_balance()
        form = Form(
            self.env["client.balance.deposit"]
            .with_user(self.clerk)
            .with_context(**action["context"])
        )
        self.assertEqual(form.amount, 2400)
        form.amount = 600
        form.save().action_confirm()
        self.assertEqual(credit_note.amount_residual, 1800)
