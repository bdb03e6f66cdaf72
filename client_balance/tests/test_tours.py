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

    def test_overpayment(self):
        invoice = self._invoice(20000)
        self._tour(invoice, "client_balance_overpayment")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 159)

    def test_write_off(self):
        self._settle(2000, bank=self.bank1)
        invoice = self._invoice(10000)
        self._tour(invoice, "client_balance_write_off")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 500)
