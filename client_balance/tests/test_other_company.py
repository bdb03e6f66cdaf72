from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .statement_common import StatementCommon

BATCH = "client.balance.statement.batch"


@tagged("post_install", "-at_install")
class TestOtherCompany(StatementCommon):
    """A manager of one company has no business in the books of another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.theirs = cls._create_company(name="Another company")
        cls.theirs._client_balance_set_up()
        cls.stranger = cls._create_user(
            "cb_other",
            "account.group_account_manager,client_balance.group_client_balance_manager",
        )
        cls.stranger.write(
            {"company_ids": [Command.set(cls.theirs.ids)], "company_id": cls.theirs.id}
        )

    def setUp(self):
        super().setUp()
        self.balance = self._settle(100, bank=self.bank1).balance_id

    def _as_stranger(self, model, **context):
        context["allowed_company_ids"] = self.theirs.ids
        return self.env[model].with_user(self.stranger).with_context(**context)

    def _assertDenied(self, action, *args):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            action(*args)
            self.env.flush_all()
        self.env.invalidate_all()

    # Dialogs --------------------------------------------------------------------------

    def test_no_dialog_opens_on_a_balance_of_others(self):
        """Neither its money nor its name: by a default, by RPC, by changing a form."""
        for model in (
            "client.balance.transfer",
            "client.balance.exchange",
            "client.balance.refund",
        ):
            dialogs = self._as_stranger(model)
            names = [*dialogs._fields]
            values = {
                "partner_id": self.client.id,
                "balance_id": self.balance.id,
                "company_id": self.theirs.id,
                "amount": 5,
            }
            with self.subTest(model=model):
                asking = self._as_stranger(model, default_balance_id=self.balance.id)
                self._assertDenied(asking.default_get, names)
                spec = {"balance_id": {}, "available": {}}
                self._assertDenied(asking.onchange, {}, [], spec)
                self._assertDenied(dialogs.create, values)
                self._assertDenied(
                    dialogs.onchange, values, ["balance_id"], {"available": {}}
                )
                self.env.flush_all()
                dialog = dialogs.create({**values, "balance_id": self._own_balance()})
                self._assertDenied(dialog.write, {"balance_id": self.balance.id})

    def _own_balance(self):
        """:return: id of a balance of the stranger's own company"""
        settlement = self._as_stranger("client.balance.settlement").create(
            {"partner_id": self.client.id, "amount": 7, "date": "2026-03-01"}
        )
        return settlement.balance_id.id

    def test_what_is_available_is_said_of_balances_that_one_may_see(self):
        balance = self._as_stranger("client.balance").browse(self.balance.id)
        self.assertEqual(balance._get_available_on("2026-03-01"), {})
        self._assertDenied(balance._get_sources, 5, "2026-03-01")
        self.assertEqual(
            self.balance.with_user(self.reader)._get_available_on("2026-03-01"),
            {balance.id: 100},
        )

    def test_no_dialog_works_in_a_company_of_others(self):
        for model in (
            "client.balance.top.up",
            "client.balance.settlement.add",
            "client.balance.limit",
            "client.balance.checklist",
            "client.balance.batch",
            BATCH,
        ):
            values = {
                "company_id": self.company.id,
                "partner_id": self.client.id,
                "amount": 5,
            }
            records = self._as_stranger(model)
            values = {name: v for name, v in values.items() if name in records._fields}
            if model == "client.balance.batch":
                values["kind"] = "offset"
            with self.subTest(model=model):
                self._assertDenied(records.create, values)
                self._assertDenied(
                    records.onchange, values, ["company_id"], {"company_id": {}}
                )

    def test_a_branch_goes_on_with_the_balances_of_its_root_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        clerk = self._create_user(
            "cb_branch", "client_balance.group_client_balance_manager"
        )
        clerk.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        transfers = (
            self.env["client.balance.transfer"]
            .with_user(clerk)
            .with_context(
                default_balance_id=self.balance.id, allowed_company_ids=branch.ids
            )
        )
        values = transfers.default_get([*transfers._fields])
        self.assertEqual(values["company_id"], branch.id)
        dialog = transfers.create({**values, "bank_to_id": self.bank2.id, "amount": 40})
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank2), 40)
        dialog = transfers.create({**values, "bank_to_id": self.bank2.id, "amount": 40})
        # the entry would be posted where this person does not work
        dialog.company_id = self.company
        with self.assertRefused("You do not work in the company", AccessError):
            dialog.action_confirm()

    # Adoption -------------------------------------------------------------------------

    def _adopt(self):
        """The dialog of the stranger, for a used account of the own company."""
        account = self.env["account.account"].create(
            {
                "name": "Old advances",
                "code": "681999",
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [Command.set(self.theirs.ids)],
            }
        )
        return self._as_stranger("client.balance.adopt").create(
            {"account_id": account.id}
        )

    def test_no_limit_is_granted_through_the_adoption_of_an_account(self):
        adopt = self._adopt()
        key = {
            "adopt_id": adopt.id,
            "partner_id": self.client.id,
            "partner_bank_id": self.bank1.id,
            "currency_id": self.uah.id,
            "overdraft_limit": 777777,
        }
        keys = self._as_stranger("client.balance.adopt.key")
        self._assertDenied(keys.create, {**key, "company_id": self.company.id})
        # and in the own company only where the adoption needs one
        keys.create({**key, "company_id": self.theirs.id})
        adopt.action_adopt()
        self.env.invalidate_all()
        self.assertTrue(adopt.account_id.is_client_balance)
        limits = self.env["client.balance"].sudo().search([]).mapped("overdraft_limit")
        self.assertNotIn(777777, limits)

    # Acts -----------------------------------------------------------------------------

    def test_an_act_is_not_moved_into_another_company(self):
        self._invoice(100)
        acts = self._as_stranger("client.balance.statement")
        act = acts.create(
            {
                "partner_id": self.client.id,
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
            }
        )
        self._assertDenied(act.write, {"company_id": self.company.id})
        self._assertDenied(
            acts.create, {"partner_id": self.client.id, "company_id": self.company.id}
        )
        self.assertEqual(act.company_id, self.theirs)
        self.assertFalse(act.line_ids)

    def _batch(self, records, **vals):
        return records.create(
            {
                "date_from": "2026-03-01",
                "date_to": "2026-03-31",
                "partner_ids": [Command.set(self.client.ids)],
                **vals,
            }
        )

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "client_balance.ir_cron_client_balance_statement"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def test_a_batch_makes_what_was_asked_for_when_it_was_started(self):
        self._invoice(100)
        batch = self._batch(self.env[BATCH].with_user(self.clerk))
        batch.action_start()
        for vals in (
            {"company_id": self.theirs.id},
            {"date_to": "2026-12-31"},
            {"partner_ids": [Command.set(self.other_client.ids)]},
            {"send": True},
            {"user_id": self.stranger.id},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRefused("does not change any more"),
            ):
                batch.write(vals)
        self._run_job()
        act = batch.task_ids.statement_id
        self.assertEqual((act.company_id, act.state), (self.company, "draft"))
        self.assertEqual(act.create_uid, self.clerk)

    def test_a_batch_is_not_moved_into_another_company(self):
        batch = self._batch(self._as_stranger(BATCH))
        self._assertDenied(batch.write, {"company_id": self.company.id})

    def test_nobody_starts_a_batch_or_speaks_for_the_schedule_by_writing(self):
        batch = self._batch(self.env[BATCH].with_user(self.clerk))
        for vals in (
            {"started": True},
            {"asked_by_id": self.manager.id},
            {"schedule": "monthly"},
        ):
            with self.subTest(vals=vals), self.assertRefused("with its button"):
                batch.write(vals)
            with self.subTest(vals=vals), self.assertRefused("with its button"):
                self._batch(batch.browse(), **vals)

    def test_the_job_has_the_rights_of_who_asked(self):
        """Whoever may not make the act by hand when the job runs does not get it."""
        self._invoice(100)
        batches = self.env[BATCH]
        for losing in (
            {"group_ids": [Command.set(self.env.ref("base.group_user").ids)]},
            {"company_ids": [Command.set(self.theirs.ids)], "company_id": self.theirs},
            {"active": False},
        ):
            user = self._create_user(
                f"cb_leaver_{len(batches)}", "account.group_account_invoice"
            )
            batch = self._batch(self.env[BATCH].with_user(user))
            batch.action_start()
            user.write(losing)
            batches |= batch
        self._run_job()
        tasks = batches.with_env(self.env).task_ids
        self.assertEqual(tasks.mapped("state"), ["failed"] * 3)
        self.assertFalse(tasks.statement_id)
        self.assertIn("does not work in Perfect Trade any more", tasks[1].message)

    def test_clients_are_taken_from_lists_that_one_may_read(self):
        for active_model, active_ids in (
            ("client.balance", self.balance.ids),
            ("client.balance.settlement", self.balance.settlement_ids.ids),
        ):
            asking = self._as_stranger(
                BATCH, active_model=active_model, active_ids=active_ids
            )
            self._assertDenied(asking.default_get, ["partner_ids"])
        for active_model, active_ids in (
            ("client.balance", ["x"]),
            ("client.balance", [10**12]),
            ("client.balance", {"a": 1}),
        ):
            asking = self._as_stranger(
                BATCH, active_model=active_model, active_ids=active_ids
            )
            with self.assertRaises(UserError):
                asking.default_get(["partner_ids"])
