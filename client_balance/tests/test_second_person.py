from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .second_person_common import SecondPersonCommon


@tagged("post_install", "-at_install")
class TestSecondPerson(SecondPersonCommon):
    """Who asks, who decides, and what follows."""

    def test_an_entry_turned_round_is_another_movement(self):
        """What a second person let in does not go out alone."""
        self._fund(40000)
        one = self._alone("account.group_account_user")
        self.company.client_balance_approval = False
        move = self._entry(40000, bank=self.bank1).with_user(one)
        move.button_draft()
        self.company.client_balance_approval = True
        line = self._line(move)
        move.write(
            {
                "line_ids": [
                    Command.update(
                        item.id,
                        {
                            "balance": -item.balance,
                            "amount_currency": -item.amount_currency,
                        },
                    )
                    for item in line | (move.line_ids - line)
                ]
            }
        )
        with self.assertRefused("needs a second person"):
            move.action_post()

    # Settlements ----------------------------------------------------------------------

    def test_a_large_settlement_waits_for_another_manager(self):
        request = self._ask(10000.01, description="Bonus by contract 7")
        self.assertEqual(request.state, "requested")
        self.assertFalse(self._settlements(self.bank1), "a request moves nothing")
        settlement = request.with_user(self.second).action_approve()
        self.assertRecordValues(
            settlement,
            [
                {
                    "amount": 10000.01,
                    "settlement_type": "manual",
                    "date": self._day("2026-03-01"),
                    "description": "Bonus by contract 7",
                    "create_uid": self.second.id,
                    "request_id": request.id,
                }
            ],
        )
        self.assertRecordValues(
            request,
            [
                {
                    "state": "approved",
                    "requested_by_id": self.manager.id,
                    "decided_by_id": self.second.id,
                    "settlement_ids": settlement.ids,
                }
            ],
        )
        self.assertRecordValues(
            settlement.with_env(self.env).move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.balance_account.id, "balance": -10000.01},
                {
                    "account_id": self.company.client_balance_clearing_account_id.id,
                    "balance": 10000.01,
                },
            ],
        )

    def test_the_amount_itself_needs_nobody_else(self):
        self._settle(10000)
        self._settle(-10000)
        self.assertFalse(self._pending())

    def test_create_above_the_amount_is_refused_for_every_type_and_user(self):
        for user in (self.manager, self.accountant, self.env.ref("base.user_admin")):
            user.company_ids += self.company
            for settlement_type in ("manual", "opening"):
                with (
                    self.subTest(user=user.login, settlement_type=settlement_type),
                    self.assertRefused("needs a second person"),
                ):
                    self._settle(10001, user=user, settlement_type=settlement_type)
        self.assertFalse(self._settlements())

    def test_one_large_settlement_refuses_its_whole_batch(self):
        Settlement = self.env["client.balance.settlement"].with_user(self.manager)
        with self.assertRefused("needs a second person"):
            Settlement.create([self._vals(5), self._vals(20000)])
        self.assertEqual(self._balance(self.bank1), 0)

    def test_foreign_amounts_count_in_the_company_currency(self):
        self._settle(250, currency_id=self.usd.id)  # 10 000,00 ₴
        with self.assertRefused("needs a second person"):
            self._settle(250.01, currency_id=self.usd.id)

    def test_nobody_approves_the_own_request_not_even_an_administrator(self):
        admin = self.env.ref("base.user_admin")
        admin.company_ids += self.company
        admin.group_ids += self.env.ref("client_balance.group_client_balance_manager")
        for user in (self.manager, admin):
            request = self._ask(20000, user=user)
            with self.subTest(user=user.login), self.assertRefused("yourself"):
                request.with_user(user).action_approve()
            with self.assertRefused("yourself"):
                request.with_user(user).action_refuse("Because")
            self.assertEqual(request.state, "requested")

    def test_approving_twice_moves_the_money_once(self):
        request = self._ask(20000)
        request.with_user(self.second).action_approve()
        for user in (self.second, self.accountant):
            with self.assertRefused("decided already by cb_second"):
                request.with_user(user).action_approve()
        self.assertEqual(self._balance(self.bank1), 20000)

    def test_a_refusal_needs_a_reason_and_moves_nothing(self):
        request = self._ask(20000)
        with self.assertRefused("Write why"):
            request.with_user(self.second).action_refuse("  ")
        form = Form(
            self.env["client.balance.request.refuse"]
            .with_user(self.second)
            .with_context(default_request_id=request.id)
        )
        form.reason = "No contract attached"
        form.save().action_confirm()
        self.assertRecordValues(
            request,
            [{"state": "refused", "refusal_reason": "No contract attached"}],
        )
        with self.assertRefused("decided already"):
            request.with_user(self.second).action_approve()
        self.assertIn("No contract attached", request.message_ids.mapped("preview"))
        self.assertFalse(self._settlements(self.bank1))

    def test_whoever_asked_takes_the_request_back(self):
        request = self._ask(20000)
        with self.assertRefused("Refuse it instead"):
            request.with_user(self.second).action_cancel()
        request.with_user(self.manager).action_cancel()
        self.assertEqual(request.state, "cancelled")
        with self.assertRefused("decided already"):
            request.with_user(self.second).action_approve()

    def test_the_other_managers_are_told_and_only_they(self):
        request = self._ask(20000)
        self.assertIn(self.second, request.activity_ids.user_id)
        self.assertIn(self.accountant, request.activity_ids.user_id)
        self.assertNotIn(self.manager, request.activity_ids.user_id)
        self.assertNotIn(self.clerk, request.activity_ids.user_id)
        request.with_user(self.second).action_approve()
        self.assertFalse(request.activity_ids)

    def test_where_nobody_else_may_approve_the_request_is_refused(self):
        nobody = self.env["res.users"]
        approval = type(self.env["client.balance.approval"])
        self.patch(approval, "_get_approvers", lambda *_arguments: nobody)
        with self.assertRefused("Nobody else"):
            self._ask(20000)

    # What has changed meanwhile -------------------------------------------------------

    def test_whether_the_money_is_there_is_judged_at_the_approval(self):
        self._fund(30000)
        request = self._ask(-25000, date="2026-03-02")
        self._settle(-8000, date="2026-03-02", bank=self.bank1)
        with self.assertRefused("Not enough money"):
            request.with_user(self.second).action_approve()
        self.assertEqual(request.state, "requested")
        self.assertEqual(self._balance(self.bank1), 22000)

    def test_what_would_be_refused_is_refused_when_it_is_requested(self):
        with self.assertRefused("Not enough money"):
            self._ask(-20000)
        with self.assertRefused("does not belong"):
            self._ask(20000, partner_id=self.other_client.id)
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("locked period"):
            self._ask(20000)
        self.assertFalse(self._pending())

    def test_a_period_that_was_locked_meanwhile_is_refused(self):
        request = self._ask(20000)
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("locked period"):
            request.with_user(self.second).action_approve()

    def test_a_client_that_was_merged_meanwhile_is_asked_for_anew(self):
        request = self._ask(20000, partner_id=self.other_client.id, partner_bank_id=0)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.other_client | self.client).ids, self.client)
        with self.assertRefused("no longer exists"):
            request.with_user(self.second).action_approve()
        self.assertEqual(request.partner_id, self.client)

    def test_the_setting_may_be_turned_off_while_a_request_waits(self):
        request = self._ask(20000)
        self.company.client_balance_approval = False
        request.with_user(self.second).action_approve()
        self.assertEqual(self._balance(self.bank1), 20000)

    def test_the_same_reference_again_is_the_same_request(self):
        first = self._ask(20000, external_ref="CRM-1")
        self.assertEqual(self._ask(20000, external_ref="CRM-1"), first)
        with self.assertRefused("other values"):
            self._ask(20001, external_ref="CRM-1")
        settlement = first.with_user(self.second).action_approve()
        again = self._settle(
            20000, bank=self.bank1, user=self.manager, external_ref="CRM-1"
        )
        self.assertEqual(again, settlement)

    # Corrections ----------------------------------------------------------------------

    def test_a_correction_is_judged_by_its_difference(self):
        small, large = self._settle(50, bank=self.bank1), self._fund(50000)
        for settlement, vals in (
            (small, {"amount": 20000}),
            (large, {"amount": 5}),
            (large, {"partner_id": self.other_client.id, "partner_bank_id": False}),
            (large, {"currency_id": self.usd.id, "amount": 1250}),
        ):
            with self.assertRefused("needs a second person"):
                settlement.with_user(self.manager).action_correct(vals)
        large.with_user(self.manager).action_correct({"description": "In place"})
        self.assertEqual(large.description, "In place")
        large = large.with_user(self.manager).action_correct({"amount": 45000})
        self.assertEqual(self._balance(self.bank1), 45050)
        request = self.Request.with_user(self.manager).request_correction(
            large.id, {"amount": 15000}
        )
        self.assertEqual(self._balance(self.bank1), 45050)
        replaced = request.with_user(self.second).action_approve()
        self.assertRecordValues(
            replaced,
            [{"amount": 15000, "replaces_id": large.id, "request_id": request.id}],
        )
        self.assertEqual(self._balance(self.bank1), 15050)
        self.assertEqual(large.reversed_by_id.request_id, request)

    def test_a_correction_of_what_was_reversed_meanwhile_is_refused(self):
        large = self._fund(50000)
        request = self.Request.with_user(self.manager).request_correction(
            large.id, {"amount": 45000}
        )
        large.with_user(SUPERUSER_ID).action_reverse()
        with self.assertRefused("already reversed"):
            request.with_user(self.second).action_approve()

    # The dialogs ----------------------------------------------------------------------

    def test_the_dialog_of_settlements_makes_a_request(self):
        form = Form(
            self.env["client.balance.settlement.add"]
            .with_user(self.manager)
            .with_context(default_partner_id=self.client.id)
        )
        form.amount = 500
        self.assertFalse(form.needs_approval)
        form.amount = 20000
        self.assertTrue(form.needs_approval)
        dialog = form.save()
        action = dialog.action_confirm()
        self.assertEqual(action["res_model"], "client.balance.request")
        dialog.action_confirm()
        request = self._pending()
        self.assertEqual(len(request), 1, "a second click asks once")
        self.assertIn("20,000", request.details)
        request.with_user(self.second).action_approve()
        self.assertEqual(self._balance(self.bank1), 20000)
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 20000)

    def test_the_dialog_of_corrections_makes_a_request(self):
        settlement = self._settle(500, bank=self.bank1)
        action = settlement.with_user(self.manager).action_edit()
        wizard = self.env["client.balance.settlement.add"].browse(action["res_id"])
        form = Form(wizard.with_user(self.manager))
        form.amount = 20000
        form.save().action_confirm()
        request = self._pending()
        self.assertRecordValues(
            request, [{"operation": "correction", "settlement_id": settlement.id}]
        )
        self.assertIn("→", request.details)
        request.with_user(self.second).action_approve()
        self.assertEqual(self._balance(self.bank1), 20000)

    def test_a_document_follows_to_the_settlement(self):
        document = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create({"name": "letter.txt", "raw": b"Letter"})
        )
        request = self._ask(20000, attachment_ids=[(6, 0, document.ids)])
        mine = request.with_user(self.second)
        self.assertEqual(mine.attachment_ids.mapped("raw"), [b"Letter"])
        settlement = request.with_user(self.second).action_approve()
        self.assertEqual(settlement.attachment_ids, document)
        self.assertEqual(
            (document.res_model, document.res_id),
            ("client.balance.settlement", settlement.id),
        )

    def test_the_documents_of_others_are_not_read_through_a_request(self):
        secret = (
            self.env["ir.attachment"]
            .with_user(self.second)
            .create({"name": "salaries.txt", "raw": b"Secret"})
        )
        with self.assertRaises(AccessError):
            self._ask(20000, attachment_ids=[(6, 0, secret.ids)])
        with self.assertRaises(AccessError):
            self._ask(20000, attachment_ids=[(4, secret.id)])

    def test_a_large_transfer_to_another_client_waits(self):
        self._fund(40000, is_advance=True, date="2026-02-10")
        values = {
            "partner_to_id": self.other_client,
            "amount": 30000,
            "date": "2026-03-20",
            "description": "Assignment of 18.03",
        }
        self._confirm(self._get(self.bank1), **values)
        self.assertEqual(self._balance(self.bank1), 40000)
        request = self._pending()
        self.assertRecordValues(
            request,
            [{"operation": "transfer", "amount": -30000, "state": "requested"}],
        )
        self.assertIn("Volia", request.details)
        made = request.with_user(self.second).action_approve()
        self.assertEqual(made.mapped("amount"), [-30000, 30000])
        self.assertEqual(made.request_id, request)
        self.assertEqual(set(made.mapped("advance_date")), {self._day("2026-02-10")})
        self.assertEqual(self._balance(partner=self.other_client), 30000)

    def test_a_transfer_between_own_bank_accounts_needs_nobody_else(self):
        self._fund(40000)
        self._confirm(
            self._get(self.bank1),
            bank_to_id=self.bank2,
            amount=30000,
            date="2026-03-20",
        )
        self.assertEqual(self._balance(self.bank2), 30000)
        self.assertFalse(self._pending())

    def test_a_large_refund_waits(self):
        self._fund(40000)
        balance = self._get(self.bank1)
        self._confirm(
            balance,
            self.accountant,
            "client.balance.refund",
            amount=30000,
            date="2026-03-20",
        )
        self.assertFalse(self._made("refund"))
        request = self._pending()
        with self.assertRefused("yourself"):
            request.with_user(self.accountant).action_approve()
        with self.assertRefused("may not register payments", AccessError):
            request.with_user(self.second).action_approve()
        self.second.group_ids += self.env.ref("account.group_account_invoice")
        request.with_user(self.second).action_approve()
        self.assertRecordValues(
            self._made("refund"), [{"amount": -30000, "request_id": request.id}]
        )

    def test_an_exchange_waits_whichever_side_is_worth_more(self):
        self._fund(40000)
        for amount, rate, waits in ((400, 40, False), (400, 0.1, True)):
            dialog = self._confirm(
                self._get(self.bank1),
                model="client.balance.exchange",
                currency_to_id=self.usd,
                amount=amount,
                date="2026-03-20",
                rate=rate,
            )
            self.assertEqual(dialog.with_user(self.manager).needs_approval, waits)
            self.assertEqual(bool(self._pending()), waits)
        self.assertEqual(self._balance(self.bank1), 39600)
        self._pending().with_user(self.second).action_approve()
        self.assertEqual(self._balance(self.bank1), 39200)
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 4010)

    # Doors that lead round it ---------------------------------------------------------

    def test_a_plain_entry_is_no_way_round(self):
        for user in (self.manager, self.accountant):
            user.group_ids += self.env.ref("account.group_account_user")
            with (
                self.subTest(user=user.login),
                self.assertRefused("needs a second person"),
            ):
                self._entry(20000, bank=self.bank1, user=user)
        self._entry(10000, bank=self.bank1, user=self.accountant)

    def test_an_entry_in_small_pieces_is_no_way_round(self):
        move = self._entry(6000, bank=self.bank1, post=False)
        move.write(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "client_balance_bank_id": self.bank1.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self.balance_account, -6000),
                        (self.income_account, 6000),
                    )
                ]
            }
        )
        with self.assertRefused("needs a second person"):
            move.with_user(self.accountant).action_post()

    def test_the_scheduled_posting_is_no_way_round(self):
        """It posts as superuser, what one person has prepared."""
        large = self._entry(20000, bank=self.bank1, post=False)
        small = self._entry(10000, bank=self.bank1, post=False)
        (large | small).with_user(self.accountant).write({"auto_post": "at_date"})
        with self.enter_registry_test_mode():
            self.env.ref(
                "account.ir_cron_auto_post_draft_entry"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((large.state, small.state), ("draft", "posted"))
        self.assertRegex(large.message_ids[0].body, "needs a second person")
        self.assertEqual(self._balance(self.bank1), 10000)

    def test_a_payment_to_the_client_is_no_way_round(self):
        self._fund(40000)
        payment = (
            self.env["account.payment"]
            .with_user(self.accountant)
            .with_context(force_payment_move=True)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "customer",
                    "partner_id": self.client.id,
                    "partner_bank_id": self.bank1.id,
                    "amount": 30000,
                    "date": "2026-03-20",
                    "journal_id": self.bank_journal.id,
                    "destination_account_id": self.balance_account.id,
                }
            )
        )
        payment.move_id.line_ids.filtered(
            "account_id.is_client_balance"
        ).client_balance_bank_id = self.bank1
        with self.assertRefused("needs a second person"):
            payment.action_post()

    def test_undoing_moves_money_too(self):
        large, small = self._fund(20000), self._fund(10000)
        with self.assertRefused("needs a second person"):
            large.with_user(self.manager).action_reverse()
        small.with_user(self.manager).action_reverse()
        self.assertEqual(self._balance(self.bank1), 20000)

    def test_the_context_cannot_say_that_somebody_agreed(self):
        for value in (True, 1, {"request_id": 1}, "approved"):
            Settlement = (
                self.env["client.balance.settlement"]
                .with_user(self.manager)
                .with_context(client_balance_approval=value)
            )
            with self.assertRefused("needs a second person"):
                Settlement.create(self._vals(20000))

    # Rights ---------------------------------------------------------------------------

    def test_requests_are_written_by_nobody(self):
        request = self._ask(20000)
        for user in (self.manager, self.second, self.accountant, self.clerk):
            mine = request.with_user(user)
            for vals in ({"state": "approved"}, {"vals": {}}, {"amount": 1}):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    mine.write(vals)
            with self.assertRaises(AccessError):
                mine.create({"partner_id": self.client.id, "operation": "manual"})
            with self.assertRaises(AccessError):
                mine.unlink()
        with self.assertRefused("Requests are kept"):
            request.sudo().unlink()

    def test_who_may_ask_and_decide(self):
        request = self._ask(20000)
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._ask(20000, user=user)
                for name in ("action_approve", "action_refuse"):
                    arguments = ["No"] if name == "action_refuse" else []
                    with self.assertRaises(AccessError):
                        getattr(request.with_user(user), name)(*arguments)
        self.assertEqual(request.with_user(self.reader).state, "requested")
        for user in (self.salesperson, self.employee):
            with self.assertRaises(AccessError):
                request.with_user(user).read(["state"])

    def test_a_manager_of_another_company_neither_sees_nor_decides(self):
        request = self._ask(20000)
        other = self._create_company(name="Other Trade", currency_id=self.uah.id)
        stranger = self._create_user(
            "cb_stranger", "client_balance.group_client_balance_manager"
        )
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        mine = self.Request.with_user(stranger)
        mine = mine.with_context(allowed_company_ids=other.ids)
        self.assertFalse(mine.search([]))
        mine = request.with_user(stranger)
        with self.assertRaises(AccessError):
            mine.with_context(allowed_company_ids=other.ids).action_approve()
        self.assertNotIn(stranger, request.activity_ids.user_id)
