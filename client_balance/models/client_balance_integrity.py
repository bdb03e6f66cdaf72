from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date


class ClientBalance(models.Model):
    """The check of the books: everything of the invariants that SQL can see."""

    _inherit = "client.balance"

    @api.model
    @api.readonly
    def check_integrity(self):
        """Compare balances, settlements and the general ledger. Never repairs.

        For managers (menu "Check the books"), of the companies in which they work, and
        for ``odoo shell``.

        :return: list of dicts, empty when everything is sound: ``check`` (name of the
            broken rule), the ids of the key, ``expected`` and ``found`` (floats in
            the key's currency, or counts), ``document``, ``expected_date`` and
            ``found_date`` where there are any, ``hint`` (what to do), and ``message``
            for a person
        """
        if not self.env.su and not self.env.user.has_group(
            "client_balance.group_client_balance_manager"
        ):
            raise AccessError(
                self.env._("Only a manager of client balances may check the books.")
            )
        self.env.flush_all()
        # the books of others are nobody's business, nor who their clients are
        own_ids = set(self._get_checked_company_ids())
        return [
            self._describe_discrepancy(name, row)
            for name, query in self._get_needed_queries().items()
            for row in self.env.execute_query_dict(query)
            if self.env.su or row["company_id"] in own_ids
        ]

    def _describe_discrepancy(self, name, row):
        # whoever checks the books must be told about every key of its companies
        key_sudo = self.sudo().env
        client = key_sudo["res.partner"].browse(row["partner_id"])
        bank = key_sudo["res.partner.bank"].browse(row["partner_bank_id"])
        currency = key_sudo["res.currency"].browse(row["currency_id"])
        company = key_sudo["res.company"].browse(row["company_id"])
        expected, found = float(row["expected"] or 0), float(row["found"] or 0)
        hint = self._get_integrity_hints().get(name, "")
        return {
            "check": name,
            **{
                field: row[field]
                for field in (
                    "company_id",
                    "partner_id",
                    "partner_bank_id",
                    "currency_id",
                )
            },
            "expected": expected,
            "found": found,
            "document": row.get("document") or "",
            "expected_date": row.get("expected_date"),
            "found_date": row.get("found_date"),
            "hint": hint,
            "message": self.env._(
                "%(rule)s: %(company)s, %(client)s, %(bank)s, %(currency)s%(document)s:"
                " expected %(expected)s, found %(found)s. %(hint)s",
                rule=self._get_integrity_names().get(name, name),
                company=company.exists().name or "",
                client=client.exists().display_name or self.env._("no client"),
                bank=bank.exists().acc_number or self.env._("No bank account"),
                currency=currency.exists().name or "",
                document=f", {row['document']}" if row.get("document") else "",
                expected=self._describe_value(row, "expected", expected),
                found=self._describe_value(row, "found", found),
                hint=hint,
            ).strip(),
        }

    def _describe_value(self, row, side, amount):
        """:return: what stands on one side of a discrepancy, with its date"""
        text = row.get(f"{side}_text") or amount
        day = row.get(f"{side}_date")
        return f"{text} ({format_date(self.env, day)})" if day else f"{text}"

    def _get_integrity_hints(self):
        """Hook. :return: {check: what to do about it, for a person}"""
        restore = self.env._(
            "Somebody changed the books past the program: compare with a backup of the"
            " day before, and ask whoever may write to the database."
        )
        return {
            **dict.fromkeys(
                (
                    *("balance_sum", "general_ledger", "trial_balance", "item"),
                    *("chain", "reversal", "key", "entry", "undone"),
                ),
                restore,
            ),
            "limit": self.env._(
                "Put money on the balance, or grant a limit that covers it."
            ),
            "limit_day": self.env._(
                "A spend is dated before its money: correct the date of one of them."
            ),
            "clearing": self.env._(
                "Settlements without a reason stand there: post what they were for"
                " against this account."
            ),
            "unassigned": self.env._(
                "Enter the client on these journal items, or reverse their entry."
            ),
        }

    def _get_integrity_names(self):
        """Hook. :return: {check: what it says, for a person}"""
        return {
            "balance_sum": self.env._("Balance differs from its settlements"),
            "general_ledger": self.env._("Settlements differ from the general ledger"),
            "trial_balance": self.env._("Balances differ from the trial balance"),
            "item": self.env._("Journal item without its settlement"),
            "chain": self.env._("Number or running sum of a settlement is wrong"),
            "limit": self.env._("Balance below its limit"),
            "limit_day": self.env._("Balance below its limit on an earlier day"),
            "reversal": self.env._("Original and reversal do not cancel out"),
            "key": self.env._("Settlement and balance name different keys"),
            "unassigned": self.env._("Money on a balance account without a client"),
            "clearing": self.env._("Rest of the clearing account"),
        }

    def _get_integrity_queries(self):
        """Hook. :return: {check: SQL that returns one row per discrepancy}"""
        items = SQL(
            """
            SELECT item.id, COALESCE(NULLIF(split_part(company.parent_path, '/', 1),
                   '')::int, company.id) AS company_id,
                   client.commercial_partner_id AS partner_id,
                   item.client_balance_bank_id AS partner_bank_id,
                   item.currency_id, -item.amount_currency AS amount,
                   -item.balance AS company_amount, item.date
              FROM account_move_line item
              JOIN account_account account ON account.id = item.account_id
              JOIN res_company company ON company.id = item.company_id
         LEFT JOIN res_partner client ON client.id = item.partner_id
             WHERE account.is_client_balance AND item.parent_state = 'posted'
            """
        )
        return {
            "balance_sum": SQL(
                """
                SELECT b.company_id, b.partner_id, b.partner_bank_id, b.currency_id,
                       COALESCE(SUM(s.amount), 0) AS expected, b.amount AS found
                  FROM client_balance b
             LEFT JOIN client_balance_settlement s ON s.balance_id = b.id
              GROUP BY b.id
                HAVING b.amount <> COALESCE(SUM(s.amount), 0)
                """
            ),
            "general_ledger": SQL(
                """
                SELECT company_id, partner_id, partner_bank_id, currency_id,
                       SUM(books) AS expected, SUM(ledger) AS found
                  FROM (
                       SELECT company_id, partner_id, partner_bank_id, currency_id,
                              amount AS books, 0 AS ledger
                         FROM (%s) items WHERE partner_id IS NOT NULL
                    UNION ALL
                       SELECT company_id, partner_id, partner_bank_id, currency_id,
                              0, amount
                         FROM client_balance
                       ) sides
              GROUP BY company_id, partner_id, partner_bank_id, currency_id
                HAVING SUM(books) <> SUM(ledger)
                """,
                items,
            ),
            "item": SQL(
                """
                SELECT company_id, partner_id, partner_bank_id, currency_id,
                       items.amount AS expected, COALESCE(s.amount, 0) AS found
                  FROM (%s) items
             LEFT JOIN (
                       SELECT move_line_ref, SUM(amount) AS amount, MAX(date) AS date
                         FROM client_balance_settlement
                        WHERE is_live GROUP BY move_line_ref
                       ) s ON s.move_line_ref = items.id
                 WHERE partner_id IS NOT NULL
                   AND (items.amount <> COALESCE(s.amount, 0)
                        OR s.date <> items.date)
             UNION ALL
                SELECT s.company_id, s.partner_id, s.partner_bank_id, s.currency_id,
                       0, s.amount
                  FROM client_balance_settlement s
                 WHERE s.is_live AND NOT EXISTS (
                       SELECT 1 FROM (%s) items WHERE items.id = s.move_line_ref)
                """,
                items,
                items,
            ),
            # in the currency of the company: what foreign items and those without a
            # client are worth is told by the books alone
            "trial_balance": SQL(
                """
                SELECT sides.company_id, NULL AS partner_id, NULL AS partner_bank_id,
                       sides.currency_id, SUM(books) AS expected, SUM(ledger) AS found
                  FROM (
                       SELECT company_id, currency_id, company_amount AS books,
                              0 AS ledger
                         FROM (%s) items WHERE partner_id IS NOT NULL
                    UNION ALL
                       SELECT company_id, currency_id, 0, amount FROM client_balance
                       ) sides
                  JOIN res_company company
                    ON company.id = sides.company_id
                   AND company.currency_id = sides.currency_id
              GROUP BY sides.company_id, sides.currency_id
                HAVING SUM(books) <> SUM(ledger)
                """,
                items,
            ),
            "unassigned": SQL(
                """
                SELECT company_id, NULL AS partner_id, partner_bank_id, currency_id,
                       0 AS expected, SUM(amount) AS found
                  FROM (%s) items WHERE partner_id IS NULL
              GROUP BY company_id, partner_bank_id, currency_id
                HAVING SUM(amount) <> 0 OR SUM(company_amount) <> 0
                """,
                items,
            ),
            "chain": SQL(
                """
                SELECT b.company_id, b.partner_id, b.partner_bank_id, b.currency_id,
                       chain.expected, chain.found
                  FROM (
                       SELECT balance_id, SUM(amount) OVER w AS expected,
                              balance_after AS found, number,
                              ROW_NUMBER() OVER w AS place
                         FROM client_balance_settlement
                       WINDOW w AS (PARTITION BY balance_id ORDER BY number)
                       ) chain
                  JOIN client_balance b ON b.id = chain.balance_id
                 WHERE chain.expected <> chain.found OR chain.number <> chain.place
             UNION ALL
                SELECT b.company_id, b.partner_id, b.partner_bank_id, b.currency_id,
                       COUNT(s.id), b.settlement_count
                  FROM client_balance b
             LEFT JOIN client_balance_settlement s ON s.balance_id = b.id
              GROUP BY b.id HAVING COUNT(s.id) <> b.settlement_count
                """
            ),
            "limit": SQL(
                """
                SELECT company_id, partner_id, partner_bank_id, currency_id,
                       -overdraft_limit AS expected, amount AS found
                  FROM client_balance WHERE amount < -overdraft_limit
                """
            ),
            "limit_day": self._get_limit_day_query(),
            "reversal": SQL(
                """
                SELECT s.company_id, s.partner_id, s.partner_bank_id, s.currency_id,
                       -original.amount AS expected, s.amount AS found
                  FROM client_balance_settlement s
                  JOIN client_balance_settlement original
                    ON original.id = s.reversal_of_id
                 WHERE s.amount <> -original.amount
                    OR s.balance_id <> original.balance_id
                    OR s.date < original.date
                    OR original.reversed_by_id IS DISTINCT FROM s.id
             UNION ALL
                SELECT s.company_id, s.partner_id, s.partner_bank_id, s.currency_id,
                       -s.amount, 0
                  FROM client_balance_settlement s
             LEFT JOIN client_balance_settlement reversal
                    ON reversal.id = s.reversed_by_id
                 WHERE s.reversed_by_id IS NOT NULL
                   AND reversal.reversal_of_id IS DISTINCT FROM s.id
                """
            ),
            "key": SQL(
                """
                SELECT b.company_id, b.partner_id, b.partner_bank_id, b.currency_id,
                       b.id AS expected, s.id AS found
                  FROM client_balance_settlement s
                  JOIN client_balance b ON b.id = s.balance_id
                 WHERE s.company_id IS DISTINCT FROM b.company_id
                    OR s.partner_id IS DISTINCT FROM b.partner_id
                    OR s.partner_bank_id IS DISTINCT FROM b.partner_bank_id
                    OR s.currency_id IS DISTINCT FROM b.currency_id
                """
            ),
        }

    def _get_limit_day_query(self, balance_ids=None):
        """:return: SQL of the check, of all balances or of these ones only"""
        among = SQL("TRUE")
        if balance_ids is not None:
            among = SQL("balance_id = ANY(%s)", list(balance_ids) or [0])
        return SQL(
            """
            SELECT b.company_id, b.partner_id, b.partner_bank_id, b.currency_id,
                   -b.overdraft_limit AS expected, MIN(days.level) AS found
              FROM client_balance b
              JOIN (
                   SELECT balance_id, SUM(SUM(amount)) OVER (
                          PARTITION BY balance_id ORDER BY date) AS level
                     FROM client_balance_settlement
                    WHERE %s
                 GROUP BY balance_id, date
                   ) days ON days.balance_id = b.id
             WHERE days.level < -b.overdraft_limit
          GROUP BY b.id
            """,
            among,
        )

    def _get_checked_company_ids(self):
        """:return: ids of the root companies whose books the user may check"""
        companies = self.env.user.company_ids
        if self.env.su:
            # the superuser checks the books of all
            companies = self.env["res.company"].search([("parent_id", "=", False)])
        return companies.root_id.ids
