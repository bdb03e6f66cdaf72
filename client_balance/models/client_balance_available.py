from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


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
        balance = self._get_balance(company, partner, bank, currency)
        return balance._get_available_on(date).get(balance.id, 0.0)

    def _get_available_on(self, date):
        """The lowest balance of any day from ``date`` on, plus the limit.

        :return: {balance id: float in the balance's currency}
        """
        if not self.ids:
            return {}
        self.flush_model()
        self.env["client.balance.settlement"].flush_model(
            ["amount", "date", "balance_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT b.id,
                       b.amount + b.overdraft_limit
                           - GREATEST(0, COALESCE(MAX(later.gain), 0))
                  FROM client_balance b
             LEFT JOIN (
                       SELECT balance_id,
                              SUM(SUM(amount)) OVER (
                                  PARTITION BY balance_id ORDER BY date DESC
                              ) AS gain
                         FROM client_balance_settlement
                        WHERE balance_id IN %(ids)s AND date > %(date)s
                     GROUP BY balance_id, date
                       ) later ON later.balance_id = b.id
                 WHERE b.id IN %(ids)s
              GROUP BY b.id
                """,
                ids=tuple(self.ids),
                date=date,
            )
        )
        currencies = {balance.id: balance.currency_id for balance in self}
        return {
            balance_id: currencies[balance_id].round(float(amount))
            for balance_id, amount in rows
        }

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
        later = dict(
            self.env["client.balance.settlement"]._read_group(
                [("balance_id", "in", self.ids), ("date", ">", date)],
                ["balance_id"],
                ["amount:sum"],
            )
        )
        return {
            balance.id: balance.currency_id.round(
                balance.amount - later.get(balance, 0.0)
            )
            for balance in self
        }
