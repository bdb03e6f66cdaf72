from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestAutoUse(ClientBalanceCommon):
    """New invoices that the balance pays by itself, or offers to pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_auto_use = "always"

    def _new_invoice(self, amount, user=None, **vals):
        """An invoice that ``user``, by default the clerk, writes and confirms."""
        invoice = self.env["account.move"].with_user(user or self.clerk)
        invoice = invoice.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": "2026-03-01",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount,
                            "account_id": self.income_account.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **vals,
            }
        )
        invoice.action_post()
        return invoice

    def _alert(self, invoice):
        return (invoice.alerts or {}).get("client_balance_suggest")

    def test_a_new_invoice_is_paid_as_far_as_the_balance_reaches(self):
        self._settle(300, bank=self.bank1)
        self._settle(900, bank=self.bank2)
        first, second = self._new_invoice(1000), self._new_invoice(1000)
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.amount_residual, 800)
        self.assertFalse(self._balance(self.bank1) + self._balance(self.bank2))

    def test_an_overdraft_is_not_drawn_by_itself(self):
        self._settle(300).balance_id.overdraft_limit = 500
        for choice in ("always", "suggest"):
            self.company.client_balance_auto_use = choice
            invoice = self._new_invoice(1000)
            with self.subTest(choice):
                if choice == "always":
                    self.assertEqual(invoice.amount_residual, 700)
                else:
                    self.assertFalse(self._alert(invoice))
                self.assertEqual(self._balance(), 0)

    def test_invoices_confirmed_together_share_the_balance(self):
        self._settle(150)
        drafts = self.env["account.move"].with_user(self.clerk)
        for _number in range(2):
            invoice = self._invoice(100)
            invoice.button_draft()
            drafts |= invoice.with_user(self.clerk)
        drafts.action_post()
        self.assertEqual(sorted(drafts.mapped("amount_residual")), [0, 50])

    def test_little_money_stays_on_the_balance(self):
        self.company.client_balance_auto_use_minimum = 10
        self._settle(0.10)
        self.assertEqual(self._new_invoice(1000).amount_residual, 1000)
        self.assertEqual(self._balance(), 0.10)

    def test_little_money_is_used_when_it_pays_the_whole_invoice(self):
        self.company.client_balance_auto_use_minimum = 10
        self._settle(8)
        self.assertEqual(self._new_invoice(5).payment_state, "paid")

    def test_the_minimum_counts_in_the_currency_of_the_invoice(self):
        self.company.client_balance_auto_use_minimum = 400  # 10 dollars
        self._settle(9, currency_id=self.usd.id)
        invoice = self._new_invoice(50, currency_id=self.usd.id)
        self.assertEqual(invoice.amount_residual, 50)
        self._settle(2, currency_id=self.usd.id)
        invoice = self._new_invoice(50, currency_id=self.usd.id)
        self.assertEqual(invoice.amount_residual, 39)

    def test_another_currency_is_never_used(self):
        self._settle(500, currency_id=self.usd.id)
        self.assertEqual(self._new_invoice(1000).amount_residual, 1000)

    def test_without_the_right_nothing_is_used(self):
        self._settle(500)
        biller = self._create_user("cb_biller", "account.group_account_invoice")
        officer = self.env.ref("client_balance.group_client_balance_officer")
        with patch.object(
            type(biller),
            "has_group",
            lambda user, name: name != "client_balance.group_client_balance_officer",
        ):
            invoice = self._new_invoice(100, user=biller)
        self.assertEqual(invoice.amount_residual, 100)
        self.assertIn(officer, biller.all_group_ids)

    def test_a_refusal_never_stops_the_invoice(self):
        self._settle(500)
        application = type(self.env["client.balance.application"])

        def refuse(records, invoice, amounts, date):
            invoice.write({"narration": "halfway"})
            raise UserError("The period is closed.")  # pylint: disable=C8107

        with patch.object(application, "_pay_invoice", refuse):
            invoice = self._new_invoice(100)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_residual, 100)
        self.assertNotIn("halfway", invoice.narration or "")
        self.assertIn("The period is closed.", invoice.message_ids[0].body)

    def test_a_missing_journal_never_stops_the_invoice(self):
        self._settle(500)
        self.company.client_balance_journal_id = False
        invoice = self._new_invoice(100)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_residual, 100)
        self.assertIn("not paid from the balance", invoice.message_ids[0].body)

    def test_an_invoice_with_an_online_payment_is_left_alone(self):
        self._settle(500)
        provider = self.env["payment.provider"].search([], limit=1)
        method = self.env["payment.method"].search([], limit=1)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "TX-1",
                "amount": 100,
                "currency_id": self.uah.id,
                "partner_id": self.client.id,
                "state": "pending",
            }
        )
        invoice = self._new_invoice(100, transaction_ids=[Command.set(transaction.ids)])
        self.assertEqual(invoice.amount_residual, 100)

    def test_an_invoice_whose_own_payment_is_open_is_left_alone(self):
        invoice = self._new_invoice(1000)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self._settle(5000)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 900
        invoice.action_post()
        self.assertEqual(self._balance(), 5000)
        self.assertEqual(invoice.amount_residual, 900)

    def test_credit_notes_and_bills_are_left_alone(self):
        self._settle(500)
        for move_type in ("out_refund", "in_invoice"):
            with self.subTest(move_type=move_type):
                move = self._new_invoice(100, move_type=move_type)
                self.assertEqual(move.amount_residual, 100)
        self.assertEqual(self._balance(), 500)

    def test_off_means_off(self):
        self.company.client_balance_auto_use = "off"
        self._settle(500)
        invoice = self._new_invoice(100)
        self.assertEqual(invoice.amount_residual, 100)
        self.assertFalse(self._alert(invoice))

    def test_the_invoice_suggests_what_the_balance_could_pay(self):
        self.company.client_balance_auto_use = "suggest"
        self.company.client_balance_auto_use_minimum = 10
        self._settle(5)
        invoice = self._new_invoice(100)
        self.assertFalse(self._alert(invoice))
        self._settle(55)
        invoice.invalidate_recordset(["alerts"])
        self.assertEqual(invoice.amount_residual, 100)
        alert = self._alert(invoice)
        self.assertRegex(alert["message"], r"Romashka LLC has .*60[.,]00")
        model, method, ids = alert["action_call"]
        pressed = getattr(self.env[model].with_user(self.clerk).browse(ids), method)
        self.assertTrue(pressed())
        self.assertFalse(pressed(), "the second click finds nothing left")
        self.assertEqual(invoice.amount_residual, 40)

    def test_only_officers_press_the_button_of_the_suggestion(self):
        self.company.client_balance_auto_use = "suggest"
        self._settle(55)
        invoice = self._new_invoice(100)
        with self.assertRefused("Only officers", AccessError):
            invoice.with_user(self.reader).action_use_client_balance()

    def test_the_settings_refuse_a_minimum_below_zero(self):
        with self.assertRefused("cannot be below zero"):
            self.company.client_balance_auto_use_minimum = -1

    def test_the_settings_show_the_choice(self):
        settings = self.env["res.config.settings"].create({})
        with Form(settings) as form:
            form.client_balance_auto_use = "off"
        settings.execute()
        self.assertEqual(self.company.client_balance_auto_use, "off")
