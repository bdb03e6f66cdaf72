from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import ClientBalanceCommon


class BatchCommon(ClientBalanceCommon):
    """Works lists of proposals as the screen does."""

    def _batch(self, action, user=None):
        """:return: the list that ``action`` opens"""
        self.assertEqual(action["res_model"], "client.balance.batch")
        return (
            self.env["client.balance.batch"]
            .with_user(user or self.clerk)
            .browse(action["res_id"])
        )

    def _run(self, batch, limit=20):
        """Ask until nothing is left. :return: (counts, number of requests)"""
        requests, counts = 0, {"todo": 1}
        while counts["todo"]:
            counts = batch.run_batch(limit)
            requests += 1
        self.env.invalidate_all()
        return counts, requests

    def _payment(self, amount, partner=None, currency=None):
        """A payment of a client that met no invoice."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.client).id,
                "amount": amount,
                "date": "2026-03-02",
                "currency_id": (currency or self.uah).id,
                "journal_id": self.bank_journal.id,
            }
        )
        payment.action_post()
        return payment


@tagged("post_install", "-at_install")
class TestCreditsBatch(BatchCommon):
    """Forgotten boxes: many open credits to balances at once, and back."""

    def _credits(self):
        """Payments of 5,000 and 700, and a credit note of 2,400 of two clients."""
        return (
            self._payment(5000).move_id
            | self._payment(700, self.other_client).move_id
            | self._invoice(2400, move_type="out_refund")
        )

    def _open(self, user=None):
        user = user or self.clerk
        return self._batch(
            self.env["client.balance.batch"].with_user(user).action_open_credits(),
            user,
        )

    def test_all_open_credits_go_to_the_balances_in_one_go(self):
        self._credits()
        batch = self._open()
        self.assertEqual(len(batch.line_ids), 3)
        counts, _requests = self._run(batch)
        self.assertEqual(counts, {"total": 3, "todo": 0, "done": 3, "failed": 0})
        self.assertEqual(self._balance(self.bank1), 7400)
        self.assertEqual(self._balance(partner=self.other_client), 700)
        self.assertEqual(
            self._settlements(self.bank1).sorted("amount").mapped("is_advance"),
            [False, True],
        )

    def test_several_payments_of_the_list_open_together(self):
        payments = self._payment(10) | self._payment(20, self.other_client)
        batch = self._batch(payments.with_user(self.clerk).action_to_client_balance())
        self.assertEqual(batch.line_ids.mapped("amount"), [10, 20])

    def test_a_part_and_a_line_left_out(self):
        self._credits()
        batch = self._open()
        with Form(batch) as form:
            with form.line_ids.edit(0) as line:
                line.amount = line.amount - 100
            with form.line_ids.edit(1) as line:
                line.is_selected = False
        counts, _requests = self._run(batch)
        self.assertEqual((counts["done"], counts["total"]), (2, 3))
        left = self._open().line_ids
        self.assertEqual(len(left), 2)
        self.assertIn(100, left.mapped("amount"))

    def test_a_refused_line_says_why_and_the_others_go_on(self):
        self._credits()
        batch = self._open()
        first = batch.line_ids[0]
        first.amount = first.amount_max + 1
        counts, _requests = self._run(batch)
        self.assertEqual((counts["done"], counts["failed"]), (2, 1))
        self.assertRegex(first.message, "at most")
        first.amount = first.amount_max
        batch.action_retry()
        counts, _requests = self._run(batch)
        self.assertEqual(counts["done"], 3)

    def test_a_list_is_posted_in_steps_and_can_be_stopped_between_them(self):
        self._credits()
        batch = self._open()
        self.assertEqual(batch.run_batch(limit=1)["todo"], 2)
        self.assertEqual(len(self.env["client.balance.settlement"].search([])), 1)
        counts, requests = self._run(batch, limit=1)
        self.assertEqual((counts["done"], requests), (3, 2))

    def test_the_same_credit_in_two_lists_counts_once(self):
        self._credits()
        one, two = self._open(), self._open()
        self._run(one)
        counts, _requests = self._run(two)
        self.assertEqual(counts["failed"], 3)
        self.assertEqual(self._balance(self.bank1), 7400)

    def test_credits_go_back_and_are_open_again(self):
        moves = self._credits()
        self._run(self._open())
        settlements = self.env["client.balance.settlement"].search(
            [("settlement_type", "=", "credit_note")]
        )
        batch = self._batch(settlements.with_user(self.clerk).action_back_to_credits())
        counts, _requests = self._run(batch)
        self.assertEqual(counts["done"], 3)
        self.assertEqual(self._balance(self.bank1), 0)
        residuals = moves.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        ).mapped("amount_residual")
        self.assertEqual(sorted(residuals), [-5000, -2400, -700])

    def test_a_credit_goes_back_as_a_whole(self):
        """A program that asks for a part is told so, and nothing moves."""
        self._credits()
        self._run(self._open())
        settlements = self.env["client.balance.settlement"].search(
            [("settlement_type", "=", "credit_note")], limit=1
        )
        batch = self._batch(settlements.with_user(self.clerk).action_back_to_credits())
        batch.line_ids.amount = batch.line_ids.amount_max / 2
        counts, _requests = self._run(batch)
        self.assertEqual((counts["done"], counts["failed"]), (0, 1))
        self.assertIn("goes back as a whole", batch.line_ids.message)
        self.assertFalse(settlements.reversed_by_id)

    def test_what_is_spent_does_not_go_back(self):
        self._credits()
        self._run(self._open())
        self._invoice(7000).action_apply_client_balance(self.bank1.id)
        settlements = self._settlements(self.bank1).filtered(
            lambda row: row.settlement_type == "credit_note"
        )
        batch = self._batch(settlements.with_user(self.clerk).action_back_to_credits())
        counts, _requests = self._run(batch)
        self.assertEqual((counts["done"], counts["failed"]), (0, 2))
        self.assertIn("already spent", batch.line_ids[0].message)

    def test_other_settlements_have_no_credit_to_go_back_to(self):
        with self.assertRefused("came from an open credit"):
            self._settle(10).with_user(self.clerk).action_back_to_credits()

    def test_an_archived_bank_account_or_a_strangers_is_refused(self):
        self._credits()
        stranger = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA009999"}
        )
        batch = self._open()
        mine = batch.line_ids.filtered(lambda line: line.partner_id == self.client)[:1]
        mine.partner_bank_id = stranger
        counts, _requests = self._run(batch)
        self.assertEqual(counts["failed"], 1)
        self.assertIn("does not belong to", mine.message)

    def test_only_officers_open_and_run_lists(self):
        self._credits()
        batch = self._open()
        for user in (self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._open(user)
                with self.assertRaises(AccessError):
                    batch.with_user(user).run_batch()
        self.assertFalse(self._settlements(self.bank1))

    def test_a_forged_line_moves_no_other_money(self):
        """RPC may point a line at anything: the callers check it again."""
        invoice = self._invoice(100)
        item = invoice.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        batch = (
            self.env["client.balance.batch"]
            .with_user(self.clerk)
            .create(
                {
                    "kind": "credits",
                    "line_ids": [
                        Command.create(
                            {
                                "move_line_id": item.id,
                                "partner_id": self.other_client.id,
                                "currency_id": self.uah.id,
                                "amount": 100,
                                "amount_max": 100,
                            }
                        )
                    ],
                }
            )
        )
        counts, _requests = self._run(batch)
        self.assertEqual(counts["failed"], 1)
        self.assertIn("not an open credit", batch.line_ids.message)


@tagged("post_install", "-at_install")
class TestOffsetBatch(BatchCommon):
    """Clients who owe us while their money lies on the balance."""

    def _open(self, user=None):
        user = user or self.clerk
        return self._batch(
            self.env["client.balance.batch"].with_user(user).action_open_offset(), user
        )

    def test_everybody_who_owes_is_proposed_and_paid(self):
        """Romashka owes 10,000 and has 1,500 + 300; Volia owes 200 and has 700."""
        self._settle(1500, bank=self.bank1)
        self._settle(300)
        self._settle(700, partner_id=self.other_client.id)
        first = self._invoice(9000, date="2026-02-01")
        second = self._invoice(1000)
        other = self._invoice(200, partner=self.other_client)
        self._invoice(50, partner=self._create_client("Owes only"))
        batch = self._open()
        self.assertEqual(
            [
                (line.partner_id, line.amount_owed, line.amount)
                for line in batch.line_ids.sorted("amount", reverse=True)
            ],
            [
                (self.client, 10000, 1500),
                (self.client, 8500, 300),
                (self.other_client, 200, 200),
            ],
        )
        counts, _requests = self._run(batch)
        self.assertEqual(counts["done"], 3)
        self.assertEqual(first.amount_residual, 7200)
        self.assertEqual(second.amount_residual, 1000)
        self.assertEqual(other.payment_state, "paid")
        self.assertEqual(self._balance(partner=self.other_client), 500)
        self.assertEqual(self._balance(self.bank1), 0)

    def test_one_balance_pays_several_invoices_first_due_first(self):
        self._settle(250)
        one, two, three = (
            self._invoice(100, date=f"2026-0{month}-01") for month in (1, 2, 3)
        )
        counts, _requests = self._run(self._open())
        self.assertEqual(counts["done"], 1)
        self.assertEqual(
            [invoice.amount_residual for invoice in (one, two, three)], [0, 0, 50]
        )

    def test_currencies_are_not_mixed(self):
        self._settle(250, currency_id=self.usd.id)
        self._invoice(100)
        with self.assertRefused("nothing to offset"):
            self._open()

    def test_what_changed_meanwhile_is_refused(self):
        self._settle(250)
        invoice = self._invoice(200)
        batch = self._open()
        invoice.action_apply_client_balance()
        counts, _requests = self._run(batch)
        self.assertEqual(counts["failed"], 1)
        self.assertEqual(self._balance(), 50)
        self.assertIn("less than when the list was made", batch.line_ids.message)

    def test_nobody_else_may_open_it(self):
        self._settle(250)
        self._invoice(200)
        for user in (self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._open(user)
