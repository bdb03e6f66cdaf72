from odoo.exceptions import AccessError
from odoo.fields import Command, Domain
from odoo.tests import tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestDialogOwner(ClientBalanceCommon):
    """A dialog belongs to who opened it: no other person changes what is confirmed."""

    def _get_dialogs(self):
        """:return: transient models of the family"""
        return [
            model
            for model in self.env.values()
            if model._transient and model._original_module.startswith("client_balance")
        ]

    def test_every_dialog_of_ours_has_an_owner(self):
        """And so have its rows: they belong to whom the dialog belongs to."""
        Rule = self.env["ir.rule"].with_user(self.manager)
        dialogs = self._get_dialogs()
        self.assertGreater(len(dialogs), 10)
        for model in dialogs:
            owned = {"create_uid"} | {
                f"{field.name}.create_uid"
                for field in model._fields.values()
                if field.type == "many2one"
                and field.required
                and self.env[field.comodel_name] in dialogs
            }
            if model.with_user(self.manager).has_access("create"):
                asked = self.env.registry["client.balance.asked"]
                self.assertIsInstance(model, asked)
            for mode in ("read", "write", "create", "unlink"):
                with self.subTest(model=model._name, mode=mode):
                    domain = Rule._compute_domain(model._name, mode)
                    self.assertLessEqual(owned, self._get_owned(domain))

    def _get_owned(self, domain):
        """:return: the paths that ``domain`` wants to lead to the manager"""
        owned = set()
        for condition in domain.iter_conditions():
            name, value = condition.field_expr, condition.value
            if isinstance(value, Domain):
                owned |= {f"{name}.{path}" for path in self._get_owned(value)}
            elif condition.operator == "in" and set(value) == {self.manager.id}:
                owned.add(name)
        return owned

    def _open_list(self, user):
        """The list of open credits, with one credit of 100, as ``user`` opens it."""
        credit = self._invoice(100, move_type="out_refund")
        Batch = self.env["client.balance.batch"].with_user(user)
        line = credit.line_ids.filtered(
            lambda item: item.account_id.account_type == "asset_receivable"
        )
        action = Batch._open_credits(line.with_user(user))
        return Batch.browse(action["res_id"])

    def test_a_clerk_changes_nothing_in_the_list_of_a_manager(self):
        boss = self._create_user(
            "cb_boss",
            "client_balance.group_client_balance_manager,account.group_account_invoice",
        )
        batch = self._open_list(boss)
        self.assertEqual(batch.line_ids.amount, 100)
        for records, vals in (
            (batch.line_ids, {"amount": 7}),
            (batch.line_ids, {"partner_bank_id": self.bank2.id}),
            (batch, {"date": "2026-03-09"}),
            (batch, {"line_ids": [Command.update(batch.line_ids.id, {"amount": 7})]}),
        ):
            with self.assertRaises(AccessError):
                records.with_user(self.clerk).write(vals)
        with self.assertRaises(AccessError):
            batch.with_user(self.clerk).run_batch()
        with self.assertRaises(AccessError):
            batch.with_user(self.clerk).read(["date"])
        self.env.invalidate_all()
        self.assertEqual(batch.run_batch()["done"], 1)
        self.assertEqual(self._balance(batch.line_ids.partner_bank_id), 100)

    def test_a_clerk_adds_no_row_to_the_list_of_a_manager(self):
        batch = self._open_list(self.accountant)
        own = self._open_list(self.clerk)
        Line = self.env["client.balance.batch.line"].with_user(self.clerk)
        with self.assertRaises(AccessError):
            Line.create({"batch_id": batch.id, "partner_id": self.client.id})
        with self.assertRaises(AccessError):
            own.write({"line_ids": [Command.link(batch.line_ids.id)]})
        proposed = batch.line_ids
        with self.assertRaises(AccessError):
            own.line_ids.write({"batch_id": batch.id})
        self.assertEqual(batch.line_ids, proposed)

    def test_everybody_goes_on_with_the_own_dialogs(self):
        batch = self._open_list(self.clerk)
        batch.line_ids.amount = 40
        self.assertEqual(batch.run_batch()["done"], 1)
        bank = batch.line_ids.partner_bank_id
        self.assertEqual(self._balance(bank), 40)
        pay = (
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .create({"invoice_ids": [Command.set(self._invoice(30).ids)]})
        )
        pay.action_confirm()
        self.assertEqual(self._balance(bank), 10)
