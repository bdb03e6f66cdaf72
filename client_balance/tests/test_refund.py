from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .bank_money_common import BankMoneyCommon


@tagged("post_install", "-at_install")
class TestRefund(BankMoneyCommon):
    """Refunds: money goes from a balance to the bank account of its client."""

    def test_a_refund_is_one_payment_from_the_balance_account(self):
        # 12 000,00 ₴ came on 10.03, 2 000,00 ₴ go back on 20.03
        self._top_up(12000)
        self._refund(
            self._get(self.bank1), amount=2000, description="Letter of 18.03.2026"
        )
        made = self._made("refund")
        payment = made.payment_id
        self.assertRecordValues(
            payment,
            [
                {
                    "payment_type": "outbound",
                    "partner_type": "customer",
                    "amount": 2000,
                    "partner_bank_id": self.bank1.id,
                    "destination_account_id": self.balance_account.id,
                }
            ],
        )
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.bank_lines.id,
                    "client_balance_bank_id": False,
                    "balance": -2000,
                    "reconciled": False,
                },
                {
                    "account_id": self.balance_account.id,
                    "client_balance_bank_id": self.bank1.id,
                    "balance": 2000,
                    "reconciled": True,
                },
            ],
        )
        self.assertRecordValues(
            made,
            [
                {
                    "amount": -2000,
                    "balance_after": 10000,
                    "is_advance": True,
                    "advance_date": self._day("2026-03-10"),
                    "create_uid": self.accountant.id,
                }
            ],
        )

    def test_an_untrusted_bank_account_gets_no_money(self):
        self._settle(500, bank=self.bank2)
        self.assertTrue(self._refund_dialog(self._get(self.bank2)).is_untrusted)
        with self.assertRefused("not trusted"):
            self._refund(self._get(self.bank2), amount=100)
        self.assertEqual(self._balance(self.bank2), 500)
        self._refund(self._get(self.bank2), amount=100, partner_bank_id=self.bank1)
        self.assertRecordValues(
            self._made("refund"),
            [{"amount": -100, "partner_bank_id": self.bank2.id}],
        )

    def test_a_draft_refund_pays_nobody_else_than_whose_money_it_takes(self):
        self._settle(500, bank=self.bank1)
        self._settle(500, partner_id=self.other_client.id)
        self._refund(self._get(self.bank1), amount=100)
        payment = self._made("refund").payment_id.with_user(self.accountant)
        payment.action_draft()
        item = self._line(payment.move_id)
        item.client_balance_bank_id = False
        item.partner_id = self.other_client
        with self.assertRefused("UA001111 does not belong to Volia"):
            payment.action_post()
        with self.assertRefused("UA001111 does not belong to Volia"):
            payment.move_id.action_post()
        self.assertEqual(self._balance(partner=self.other_client), 500)

    def test_without_a_bank_account_only_cash_is_refunded(self):
        balance = self._settle(500, partner_id=self.other_client.id).balance_id
        with self.assertRefused("that receives the refund"):
            self._refund(balance, amount=100)
        cash = self.env["account.journal"].create(
            {
                "name": "Cash desk",
                "code": "CDESK",
                "type": "cash",
                "company_id": self.company.id,
            }
        )
        self._refund(balance, amount=100, journal_id=cash)
        self.assertEqual(self._balance(partner=self.other_client), 400)

    def test_the_bank_account_of_another_client_gets_no_money(self):
        self._settle(500, bank=self.bank1)
        other_bank = self.env["res.partner.bank"].create(
            {
                "partner_id": self.other_client.id,
                "acc_number": "UA003333",
                "allow_out_payment": True,
            }
        )
        with self.assertRefused("does not belong to"):
            self._refund(self._get(self.bank1), amount=100, partner_bank_id=other_bank)

    def test_the_copy_of_a_refund_or_a_top_up_is_an_ordinary_payment(self):
        """Core would copy the account, without the bank account of the balance."""
        self._top_up(500)
        self._settle(300)
        self._refund(self._get(self.bank1), amount=200)
        for kind in ("refund", "top_up"):
            payment = self._made(kind).payment_id.with_user(self.accountant)
            copy = payment.copy()
            copy.action_post()
            self.assertEqual(copy.destination_account_id, self.receivable)
        self.assertEqual(self._balance(), 300)
        self.assertEqual(self._balance(self.bank1), 300)

    def test_a_clerk_resets_no_refund(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        with self.assertRefused("Only an accountant", AccessError):
            payment.with_user(self.clerk).action_draft()

    def test_a_refund_is_neither_redirected_nor_resized(self):
        """Core writes it on the payment and leaves the entry: the bank file follows."""
        self._settle(500, date="2026-03-10", bank=self.bank1)
        self.bank2.allow_out_payment = True
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        for state in ("posted", "draft"):
            for user in (self.clerk, self.accountant):
                for vals in (
                    {"partner_bank_id": self.bank2.id},
                    {"amount": 450},
                    {"partner_id": self.other_client.id},
                ):
                    with (
                        self.subTest(state=state, user=user.login, vals=vals),
                        self.assertRefused("cannot change. Delete this payment"),
                        self.env.cr.savepoint(),
                    ):
                        payment.with_user(user).write(vals)
            payment.with_user(self.clerk).write({"amount": 400, "memo": "Letter 7"})
            if state == "posted":
                payment.action_draft()
        self.assertEqual(self._balance(self.bank1), 500)
        payment.with_user(self.accountant).action_post()
        self.assertEqual(self._balance(self.bank1), 100)
        payment.action_draft()
        payment.with_user(self.accountant).unlink()
        self.assertEqual(self._balance(self.bank1), 500)

    def test_a_reset_refund_is_not_posted_once_its_bank_account_is_not_trusted(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        payment.action_draft()
        self.bank1.allow_out_payment = False
        for document in (payment, payment.move_id):
            with self.subTest(document._name), self.assertRefused("is not trusted yet"):
                document.action_post()

    def test_bad_refunds_are_refused_with_a_sentence(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        cases = [
            ({"amount": 0}, "cannot be zero"),
            ({"amount": -5}, "negative"),
            ({"amount": 500.01}, "Not enough money"),
            ({"amount": 5, "date": "2026-03-09"}, "Not enough money"),
        ]
        for values, message in cases:
            with self.subTest(values=values), self.assertRefused(message):
                self._refund(self._get(self.bank1), **values)
        self.bank2.active = False
        with self.assertRefused("archived"):
            self._refund(self._get(self.bank1), amount=5, partner_bank_id=self.bank2)

    def test_what_is_spent_between_dialog_and_posting_is_not_refunded(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        dialog = self._refund_dialog(self._get(self.bank1), amount=400)
        self._settle(-200, date="2026-03-12", bank=self.bank1)
        with self.assertRefused("Not enough money"):
            dialog.action_confirm()

    def test_a_reset_refund_returns_the_money_and_is_not_posted_once_it_is_spent(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        payment.action_draft()
        self.assertEqual(self._balance(self.bank1), 500)
        self._settle(-200, date="2026-03-12", bank=self.bank1)
        with self.assertRefused("Not enough money"):
            payment.action_post()

    def test_only_managers_refund(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        dialog = self._refund_dialog(self._get(self.bank1), amount=400)
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                dialog.with_user(user).action_confirm()

    def test_a_manager_of_balances_without_invoicing_is_told_so(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        with self.assertRefused("may not register payments", AccessError):
            self._open(self._get(self.bank1), model="client.balance.refund")

    def test_a_double_click_refunds_once(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        dialog = self._refund_dialog(self._get(self.bank1), amount=200)
        dialog.action_confirm()
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 300)

    def test_a_foreign_refund_at_the_rate_of_the_day(self):
        self.company.client_balance_foreign_valuation = "today"
        self._top_up(100, currency_id=self.usd)
        self._set_rate(self.usd, "2026-03-15", 42)
        self._refund(self._get(self.bank1, currency=self.usd), amount=100)
        self.assertRecordValues(
            self._made("refund").move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.bank_lines.id, "balance": -4200},
                {"account_id": self.balance_account.id, "balance": 4200},
            ],
        )
        self.assertRecordValues(
            self._exchange_moves().line_ids.sorted("balance"),
            [
                {"account_id": self.balance_account.id, "balance": -200},
                {"account_id": self.loss.id, "balance": 200},
            ],
        )

    def test_a_foreign_refund_at_the_rate_of_the_advance(self):
        # 100,00 $ came at 40.00 and leave the bank at 42.00: a loss of 200,00 ₴
        self.company.client_balance_foreign_valuation = "advance"
        self._top_up(100, currency_id=self.usd)
        self._set_rate(self.usd, "2026-03-15", 42)
        self._refund(self._get(self.bank1, currency=self.usd), amount=100)
        refund = self._made("refund")
        self.assertRecordValues(
            refund.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.bank_lines.id,
                    "amount_currency": -100,
                    "balance": -4200,
                },
                {"account_id": self.loss.id, "amount_currency": 0, "balance": 200},
                {
                    "account_id": self.balance_account.id,
                    "amount_currency": 100,
                    "balance": 4000,
                },
            ],
        )
        self.assertFalse(self._exchange_moves())
        refund.payment_id.action_draft()
        refund.payment_id.action_post()
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0)

    def test_from_the_client_card(self):
        self._settle(500, bank=self.bank1)
        for name in ("refund", "top_up"):
            action = getattr(
                self.client.with_user(self.manager), f"action_client_balance_{name}"
            )()
            form = Form(
                self.env[action["res_model"]]
                .with_user(self.accountant)
                .with_context(**action["context"])
            )
            self.assertEqual(form.partner_id, self.client)
            balance_action = getattr(self._get(self.bank1), f"action_{name}")()
            form = Form(
                self.env[action["res_model"]]
                .with_user(self.accountant)
                .with_context(**balance_action["context"])
            )
            self.assertEqual(form.partner_bank_id, self.bank1)
