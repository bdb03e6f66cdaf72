from odoo import models
from odoo.tools import SQL

from .client_balance_fingerprint import get_fingerprint_sql

#: Settlements that stand: their item is posted, and nobody has undone them.
STANDS = SQL("s.is_live AND s.reversed_by_id IS NULL AND s.reversal_of_id IS NULL")
KEY = SQL("s.company_id, s.partner_id, s.partner_bank_id, s.currency_id")


class ClientBalance(models.Model):
    """The check of the books asks who moved money, and whose: not sums alone."""

    _inherit = "client.balance"

    def _get_integrity_names(self):
        return {
            **super()._get_integrity_names(),
            "owner": self.env._("Document and balance are of different clients"),
            "match": self.env._("Money of one balance pays what another one spent"),
            "fingerprint": self.env._("Entry is not what was recorded"),
            "approved": self.env._("Settlement is not what was approved"),
            "frozen": self.env._("Act is not what was sent"),
            "reconciled": self.env._(
                "Open rest of an item is not what its matches say"
            ),
            "advance": self.env._("Advance without the day on which it came"),
        }

    def _get_integrity_hints(self):
        return {
            **super()._get_integrity_hints(),
            "owner": self.env._(
                "Reset the document to draft, check its customer and confirm it again;"
                " where the wrong client paid, unreconcile the payment from the"
                " balance."
            ),
            "match": self.env._(
                "Unreconcile the two entries: what is open is matched by the next"
                " spend."
            ),
            "fingerprint": self.env._(
                "Somebody changed the entry past the program: restore it, or reverse it"
                " and record it anew."
            ),
            "approved": self.env._(
                "Reverse the settlement and ask a second person for it anew."
            ),
            "frozen": self.env._("Revoke the act and make a new version."),
            "reconciled": self.env._(
                "Unreconcile the entry and reconcile it again: Odoo computes the rest."
            ),
            "advance": self.env._(
                "Correct the settlement: enter the day of the money."
            ),
        }

    def _get_integrity_queries(self):
        return {
            **super()._get_integrity_queries(),
            "owner": self._get_owner_query(),
            "match": self._get_match_query(),
            "fingerprint": self._get_fingerprint_query(),
            "approved": self._get_approved_query(),
            "frozen": self._get_frozen_query(),
            "reconciled": self._get_reconciled_query(),
            "advance": self._get_advance_query(),
        }

    def _get_owner_query(self):
        """Item, document and key are of one client, each asked now."""
        return SQL(
            """
            SELECT %(key)s, move.name AS document, s.date AS expected_date,
                   COALESCE(move.invoice_date, move.date) AS found_date,
                   s.amount AS expected, s.amount AS found,
                   client.name AS expected_text, owner.name AS found_text
              FROM client_balance_settlement s
              JOIN client_balance_settlement_invoice_rel rel ON rel.settlement_id = s.id
              JOIN account_move move ON move.id = rel.invoice_id
         LEFT JOIN res_partner partner ON partner.id = move.partner_id
         LEFT JOIN res_partner owner ON owner.id = partner.commercial_partner_id
         LEFT JOIN res_partner client ON client.id = s.partner_id
             WHERE %(stands)s AND move.state = 'posted'
               AND owner.id IS DISTINCT FROM s.partner_id
            """,
            key=KEY,
            stands=STANDS,
        )

    def _get_match_query(self):
        """A match on a balance account stays within a key."""
        strays = self.env["account.partial.reconcile"]._get_client_balance_stray_sql(
            SQL("SELECT id FROM account_account WHERE is_client_balance")
        )
        return SQL(
            """
            SELECT %(key)s, debit.move_name AS document,
                   debit.date AS expected_date, credit.date AS found_date,
                   0 AS expected, partial.debit_amount_currency AS found,
                   debit.move_name AS expected_text, credit.move_name AS found_text
              FROM account_partial_reconcile partial
              JOIN (%(strays)s) stray ON stray.id = partial.id
              JOIN account_move_line debit ON debit.id = partial.debit_move_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN client_balance_settlement s
                ON s.move_line_ref IN (debit.id, credit.id) AND s.is_live
            """,
            key=KEY,
            strays=strays,
        )

    def _get_fingerprint_query(self):
        """What stands is what was recorded; rows of earlier versions have nothing."""
        return SQL(
            """
            SELECT %(key)s, s.name AS document, s.create_date::date AS expected_date,
                   s.date AS found_date, s.amount AS expected, s.amount AS found,
                   s.fingerprint AS expected_text, entry.fingerprint AS found_text
              FROM client_balance_settlement s
              JOIN (%(entries)s) entry ON entry.move_id = s.move_id
             WHERE s.is_live AND s.fingerprint IS NOT NULL
               AND s.fingerprint <> entry.fingerprint
            """,
            key=KEY,
            entries=get_fingerprint_sql(),
        )

    def _get_approved_query(self):
        """What names a request is what a second person agreed to."""
        return SQL(
            """
            SELECT %(key)s, s.name AS document, request.date AS expected_date,
                   s.date AS found_date, request.amount AS expected, s.amount AS found
              FROM client_balance_settlement s
              JOIN client_balance_request request ON request.id = s.request_id
             WHERE %(stands)s
               AND (request.state <> 'approved'
                    OR request.decided_by_id IS NULL
                    OR request.decided_by_id = request.requested_by_id
                    OR (request.operation = 'manual'
                        AND (request.amount, request.currency_id)
                            IS DISTINCT FROM (s.amount, s.currency_id)))
            """,
            key=KEY,
            stands=STANDS,
        )

    def _get_frozen_query(self):
        """The lines of an act that was sent add up to what the act says."""
        return SQL(
            """
            SELECT act.company_id, act.partner_id, NULL::int AS partner_bank_id,
                   act.currency_id, act.name AS document,
                   act.sent_on::date AS expected_date, act.date_to AS found_date,
                   act.closing_balance AS expected,
                   act.opening_balance + COALESCE(SUM(line.debit - line.credit), 0)
                       AS found
              FROM client_balance_statement act
         LEFT JOIN client_balance_statement_line line
                ON line.statement_id = act.id AND line.section = 'sales'
             WHERE act.state NOT IN ('draft', 'revoked')
          GROUP BY act.id
            HAVING ROUND(act.closing_balance - act.opening_balance, 4)
                   <> ROUND(COALESCE(SUM(line.debit - line.credit), 0), 4)
                OR ROUND(act.turnover_debit, 4)
                   <> ROUND(COALESCE(SUM(line.debit), 0), 4)
            """
        )

    def _get_reconciled_query(self):
        """What is open on an item is what its matches have left."""
        return SQL(
            """
            WITH item AS MATERIALIZED (
                   SELECT line.id, line.move_name, line.date, line.amount_currency,
                          line.amount_residual_currency AS rest
                     FROM account_move_line line
                    WHERE line.parent_state = 'posted' AND line.account_id IN (
                          SELECT id FROM account_account
                           WHERE is_client_balance AND reconcile)
                 ),
                 matched AS (
                   SELECT id, SUM(amount) AS amount
                     FROM (
                          SELECT debit_move_id AS id, -debit_amount_currency AS amount
                            FROM account_partial_reconcile
                       UNION ALL
                          SELECT credit_move_id, credit_amount_currency
                            FROM account_partial_reconcile
                          ) side
                    WHERE id IN (SELECT id FROM item)
                 GROUP BY id
                 )
            SELECT %(key)s, item.move_name AS document, s.date AS expected_date,
                   item.date AS found_date,
                   item.amount_currency + COALESCE(matched.amount, 0) AS expected,
                   item.rest AS found
              FROM item
              JOIN client_balance_settlement s
                ON s.move_line_ref = item.id AND s.is_live
         LEFT JOIN matched ON matched.id = item.id
             WHERE item.rest IS DISTINCT FROM
                   item.amount_currency + COALESCE(matched.amount, 0)
            """,
            key=KEY,
        )

    def _get_advance_query(self):
        """Money that came in advance has the day on which it came, none later."""
        return SQL(
            """
            SELECT %(key)s, s.name AS document, s.date AS expected_date,
                   s.advance_date AS found_date, s.amount AS expected,
                   s.amount AS found
              FROM client_balance_settlement s
             WHERE %(stands)s AND s.is_advance AND s.advance_date IS NULL
            """,
            key=KEY,
            stands=STANDS,
        )
