from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestLimit(MoneyCommon):
    """Who let a balance fall below zero, when, and what the client owes by it."""

    def _dialog(self, user=None, **context):
        context = context or {"default_partner_id": self.client.id}
        return Form(
            self.env["client.balance.limit"]
            .with_user(user or self.manager)
            .with_context(**context)
        )

    def _grant(self, limit, user=None, **context):
        form = self._dialog(user, **context)
        form.limit = limit
        form.note = "Contract 7"
        form.save().action_confirm()

    def test_a_manager_of_a_branch_grants_limits_of_its_root_company_only(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        other = self._create_company(name="Other", currency_id=self.uah.id)
        self.manager.write({"company_ids": branch.ids, "company_id": branch.id})
        vals = {"partner_id": self.client.id, "limit": 500}
        Limit = (
            self.env["client.balance.limit"]
            .with_user(self.manager)
            .with_context(allowed_company_ids=branch.ids)
        )
        with self.assertRefused("in which you do not work", AccessError):
            Limit.create({**vals, "company_id": other.id}).action_confirm()
        Limit.create(vals).action_confirm()
        balance = self.env["client.balance"].search(
            [("partner_id", "=", self.client.id)]
        )
        self.assertEqual(balance.overdraft_limit, 500)
        self.assertEqual(balance.company_id, self.company)

    def test_the_dialog_notes_who_granted_the_limit_and_when(self):
        balance = self._settle(100, bank=self.bank1).balance_id
        with freeze_time("2026-03-10 09:30:00"):
            self._grant(500, default_balance_id=balance.id)
        self.env.flush_all()
        self.assertRecordValues(
            balance,
            [
                {
                    "overdraft_limit": 500,
                    "limit_granted_by_id": self.manager.id,
                    "limit_note": "Contract 7",
                }
            ],
        )
        self.assertEqual(str(balance.limit_granted_on), "2026-03-10 09:30:00")
        self._settle(-550, date="2026-03-12", bank=self.bank1)
        self.assertRecordValues(balance, [{"amount": -450, "debt": 450}])

    def test_the_chatter_keeps_every_change(self):
        balance = self._settle(100, bank=self.bank1).balance_id
        # tests run without chatter unless they ask for it
        context = {"tracking_disable": False, "mail_notrack": False}
        context["default_balance_id"] = balance.id
        for limit, user in ((500, self.manager), (0, self.accountant)):
            self._grant(limit, user, **context)
            self.env.flush_all()
            self.cr.precommit.run()
        values = balance.message_ids.sudo().tracking_value_ids.filtered(
            lambda value: value.field_id.name == "overdraft_limit"
        )
        self.assertEqual(
            sorted((v.old_value_float, v.new_value_float) for v in values),
            [(0, 500), (500, 0)],
        )
        self.assertRecordValues(
            balance, [{"limit_granted_by_id": False, "limit_granted_on": False}]
        )

    def test_a_limit_before_any_money_has_moved(self):
        self._grant(300)
        balance = self._get(self.bank1)
        self.assertRecordValues(balance, [{"amount": 0, "overdraft_limit": 300}])
        self._settle(-300, bank=self.bank1)
        with self.assertRefused("Not enough money"):
            self._settle(-0.01, bank=self.bank1)

    def test_below_what_is_used_is_refused_and_the_dialog_says_how_much(self):
        self._grant(300)
        self._settle(-200, date="2026-03-02", bank=self.bank1)
        self._settle(900, date="2026-03-05", bank=self.bank1)
        form = self._dialog()
        self.assertEqual((form.limit_now, form.used), (300, 200))
        with self.assertRefused("200.00.* of the limit are in use"):
            self._grant(199.99)
        self._grant(200)

    def test_what_is_no_limit_is_refused(self):
        self._settle(100, bank=self.bank1)
        with self.assertRefused("is not an overdraft limit"):
            self._grant(-5)
        other_bank = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA003333"}
        )
        dialog = self.env["client.balance.limit"].create(
            {
                "partner_id": self.client.id,
                "partner_bank_id": other_bank.id,
                "limit": 5,
            }
        )
        with self.assertRefused("does not belong"):
            dialog.action_confirm()

    def test_nobody_grants_in_the_name_of_another_person(self):
        balance = self._settle(100, bank=self.bank1).balance_id
        mine = balance.with_user(self.manager)
        for vals in (
            {"limit_granted_by_id": self.accountant.id},
            {"limit_granted_on": "2020-01-01"},
        ):
            with self.assertRefused("moved by settlements only"):
                mine.write(vals)
            mine.write({"overdraft_limit": 5, **vals})
            self.assertEqual(balance.limit_granted_by_id, self.manager)
            self.assertNotEqual(str(balance.limit_granted_on)[:4], "2020")

    def test_who_may_grant_a_limit(self):
        balance = self._settle(100, bank=self.bank1).balance_id
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._dialog(user)
                with self.assertRaises(AccessError):
                    balance.with_user(user).write({"overdraft_limit": 5})
        self._grant(5, self.accountant)
        self.assertEqual(balance.limit_granted_by_id, self.accountant)

    def test_a_ukrainian_company_is_told_that_it_hides_a_receivable(self):
        balance = self._settle(100, bank=self.bank1).balance_id
        self.assertFalse(balance.hides_receivable)
        self.company.account_fiscal_country_id = self.env.ref("base.ua")
        balance.invalidate_recordset()
        self.assertTrue(balance.hides_receivable)
        self.assertTrue(self._dialog().hides_receivable)
