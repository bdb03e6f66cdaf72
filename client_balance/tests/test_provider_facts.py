import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .provider_common import ProviderCommon

CORE = "odoo.addons.payment.models.payment_transaction"
FACT = "odoo.addons.client_balance.models.payment_transaction_fact"


@tagged("post_install", "-at_install")
class TestProviderFacts(ProviderCommon):
    """What a provider reports has happened: it is booked in full."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_responsible_id = cls.accountant
        cls.company.client_balance_online_overpayment = True
        cls.none = cls.env["res.partner.bank"]
        cls.today = fields.Date.today()

    def _approval(self, amount=1000):
        self.company.write(
            {"client_balance_approval": True, "client_balance_approval_amount": amount}
        )

    def _pay_online(self, amount, invoice, **vals):
        transaction = self._transaction(amount, invoice, **vals)
        self._notify(transaction)
        return transaction

    def _pay_out(self, amount, bank=None, **vals):
        """The client spends money of the balance."""
        return self._settle(-amount, bank=bank, date=self.today, **vals)

    def _cron(self):
        """Core's scheduled action, in its own way but in our transaction."""
        with self.enter_registry_test_mode(), mute_logger(CORE, FACT):
            self.env.ref("payment.cron_post_process_payment_tx").method_direct_trigger()
        self.env.invalidate_all()

    # Any amount -----------------------------------------------------------------------

    def test_a_refund_above_the_amount_of_one_person_is_booked_by_the_cron(self):
        self._approval(1000)
        transaction = self._top_up(5000, bank=self.bank1)
        self.assertEqual(self._balance(self.bank1), 5000)
        refund = self._chargeback(transaction, 5000, notify=False)
        self._send(refund)
        self._cron()
        self.assertTrue(refund.is_post_processed)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertFalse(refund.payment_id.activity_ids)
        self.assertEqual(
            self._entry_lines(refund.payment_id),
            [
                (self.outstanding, self.none, -5000),
                (self.balance_account, self.bank1, 5000),
            ],
        )

    def test_the_provider_returns_more_than_the_payment_in_several_steps(self):
        self._settle(100, bank=self.bank1)
        transaction = self._top_up(500, bank=self.bank1)
        self._chargeback(transaction, 300)
        self._chargeback(transaction, 200)
        self.assertEqual(self._balance(self.bank1), 100)
        last = self._chargeback(transaction, 150)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), 50)
        self.assertIn("50.00", last.payment_id.activity_ids.note)

    def test_no_day_falls_below_the_limit_by_a_chargeback(self):
        transaction = self._top_up(500, bank=self.bank1)
        balance = self.env["client.balance"]._get_balance(
            self.company, self.client, self.bank1, self.uah
        )
        balance.with_user(self.manager).overdraft_limit = 70
        tomorrow = self.today + datetime.timedelta(days=1)
        self._settle(-400, bank=self.bank1, date=tomorrow)
        self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank1), -70)
        self.assertEqual(self._owed(), 330)

    def test_a_chargeback_of_one_client_leaves_the_money_of_others(self):
        transaction = self._top_up(500, bank=self.bank1)
        self._pay_out(500, bank=self.bank1)
        self._settle(500, bank=self.bank2)
        self._settle(500, partner_id=self.other_client.id)
        self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank2), 500)
        self.assertEqual(self._balance(partner=self.other_client), 500)
        self.assertEqual(self._owed(), 500)

    # The surplus of an invoice payment ------------------------------------------------

    def test_a_chargeback_of_an_overpaid_invoice_takes_the_surplus_first(self):
        self._settle(1000, bank=self.bank1)
        transaction = self._pay_online(1159, self._invoice(1000))
        self.assertEqual(self._balance(self.bank1), 1159)
        refund = self._chargeback(transaction, 1159)
        self.assertEqual(self._balance(self.bank1), 1000, "only the surplus")
        self.assertEqual(
            self._entry_lines(refund.payment_id),
            [
                (self.outstanding, self.none, -1159),
                (self.balance_account, self.bank1, 159),
                (self.receivable, self.none, 1000),
            ],
        )
        self.env.invalidate_all()
        self.assertEqual(
            self._settlements(self.bank1)[-1:].used_credit_ids.credit_id.payment_id,
            transaction.payment_id,
        )
        self.assertRegex(
            refund.payment_id.activity_ids.note,
            "159.00.* had gone to the client.*159.00.* were taken.*1,000.00.* are",
        )

    def test_the_surplus_goes_back_once(self):
        self._settle(1000, bank=self.bank1)
        transaction = self._pay_online(1159, self._invoice(1000))
        for amount, left in ((100, 1059), (100, 1000), (500, 1000)):
            self._chargeback(transaction, amount)
            self.assertEqual(self._balance(self.bank1), left)
        self.assertEqual(self._owed(), 541)

    def test_a_spent_surplus_is_a_receivable(self):
        transaction = self._pay_online(1159, self._invoice(1000))
        self._pay_out(100, bank=self.bank1)
        self._chargeback(transaction, 1159)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), 1100)

    def test_a_payment_of_a_paid_invoice_goes_back_from_the_balance(self):
        invoice = self._invoice(1000)
        self._pay_online(1000, invoice)
        transaction = self._pay_online(1000, invoice)
        self.assertEqual(self._balance(self.bank1), 1000)
        self._chargeback(transaction, 1000)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), 0)
        self.assertEqual(invoice.amount_residual, 0)

    def test_which_part_we_return_ourselves_a_person_decides(self):
        transaction = self._pay_online(1159, self._invoice(1000))
        transaction.with_user(self.accountant).action_refund(159)
        refund = transaction.child_transaction_ids
        self._post_process(refund)
        self.assertEqual(self._balance(self.bank1), 159)
        self.assertEqual(self._owed(), 159)
        self.assertIn("0.00", refund.payment_id.activity_ids.note)

    # Closed periods -------------------------------------------------------------------

    def _close(self, lock, days=3):
        """Close the books up to a day to come. :return: the first open one"""
        closed = self.today + datetime.timedelta(days=days)
        self.company[lock] = closed
        return closed + datetime.timedelta(days=1)

    def test_a_closed_period_moves_facts_to_the_first_open_day(self):
        locks = ("tax_lock_date", "fiscalyear_lock_date", "hard_lock_date")
        todo = {lock: [] for lock in locks}
        for transactions in todo.values():
            invoice = self._invoice(1000)
            transactions += [
                self._top_up(500, bank=self.bank1, notify="pending"),
                self._transaction(1000 + 159, invoice),
                self._transaction(70, invoice),  # nothing is due any more
            ]
        for days, (lock, transactions) in enumerate(todo.items(), 3):
            with self.subTest(lock=lock):
                first_open = self._close(lock, days)
                if lock == "tax_lock_date":
                    first_open = self.today  # it closes what has taxes only
                for transaction in transactions:
                    self._notify(transaction)
                self.assertEqual(self._balance(self.bank1), 500 + 159 + 70)
                for transaction in transactions:
                    self._chargeback(transaction, transaction.amount)
                self.assertEqual(self._balance(self.bank1), 0)
                settlements = self._settlements(self.bank1)[-6:]
                self.assertEqual(set(settlements.mapped("date")), {first_open})
                self.assertEqual(self._owed(), 3000)

    def test_a_chargeback_in_a_closed_period_sees_what_is_spent_later(self):
        transaction = self._top_up(500, bank=self.bank1)
        first_open = self._close("hard_lock_date")
        self._settle(-400, bank=self.bank1, date=first_open)
        refund = self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), 400)
        self.assertEqual(refund.payment_id.move_id.date, first_open)

    def test_a_refund_declined_after_the_period_was_closed_returns(self):
        Transaction = type(self.env["payment.transaction"])
        self.patch(Transaction, "_send_refund_request", lambda tx: tx._set_pending())
        for total, state in ((500, "cancel"), (1000, "error")):
            with self.subTest(state=state):
                transaction = self._top_up(500, bank=self.bank1)
                transaction.with_user(self.accountant).action_refund(500)
                refund = transaction.child_transaction_ids
                payment = refund.payment_id
                self.assertEqual(self._balance(self.bank1), total - 500)
                first_open = self._close("fiscalyear_lock_date")
                self._notify(refund, state)
                self.assertEqual(self._balance(self.bank1), total)
                self.assertEqual(self._settlements(self.bank1)[-1:].date, first_open)
                self.assertFalse(refund.payment_id)
                self.assertFalse(payment.payment_transaction_id)
                self.assertEqual(
                    transaction.payment_id.amount_available_for_refund, 500
                )
                self.company.fiscalyear_lock_date = False

    # Void after capture ---------------------------------------------------------------

    def _void(self, transaction):
        """As Authorize.net reports a void of what was captured and confirmed."""
        transaction.sudo()._set_canceled(extra_allowed_states=("done",))
        self._post_process(transaction)

    def test_a_void_of_money_that_is_there_cancels_the_payment(self):
        transaction = self._top_up(500, bank=self.bank1)
        self._void(transaction)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(transaction.payment_id.state, "canceled")
        self.assertFalse(transaction.child_transaction_ids)

    def test_a_void_of_spent_money_is_a_refund(self):
        transaction = self._top_up(500, bank=self.bank1)
        self._pay_out(300, bank=self.bank1)
        self._void(transaction)
        transaction.is_post_processed = False
        self._post_process(transaction)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), 300)
        self.assertEqual(transaction.child_transaction_ids.amount, -500)
        self.assertTrue(transaction.child_transaction_ids.payment_id.activity_ids)

    def test_a_void_in_a_closed_period_is_a_refund(self):
        transaction = self._top_up(500, bank=self.bank1)
        first_open = self._close("hard_lock_date")
        self._void(transaction)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._settlements(self.bank1)[-1:].date, first_open)
        self.assertEqual(self._owed(), 0)

    def test_a_void_after_a_refund_returns_the_rest(self):
        transaction = self._top_up(500, bank=self.bank1)
        self._chargeback(transaction, 200)
        self._void(transaction)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), 0)

    def test_a_void_of_an_overpaid_invoice_whose_surplus_is_spent(self):
        invoice = self._invoice(1000)
        transaction = self._pay_online(1159, invoice)
        self._pay_out(159, bank=self.bank1)
        self._void(transaction)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._owed(), 1159)

    def test_a_chargeback_of_a_captured_part(self):
        self.provider.capture_manually = True
        transaction = self._top_up(500, bank=self.bank1)
        captured = transaction.sudo()._capture(amount_to_capture=300)
        self._post_process(captured)
        voided = transaction.sudo()._void(amount_to_void=200)
        self._post_process(voided | transaction)
        self.assertEqual(self._balance(self.bank1), 300)
        self.provider.capture_manually = False  # of the demo provider's refunds, too
        # the provider names the payment, not its capture
        self._chargeback(transaction, 100)
        self._chargeback(captured, 200)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), 0)

    # What is archived, gone or missing ------------------------------------------------

    def test_an_archived_client_tops_up_and_is_charged_back(self):
        transaction = self._top_up(500, bank=self.bank2, notify="pending")
        self.portal_user.active = False
        (self.bank1 | self.bank2).active = False
        (self.contact | self.client).active = False
        self._notify(transaction)
        settlement = self._settlements()
        self.assertEqual(
            (settlement.amount, settlement.partner_id.active), (500, False)
        )
        self.assertEqual(
            transaction.payment_id.activity_ids.summary,
            "Online payment of an archived client",
        )
        refund = self._chargeback(transaction, 500)
        self.assertEqual(self._balance(), 0)
        self.assertTrue(refund.payment_id.activity_ids)

    def test_a_bank_account_archived_after_the_top_up(self):
        transaction = self._top_up(500, bank=self.bank2)
        self._pay_out(500, bank=self.bank2)
        self.bank2.active = False
        self._entry(80, bank=self.bank2)
        self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank2), 0)
        self.assertEqual(self._owed(), 420)

    def test_a_currency_that_was_closed_is_opened_by_money(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self._set_rate(euro, "2026-01-01", 50.0)
        transaction = self._top_up(10, currency_id=euro.id)
        self._pay_out(10, currency_id=euro.id)
        euro.active = False
        refund = self._chargeback(transaction, 10)
        self.assertTrue(euro.active)
        self.assertEqual(refund.payment_id.move_id.state, "posted")

    def test_without_accounts_money_is_an_open_item_and_a_person_is_told(self):
        transactions = [
            self._top_up(500, notify="pending"),
            self._transaction(1159, self._invoice(1000)),
        ]
        self.company.client_balance_account_id = False
        self.company.client_balance_foreign_account_id = False
        for transaction in transactions:
            self._notify(transaction)
            self.assertRegex(
                transaction.payment_id.activity_ids.note,
                "open credit.*has no client balance account",
            )
        self.assertFalse(self._settlements() | self._settlements(self.bank1))
        self.assertEqual(self._owed(), -659)

    def test_what_our_part_refuses_is_booked_without_it(self):
        transaction = self._top_up(500, bank=self.bank1)
        pending = self._top_up(70, notify="pending")

        def refuse(gate, *_arguments):
            gate.env["client.balance.posting"]._refuse_reference("R-1")

        gate = type(self.env["client.balance.gate"])
        self.patch(gate, "_check_weights", refuse)
        self._notify(pending)
        refund = self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank1), 500)
        self.assertEqual(self._owed(), 500 - 70)
        for payment in (pending.payment_id, refund.payment_id):
            self.assertIn("External reference R-1", payment.activity_ids.note)

    def test_a_payment_that_an_accountant_undid_is_charged_back_all_the_same(self):
        transaction = self._top_up(500, bank=self.bank1)
        transaction.payment_id.with_user(self.accountant).action_draft()
        self.assertEqual(self._balance(self.bank1), 0)
        refund = self._chargeback(transaction, 500)
        self.assertEqual(self._owed(), 500)
        self.assertIn(
            "not on the balance any more", refund.payment_id.activity_ids.note
        )

    def test_the_money_of_a_merged_client_is_charged_back(self):
        transaction = self._top_up(500)
        pending = self._top_up(70, notify="pending")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.client | self.other_client).ids, self.other_client
        )
        self._notify(pending)
        self.assertEqual(self._balance(partner=self.other_client), 570)
        self._chargeback(transaction, 500)
        self.assertEqual(self._balance(partner=self.other_client), 70)

    def test_the_money_of_a_client_placed_under_another_is_charged_back(self):
        transaction = self._top_up(500, bank=self.bank1)
        pending = self._top_up(70, bank=self.bank1, notify="pending")
        self.client.with_user(self.manager).write(
            {"is_company": False, "parent_id": self.other_client.id}
        )
        self._notify(pending)
        self._chargeback(transaction, 500)
        self.assertEqual(self._balance(self.bank1, partner=self.other_client), 70)

    # The cron -------------------------------------------------------------------------

    def test_the_cron_never_gives_up_and_tells_a_person_once(self):
        self.bank_journal.active = False
        transaction = self._top_up(500, bank=self.bank1, notify="pending")
        self._send(transaction)
        long_ago = fields.Datetime.now() - datetime.timedelta(days=30)
        transaction.last_state_change = long_ago
        for _run in range(2):
            self._cron()
            self.assertFalse(transaction.payment_id)
            self.assertRecordValues(
                self.client.activity_ids,
                [
                    {
                        "summary": "An online payment cannot be booked",
                        "user_id": self.accountant.id,
                    }
                ],
            )
        self.assertIn("archived journal", self.client.activity_ids.note)
        self.bank_journal.active = True
        self._cron()
        self.assertEqual(self._balance(self.bank1), 500)
        self.assertTrue(transaction.is_post_processed)

    def test_a_refund_that_the_cron_gave_up_is_booked(self):
        transaction = self._top_up(500, bank=self.bank1)
        refund = self._chargeback(transaction, 500, notify=False)
        self._send(refund)
        refund.last_state_change = fields.Datetime.now() - datetime.timedelta(days=30)
        self._cron()
        self.assertEqual(self._balance(self.bank1), 0)

    def test_the_cron_leaves_other_old_payments_to_core(self):
        transaction = self._transaction(1000, self._invoice(1000))
        self._send(transaction)
        transaction.last_state_change -= datetime.timedelta(days=30)
        self._cron()
        self.assertFalse(transaction.payment_id)

    # Who says so ----------------------------------------------------------------------

    def test_what_a_clerk_types_into_a_payment_moves_no_balance(self):
        """Core lets billing clerks write online payments; the cron believes them."""
        invoice = self._invoice(1000)
        transaction = self._transaction(1, invoice)
        transaction.with_user(self.clerk).write({"amount": 1000000, "state": "done"})
        self._post_process(transaction)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._owed(), -999000)

    def test_a_clerk_takes_nothing_by_a_refund_of_his_own(self):
        overpaid = self._pay_online(1159, self._invoice(1000))
        other = self._pay_online(10, self._invoice(10))
        for vals in (
            {"source_transaction_id": overpaid.id},
            {"payment_id": overpaid.payment_id.id},
            {"child_transaction_ids": [Command.link(other.id)]},
        ):
            with self.subTest(vals=vals):
                forged = self._transaction(10, self._invoice(10))
                values = {**vals, "operation": "refund", "amount": -159}
                forged.with_user(self.clerk).write({**values, "state": "done"})
                self._post_process(forged | forged.child_transaction_ids)
                self.assertEqual(self._balance(self.bank1), 159)
        forged = self._pay_online(10, self._invoice(10))
        forged.with_user(self.clerk).payment_id = overpaid.payment_id
        self._chargeback(forged, 10)
        self.assertEqual(self._balance(self.bank1), 159)

    def test_nobody_marks_a_payment_as_told_by_its_provider(self):
        transaction = self._transaction(1, self._invoice(1))
        for user in (self.clerk, self.accountant):
            for name in ("client_balance_is_typed", "client_balance_is_requested"):
                with self.assertRaises(AccessError):
                    transaction.with_user(user).write({name: False})

    def test_a_clerk_books_what_the_provider_has_confirmed(self):
        """The button of core only does what the scheduled action does later."""
        self._approval(100)
        transaction = self._top_up(500, bank=self.bank1, notify="pending")
        self._send(transaction)
        transaction.with_user(self.clerk).action_post_process()
        self.assertEqual(self._balance(self.bank1), 500)
        refund = self._chargeback(transaction, 500, notify=False)
        refund.with_user(self.clerk).action_post_process()
        self.assertEqual(self._balance(self.bank1), 500, "not confirmed yet")
        self._send(refund)
        refund.with_user(self.clerk).action_post_process()
        self.assertEqual(self._balance(self.bank1), 0)
        with self.assertRaises(AccessError):
            refund.with_user(self.employee).action_post_process()

    def test_sentences_for_people_are_in_their_language(self):
        self.env["res.lang"]._activate_lang("uk_UA")
        self.accountant.lang = "uk_UA"
        transaction = self._top_up(500, bank=self.bank1)
        self._pay_out(400, bank=self.bank1)
        refund = self._chargeback(transaction, 500)
        self.assertRegex(refund.payment_id.activity_ids.note, "клієнт.* винен")
        overpaid = self._pay_online(1159, self._invoice(1000))
        refund = self._chargeback(overpaid, 1000)
        self.assertRegex(refund.payment_id.activity_ids.note, "списано")
        self.company.client_balance_account_id = False
        top_up = self._top_up(500)
        self.assertRegex(top_up.payment_id.activity_ids.note, "немає рахунку")

    @freeze_time("2026-05-05")
    def test_a_late_fact_is_booked_on_the_day_it_is_known(self):
        transaction = self._top_up(500, bank=self.bank1, notify="pending")
        transaction.last_state_change = "2026-01-01"
        self._notify(transaction)
        self.assertEqual(self._settlements(self.bank1).date, self._day("2026-05-05"))
