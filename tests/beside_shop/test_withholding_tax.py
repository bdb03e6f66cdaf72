"""Taxes that the client withholds when it pays, beside client balances."""

from collections import defaultdict

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.client_balance.tests.payment_common import PaymentDialogCommon


@tagged("post_install", "-at_install")
class TestWithholdingTax(PaymentDialogCommon):
    """The tax is a part of what was received: the difference stays the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method_line.payment_account_id = cls.outstanding
        cls.withheld = cls.env["account.account"].create(
            {
                "name": "Withheld tax",
                "code": "101477",
                "account_type": "asset_current",
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls.base = cls.withheld.copy({"code": "101478", "name": "Base of taxes"})
        cls.company.withholding_tax_base_account_id = cls.base
        repartition = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": cls.withheld.id}),
        ]
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "Withheld 10%",
                "type_tax_use": "sale",
                "amount": -10,
                "company_id": cls.company.id,
                "is_withholding_tax_on_payment": True,
                "withholding_sequence_id": cls.env["ir.sequence"]
                .create({"name": "Withheld", "padding": 4})
                .id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
            }
        )

    def _pay_withholding(self, amount, **values):
        dialog = self._dialog(self.invoice, amount)
        dialog.should_withhold_tax = True
        with dialog.withholding_line_ids.new() as line:
            line.tax_id = self.tax
            line.base_amount = 100
        for name, value in values.items():
            setattr(dialog, name, value)
        return self._pay(dialog)

    def _amounts(self, payment):
        lines = payment.move_id.line_ids.filtered(
            lambda line: line.account_id != self.base
        )
        amounts = defaultdict(float)
        for line in lines:
            amounts[line.account_id] += line.balance
        return {account: amount for account, amount in amounts.items() if amount}

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(100)

    def test_more_than_is_due(self):
        payment = self._pay_withholding(
            159, to_client_balance=True, client_balance_bank_id=self.bank1
        )
        expected = {
            self.outstanding: 149,
            self.withheld: 10,
            self.receivable: -100,
            self.balance_account: -59,
        }
        self.assertEqual(self._amounts(payment), expected)
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 59)

    def test_less_than_is_due(self):
        self._settle(500, bank=self.bank1)
        payment = self._pay_withholding(
            60, from_client_balance=True, client_balance_bank_id=self.bank1
        )
        expected = {
            self.outstanding: 50,
            self.withheld: 10,
            self.receivable: -100,
            self.balance_account: 40,
        }
        self.assertEqual(self._amounts(payment), expected)
        self.assertEqual(self.invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 460)

    def test_a_draft_is_posted_again_as_it_was(self):
        payment = self._pay_withholding(
            159, to_client_balance=True, client_balance_bank_id=self.bank1
        ).with_user(self.accountant)
        before = self._amounts(payment)
        payment.action_draft()
        self.assertEqual(self._balance(self.bank1), 0)
        payment.memo = "Letter 7"
        payment.action_post()
        self.assertEqual(self._amounts(payment), before)
        self.assertEqual(self._balance(self.bank1), 59)

    def test_a_draft_is_not_changed(self):
        """Odoo would make the items of the tax anew, and all others with them."""
        payment = self._pay_withholding(
            159, to_client_balance=True, client_balance_bank_id=self.bank1
        ).with_user(self.accountant)
        payment.action_draft()
        before = self._amounts(payment)
        for vals in (
            {"date": "2026-03-12"},
            {"amount": 160},
            {"should_withhold_tax": False},
            {"withholding_line_ids": [Command.clear()]},
            {"withholding_line_ids": [Command.clear()], "should_withhold_tax": False},
        ):
            with self.subTest(vals=vals), self._raises("cannot change. Delete this"):
                payment.write(vals)
        self.env.invalidate_all()
        # what a program sends without a change
        payment.write({"amount": 159, "payment_reference": "7"})
        self.assertEqual(self._amounts(payment), before)
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 59)

    def test_no_tax_is_added_to_a_draft(self):
        dialog = self._dialog(
            self.invoice,
            159,
            to_client_balance=True,
            client_balance_bank_id=self.bank1,
        )
        payment = self._pay(dialog).with_user(self.accountant)
        payment.action_draft()
        line = {"tax_id": self.tax.id, "base_amount": 100}
        with self._raises("cannot change. Delete this"):
            payment.withholding_line_ids = [Command.create(line)]
