from odoo.tests import HttpCase, tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestPayFromBalanceTours(ClientBalanceCommon, HttpCase):
    """Balances and open items, done in a browser by the billing clerk."""

    def _tour(self, document, name):
        self.start_tour(
            f"/odoo/action-account.action_move_out_invoice_type/{document.id}",
            name,
            login=self.clerk.login,
        )

    def test_one_click_pays_and_unreconciling_returns_the_money(self):
        self._settle(1500, bank=self.bank1)
        invoice = self._invoice(1000)
        self._tour(invoice, "client_balance_apply")
        self.assertEqual(
            self._settlements(self.bank1).mapped("amount"), [1500, -1000, 1000]
        )
        self.assertEqual(invoice.amount_residual, 1000)

    def test_the_dialog_pays_a_part(self):
        self._settle(1500, bank=self.bank1)
        invoice = self._invoice(1000)
        self._tour(invoice, "client_balance_pay_dialog")
        self.assertEqual(self._balance(self.bank1), 900)
        self.assertEqual(invoice.amount_residual, 400)

    def test_a_credit_note_is_put_on_the_balance(self):
        credit_note = self._invoice(2400, move_type="out_refund")
        self._tour(credit_note, "client_balance_deposit_dialog")
        self.assertEqual(self._balance(self.bank1), 2400)
        self.assertEqual(credit_note.amount_residual, 0)
