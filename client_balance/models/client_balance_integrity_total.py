from odoo import models
from odoo.tools import SQL


class ClientBalance(models.Model):
    """The check of the books looks at the client report as well."""

    _inherit = "client.balance"

    def _get_integrity_names(self):
        return {
            **super()._get_integrity_names(),
            "total": self.env._("Client report differs from the balances"),
        }

    def _get_integrity_queries(self):
        queries = super()._get_integrity_queries()
        columns = self.env["client.balance.report"]._get_columns()
        if columns:
            queries["total"] = self._get_total_query(columns)
        return queries

    def _get_total_query(self, columns):
        """:return: SQL with one row per client, company and currency that differs"""
        pairs = SQL(", ").join(
            SQL("(%s, total.%s)", currency_id, SQL.identifier(name))
            for currency_id, name in columns.items()
        )
        return SQL(
            """
            SELECT company_id, partner_id, NULL::int AS partner_bank_id, currency_id,
                   COALESCE(wanted.amount, 0) AS expected,
                   COALESCE(shown.amount, 0) AS found
              FROM (SELECT company_id, partner_id, currency_id, SUM(amount) AS amount
                      FROM client_balance WHERE currency_id IN %(ids)s
                  GROUP BY company_id, partner_id, currency_id) wanted
         FULL JOIN (SELECT company_id, partner_id, pair.currency_id, pair.amount
                      FROM client_balance_total total
                CROSS JOIN LATERAL (VALUES %(pairs)s) pair (currency_id, amount)) shown
             USING (company_id, partner_id, currency_id)
             WHERE COALESCE(wanted.amount, 0) <> COALESCE(shown.amount, 0)
            """,
            ids=tuple(columns),
            pairs=pairs,
        )
