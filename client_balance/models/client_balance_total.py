from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import table_columns


class ClientBalanceTotal(models.Model):
    """One row per client and company with a physical column per currency.

    Not a ledger but its shadow, kept so that the client report sorts and sums by
    balance at the price of a plain table. ``_refresh`` is the only statement that
    writes ``amounts``, and it always sets what the balances say, so a row cannot
    drift. PostgreSQL derives the columns of the currencies from it, hence whoever
    posts money need not know which columns there are just now.
    """

    _name = "client.balance.total"
    _description = "Totals of a client"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    amounts = fields.Json(
        readonly=True, help="Balances of the client by currency, as {currency id: sum}."
    )

    # A constraint, not an index: core's partner merge then drops the row of the merged
    # client instead of failing, and _refresh fills that of the remaining one.
    _client_uniq = models.Constraint(
        "UNIQUE (partner_id, company_id)", "A client has one row per company."
    )

    @api.model
    def _get_root_sql(self, alias):
        """:return: SQL of the root company of the row ``alias``"""
        branches = self.env["client.balance.report"]._get_branches()
        company = SQL.identifier(alias, "company_id")
        if not branches:
            return company
        cases = SQL(" ").join(
            SQL("WHEN %s THEN %s", branch, root) for branch, root in branches
        )
        return SQL("(CASE %s %s ELSE %s END)", company, cases, company)

    # Rows -------------------------------------------------------------------------

    @api.model
    def _add_clients(self, keys):
        """Give rows to clients that have none.

        A row that is there is not even tried: an insert beside a row whose total has
        just been moved by somebody else is a serialization failure.

        :param keys: pairs (root company id, commercial partner id)
        """
        if not keys:
            return
        known = self.env.execute_query(
            SQL(
                "SELECT company_id, partner_id FROM client_balance_total"
                " WHERE partner_id IN %s",
                tuple(partner_id for _company_id, partner_id in keys),
            )
        )
        missing = sorted(set(keys) - set(known))
        if missing:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO client_balance_total (company_id, partner_id)"
                    " VALUES %s ON CONFLICT DO NOTHING",
                    SQL(", ").join(SQL("%s", key) for key in missing),
                )
            )

    @api.model
    def _find_clients(self, partner_ids=None):
        """Give rows to all clients with receivable items, and drop those of contacts.

        :param partner_ids: look at these and their contacts only
        """
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env["account.move.line"].flush_model(
            ["partner_id", "company_id", "account_id", "parent_state"]
        )
        among = self._get_among_sql("client.commercial_partner_id", partner_ids)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO client_balance_total (company_id, partner_id)
                SELECT DISTINCT %(root)s, client.commercial_partner_id
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                  JOIN res_partner client ON client.id = item.partner_id
                 WHERE account.account_type = 'asset_receivable'
                   AND item.parent_state = 'posted' AND %(among)s
                ON CONFLICT DO NOTHING
                """,
                root=self._get_root_sql("item"),
                among=among,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM client_balance_total total USING res_partner client
                 WHERE client.id = total.partner_id
                   AND client.commercial_partner_id <> client.id AND %s
                """,
                self._get_among_sql("client.id", partner_ids),
            )
        )

    def _get_among_sql(self, column, partner_ids):
        if partner_ids is None:
            return SQL("TRUE")
        alias, name = column.split(".")
        return SQL("%s IN %s", SQL.identifier(alias, name), tuple(partner_ids) or (0,))

    # Amounts ----------------------------------------------------------------------

    @api.model
    def _refresh(self, partner_ids=None):
        """Set the totals to what the balances say.

        In REPEATABLE READ a concurrent change of the same row is a serialization
        failure, which Odoo retries: the last writer has always seen all balances.

        :param partner_ids: of these clients only, or None for all
        """
        self.env["client.balance"].flush_model()
        among = (
            SQL("TRUE")
            if partner_ids is None
            else SQL("partner_id IN %s", tuple(partner_ids) or (0,))
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO client_balance_total AS total
                       (company_id, partner_id, amounts)
                SELECT company_id, partner_id,
                       jsonb_object_agg(currency_id, amount)
                           FILTER (WHERE currency_id IS NOT NULL)
                  FROM (SELECT company_id, partner_id, currency_id,
                               SUM(amount) AS amount
                          FROM client_balance WHERE %(among)s
                      GROUP BY company_id, partner_id, currency_id
                         UNION ALL
                        SELECT company_id, partner_id, NULL, NULL
                          FROM client_balance_total WHERE %(among)s) AS client
              GROUP BY company_id, partner_id
              ORDER BY company_id, partner_id
                ON CONFLICT (partner_id, company_id)
                DO UPDATE SET amounts = EXCLUDED.amounts
                        WHERE total.amounts IS DISTINCT FROM EXCLUDED.amounts
                """,
                among=among,
            )
        )

    @api.model
    def _rebuild(self):
        """Make all rows anew: at installation, and after work done by plain SQL."""
        self.env.flush_all()
        self._find_clients()
        self._refresh()

    # Columns ----------------------------------------------------------------------

    @api.model
    def _add_column(self, name, currency_id):
        """Add the physical column of a currency, with what the balances say.

        The table is locked while PostgreSQL rewrites it (about a second for 100,000
        clients); who cannot have the lock in time is retried by Odoo.
        """
        column = SQL.identifier(name)
        self.env.cr.execute("SET LOCAL lock_timeout = '5s'")
        self.env.cr.execute(
            SQL(
                "ALTER TABLE client_balance_total ADD COLUMN IF NOT EXISTS %s numeric"
                " GENERATED ALWAYS AS"
                " (COALESCE((amounts ->> %s)::numeric, 0)) STORED",
                column,
                str(currency_id),
            )
        )
        # serves the report sorted and filtered by this balance
        self.env.cr.execute(
            SQL(
                "CREATE INDEX IF NOT EXISTS %s ON client_balance_total (%s, id)",
                SQL.identifier(f"client_balance_total_{name}_index"),
                column,
            )
        )
        self.env.cr.execute("SET LOCAL lock_timeout = DEFAULT")

    @api.model
    def _get_column_names(self):
        """:return: set of the columns that the table has"""
        return set(table_columns(self.env.cr, self._table))
