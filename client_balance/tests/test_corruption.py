from random import Random

from psycopg2 import Error

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import ClientBalanceCommon

BALANCE, SETTLEMENT = "client_balance", "client_balance_settlement"
ITEM, ENTRY = "account_move_line", "account_move"

#: Where somebody may write behind our back: (table, column, what is written there).
DAMAGES = [
    (BALANCE, "amount", "amount + 0.01"),
    (BALANCE, "amount", "-amount"),
    (BALANCE, "settlement_count", "settlement_count + 1"),
    (BALANCE, "overdraft_limit", "0"),
    (BALANCE, "partner_id", "%(partner)s"),
    (BALANCE, "currency_id", "%(currency)s"),
    (BALANCE, "partner_bank_id", "NULL"),
    (SETTLEMENT, "amount", "amount + 0.01"),
    (SETTLEMENT, "amount", "-amount"),
    (SETTLEMENT, "date", "date - 400"),
    (SETTLEMENT, "date", "date + 1"),
    (SETTLEMENT, "balance_id", "%(balance)s"),
    (SETTLEMENT, "number", "number + 100"),
    (SETTLEMENT, "balance_after", "balance_after - 0.01"),
    (SETTLEMENT, "is_live", "NOT is_live"),
    (SETTLEMENT, "move_line_ref", "move_line_ref + 100000"),
    (SETTLEMENT, "reversed_by_id", "NULL"),
    (SETTLEMENT, "reversal_of_id", "NULL"),
    (SETTLEMENT, "partner_id", "%(partner)s"),
    (SETTLEMENT, "partner_bank_id", "NULL"),
    (SETTLEMENT, "currency_id", "%(currency)s"),
    (SETTLEMENT, None, None),
    (ITEM, "amount_currency", "amount_currency + 0.01"),
    (ITEM, "amount_currency", "-amount_currency"),
    (ITEM, "balance", "balance + 0.01"),
    (ITEM, "partner_id", "%(partner)s"),
    (ITEM, "client_balance_bank_id", "NULL"),
    (ITEM, "currency_id", "%(currency)s"),
    (ITEM, "account_id", "%(account)s"),
    (ITEM, "parent_state", "'draft'"),
    (ITEM, "date", "date + 1"),
    (ITEM, None, None),
]


@tagged("post_install", "-at_install")
class TestCorruption(ClientBalanceCommon):
    """Whatever is changed by SQL, the check of the books names the key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sister = cls._create_client("Sister")

    def _fill(self):
        """A ledger with spends, reversals, a limit and foreign money."""
        settle = self._settle
        settle(1000, bank=self.bank1)
        settle(-300, date="2026-03-02", bank=self.bank1)
        settle(40, date="2026-03-03", bank=self.bank1).with_user(
            self.manager
        ).action_reverse()
        settle(77.77, bank=self.bank2, currency_id=self.usd.id)
        settle(-7.77, date="2026-03-04", bank=self.bank2, currency_id=self.usd.id)
        settle(500, partner_id=self.other_client.id)
        balance = self._settlements(partner=self.other_client).balance_id
        balance.overdraft_limit = 100
        settle(-550, date="2026-03-05", partner_id=self.other_client.id)
        self._entry(20, bank=self.bank1).button_draft()
        self.env.flush_all()

    def _get_row(self, random, table):
        """:return: (id, key) of a row that counts in ``table``"""
        if table == ITEM:
            query = SQL(
                """
                SELECT item.id, item.partner_id, item.client_balance_bank_id,
                       item.currency_id
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                 WHERE account.is_client_balance AND item.parent_state = 'posted'
                   AND item.company_id = %s ORDER BY item.id
                """,
                self.company.id,
            )
        else:
            query = SQL(
                """
                SELECT id, partner_id, partner_bank_id, currency_id FROM %s
                 WHERE company_id = %s ORDER BY id
                """,
                SQL.identifier(table),
                self.company.id,
            )
        row, *key = random.choice(self.env.execute_query(query))
        return row, tuple(key)

    def _damage(self, random, table, column, value):
        """Change one row. :return: its key, or None where nothing was changed"""
        row, key = self._get_row(random, table)
        others = {
            "partner": SQL("%s", self.sister.id),
            "currency": SQL("%s", self.env.ref("base.EUR").id),
            "account": SQL("%s", self.income_account.id),
            "balance": SQL(
                "(SELECT MIN(id) FROM client_balance WHERE id <> balance_id"
                " AND company_id = %s)",
                self.company.id,
            ),
        }
        where = SQL("FROM %s WHERE id = %s", SQL.identifier(table), row)
        if not column:
            self.env.cr.execute(SQL("DELETE %s", where))
            return key
        name = SQL.identifier(column)
        new = SQL(value, **others) if "%(" in value else SQL(value)
        [[old, new_value]] = self.env.execute_query(
            SQL("SELECT %s, %s %s", name, new, where)
        )
        if old == new_value:
            return None
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id = %s",
                SQL.identifier(table),
                name,
                new,
                row,
            )
        )
        return key

    @mute_logger("odoo.sql_db")
    def test_a_hundred_random_changes_are_found_and_the_key_is_named(self):
        self._fill()
        self.assertLedgerSound()
        random = Random(2026)
        found, refused = 0, 0
        seen = set()
        while found < 100:
            damage = random.choice(DAMAGES)
            with self.env.cr.savepoint(flush=False) as savepoint:
                try:
                    key = self._damage(random, *damage)
                except Error:
                    # the database itself does not let it in
                    refused += 1
                    savepoint.rollback()
                    continue
                if key:
                    rows = self.env["client.balance"].check_integrity()
                    named = {
                        (
                            row["partner_id"],
                            row["partner_bank_id"],
                            row["currency_id"],
                        )
                        for row in rows
                    }
                    self.assertIn(key, named, f"{damage} was not found")
                    found += 1
                    seen.add(damage)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertGreater(len(seen), len(DAMAGES) * 0.7, seen)
