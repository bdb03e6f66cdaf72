"""The shop of the website and the cash register beside client balances.

Run where both are installed (`make test-shop`); `make test` leaves this folder out.
The balance is set to pay new invoices by itself: money that is on its way from the
shop or from the register must not be overtaken by it.
"""

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.client_balance.tests.common import ClientBalanceCommon
from odoo.addons.client_balance.tests.provider_common import ProviderCommon


class ShopCommon(ClientBalanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_auto_use = "always"
        cls.product = cls.env["product.product"].create(
            {
                "name": "Goods",
                "type": "service",
                "list_price": 100,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
                "property_account_income_id": cls.income_account.id,
                "available_in_pos": True,
                "is_published": True,
            }
        )

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.quick_ref("point_of_sale.group_pos_manager")
            | cls.quick_ref("sales_team.group_sale_manager")
        )


@tagged("post_install", "-at_install")
class TestBesideRegister(ShopCommon):
    """Invoices of the cash register."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cash_journal = cls.env["account.journal"].create(
            {
                "name": "Till",
                "type": "cash",
                "code": "TILL",
                "company_id": cls.company.id,
            }
        )
        Method = cls.env["pos.payment.method"]
        receivable = cls.receivable.copy({"code": "121977", "name": "Register"})
        cls.company.account_default_pos_receivable_account_id = receivable
        cls.cash = Method.create({"name": "Cash", "journal_id": cash_journal.id})
        cls.later = Method.create({"name": "Later", "split_transactions": True})
        sale_journal = cls.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.config = cls.env["pos.config"].create(
            {
                "name": "Register",
                "journal_id": sale_journal.id,
                "invoice_journal_id": sale_journal.id,
                "payment_method_ids": [Command.set((cls.cash | cls.later).ids)],
            }
        )
        cls.config.open_ui()

    def _sell(self, method, quantity=1):
        """:return: an order of the client that ``method`` has paid, with an invoice"""
        order = self.env["pos.order"].create(
            {
                "company_id": self.company.id,
                "session_id": self.config.current_session_id.id,
                "partner_id": self.client.id,
                "date_order": fields.Datetime.now(),
                "to_invoice": True,
                "amount_total": 0,
                "amount_paid": 0,
                "amount_tax": 0,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "name": "Goods",
                            "product_id": self.product.id,
                            "qty": quantity,
                            "price_unit": 100,
                            "price_subtotal": 100 * quantity,
                            "price_subtotal_incl": 100 * quantity,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        order._compute_prices()
        self._pay_order(order, method)
        return order

    def _pay_order(self, order, method):
        context = {"active_ids": order.ids, "active_id": order.id}
        payment = self.env["pos.make.payment"].with_context(**context)
        payment.create(
            {"payment_method_id": method.id, "amount": order.amount_total}
        ).with_context(**context).check()
        if not order.account_move:
            order.action_pos_order_invoice()

    def _close(self):
        session = self.config.current_session_id
        cash = session.order_ids.payment_ids.filtered(
            lambda payment: payment.payment_method_id == self.cash
        )
        session.post_closing_cash_details(sum(cash.mapped("amount")))
        session.close_session_from_ui()
        self.assertEqual(session.state, "closed")

    def test_the_till_pays_its_invoice_and_the_balance_does_not(self):
        self._settle(500, bank=self.bank1)
        invoice = self._sell(self.cash).account_move
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(invoice.client_balance_settlement_ids)
        self._close()
        self.assertEqual(self._balance(self.bank1), 500)

    def test_a_refund_at_the_till_is_paid_out_there(self):
        self._settle(500, bank=self.bank1)
        order = self._sell(self.cash)
        refund = self.env["pos.order"].browse(order.refund()["res_id"])
        refund.to_invoice = True
        self._pay_order(refund, self.cash)
        credit_note = refund.account_move
        self.assertEqual(credit_note.move_type, "out_refund")
        self.assertEqual(credit_note.amount_residual, 0)
        self._close()
        self.assertEqual(self._balance(self.bank1), 500)

    def test_what_is_paid_later_is_paid_from_the_balance_by_hand(self):
        self._settle(70, bank=self.bank1)
        invoice = self._sell(self.later).account_move
        self._close()
        self.assertEqual(invoice.amount_residual, 100)
        invoice.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        self.assertEqual(invoice.amount_residual, 30)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_refund_that_is_not_paid_out_goes_to_the_balance(self):
        order = self._sell(self.cash)
        refund = self.env["pos.order"].browse(order.refund()["res_id"])
        refund.to_invoice = True
        self._pay_order(refund, self.later)
        self._close()
        credit_note = refund.account_move
        self.assertEqual(credit_note.amount_residual, 100)
        action = credit_note.with_user(self.clerk).action_to_client_balance()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.clerk)
            .with_context(**action["context"])
            .create({})
        )
        dialog.action_confirm()
        self.assertEqual(credit_note.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 100)


@tagged("post_install", "-at_install")
class TestBesideShop(ProviderCommon, ShopCommon, HttpCase):
    """Orders of the website."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].create(
            {"name": "Shop", "company_id": cls.company.id}
        )
        cls.company.client_balance_portal_pay = True
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")

    def _order(self, quantity=1, **vals):
        return self.env["sale.order"].create(
            {
                "partner_id": self.contact.id,
                "website_id": self.website.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": quantity,
                            "price_unit": 100,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **vals,
            }
        )

    def test_an_order_paid_online_leaves_the_balance_alone(self):
        self._settle(500, bank=self.bank1)
        order = self._order()
        transaction = self._transaction(100, sale_order_ids=[Command.set(order.ids)])
        self._notify(transaction)
        invoice = order.invoice_ids
        self.assertEqual(order.state, "sale")
        self.assertRecordValues(
            invoice, [{"state": "posted", "amount_residual": 0, "amount_total": 100}]
        )
        self.assertFalse(invoice.client_balance_settlement_ids)
        self.assertEqual(self._balance(self.bank1), 500)

    def test_the_client_pays_the_invoice_of_an_order_in_the_portal(self):
        self._settle(70, bank=self.bank1)
        self.company.client_balance_auto_use = "off"
        order = self._order()
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        self.authenticate("cb_portal_1", "cb_portal_1")
        for path in (order.get_portal_url(), "/my/balance", "/shop"):
            self.assertEqual(self.url_open(path).status_code, 200, path)
        portal = self.env["client.balance.portal"].with_user(self.portal_user).sudo()
        record = invoice.with_env(portal.env)
        portal._pay_from_balance(
            record, {"token": portal._get_payment_token(record), "amount": "70"}
        )
        self.assertEqual(invoice.amount_residual, 30)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_the_credit_limit_of_an_order_counts_the_balance(self):
        self.company.account_use_credit_limit = True
        self.client.credit_limit = 1000
        self.assertTrue(self._order(12).partner_credit_warning)
        self._settle(250)
        self.assertFalse(self._order(12).partner_credit_warning)
