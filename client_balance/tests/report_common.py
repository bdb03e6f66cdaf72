from odoo.tools import SQL

from .common import ClientBalanceCommon


class ReportCommon(ClientBalanceCommon):
    """Three clients with balances in two currencies, and the totals by plain SQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["client.balance.report"]

    def setUp(self):
        # cleanups run backwards: this one when the test is rolled back
        self.addCleanup(self._forget_columns, len(self.Report._get_columns()))
        super().setUp()

    def _forget_columns(self, before):
        """The registry must not keep columns of a test that the database forgot."""
        if len(self.Report._get_columns()) != before:
            self.registry._setup_models__(self.env.cr)
            self.registry.clear_all_caches()

    def _report(self, partner=None, user=None, date=None):
        """:return: the row of a client, as ``user`` sees it"""
        report = self.Report.with_user(user or self.reader)
        if date:
            report = report.with_context(client_balance_date=date)
        return report.search(
            [
                ("partner_id", "=", (partner or self.client).id),
                ("company_id", "=", self.company.id),
            ]
        )

    def _sum(self, names, domain=(), user=None, **context):
        """:return: totals of the report, as its footer asks them"""
        report = self.Report.with_user(user or self.reader).with_context(**context)
        [row] = report.formatted_read_group(
            [("company_id", "=", self.company.id), *domain],
            [],
            [f"{name}:sum" for name in names],
        )
        return [row[f"{name}:sum"] for name in names]

    def _sql(self, query, *args):
        """:return: the number that plain SQL says"""
        self.env.flush_all()
        [[value]] = self.env.execute_query(SQL(query, *args))
        return float(value or 0.0)
