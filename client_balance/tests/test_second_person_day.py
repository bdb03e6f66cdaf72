from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .second_person_common import AmountsCommon


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
