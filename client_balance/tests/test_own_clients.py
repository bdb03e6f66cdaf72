from odoo.fields import Domain
from odoo.tests import tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestOwnClients(ClientBalanceCommon):
    """A salesperson learns nothing of the balances of other people's clients."""

    def setUp(self):
        super().setUp()
        self.client.user_id = self.salesperson
        self.own = self._settle(100)
        self.foreign = self._settle(70, partner_id=self.other_client.id)
        self._invoice(50)
        self.env.flush_all()

    def _find(self, model, *conditions):
        """:return: those of both clients whom a search of the salesperson finds"""
        records = self.env[model].with_user(self.salesperson)
        return records.search(Domain.AND([Domain([c]) for c in conditions]))

    def test_who_has_a_balance_is_told_of_own_clients_only(self):
        both = self.client | self.other_client
        among = ("id", "in", both.ids)
        foreign = self.foreign.balance_id
        for condition, found in (
            (("client_balance_ids", "!=", False), self.client),
            (("client_balance_ids", "=", False), self.other_client),
            (("client_balance_ids", "in", foreign.ids), both.browse()),
            (("client_balance_ids", "=", foreign.id), both.browse()),
            (("client_balance_ids", "not in", foreign.ids), both),
            (("client_balance_ids", "in", [False, foreign.id]), self.other_client),
            (("client_balance_ids", "any", []), self.client),
            (("client_balance_ids.amount", ">", 1), self.client),
            (("client_balance_ids.settlement_ids.amount", ">", 1), self.client),
            (("client_balance_ids.settlement_ids", "!=", False), self.client),
            (("client_balance_ids.display_name", "ilike", "Volia"), both.browse()),
            (("child_ids.client_balance_ids", "!=", False), both.browse()),
        ):
            with self.subTest(condition=condition):
                self.assertEqual(self._find("res.partner", among, condition), found)

    def test_who_sees_all_clients_finds_all(self):
        partners = self.env["res.partner"].with_user(self.reader)
        both = self.client | self.other_client
        found = partners.search(
            [("id", "in", both.ids), ("client_balance_ids", "!=", False)]
        )
        self.assertEqual(found, both)
        balance = self.foreign.balance_id
        found = partners.search([("client_balance_ids", "in", balance.ids)])
        self.assertEqual(found, self.other_client)

    def test_no_list_of_ours_on_models_of_odoo_is_searched_as_superuser(self):
        """Core asks for ids, and whether there are any, without the record rules."""
        user = self.salesperson
        user.group_ids |= self.env.ref("base.group_allow_export")
        seen = {}
        for model in self.env.values():
            for field in model._fields.values():
                if (
                    field.type in ("one2many", "many2many")
                    and field._description_searchable
                    and not model._abstract
                    and not model._transient
                    and not model._name.startswith("client.balance")
                    and (field.comodel_name or "").startswith("client.balance")
                    and model.with_user(user).has_access("read")
                    and model.with_user(user)._has_field_access(field, "read")
                ):
                    seen[model._name, field.name] = field.comodel_name
        self.assertIn(("res.partner", "client_balance_ids"), seen)
        for (model, name), comodel in seen.items():
            records = self.env[model].with_user(user)
            visible = self.env[comodel].with_user(user).search([]).ids
            with self.subTest(model=model, field=name):
                self.assertEqual(
                    records.search([(name, "!=", False)]),
                    records.search([(name, "any", [("id", "in", visible)])]),
                )

    def test_reports_and_exports_show_own_clients_only(self):
        for model in (
            "client.balance",
            "client.balance.settlement",
            "client.balance.report",
            "client.balance.ageing",
            "client.balance.match",
            "client.balance.advance",
            "client.balance.statement",
        ):
            with self.subTest(model=model):
                rows = self._find(model, ("partner_id", "=", self.other_client.id))
                self.assertFalse(rows)
                groups = (
                    self.env[model]
                    .with_user(self.salesperson)
                    ._read_group([], ["partner_id"], ["__count"])
                )
                self.assertNotIn(self.other_client, [group[0] for group in groups])
