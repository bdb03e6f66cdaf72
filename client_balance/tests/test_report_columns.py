from lxml import etree

from odoo.tests import new_test_user

from .report_common import ReportCommon


class TestReportColumns(ReportCommon):
    """A column lives as long as its currency is in use."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chf = cls.env.ref("base.CHF")

    def _views(self, view_type, user=None):
        report = self.Report.with_user(user or self.reader)
        return etree.fromstring(report.get_view(view_type=view_type)["arch"])

    def _columns(self, user=None):
        return [
            name
            for name in self._views("list", user).xpath("//field/@name")
            if name.startswith("x_balance_")
        ]

    def test_a_column_appears_with_its_currency(self):
        self.assertNotIn("x_balance_chf", self._columns())
        self.chf.active = True
        self.assertIn("x_balance_chf", self._columns())
        self.assertEqual(self._columns()[0], "x_balance_uah")
        self._settle(12.0, currency_id=self.chf.id)
        self.assertEqual(self._report().x_balance_chf, 12.0)
        self.assertEqual(self._sum(["x_balance_chf"]), [12.0])
        self.assertIn("x_balance_chf", self._views("pivot").xpath("//field/@name"))
        self.assertIn(
            "x_balance_chf_negative", self._views("search").xpath("//filter/@name")
        )
        self.assertEqual(
            self._views("graph").xpath("//field[@type='measure']/@name"),
            ["x_balance_uah"],
        )
        self.assertIn("x_balance_chf", self._views("kanban").xpath("//field/@name"))

    def test_a_column_hides_with_its_currency_and_keeps_working(self):
        self.chf.active = True
        settlement = self._settle(12.0, currency_id=self.chf.id)
        with self.assertRefused("CHF"):
            self.chf.active = False
        self.assertIn("x_balance_chf", self._columns())
        settlement.with_user(self.manager).action_reverse()
        self.chf.active = False
        self.assertNotIn("x_balance_chf", self._columns())
        # a page that is still open, or a favourite, names it
        rows = self.Report.with_user(self.reader).search(
            [("x_balance_chf", "=", 0), ("company_id", "=", self.company.id)],
            order="x_balance_chf desc",
        )
        self.assertEqual(rows.partner_id, self.client)
        described = self.Report.fields_get(["x_balance_chf"])["x_balance_chf"]
        self.assertFalse(described["exportable"])
        self.chf.active = True
        self.assertIn("x_balance_chf", self._columns())

    def test_money_keeps_the_column_of_an_inactive_currency(self):
        self.chf.active = True
        self._settle(12.0, currency_id=self.chf.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_currency SET active = false WHERE id = %s", [self.chf.id]
        )
        self.env.invalidate_all()
        self.assertIn("x_balance_chf", self._columns())

    def test_money_in_a_currency_without_column_is_noticed(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_currency SET active = true WHERE id = %s", [self.chf.id]
        )
        self.env.invalidate_all()
        trigger = self.env["ir.cron.trigger"]
        cron = self.env.ref("client_balance.client_balance_report_cron")
        before = trigger.search_count([("cron_id", "=", cron.id)])
        self._settle(12.0, currency_id=self.chf.id)
        self.assertEqual(trigger.search_count([("cron_id", "=", cron.id)]), before + 1)
        self.assertNotIn("x_balance_chf", self._columns())
        self.Report._cron_update_columns()
        self.assertIn("x_balance_chf", self._columns())
        self.assertEqual(self._report().x_balance_chf, 12.0)

    def test_activating_tells_workers_and_browsers(self):
        self.registry.registry_invalidated = False
        self.chf.active = True
        self.assertTrue(self.registry.registry_invalidated)
        self.registry.registry_invalidated = False
        self.chf.active = False
        self.assertTrue(self.registry.registry_invalidated)

    def test_a_renamed_currency_gets_a_column_of_its_name(self):
        self.chf.active = True
        self._settle(12.0, currency_id=self.chf.id)
        self.chf.name = "CHX"
        self.assertIn("x_balance_chx", self._columns())
        self.assertNotIn("x_balance_chf", self._columns())
        self.assertEqual(self._report().x_balance_chx, 12.0)

    def test_a_code_that_is_no_name_still_makes_a_column(self):
        currency = self.env["res.currency"].create({"name": "Ü-1", "symbol": "Ü"})
        name = f"x_balance_id{currency.id}"
        self.assertIn(name, self._columns())
        label = self.Report.fields_get([name])[name]["string"]
        self.assertEqual(label, "Client balance (Ü-1)")

    def test_a_column_that_a_view_names_itself_is_not_doubled(self):
        self.env["ir.ui.view"].create(
            {
                "name": "custom",
                "model": "client.balance.report",
                "inherit_id": self.env.ref(
                    "client_balance.client_balance_report_view_list"
                ).id,
                "arch": "<field name='vat' position='after'>"
                "<field name='x_currency_uah_id' column_invisible='1'/>"
                "<field name='x_balance_uah'/></field>",
            }
        )
        self.assertEqual(self._columns().count("x_balance_uah"), 1)

    def test_people_who_activate_currencies_need_no_right_on_balances(self):
        admin = new_test_user(
            self.env, "cb_settings", groups="base.group_system,base.group_user"
        )
        self.chf.with_user(admin).active = True
        self.assertIn("x_balance_chf", self._columns())
