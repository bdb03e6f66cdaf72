from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.client_balance.tests.common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestBesideSale(ClientBalanceCommon):
    """Orders show the balance, and their invoices are paid from it."""

    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        return groups | cls.quick_ref("sales_team.group_sale_manager")

    def _order(self, price, currency=None):
        pricelist = self.env["product.pricelist"].create(
            {"name": "List", "currency_id": (currency or self.uah).id}
        )
        return self.env["sale.order"].create(
            {
                "partner_id": self.client.id,
                "pricelist_id": pricelist.id,
                "order_line": [
                    Command.create(
                        {
                            "name": "Goods",
                            "product_id": self._product().id,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )

    def _product(self):
        return self.env["product.product"].create(
            {
                "name": "Goods",
                "type": "service",
                "invoice_policy": "order",
                "property_account_income_id": self.income_account.id,
            }
        )

    def test_an_order_shows_what_is_to_pay_after_the_balance(self):
        self._settle(300, bank=self.bank1)
        self._settle(100, bank=self.bank2)
        order = self._order(1000)
        self.assertEqual(order.client_balance_available, 400)
        self.assertEqual(order.client_balance_net, 600)
        self.assertEqual(self._order(250).client_balance_net, 0)

    def test_another_currency_does_not_count(self):
        self._settle(300)
        order = self._order(1000, self.usd)
        self.assertEqual(order.client_balance_net, 1000)

    def test_the_form_opens_for_people_without_rights_on_balances(self):
        salesman = self._create_user("cb_seller", "sales_team.group_sale_salesman")
        order = self._order(100)
        order.user_id = salesman
        with Form(order.with_user(salesman)) as form:
            form.client_order_ref = "7"
        self.assertEqual(order.client_order_ref, "7")

    def test_the_invoice_of_an_order_is_paid_from_the_balance(self):
        self.company.client_balance_auto_use = "always"
        self._settle(300)
        order = self._order(1000)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.with_user(self.clerk).action_post()
        self.assertEqual(invoice.amount_residual, 700)
        self.assertEqual(order.invoice_status, "invoiced")

    def test_the_order_warns_of_the_credit_limit_less_the_balance(self):
        self.company.account_use_credit_limit = True
        self.client.credit_limit = 1000
        self.assertTrue(self._order(1200).partner_credit_warning)
        self._settle(250)
        self.assertFalse(self._order(1200).partner_credit_warning)

    def test_a_debit_note_keeps_the_balance(self):
        self._settle(300)
        invoice = self._invoice(200)
        invoice.action_apply_client_balance()
        wizard = self.env["account.debit.note"].create(
            {"move_ids": [Command.set(invoice.ids)], "copy_lines": True}
        )
        note = self.env["account.move"].browse(wizard.create_debit()["res_id"])
        note.action_post()
        self.assertFalse(note.client_balance_settlement_ids)
        note.action_apply_client_balance()
        self.assertEqual(note.amount_residual, 100)
