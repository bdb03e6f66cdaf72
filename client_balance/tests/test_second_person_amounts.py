from freezegun import freeze_time

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .ledger_paths_common import LedgerPathsCommon
from .second_person_common import SecondPersonCommon


class AmountsCommon(SecondPersonCommon, LedgerPathsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_approval_amount = 1000
        cls.alone = cls._alone(
            "account.group_account_user", "base.group_partner_manager"
        )

    def _as(self, records, user=None):
        return records.with_user(user or self.alone)

    def _post_entry(self, lines, user=None, **vals):
        """An entry of [(account, partner, debit − credit)], posted by one person."""
        move = self._as(self.env["account.move"], user).create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner and partner.id,
                            "balance": balance,
                        }
                    )
                    for account, partner, balance in lines
                ],
                **vals,
            }
        )
        move.action_post()
        return move.with_env(self.env)

    def _given(self, amount, against=None, partner=None):
        return [
            (self.balance_account, partner or self.client, -amount),
            (against or self.income_account, False, amount),
        ]

    def _alone_pays(self, amount, **vals):
        return self._payment(amount, post=False, **vals).with_user(self.alone)

    def _refuses(self, sentence="needs a second person"):
        return self.assertRefused(sentence)


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


@tagged("post_install", "-at_install")
class TestSecondPersonDay(AmountsCommon):
    """Steps of 1 000,00 ₴ alone, and 2 500,00 ₴ together on one day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_approval_day_amount = 2500
        cls.today = cls.startClassPatcher(freeze_time("2026-03-10 12:00:00"))

    def _step(self, amount, user=None, **vals):
        return self._settle(amount, user=user or self.alone, **vals)

    def _total(self, user=None):
        return self.env["client.balance.approval.day"].search(
            [("user_id", "=", (user or self.alone).id)]
        )

    def test_many_small_steps_are_too_much_for_a_day(self):
        first = self._step(900)
        self._step(900, partner_id=self.other_client.id)
        with self._refuses("moved 1,800.00.* alone.*2,500.00"):
            self._step(900)
        with self._refuses("too much for today"):
            self._step(20, currency_id=self.usd.id)
        self._step(700, partner_id=self.other_client.id)
        self.assertEqual(self._total().total, 2500)
        first.with_user(self.alone).action_reverse()
        self.assertRecordValues(
            self._total(),
            [{"total": 1600, "date": self._day("2026-03-10")}],
        )
        self._step(900)
        # the next person, the next day
        self._step(1000, user=self.manager)
        self.today.move_to("2026-03-11 12:00:00")
        self._step(1000)

    def test_an_undo_gives_back_also_above_the_amount(self):
        settlements = [self._step(1000), self._step(1000)]
        self.company.client_balance_approval_day_amount = 1500
        settlements[0].with_user(self.alone).action_reverse()
        self.assertEqual(self._total().total, 1000)

    def test_taking_counts_like_giving(self):
        self._fund(5000)
        for _number in range(2):
            self._step(-1000, bank=self.bank1)
        with self._refuses("too much for today"):
            self._step(-1000, bank=self.bank1)

    def test_posting_again_what_was_undone_counts(self):
        entries = [self._post_entry(self._given(900)) for _number in range(2)]
        for entry in entries:
            self._as(entry).button_draft()
        self.assertEqual(self._total().total, 0)
        more = [self._post_entry(self._given(900)) for _number in range(2)]
        self.assertTrue(more)
        with self._refuses("too much for today"):
            self._as(entries[0]).action_post()

    def test_the_dialog_asks_before_the_day_is_too_much(self):
        self._step(900)
        self._step(900)
        form = Form(
            self.env["client.balance.settlement.add"]
            .with_user(self.alone)
            .with_context(default_partner_id=self.client.id)
        )
        form.amount = 700
        self.assertFalse(form.needs_approval)
        form.amount = 800
        self.assertTrue(form.needs_approval)
        form.save().action_confirm()
        request = self._pending()
        self.assertEqual(request.amount, 800)
        request.with_user(self.second).action_approve()
        self.assertEqual(self._total().total, 1800)
        self.assertFalse(self._total(self.second))

    def test_everyday_work_does_not_count(self):
        self._fund(50000)
        invoice = self._invoice(50000)
        invoice.with_user(self.alone).action_apply_client_balance(self.bank1.id)
        self._alone_pays(5000, on_balance=5000).action_post()
        self.assertFalse(self._total())

    def test_nobody_writes_what_was_counted(self):
        self._step(900)
        row = self._total()
        for user in (self.alone, self.clerk, self.manager):
            with self.assertRaises(UserError):
                row.with_user(user).write({"total": 0})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        for attack in (
            lambda: row.sudo().write({"total": 0}),
            lambda: row.sudo().unlink(),
            lambda: row.sudo().create({"user_id": self.alone.id}),
        ):
            with self.assertRefused("changed by nobody"):
                attack()
        self.assertEqual(row.with_user(self.manager).total, 900)

    def test_five_steps_are_proposed_for_a_day(self):
        form = Form(self.env["res.config.settings"])
        form.client_balance_approval_day_amount = 0
        form.client_balance_approval_amount = 300
        self.assertEqual(form.client_balance_approval_day_amount, 1500)


@tagged("post_install", "-at_install")
class TestNoSecondPerson(AmountsCommon):
    """What goes on every day without a question, as the least user."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_approval_amount = 1

    def _register(self, invoice, amount, **vals):
        Register = self.env["account.payment.register"].with_user(self.clerk)
        return (
            Register.with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": "2026-03-10", "amount": amount, **vals})
            ._create_payments()
            .with_env(self.env)
        )

    def test_the_payment_dialog_within_its_own_money(self):
        invoice = self._invoice(20000)
        payment = self._register(invoice, 70000, to_client_balance=True)
        self.assertEqual(self._balance(self.bank1), 50000)
        second = self._invoice(40000)
        self._register(second, 10000, from_client_balance=True)
        self.assertEqual(self._balance(self.bank1), 20000)
        self.assertFalse(second.amount_residual)
        third = self._register(self._invoice(100), 60100, to_client_balance=True)
        mine = third.with_user(self.clerk)
        mine.action_draft()
        self.assertEqual(self._balance(self.bank1), 20000)
        mine.action_post()
        self.assertEqual(self._balance(self.bank1), 80000)
        self.assertTrue(payment.move_id)

    def test_invoices_paid_from_the_balance_and_back(self):
        self._fund(50000)
        one, two = self._invoice(20000), self._invoice(30000)
        self.assertTrue(
            one.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        )
        dialog = (
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .with_context(default_invoice_ids=two.ids)
            .create({"date": "2026-03-10"})
        )
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 0)
        content = one.invoice_payments_widget["content"]
        one.with_user(self.clerk).js_remove_outstanding_partial(
            content[0]["partial_id"]
        )
        self.assertEqual(self._balance(self.bank1), 20000)
        two.with_user(self.clerk).button_draft()
        self.assertEqual(self._balance(self.bank1), 50000)

    def test_an_invoice_in_another_currency(self):
        invoice = self._invoice(1000, currency=self.usd)
        self._fund(10000)
        self._register(
            invoice, 30000, currency_id=self.uah.id, from_client_balance=True
        )
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertFalse(invoice.amount_residual)

    def test_open_credits_come_and_go(self):
        credit = self._invoice(20000, move_type="out_refund")
        item = credit.line_ids.filtered(lambda line: line.account_id == self.receivable)
        application = self.env["client.balance.application"].with_user(self.clerk)
        entry = application._put_on_balance(
            item.with_user(self.clerk), 20000, self.bank1, "2026-03-10"
        )
        self.assertEqual(self._balance(self.bank1), 20000)
        self.assertTrue(entry)
        item.with_user(self.clerk).remove_move_reconcile()
        self.assertEqual(self._balance(self.bank1), 0)

    def test_bank_lines_both_ways(self):
        line = self._statement_line(5000, on_balance=False)
        receipt = self.env["client.balance.receipt"]
        receipt.with_user(self.clerk)._put_on_balance(
            line.with_user(self.clerk), 5000, self.client, self.bank1
        )
        back = self._statement_line(-3000, on_balance=False)
        receipt.with_user(self.manager)._put_on_balance(
            back.with_user(self.accountant), -3000, self.client, self.bank1
        )
        self.assertEqual(self._balance(self.bank1), 2000)
        self._as(back).action_undo_reconciliation()
        self.assertEqual(self._balance(self.bank1), 5000)

    def test_transfers_between_bank_accounts_of_one_client(self):
        self._fund(5000)
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=3000, date="2026-03-20"
        )
        self.assertEqual(self._balance(self.bank2), 3000)

    def test_programs_have_no_second_person(self):
        settlement = self._fund(5000)
        settlement.with_user(SUPERUSER_ID).action_reverse()
        self.assertEqual(self._balance(self.bank1), 0)

    def _count(self, work):
        """:return: the queries of ``work``, the second of two like it"""
        for _warm in range(2):
            work_now = work()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            work_now()
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
        return count

    def test_everyday_work_asks_at_most_three_questions_more(self):
        self._fund(900000)
        mine = self.env["client.balance.application"].with_user(self.clerk)

        def pay():
            invoice = self._invoice(100)
            return lambda: mine._pay_invoice(
                invoice.with_user(self.clerk), {self.bank1: 100}, "2026-03-10"
            )

        def register(amount, **vals):
            def prepare():
                Register = self.env["account.payment.register"].with_user(self.clerk)
                wizard = Register.with_context(
                    active_model="account.move", active_ids=self._invoice(100).ids
                ).create({"payment_date": "2026-03-10", "amount": amount, **vals})
                return wizard._create_payments

            return prepare

        for name, work in (
            ("pay from balance", pay),
            ("overpayment", register(150, to_client_balance=True)),
            ("shortfall", register(50, from_client_balance=True)),
        ):
            counts = {}
            for is_on in (False, True):
                self.company.client_balance_approval = is_on
                self.company.client_balance_approval_day_amount = 5
                counts[is_on] = self._count(work)
            with self.subTest(name=name, counts=counts):
                self.assertLessEqual(counts[True], counts[False] + 3)
