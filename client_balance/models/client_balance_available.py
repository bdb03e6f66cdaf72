from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

#: From so many balances on, all are asked: PostgreSQL reads a long list more slowly
#: than its tables.
MANY = 20_000


class ClientBalance(models.Model):
    """How much there is, and how much of it can be taken on a day."""

    _inherit = "client.balance"

    @api.model
    def _get_key_domain(self, company, partner, bank, currency):
        """Hook. :return: domain of the one balance of a key"""
        return Domain(
            [
                ("company_id", "=", company.root_id.id),
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("partner_bank_id", "=", bank.id if bank else False),
                ("currency_id", "=", currency.id),
            ]
        )

    @api.model
    def _get_balance(self, company, partner, bank, currency):
        """:return: the balance of a key, empty if no money ever moved on it"""
        if not (company and partner and currency):
            return self.browse()
        domain = self._get_key_domain(company, partner, bank, currency)
        return self.search_fetch(domain, ["currency_id"], order="id")

    @api.model
    def _get_available(self, company, partner, bank, currency, date):
        """What can be taken from a key on ``date``.

        :return: float in ``currency``; 0.0 where there is no balance
        """
        if not (company and partner and currency):
            return 0.0
        query = self._search(self._get_key_domain(company, partner, bank, currency))
        return sum(self._query_available(query.subselect(), date).values())

    def _get_available_on(self, date):
        """The lowest balance of any day from ``date`` on, plus the limit.

        :return: {balance id: float in the balance's currency}, of those that the user
            may see
        """
        if not self.ids:
            return {}
        query = self.with_context(active_test=False)._search([("id", "in", self.ids)])
        return self._query_available(query.subselect(), date)

    def _query_available(self, balance_ids, date):
        """As above, of the balances whose ids are the rows of the query."""
        self.flush_model()
        self.env["client.balance.settlement"].flush_model(
            ["amount", "date", "balance_id"]
        )
        # Sums of rounded amounts need no rounding: PostgreSQL adds them exactly.
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT b.id, (b.amount + b.overdraft_limit
                                 - GREATEST(0, later.gain))::float8
                      FROM client_balance b
        LEFT JOIN LATERAL (
                           SELECT MAX(gain) AS gain FROM (
                               SELECT SUM(SUM(amount)) OVER (ORDER BY date DESC) AS gain
                                 FROM client_balance_settlement
                                WHERE balance_id = b.id AND date > %(date)s
                             GROUP BY date
                           ) days
                           ) later ON TRUE
                     WHERE b.id IN (%(ids)s)
                    """,
                    ids=balance_ids,
                    date=date,
                )
            )
        )

    def _get_lowest_ever(self):
        """:return: the lowest end-of-day balance so far, at most 0.0"""
        self.ensure_one()
        self.env["client.balance.settlement"].flush_model()
        [[lowest]] = self.env.execute_query(
            SQL(
                """
                SELECT LEAST(0, MIN(level)) FROM (
                    SELECT SUM(SUM(amount)) OVER (ORDER BY date) AS level
                      FROM client_balance_settlement
                     WHERE balance_id = %s
                  GROUP BY date
                ) days
                """,
                self.id,
            )
        )
        return self.currency_id.round(float(lowest or 0.0))

    def _get_amounts_on(self, date):
        """Balances at the end of ``date``, as known now.

        :return: {balance id: float in the balance's currency}
        """
        if not self.ids:
            return {}
        self.flush_model(["amount"])
        self.env["client.balance.settlement"].flush_model(
            ["amount", "date", "balance_id"]
        )
        # Sums of rounded amounts need no rounding: PostgreSQL adds them exactly.
        if len(self) > MANY:
            found = dict(self.env.execute_query(self._get_all_amounts_sql(date)))
            return {balance_id: found.get(balance_id, 0.0) for balance_id in self.ids}
        return dict(self.env.execute_query(self._get_own_amounts_sql(date)))

    def _get_own_amounts_sql(self, date):
        """:return: SQL of these balances, less what moved them later: seldom much"""
        return SQL(
            """
            SELECT b.id, (b.amount - COALESCE(later.amount, 0))::float8
              FROM client_balance b
         LEFT JOIN (
                   SELECT balance_id, SUM(amount) AS amount
                     FROM client_balance_settlement
                    WHERE balance_id = ANY(%(ids)s) AND date > %(date)s
                 GROUP BY balance_id
                   ) later ON later.balance_id = b.id
             WHERE b.id = ANY(%(ids)s)
            """,
            ids=list(self.ids),
            date=date,
        )

    def _get_all_amounts_sql(self, date):
        """:return: SQL of all balances that had moved by then"""
        return SQL(
            """
            SELECT balance_id, SUM(amount)::float8 FROM client_balance_settlement
             WHERE date <= %s GROUP BY balance_id
            """,
            date,
        )
