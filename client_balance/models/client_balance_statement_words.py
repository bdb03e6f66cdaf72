from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from .client_balance_statement_source import SALES


class Found(NamedTuple):
    """A settlement of a document."""

    type: str
    description: str | None
    reason_id: int | None


class ClientBalanceStatementSource(models.AbstractModel):
    """What each document of an act is called, and in which order they stand."""

    _inherit = "client.balance.statement.source"

    @api.model
    def _describe(self, scope, section, rows):
        """Say of each row what kind of document it is, and what it was for.

        :param rows: {client: [dict]}
        """
        settlements = self._get_settlements(rows)
        reasons = self.env["client.balance.reason"].browse(
            {found.reason_id for own in settlements.values() for found in own} - {None}
        )
        internal = self.env["client.balance.portal"]._get_names_of_reasons(reasons)
        journal_ids = set(self._get_exchange_journals(scope.company).ids)
        for client, own_rows in rows.items():
            for row in own_rows:
                own = settlements.get((client.id, row["entry"].id), [])
                types = {found.type for found in own}
                row["kind"] = row["kind"] or self._get_kind(
                    section, row, types, journal_ids
                )
                if own and row["entry"].is_plain:
                    texts = (found.description for found in own)
                    texts = [text for text in texts if text not in internal]
                    row["description"] = next(filter(None, texts), False)

    @api.model
    def _get_settlements(self, rows):
        """:return: {(client id, move id): [Found]} of entries that are no payment"""
        move_ids = {
            row["entry"].id
            for own in rows.values()
            for row in own
            if row["entry"].is_plain
        }
        if not move_ids:
            return {}
        self.env["client.balance.settlement"].flush_model()
        found = {}
        for client_id, move_id, *values in self.env.execute_query(
            SQL(
                """
                SELECT partner_id, move_id, settlement_type, description, reason_id
                  FROM client_balance_settlement
                 WHERE move_id IN %s
              ORDER BY id
                """,
                tuple(move_ids),
            )
        ):
            found.setdefault((client_id, move_id), []).append(Found(*values))
        return found

    @api.model
    def _get_kind(self, section, row, types, exchange_journal_ids):
        """Hook. :return: a key of ``client.balance.statement.line.kind``

        :param types: types of the settlements that the document made
        """
        entry, amount = row["entry"], row["amount"]
        if entry.move_type in ("out_invoice", "out_receipt"):
            return entry.document_kind or "sale"
        kinds = {
            "out_refund": "credit_note",
            "in_invoice": "bill",
            "in_receipt": "bill",
            "in_refund": "bill_refund",
        }
        if entry.move_type in kinds:
            return kinds[entry.move_type]
        if not entry.is_plain:
            return "payment" if (amount < 0) == (section == SALES) else "refund"
        if entry.journal_id in exchange_journal_ids:
            return "exchange_difference"
        for kind in ("opening", "transfer", "exchange", "manual"):
            if kind in types:
                return kind
        return "entry"

    @api.model
    def _split_payment(self, scope, row):
        """A payment stands with what was paid; what was written off has its own row.

        :return: [row] or [row of the payment, row of the difference]
        """
        entry = row["entry"]
        if (
            not entry.payment_id
            or row["kind"] not in ("payment", "refund")
            or row.get("is_converted")
            or entry.payment_currency_id != scope.currency_id
        ):
            return [row]
        paid = float(entry.paid)
        rest = scope.currency.round(row["amount"] - paid)
        if scope.is_zero(rest) or scope.is_zero(paid):
            return [row]
        return [{**row, "amount": paid}, {**row, "amount": rest, "kind": "write_off"}]

    @api.model
    def _get_sort_key(self, row):
        kind = row["kind"]
        return row["date"], kind == "offset", row["entry"].id, kind == "write_off"
