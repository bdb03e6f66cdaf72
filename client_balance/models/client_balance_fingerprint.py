"""What an entry is, as one short text: its fingerprint.

A pass vouches for an entry as it was left, not for its id. The settlement keeps the
fingerprint, so that anybody can tell later whether the entry is still the same, in
Python (the gate, which has the items at hand) and in SQL (the check of the books and
an upgrade). Dates and labels are no part of it.
"""

import hashlib
from decimal import Decimal

from odoo.tools import SQL, float_repr


def get_fingerprint(move):
    """:return: the fingerprint of journal entry ``move`` as it stands"""
    bank_line = move._get_client_balance_bank_line()
    items = move.line_ids.filtered("account_id")
    if bank_line:
        # what else its money met is none of a balance's business
        items = items.filtered(
            lambda item: (
                item.account_id.is_client_balance
                or item.account_id == bank_line.journal_id.default_account_id
            )
        )
    text = ";".join(sorted(map(_describe, items)))
    payment = move._get_client_balance_payment()
    recipient = payment.payment_type == "outbound" and payment.partner_bank_id.id
    text += f"|{bank_line.id or 0}|{recipient or 0}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _describe(item):
    return ":".join(
        str(part or 0)
        for part in (
            item.account_id.id,
            item.partner_id.id,
            item.client_balance_bank_id.id,
            item.currency_id.id,
            _write_amount(item.amount_currency, item.currency_id),
            _write_amount(item.balance, item.company_currency_id),
        )
    )


def _write_amount(amount, currency):
    """:return: as PostgreSQL writes a numeric value without its trailing zeros"""
    value = Decimal(float_repr(amount, currency.decimal_places)).normalize()
    return format(value, "f") if value else "0"


def get_fingerprint_sql(move_ids=None):
    """:return: SQL with a row (move_id, fingerprint) per posted entry with a balance
    item, or per such entry of ``move_ids``
    """
    item = SQL(
        """concat_ws(':', item.account_id, COALESCE(item.partner_id, 0),
              COALESCE(item.client_balance_bank_id, 0), item.currency_id,
              trim_scale(round(COALESCE(item.amount_currency, 0), 6)),
              trim_scale(round(COALESCE(item.balance, 0), 6))) COLLATE "C" """
    )
    among = SQL("TRUE")
    if move_ids is not None:
        among = SQL("item.move_id = ANY(%s)", list(move_ids))
    return SQL(
        """
        SELECT move.id AS move_id,
               md5(string_agg(%(item)s, ';' ORDER BY %(item)s)
                   || '|' || COALESCE(MAX(bank_line.id), 0)
                   || '|' || COALESCE(MAX(payment.partner_bank_id), 0)) AS fingerprint
          FROM account_move_line item
          JOIN account_move move ON move.id = item.move_id
          JOIN account_account account ON account.id = item.account_id
     LEFT JOIN account_payment payment
            ON payment.id = move.origin_payment_id AND payment.move_id = move.id
           AND payment.payment_type = 'outbound'
     LEFT JOIN account_bank_statement_line bank_line
            ON bank_line.id = move.statement_line_id AND bank_line.move_id = move.id
     LEFT JOIN account_journal journal ON journal.id = bank_line.journal_id
         WHERE %(among)s
           AND move.id IN (
               SELECT own.move_id FROM account_move_line own
                WHERE own.parent_state = 'posted' AND own.account_id IN (
                      SELECT id FROM account_account WHERE is_client_balance))
           AND (bank_line.id IS NULL OR account.is_client_balance
                OR item.account_id = journal.default_account_id)
      GROUP BY move.id
        """,
        item=item,
        among=among,
    )
