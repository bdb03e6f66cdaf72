from odoo import SUPERUSER_ID
from odoo.fields import Command
from odoo.tests import tagged

from .second_person_common import AmountsCommon


@tagged("post_install", "-at_install")
class TestSecondPersonAmounts(AmountsCommon):
    """Whatever it is called: alone nobody gives or takes more than 1 000,00 ₴."""

    # What links and names claim -------------------------------------------------------

    def test_the_name_of_a_payment_is_no_evidence(self):
        payment = self._payment(5000)
        with self._refuses():
            self._post_entry(self._given(5000), origin_payment_id=payment.id)

    def test_the_name_of_a_bank_line_is_no_evidence(self):
        line = self._statement_line(0.01, on_balance=False)
        with self._refuses():
            self._post_entry(self._given(5000), statement_line_id=line.id)

    def test_a_bank_line_is_evidence_up_to_its_amount_and_once(self):
        line = self._statement_line(5000)
        # a context that RPC can send: core does not look at the items then
        entry = self._as(line.move_id).with_context(skip_readonly_check=True)
        self.assertEqual(self._balance(), 5000)
        with self._refuses():
            entry.write(
                {
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.client.id,
                                "balance": balance,
                            }
                        )
                        for account, balance in (
                            (self.balance_account, -5000),
                            (self.income_account, 5000),
                        )
                    ]
                }
            )

    def test_an_inbound_payment_is_evidence_up_to_its_money(self):
        for vals in (
            {"amount": 1, "on_balance": 5000, "expense": 4999},
            {"amount": 3000, "on_balance": 4500, "expense": 1500},
        ):
            lines = [
                {
                    "name": "Expense",
                    "account_id": self.income_account.id,
                    "amount_currency": vals["expense"],
                    "balance": vals["expense"],
                    "currency_id": self.uah.id,
                },
                {
                    "name": "Balance",
                    "account_id": self.balance_account.id,
                    "partner_id": self.client.id,
                    "currency_id": self.uah.id,
                    "amount_currency": -vals["on_balance"],
                    "balance": -vals["on_balance"],
                },
            ]
            with self.subTest(**vals), self._refuses():
                self._alone_pays(
                    vals["amount"], write_off_line_vals=lines
                ).action_post()

    def test_a_payment_into_an_expense_is_no_money(self):
        payment = self._alone_pays(5000, destination_account_id=self.balance_account.id)
        expense = self.company_data["default_account_expense"]
        item = payment.move_id.line_ids - self._line(payment.move_id)
        item.account_id = expense
        with self._refuses():
            payment.move_id.action_post()

    def test_the_payment_of_one_client_is_no_money_of_another(self):
        payment = self._alone_pays(5000, on_balance=5000)
        self._line(payment.move_id).with_context(
            check_move_validity=False
        ).partner_id = self.other_client
        with self._refuses():
            payment.action_post()

    def test_a_posted_payment_keeps_its_money(self):
        payment = self._alone_pays(5000, on_balance=5000)
        payment.action_post()
        bank = payment.move_id.line_ids.filtered(
            lambda item: item.account_id == self.outstanding
        )
        with self._refuses():
            bank.account_id = self.income_account

    # What leaves ----------------------------------------------------------------------

    def _outbound(self, amount, user=None, **vals):
        return self._payment(
            amount,
            on_balance=-amount,
            post=False,
            payment_type="outbound",
            **vals,
        ).with_user(user or self.alone)

    def test_an_outbound_payment_takes_whatever_its_destination(self):
        self._fund(5000)
        payment = self._outbound(2500, partner_bank_id=self.bank1.id)
        with self._refuses():
            payment.action_post()

    def test_an_outbound_payment_goes_to_a_trusted_bank_account_of_the_client(self):
        self._fund(5000)
        stranger = self.env["res.partner.bank"].create(
            {
                "partner_id": self.other_client.id,
                "acc_number": "UA003333",
                "allow_out_payment": True,
            }
        )
        for bank, sentence in (
            (self.bank2, "not trusted"),
            (stranger, "does not belong"),
        ):
            with self.subTest(bank=bank.acc_number), self._refuses(sentence):
                self._outbound(500, partner_bank_id=bank.id).action_post()
        self._outbound(500, partner_bank_id=self.bank1.id).action_post()
        self.assertEqual(self._balance(self.bank1), 4500)

    def test_a_posted_outbound_payment_takes_nothing_to_an_untrusted_account(self):
        self._fund(5000)
        payment = self._payment(
            500, payment_type="outbound", partner_bank_id=self.bank2.id
        )
        item = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        with self._refuses("not trusted"):
            self._as(item).write(
                {
                    "account_id": self.balance_account.id,
                    "client_balance_bank_id": self.bank1.id,
                }
            )

    def test_an_approved_refund_paid_elsewhere_is_approved_no_more(self):
        self._fund(5000)
        self.bank2.allow_out_payment = True
        self.second.group_ids += self.env.ref("account.group_account_invoice")
        self._confirm(
            self._get(self.bank1),
            self.alone,
            "client.balance.refund",
            amount=5000,
            date="2026-03-20",
        )
        request = self._pending()
        request.with_user(self.second).action_approve()
        payment = self._made("refund").payment_id
        with self._refuses():
            self._as(payment).action_draft()
        self.company.client_balance_approval = False
        self._as(payment).action_draft()
        self.company.client_balance_approval = True
        with self._refuses("cannot change"):
            self._as(payment).partner_bank_id = self.bank2
        # as a program would that knows the database
        payment.flush_recordset()
        for bank, is_same in ((self.bank2, False), (self.bank1, True)):
            self.env.cr.execute(
                "UPDATE account_payment SET partner_bank_id = %s WHERE id = %s",
                [bank.id, payment.id],
            )
            payment.invalidate_recordset()
            if is_same:
                self._as(payment).action_post()
                continue
            with self._refuses():
                self._as(payment).action_post()
        self.assertEqual(self._made("refund")[-1].request_id, request)

    def test_both_sides_of_an_exchange_count(self):
        self._fund(1)
        Exchange = self.env["client.balance.exchange"].with_user(self.alone)
        dialog = Exchange.with_context(
            default_balance_id=self._get(self.bank1).id
        ).create(
            {
                "currency_to_id": self.usd.id,
                "amount": 1,
                "date": "2026-03-20",
                "rate": 0.0001,
            }
        )
        self.assertTrue(dialog.needs_approval)
        with self._refuses():
            dialog._post()

    # Many at once ---------------------------------------------------------------------

    def test_twenty_small_settlements_are_a_large_step(self):
        Settlement = self.env["client.balance.settlement"].with_user(self.alone)
        with self._refuses():
            Settlement.create([self._vals(999) for _number in range(20)])
        with self._refuses():
            Settlement.create(
                [
                    self._vals(999),
                    self._vals(
                        999, partner_id=self.other_client.id, partner_bank_id=False
                    ),
                ]
            )
        Settlement.create([self._vals(600), self._vals(-300), self._vals(700)])
        self.assertEqual(self._balance(self.bank1), 1000)

    def test_opening_balances_of_one_entry_count_together(self):
        Settlement = self.env["client.balance.settlement"].with_user(self.alone)
        with self._refuses():
            Settlement.create(
                [
                    self._vals(999, settlement_type="opening", external_ref=f"o{n}")
                    for n in range(3)
                ]
            )

    def test_a_transfer_counts_once_on_each_side(self):
        self._fund(5000)
        for amount, waits in ((900, False), (1100, True)):
            self._confirm(
                self._get(self.bank1),
                self.alone,
                partner_to_id=self.other_client,
                amount=amount,
                date="2026-03-20",
                description="Letter 1",
            )
            self.assertEqual(bool(self._pending()), waits)

    # Rates ----------------------------------------------------------------------------

    def test_a_rate_of_ones_own_makes_nothing_cheaper(self):
        self.alone.group_ids += self.env.ref("account.group_account_manager")
        self.env["res.currency.rate"].with_user(self.alone).create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-03-01",
                "inverse_company_rate": 0.01,
            }
        )
        self._settle(25, currency_id=self.usd.id, user=self.alone)
        with self._refuses():
            self._settle(26, currency_id=self.usd.id, user=self.alone)
        rate = self.usd.rate_ids.filtered(lambda rate: rate.company_id == self.company)
        rate.with_user(self.alone).write({"inverse_company_rate": 0.02})
        self.assertEqual(set(rate.mapped("write_uid")), {self.alone})
        with self._refuses():
            self._settle(100000, currency_id=self.usd.id, user=self.alone)

    # Receivables ----------------------------------------------------------------------

    def test_a_receivable_that_nothing_meets_is_no_evidence(self):
        with self._refuses():
            self._post_entry(
                [
                    (self.balance_account, self.client, -5000),
                    (self.receivable, self.client, 5000),
                ]
            )

    def test_the_invoice_of_another_client_is_no_evidence(self):
        self._fund(5000)
        self._invoice(5000, partner=self.other_client)
        with self._refuses():
            self._post_entry(
                [
                    (self.balance_account, self.client, 5000),
                    (self.receivable, self.other_client, -5000),
                ]
            )

    def test_money_of_the_payment_does_not_pay_the_invoice_twice(self):
        """5,000 came for an invoice of 5,000; 3,000 leave the balance for nothing."""
        self._fund(5000)
        invoice = self._invoice(5000)
        payment = self._payment(5000, on_balance=-3000, post=False)
        payment.invoice_ids = invoice
        with self._refuses():
            self._as(payment).action_post()

    # Who ------------------------------------------------------------------------------

    def test_the_rights_of_the_superuser_make_no_second_person(self):
        mine = self._as(self.env["client.balance.settlement"])
        with self._refuses():
            mine.sudo().create(self._vals(5000))
        program = mine.with_user(SUPERUSER_ID).create(self._vals(5000))
        with self._refuses():
            program.with_user(self.alone).sudo().action_reverse()

    def test_what_repeats_by_itself_is_of_who_prepared_it(self):
        move = self._entry(900, bank=self.bank1, post=False)
        copy = move.with_user(SUPERUSER_ID).copy(
            {"auto_post": "monthly", "auto_post_origin_id": move.id}
        )
        copy.write(
            {
                "line_ids": [
                    Command.update(item.id, {"balance": item.balance * 10})
                    for item in copy.line_ids
                ]
            }
        )
        with self._refuses():
            copy.with_user(SUPERUSER_ID)._post(soft=False)

    def test_an_entry_is_not_made_larger_in_two_halves(self):
        """Undoing counts, and posting again does: five times 900 are no 4 500."""
        move = self._post_entry(self._given(900))
        self._as(move).button_draft()
        self._as(move).action_post()
        self.assertEqual(self._balance(), 900)
        self._as(move).button_draft()
        self._as(move).write(
            {
                "line_ids": [
                    Command.update(item.id, {"balance": item.balance * 3})
                    for item in move.line_ids
                ]
            }
        )
        with self._refuses():
            self._as(move).action_post()

    def test_a_counterpart_that_changes_is_judged_anew(self):
        self.company.client_balance_approval = False
        move = self._post_entry(self._given(5000))
        self.company.client_balance_approval = True
        item = move.line_ids.filtered(
            lambda item: item.account_id == self.income_account
        )
        with self._refuses():
            self._as(item).account_id = self.company_data["default_account_expense"]

    def test_whoever_catches_the_refusal_has_moved_nothing(self):
        before = self._balance()
        move = self._entry(5000, post=False)
        with self._refuses():
            try:
                self._as(move)._post(soft=False)
            except Exception:  # as a program that goes on
                self.env.cr.precommit.run()
        self.assertEqual(self._balance(), before)
        self.env.cr.precommit.clear()
