from odoo import models
from odoo.tools import SQL

#: What the first look proves when it finds nothing.
PROVEN = {
    "balance_sum",
    "chain",
    "general_ledger",
    "item",
    "key",
    "trial_balance",
    "unassigned",
}


class ClientBalance(models.Model):
    """The check of the books begins with a look that is enough for sound books.

    The questions in detail (``_get_integrity_queries``) name each wrong key, and read
    every table several times. Almost always nothing is wrong, and two passes tell:

    1. each posted item has its one live settlement of the same key, day and amount,
       and is worth that amount where it is in the company's currency;
    2. each settlement carries on the number and the level of the one before it, and
       the last one of each balance says what the balance says.

    Together with "what does not stand any more adds up to nothing" the sums per key
    and per company follow, so they need not be asked. Whatever is not so, however
    slightly, is left to the questions in detail: they alone judge.
    """

    _inherit = "client.balance"

    def _get_needed_queries(self):
        """:return: {check: SQL} of what the first look has not proven"""
        queries = self._get_integrity_queries()
        # sorts and joins of whole tables; the setting ends with the transaction
        self.env.cr.execute(SQL("SET LOCAL work_mem = '128MB'"))
        if self._are_items_sound() and self._is_undone_sound():
            is_sound, doubtful_ids = self._look_at_chains()
            if is_sound:
                queries = {
                    name: query for name, query in queries.items() if name not in PROVEN
                }
                queries["limit_day"] = self._get_limit_day_query(doubtful_ids)
        return queries

    def _are_items_sound(self):
        """:return: whether items and live settlements are the same, one by one"""
        account_ids = self.env.execute_query(
            SQL("SELECT ARRAY_AGG(id) FROM account_account WHERE is_client_balance")
        )[0][0]
        [[count]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*)
                  FROM (
                       SELECT line.id, line.date,
                              split_part(company.parent_path, '/', 1)::int
                                  AS company_id,
                              client.commercial_partner_id AS partner_id,
                              line.client_balance_bank_id AS partner_bank_id,
                              line.currency_id,
                              -line.amount_currency AS amount, -line.balance AS value,
                              line.currency_id = company.currency_id AS is_home
                         FROM account_move_line line
                         JOIN res_company company ON company.id = line.company_id
                    LEFT JOIN res_partner client ON client.id = line.partner_id
                        WHERE line.parent_state = 'posted'
                          AND line.account_id = ANY(%s)
                       ) item
             FULL JOIN (SELECT * FROM client_balance_settlement WHERE is_live) s
                    ON s.move_line_ref = item.id
                 WHERE item.id IS NULL
                    OR item.amount <> COALESCE(s.amount, 0)
                    OR (item.is_home AND item.value <> item.amount)
                    OR (item.partner_id IS NULL
                        AND (item.amount <> 0 OR item.value <> 0))
                    OR (s.id IS NOT NULL
                        AND (s.date IS DISTINCT FROM item.date
                             OR s.company_id IS DISTINCT FROM item.company_id
                             OR s.partner_id IS DISTINCT FROM item.partner_id
                             OR s.currency_id IS DISTINCT FROM item.currency_id
                             OR s.partner_bank_id IS DISTINCT FROM
                                item.partner_bank_id))
                """,
                account_ids or [0],
            )
        )
        return not count and self._is_live_once()

    def _is_live_once(self):
        """:return: whether PostgreSQL sees to it that an item has one settlement"""
        return self.env.execute_query(
            SQL(
                """
                SELECT indisunique AND indisvalid FROM pg_index
                 WHERE indexrelid =
                       to_regclass('client_balance_settlement_one_live_per_item')
                """
            )
        ) == [(True,)]

    def _is_undone_sound(self):
        """:return: whether what stands for no item adds up to nothing, per balance"""
        return not self.env.execute_query(
            SQL(
                """
                SELECT FROM client_balance_settlement WHERE NOT is_live
              GROUP BY balance_id HAVING SUM(amount) <> 0 LIMIT 1
                """
            )
        )

    def _look_at_chains(self):
        """Follow the settlements of each balance in the order of recording.

        Where they are in the order of their dates as well, and none of them went below
        the limit, no day did.

        :return: (whether all chains are sound, ids of the balances whose days must be
            judged one by one)
        """
        [[is_sound, doubtful_ids]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) = (SELECT COALESCE(SUM(settlement_count), 0)
                                     FROM client_balance)
                       AND COUNT(*) FILTER (WHERE number = settlement_count
                                              AND balance_after = total)
                           = (SELECT COUNT(*) FROM client_balance
                               WHERE settlement_count <> 0 OR amount <> 0)
                       AND COUNT(*) FILTER (WHERE is_broken) = 0,
                       ARRAY_AGG(DISTINCT balance_id) FILTER (WHERE is_doubtful)
                  FROM (
                       SELECT s.balance_id, s.number, s.balance_after,
                              b.settlement_count, b.amount AS total,
                              s.number IS DISTINCT FROM
                                 COALESCE(LAG(s.number) OVER w, 0) + 1
                              OR s.balance_after IS DISTINCT FROM
                                 s.amount + COALESCE(LAG(s.balance_after) OVER w, 0)
                              OR s.company_id IS DISTINCT FROM b.company_id
                              OR s.partner_id IS DISTINCT FROM b.partner_id
                              OR s.currency_id IS DISTINCT FROM b.currency_id
                              OR s.partner_bank_id IS DISTINCT FROM b.partner_bank_id
                                 AS is_broken,
                              s.date < LAG(s.date) OVER w
                              OR s.balance_after < -b.overdraft_limit AS is_doubtful
                         FROM client_balance_settlement s
                         JOIN client_balance b ON b.id = s.balance_id
                       WINDOW w AS (PARTITION BY s.balance_id ORDER BY s.number)
                       ) chain
                """
            )
        )
        return is_sound, doubtful_ids or []
