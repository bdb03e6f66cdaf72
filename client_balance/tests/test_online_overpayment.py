from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestOnlineOverpayment(ProviderCommon):
    """Invoices that are paid online: with more than is due, in a draft, refunded."""

    def _pay_online(self, amount, invoices, **vals):
        transaction = self._transaction(amount, invoices, **vals)
        self._notify(transaction)
        return transaction

    def test_an_online_overpayment_goes_to_the_balance_in_one_entry(self):
        self.company.client_balance_online_overpayment = True
        invoice = self._invoice(1000, client_balance_bank_id=self.bank2.id)
        transaction = self._pay_online(1159, invoice)
        self.assertEqual(invoice.amount_residual, 0)
        none = self.env["res.partner.bank"]
        self.assertEqual(
            self._entry_lines(transaction.payment_id),
            [
                (self.receivable, none, -1000),
                (self.balance_account, self.bank2, -159),
                (self.outstanding, none, 1159),
            ],
        )
        settlement = self._settlements(self.bank2)
        self.assertEqual(settlement.settlement_type, "overpayment")
        self.assertEqual(settlement.invoice_ids, invoice)

    def test_an_overpaid_invoice_that_names_a_strangers_bank_account(self):
        """The money has arrived: it goes where new money of the client goes."""
        self.company.client_balance_online_overpayment = True
        stranger = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA009191"}
        )
        invoice = self._invoice(1000, client_balance_bank_id=stranger.id)
        self._pay_online(1159, invoice)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 159)

    def test_without_the_setting_it_stays_an_open_credit(self):
        invoice = self._invoice(1000)
        transaction = self._pay_online(1159, invoice)
        self.assertFalse(self._settlements(self.bank1))
        line = transaction.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        self.assertEqual(line.amount_residual, -159)

    def test_what_somebody_else_pays_is_left_to_a_person(self):
        """It is not lost either: the payer has an open credit."""
        self.company.client_balance_online_overpayment = True
        invoice = self._invoice(100)
        for amount, left in ((120, -20), (100, -100)):
            payer = self.other_client
            transaction = self._transaction(amount, invoice, partner_id=payer.id)
            self._notify(transaction)
            self.assertEqual(invoice.payment_state, "paid")
            receivable = transaction.payment_id.move_id.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            self.assertRecordValues(
                receivable, [{"partner_id": payer.id, "amount_residual": left}]
            )
        self.assertEqual(self._balance(self.bank1), 0)

    def test_an_exact_payment_moves_no_balance(self):
        self.company.client_balance_online_overpayment = True
        invoice = self._invoice(1000)
        self._pay_online(1000, invoice)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self._settlements(self.bank1))

    def test_the_second_payment_of_an_invoice_goes_to_the_balance(self):
        self.company.client_balance_online_overpayment = True
        invoice = self._invoice(1000)
        first = self._transaction(1000, invoice)
        second = self._transaction(1000, invoice)
        self._notify(first)
        self._notify(second)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 1000)

    def test_an_online_payment_after_a_part_was_paid_from_the_balance(self):
        self.company.client_balance_online_overpayment = True
        invoice = self._invoice(1000)
        self._settle(400, bank=self.bank1)
        transaction = self._transaction(1000, invoice)
        self.env["client.balance.application"]._pay_invoice(
            invoice, {self.bank1: 400}, self._day("2026-03-10")
        )
        self._notify(transaction)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 400)

    def test_the_surplus_does_not_go_to_an_archived_bank_account(self):
        self.company.client_balance_online_overpayment = True
        invoice = self._invoice(1000, client_balance_bank_id=self.bank2.id)
        self.bank2.active = False
        for surplus in (159, 1159):  # of the first payment, then all of the second
            self._pay_online(1159, invoice)
            self.assertEqual(self._balance(self.bank2), 0)
            self.assertTrue(self._balance(self.bank1) >= surplus)

    def test_dollars_for_a_hryvnia_invoice_stay_with_core(self):
        self.company.client_balance_online_overpayment = True
        invoice = self._invoice(400)
        self._pay_online(100, invoice, currency_id=self.usd.id)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0)

    # Refunded -------------------------------------------------------------------------

    def test_a_person_is_told_where_the_surplus_of_a_refunded_payment_lies(self):
        self.company.client_balance_online_overpayment = True
        self.company.client_balance_responsible_id = self.accountant
        overpaid = self._pay_online(1159, self._invoice(1000))
        not_due = self._pay_online(1000, self._paid_invoice())
        for transaction, surplus, left in (
            (overpaid, "159.00", 1000),
            (not_due, "1,000.00", 841),
        ):
            refund = self._chargeback(transaction, 159)
            self.assertEqual(self._balance(self.bank1), left)
            self.assertRecordValues(
                refund.payment_id.activity_ids, [{"user_id": self.accountant.id}]
            )
            self.assertRegex(
                refund.payment_id.activity_ids.note,
                f"159.00.* of online payment .*{surplus}.* had gone to the client",
            )

    def test_nobody_is_troubled_by_the_refund_of_an_exact_payment(self):
        self.company.client_balance_online_overpayment = True
        refund = self._chargeback(self._pay_online(1000, self._invoice(1000)), 1000)
        self.assertTrue(refund.payment_id)
        self.assertFalse(refund.payment_id.activity_ids)

    def _paid_invoice(self):
        invoice = self._invoice(1000)
        self._pay_online(1000, invoice)
        return invoice

    # Drafts ---------------------------------------------------------------------------

    def _gift(self):
        """What a clerk types in a draft that he may not post: 1 to pay, 1000 to get."""
        return [
            Command.create(
                {
                    "name": "Gift",
                    "price_unit": amount,
                    "account_id": account.id,
                    "tax_ids": [Command.clear()],
                }
            )
            for amount, account in (
                (1000, self.balance_account),
                (-999, self.income_account),
            )
        ]

    def _draft(self, user, **vals):
        Move = self.env["account.move"].with_user(user)
        return Move.create(
            {"move_type": "out_invoice", "partner_id": self.client.id, **vals}
        )

    def test_a_clerk_lets_no_payment_post_a_draft_for_him(self):
        """Core posts the drafts of a confirmed payment as superuser."""
        invoice = self._draft(self.clerk, invoice_line_ids=self._gift())
        transaction = self._transaction(1).with_user(self.clerk)
        with self.assertRefused("Only an accountant", AccessError):
            transaction.invoice_ids = invoice
        with self.assertRefused("Only an accountant", AccessError):
            invoice.transaction_ids = transaction
        empty = self._draft(self.clerk)
        transaction.invoice_ids = empty
        with self.assertRefused("Only an accountant", AccessError):
            empty.invoice_line_ids = self._gift()

    def test_a_clerk_lets_no_client_pay_a_draft_that_he_may_not_post(self):
        """The payment page makes the transaction as superuser, for its visitor."""
        invoice = self._draft(self.clerk, invoice_line_ids=self._gift())
        # a visitor of the website who is not logged in is of another company
        public_sudo = self.env.ref("base.public_user").sudo()
        for visitor in (public_sudo, self.portal_user, self.clerk):
            with (
                self.subTest(visitor=visitor.login),
                self.assertRefused("Only an accountant", AccessError),
            ):
                self._transaction(1, invoice, visitor)
        transaction = self._transaction(1, visitor=self.portal_user)
        with self.assertRefused("Only an accountant", AccessError):
            transaction.invoice_ids = invoice
        self.assertEqual(invoice.state, "draft")

    def test_a_client_pays_a_draft_without_balance_items(self):
        invoice = self._draft(self.clerk, invoice_line_ids=self._gift()[1:])
        invoice.invoice_line_ids.price_unit = 999
        transaction = self._transaction(999, invoice, self.portal_user)
        self._notify(transaction)
        self.assertEqual(invoice.payment_state, "paid")
