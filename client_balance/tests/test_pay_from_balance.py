from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .pay_from_balance_common import PayFromBalanceCommon


@tagged("post_install", "-at_install")
class TestPayFromBalance(PayFromBalanceCommon):
    """Invoices that the balance of the client pays, without any bank money."""

    def test_an_invoice_that_became_dollars_takes_no_dollars_instead(self):
        """The amounts of the dialog were typed in hryvnias."""
        self._settle(5000, bank=self.bank1)
        self._settle(5000, bank=self.bank1, currency_id=self.usd.id)
        invoice = self._invoice(1000)
        action = invoice.with_user(self.clerk).action_pay_from_client_balance()
        opened = Form(
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .with_context(**action["context"])
        )
        dialog = self._dialog(invoice)
        self.env.flush_all()
        invoice.button_draft()
        invoice.currency_id = self.usd
        invoice.action_post()
        self.env.invalidate_all()
        for stale in (dialog, opened.save()):
            with self.assertRefused("their currency was changed"):
                stale.action_confirm()
        self.assertEqual(self._balance(self.bank1), 5000)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 5000)

    def test_an_invoice_that_was_deleted_meanwhile_is_explained(self):
        self._settle(5000, bank=self.bank1)
        invoice = self._invoice(1000)
        dialog = self._dialog(invoice)
        invoice.button_draft()
        invoice.name = False
        invoice.unlink()
        self.env.invalidate_all()
        with self.assertRefused("were deleted"):
            dialog.action_confirm()

    def test_money_of_a_later_day_can_be_chosen_with_its_date(self):
        self._settle(500, date=str(fields.Date.add(fields.Date.today(), days=1)))
        invoice = self._invoice(200)
        dialog = self._dialog(invoice)
        self.assertRecordValues(dialog.line_ids, [{"available": 0, "amount": 0}])
        with Form(dialog) as form:
            form.date = fields.Date.add(fields.Date.today(), days=1)
            with form.line_ids.edit(0) as line:
                self.assertEqual(line.available, 500)
                line.amount = 200
        dialog.action_confirm()
        self.assertEqual(invoice.payment_state, "paid")

    def test_the_balance_pays_the_whole_invoice(self):
        """Balance 15,000.00; invoice 10,000.00: Dr balance, Cr receivable."""
        self._settle(15000, bank=self.bank1)
        invoice = self._invoice(10000)
        self._pay(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 5000)
        entry = self._application(invoice)
        self.assertEqual(entry.journal_id, self.company.client_balance_journal_id)
        self.assertRecordValues(
            entry.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.receivable.id,
                    "partner_id": self.client.id,
                    "balance": -10000,
                    "reconciled": True,
                },
                {
                    "account_id": self.balance_account.id,
                    "partner_id": self.client.id,
                    "balance": 10000,
                    "reconciled": True,
                },
            ],
        )
        self.assertRecordValues(
            invoice.client_balance_settlement_ids,
            [
                {
                    "amount": -10000,
                    "settlement_type": "write_off",
                    "partner_bank_id": self.bank1.id,
                    "date": self._day("2026-03-10"),
                    "invoice_ids": invoice.ids,
                    "payment_id": False,
                }
            ],
        )
        self.assertIn("10,000.00", invoice.client_balance_spent)

    def test_no_bank_money_moves(self):
        self._settle(500)
        before = self.env["account.payment"].search_count([])
        self._pay(self._invoice(500))
        self.assertEqual(self.env["account.payment"].search_count([]), before)

    def test_the_dialog_proposes_at_most_what_is_available_and_due(self):
        self._settle(300, bank=self.bank1)
        self._settle(900, bank=self.bank2)
        dialog = self._dialog(self._invoice(1000))
        self.assertRecordValues(
            dialog.line_ids,
            [
                {"partner_bank_id": self.bank1.id, "available": 300, "amount": 300},
                {"partner_bank_id": self.bank2.id, "available": 900, "amount": 700},
            ],
        )
        self.assertRecordValues(
            dialog, [{"amount_due": 1000, "amount": 1000, "amount_left": 0}]
        )
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank2), 200)

    def test_two_bank_accounts_pay_one_invoice_in_one_entry(self):
        self._settle(300, bank=self.bank1)
        self._settle(900, bank=self.bank2)
        invoice = self._invoice(1000)
        self._pay(invoice)
        self.assertEqual(len(self._application(invoice)), 1)
        self.assertEqual(
            self._application(invoice).line_ids.sorted("id").mapped("balance"),
            [300, 700, -1000],
        )

    def test_the_account_named_on_the_invoice_comes_first(self):
        self._settle(300, bank=self.bank1)
        self._settle(900, bank=self.bank2)
        invoice = self._invoice(500, client_balance_bank_id=self.bank2.id)
        self.assertEqual(self._dialog(invoice).line_ids[0].partner_bank_id, self.bank2)

    def test_a_part_may_be_paid(self):
        self._settle(1500)
        invoice = self._invoice(10000)
        self._pay(invoice)
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(invoice.amount_residual, 8500)

    def test_several_invoices_of_several_clients_are_paid_first_due_first(self):
        self._settle(1200)
        self._settle(70, partner_id=self.other_client.id)
        late = self._invoice(1000, invoice_date_due="2026-04-30")
        soon = self._invoice(500, invoice_date_due="2026-03-31")
        other = self._invoice(100, partner=self.other_client)
        self._pay(late | soon | other)
        self.assertEqual(
            [late.amount_residual, soon.amount_residual, other.amount_residual],
            [300, 0, 30],
        )
        self.assertEqual(len(self._application(late | soon | other)), 3)

    def test_instalments_are_paid_in_their_order(self):
        self._settle(500)
        invoice = self._invoice(1000, invoice_payment_term_id=self.pay_terms_b.id)
        self._pay(invoice)
        lines = invoice.line_ids.filtered("date_maturity").sorted("date_maturity")
        self.assertEqual(lines.mapped("amount_residual"), [0, 500])
        self._unreconcile(invoice)
        self.assertEqual(self._balance(), 500)
        self.assertEqual(invoice.amount_residual, 1000)

    def test_a_typed_amount_is_refused_never_changed(self):
        self._settle(300)
        invoice = self._invoice(200)
        for amount, message in (
            (201, "at most what is due"),
            (-5, "above zero"),
            (0, "above zero"),
        ):
            with self.subTest(amount=amount), self.assertRefused(message):
                self._pay(invoice, [amount])
        invoice = self._invoice(1000)
        with self.assertRefused("Not enough money"):
            self._pay(invoice, [301])
        self.assertEqual(self._balance(), 300)

    def test_another_addon_does_not_take_more_than_what_is_due(self):
        self._settle(300)
        invoice = self._invoice(200).with_user(self.clerk)
        application = self.env["client.balance.application"].with_user(self.clerk)
        no_bank = self.env["res.partner.bank"]
        with self.assertRefused("at most what is due"):
            application._pay_invoice(invoice, {no_bank: 201}, "2026-03-10")
        self.assertEqual(self._balance(), 300)

    def test_the_same_dialog_confirmed_twice_pays_once(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        dialog = self._pay(invoice, [400])
        dialog.action_confirm()
        self.assertEqual(self._balance(), 1100)
        self.assertEqual(invoice.amount_residual, 600)

    def test_one_click_pays_what_is_due_and_available(self):
        self._settle(1500, bank=self.bank1)
        invoice = self._invoice(1000, date="2026-03-05")
        offer = invoice.with_user(self.clerk).client_balance_apply["lines"]
        self.assertEqual(
            [(line["bank_id"], line["available"], line["amount"]) for line in offer],
            [(self.bank1.id, 1500, 1000)],
        )
        clerk_invoice = invoice.with_user(self.clerk)
        self.assertTrue(clerk_invoice.action_apply_client_balance(self.bank1.id))
        self.assertFalse(clerk_invoice.action_apply_client_balance(self.bank1.id))
        self.assertEqual(self._balance(self.bank1), 500)
        self.assertFalse(clerk_invoice.client_balance_apply)

    def test_core_still_offers_no_outstanding_credit(self):
        self._settle(1500)
        self.assertFalse(self._invoice(1000).invoice_has_outstanding)

    def test_what_cannot_be_paid_is_refused_with_a_sentence(self):
        self._settle(1500)
        draft = self._invoice(10)
        draft.button_draft()
        refund = self._invoice(10, move_type="out_refund")
        paid = self._invoice(10)
        self._pay(paid)
        for document, message in (
            (draft, "not confirmed"),
            (refund, "not a customer invoice"),
            (paid, "Nothing is due"),
            (self._invoice(10) | self._invoice(10, currency=self.usd), "one currency"),
        ):
            with self.subTest(message=message), self.assertRefused(message):
                document.with_user(self.clerk).action_pay_from_client_balance()

    def test_only_officers_pay(self):
        self._settle(1500, bank=self.bank1)
        invoice = self._invoice(1000)
        for user in (self.reader, self.salesperson, self.employee):
            with self.assertRaises(AccessError):
                invoice.with_user(user).action_pay_from_client_balance()
            with self.assertRaises(AccessError):
                invoice.with_user(user).action_apply_client_balance(self.bank1.id)
            with self.assertRaises(AccessError):
                self.env["client.balance.pay"].with_user(user).create(
                    {"invoice_ids": [Command.set(invoice.ids)]}
                )
        self.assertEqual(self._balance(self.bank1), 1500)

    def test_the_bank_account_of_another_client_is_refused(self):
        stranger = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA009999"}
        )
        self._settle(1500, partner_id=self.other_client.id, bank=stranger)
        invoice = self._invoice(1000)
        with self.assertRefused("does not belong to Romashka"):
            invoice.with_user(self.clerk).action_apply_client_balance(stranger.id)
        self.assertEqual(invoice.amount_residual, 1000)

    def test_an_unknown_bank_account_pays_nothing(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        unknown = self.bank2.id + 1000
        with self.assertRefused("or it was deleted"):
            invoice.with_user(self.clerk).action_apply_client_balance(unknown)
        self.assertEqual(invoice.amount_residual, 1000)

    def test_an_archived_bank_account_to_which_money_returned_still_pays(self):
        self._settle(1000, bank=self.bank1)
        invoice = self._invoice(1000)
        self._pay(invoice)
        self.bank1.active = False
        invoice.button_draft()
        self.assertEqual(self._balance(self.bank1), 1000)
        invoice.action_post()
        clerk_invoice = invoice.with_user(self.clerk)
        offer = clerk_invoice.client_balance_apply["lines"]
        self.assertEqual([line["bank_id"] for line in offer], [self.bank1.id])
        self.assertTrue(clerk_invoice.action_apply_client_balance(self.bank1.id))

    def test_a_dialog_made_by_hand_with_two_currencies_is_refused(self):
        self._settle(1500)
        invoices = self._invoice(100) | self._invoice(10, currency=self.usd)
        dialog = (
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .create({"invoice_ids": [Command.set(invoices.ids)]})
        )
        with self.assertRefused("one currency"):
            dialog.action_confirm()

    def test_a_balance_in_hryvnias_does_not_pay_dollars(self):
        self._settle(100000)
        invoice = self._invoice(100, currency=self.usd)
        self.assertFalse(invoice.with_user(self.clerk).client_balance_apply)
        self.assertFalse(self._dialog(invoice).line_ids)

    def test_a_dollar_balance_pays_a_dollar_invoice_and_leaves_no_rest(self):
        """100 USD came at 40.00, the invoice is of 42.00, paid at 44.00."""
        self._settle(100, date="2026-03-01", currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-05", 42.0)
        self._set_rate(self.usd, "2026-03-10", 44.0)
        invoice = self._invoice(100, date="2026-03-05", currency=self.usd)
        self._pay(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(currency=self.usd), 0)
        for account in (
            self.company._get_client_balance_account(self.usd),
            self.receivable,
        ):
            items = self.env["account.move.line"].search(
                [("account_id", "=", account.id), ("parent_state", "=", "posted")]
            )
            self.assertAlmostEqual(sum(items.mapped("balance")), 0)
            self.assertAlmostEqual(sum(items.mapped("amount_currency")), 0)

    def test_dollars_may_keep_the_value_of_the_advance(self):
        """100 USD came at 40.00; spent at 44.00 they still carry 4,000.00 UAH."""
        self.company.client_balance_foreign_valuation = "advance"
        self._settle(100, date="2026-03-01", currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-10", 44.0)
        invoice = self._invoice(100, date="2026-03-05", currency=self.usd)
        self._pay(invoice)
        self.assertEqual(
            self._line(self._application(invoice)).mapped("balance"), [4000]
        )
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_locked_date_is_refused_with_the_first_open_one(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("first open date is 04/01/2026"):
            self._pay(invoice)

    def test_a_contact_s_invoice_is_paid_from_the_company_s_balance(self):
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        self._settle(1500)
        invoice = self._invoice(1000, partner=contact)
        self._pay(invoice)
        self.assertEqual(self._balance(), 500)

    def test_the_form_of_the_dialog_works(self):
        self._settle(1500)
        invoice = self._invoice(1000)
        action = invoice.action_pay_from_client_balance()
        form = Form(
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .with_context(**action["context"])
        )
        with form.line_ids.edit(0) as line:
            self.assertEqual(line.available, 1500)
            self.assertEqual(line.amount, 1000)
            line.amount = 600
        self.assertEqual(form.amount_left, 400)
        form.save().action_confirm()
        self.assertEqual(invoice.amount_residual, 400)
