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
        return {**super()._get_integrity_queries(), "total": self._get_total_query()}

    def _get_total_query(self):
        """:return: SQL with one row per client, company and currency that differs"""
        return SQL(
            """
            SELECT company_id, partner_id, NULL::int AS partner_bank_id, currency_id,
                   COALESCE(wanted.amount, 0) AS expected,
                   COALESCE(shown.amount, 0) AS found
              FROM (SELECT company_id, partner_id, currency_id, SUM(amount) AS amount
                      FROM client_balance
                  GROUP BY company_id, partner_id, currency_id) wanted
         FULL JOIN (SELECT company_id, partner_id, pair.key::int AS currency_id,
                           pair.value::numeric AS amount
                      FROM client_balance_total total
                CROSS JOIN LATERAL jsonb_each_text(total.amounts) pair) shown
             USING (company_id, partner_id, currency_id)
             WHERE COALESCE(wanted.amount, 0) <> COALESCE(shown.amount, 0)
            """
        )
