from odoo.tests import HttpCase, tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestTours(ClientBalanceCommon, HttpCase):
    """The two examples of the original, done in a browser by the billing clerk."""

    def _tour(self, invoice, name):
        self.start_tour(
            f"/odoo/action-account.action_move_out_invoice_type/{invoice.id}",
            name,
            login=self.clerk.login,
        )

    def _assert_entry(self, receivable, balance, money):
        """The last settlement stands in the one entry of the one payment."""
        entry = self._settlements(self.bank1)[-1:].move_id
        self.assertEqual(entry.origin_payment_id.amount, money)
        self.assertRecordValues(
            entry.line_ids.sorted("balance"),
            [
                {"account_id": account.id, "balance": amount}
                for amount, account in sorted(
                    [
                        (receivable, self.receivable),
                        (balance, self.balance_account),
                        (money, entry.origin_payment_id.outstanding_account_id),
                    ],
                    key=lambda item: item[0],
                )
            ],
        )

    def test_overpayment(self):
        invoice = self._invoice(20000)
        self._tour(invoice, "client_balance_overpayment")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 159)
        self._assert_entry(-20000, -159, 20159)

    def test_write_off(self):
        self._settle(2000, bank=self.bank1)
        invoice = self._invoice(10000)
        self._tour(invoice, "client_balance_write_off")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 500)
        self._assert_entry(-10000, 1500, 8500)
