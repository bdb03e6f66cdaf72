from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestPaymentAdvance(ClientBalanceCommon):
    """“Advance to balance” in the ordinary Payments → New form."""

    def _form(self, amount=1000, user=None, advance=True, **values):
        """The form filled in by the clerk."""
        form = Form(
            self.env["account.payment"]
            .with_user(user or self.clerk)
            .with_context(default_payment_type="inbound")
        )
        form.partner_id = self.client
        form.amount = amount
        form.date = "2026-03-05"
        form.client_balance_advance = advance
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def _pay(self, *args, **kwargs):
        payment = self._form(*args, **kwargs).save()
        payment.action_post()
        return payment.with_env(self.env)

    def test_an_advance_goes_from_the_bank_to_the_balance(self):
        """Dr bank 20,159.00, Cr balance 20,159.00: nothing is receivable."""
        payment = self._pay(20159)
        self.assertEqual(self._balance(self.bank1), 20159)
        self.assertRecordValues(
            self._settlements(self.bank1),
            [
                {
                    "settlement_type": "top_up",
                    "is_advance": True,
                    "advance_date": self._day("2026-03-05"),
                    "payment_id": payment.id,
                }
            ],
        )
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.balance_account.id, "balance": -20159},
                {
                    "account_id": payment.outstanding_account_id.id,
                    "balance": 20159,
                },
            ],
        )
        invoice = self._invoice(100)
        self.assertFalse(invoice.invoice_has_outstanding)

    def test_the_form_proposes_the_clients_default_bank_account(self):
        form = self._form()
        self.assertEqual(form.client_balance_advance_bank_id, self.bank1)
        form.client_balance_advance_bank_id = self.bank2
        form.save().action_post()
        self.assertEqual(self._balance(self.bank2), 1000)

    def test_without_the_box_it_is_an_ordinary_payment(self):
        payment = self._pay(advance=False)
        self.assertEqual(payment.destination_account_id, self.receivable)
        self.assertFalse(self._settlements(self.bank1))

    def test_a_box_cleared_before_posting_makes_an_ordinary_payment(self):
        payment = self._form().save()
        with Form(payment) as form:
            form.client_balance_advance = False
        payment.action_post()
        self.assertEqual(payment.destination_account_id, self.receivable)
        self.assertFalse(self._settlements(self.bank1))

    def test_reset_and_posted_again_it_is_on_the_balance_once(self):
        payment = self._pay().with_user(self.clerk)
        payment.action_draft()
        self.assertEqual(self._balance(self.bank1), 0)
        payment.memo = "Letter 7"
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 1000)
        self.assertTrue(self._settlements(self.bank1)[-1:].is_advance)

    def test_reset_and_posted_again_it_keeps_its_account(self):
        """The settings may name another account by then."""
        payment = self._pay().with_user(self.clerk)
        payment.action_draft()
        self.company.client_balance_account_id = self.balance_account.copy(
            {"code": "681999", "is_client_balance": True}
        )
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 1000)
        self.assertTrue(self._line(payment.with_env(self.env).move_id))

    def test_once_posted_an_advance_keeps_all_but_its_words(self):
        payment = self._pay().with_user(self.clerk)
        for state in ("posted", "draft"):
            for vals in (
                {"client_balance_advance": False},
                {"client_balance_advance_bank_id": self.bank2.id},
                {"amount": 1200},
                {"partner_id": self.other_client.id},
            ):
                with (
                    self.subTest(state=state, vals=vals),
                    self.assertRefused("cannot change. Delete this payment"),
                    self.env.cr.savepoint(),
                ):
                    payment.write(vals)
            if state == "posted":
                payment.action_draft()
        payment.unlink()
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_forgotten_box_is_ticked_after_a_reset(self):
        payment = self._pay(advance=False).with_user(self.clerk)
        payment.action_draft()
        payment.client_balance_advance = True
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 1000)

    def test_the_copy_of_an_advance_is_an_advance_to_the_same_balance(self):
        """Core copies the account of the balance, which alone is no advance."""
        form = self._form()
        form.client_balance_advance_bank_id = self.bank2
        payment = form.save()
        payment.action_post()
        copy = payment.copy()
        copy.action_post()
        self.assertEqual(self._balance(self.bank2), 2000)
        self.assertTrue(self._settlements(self.bank2)[-1:].is_advance)

    def test_the_copy_of_an_advance_for_another_client_goes_to_its_balance(self):
        payment = self._pay().with_user(self.clerk)
        payment.copy({"partner_id": self.other_client.id}).action_post()
        self.assertEqual(self._balance(partner=self.other_client), 1000)

    def test_a_posted_payment_does_not_change_its_box(self):
        payment = self._pay(advance=False)
        with self.assertRefused("is posted. Reset it to draft"):
            payment.with_user(self.clerk).client_balance_advance = True

    def test_dollars_go_to_the_dollar_balance(self):
        self._pay(100, currency_id=self.usd)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 100)

    def test_money_paid_out_is_no_advance(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": 10,
                "date": "2026-03-05",
                "journal_id": self.bank_journal.id,
                "client_balance_advance": True,
            }
        )
        with self.assertRefused("no receipt from a customer"):
            payment.action_post()

    def test_a_bank_account_of_another_client_is_refused(self):
        stranger = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA009999"}
        )
        payment = self._form().save()
        payment.client_balance_advance_bank_id = stranger
        with self.assertRefused("does not belong to"):
            payment.action_post()

    def test_only_officers_tick_the_box(self):
        self.clerk.group_ids = [
            (4, self.env.ref("account.group_account_invoice").id),
        ]
        for user in (self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["account.payment"].with_user(user).create(
                    {
                        "payment_type": "inbound",
                        "partner_type": "customer",
                        "partner_id": self.client.id,
                        "amount": 10,
                        "client_balance_advance": True,
                    }
                )

    def test_the_destination_alone_is_no_pass(self):
        """Without the box a clerk cannot point a payment at the balance account."""
        payment = self._form(advance=False).save()
        payment.sudo().destination_account_id = self.balance_account
        with self.assertRefused("Only an accountant may post", AccessError):
            payment.action_post()

    def test_nothing_is_refused_with_a_sentence(self):
        payment = self._form(0).save()
        with self.assertRefused("cannot be zero"):
            payment.action_post()
