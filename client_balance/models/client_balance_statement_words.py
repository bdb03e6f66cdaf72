from odoo import api, models

from .client_balance_statement_source import SALES


class ClientBalanceStatementSource(models.AbstractModel):
    """What each document of an act is called, and in which order they stand."""

    _inherit = "client.balance.statement.source"

    @api.model
    def _describe(self, act, section, rows):
        """Say of each row what kind of document it is, and what it was for.

        :param rows: {client: [dict]}
        """
        moves = self.env["account.move"].union(
            *(row["move"] for own in rows.values() for row in own)
        )
        Settlement = self.env["client.balance.settlement"]
        settlements = Settlement.search(
            [
                ("move_id", "in", moves.ids),
                ("partner_id", "in", [client.id for client in rows]),
            ],
            order="id",
        )
        internal = self.env["client.balance.portal"]._get_reason_names(settlements)
        by_document = settlements.grouped(lambda s: (s.partner_id.id, s.move_id.id))
        journals = self._get_exchange_journals(act.company_id)
        for owner, row in (
            (c, row) for c, own_rows in rows.items() for row in own_rows
        ):
            move = row["move"]
            own = by_document.get((owner.id, move.id), Settlement)
            row["kind"] = row["kind"] or self._get_kind(section, row, own, journals)
            if self._is_plain_entry(move):
                texts = [s.description for s in own if s.description not in internal]
                row["description"] = next(filter(None, texts), False)

    @api.model
    def _get_kind(self, section, row, settlements, exchange_journals):
        """Hook. :return: a key of ``client.balance.statement.line.kind``"""
        move, amount = row["move"], row["amount"]
        if move.move_type in ("out_invoice", "out_receipt"):
            return move.journal_id.client_balance_document_kind or "sale"
        kinds = {
            "out_refund": "credit_note",
            "in_invoice": "bill",
            "in_receipt": "bill",
            "in_refund": "bill_refund",
        }
        if move.move_type in kinds:
            return kinds[move.move_type]
        if move.origin_payment_id or move.statement_line_id:
            return "payment" if (amount < 0) == (section == SALES) else "refund"
        if move.journal_id in exchange_journals:
            return "exchange_difference"
        types = set(settlements.mapped("settlement_type"))
        for kind in ("opening", "transfer", "exchange", "manual"):
            if kind in types:
                return kind
        return "entry"

    @api.model
    def _split_payment(self, act, row):
        """A payment stands with what was paid; what was written off has its own row.

        :return: [row] or [row of the payment, row of the difference]
        """
        payment = row["move"].origin_payment_id
        if (
            not payment
            or row["kind"] not in ("payment", "refund")
            or row.get("is_converted")
            or payment.currency_id != act.currency_id
        ):
            return [row]
        currency = act.currency_id
        paid = payment.amount * (-1 if payment.payment_type == "inbound" else 1)
        rest = currency.round(row["amount"] - paid)
        if currency.is_zero(rest) or currency.is_zero(paid):
            return [row]
        return [{**row, "amount": paid}, {**row, "amount": rest, "kind": "write_off"}]

    @api.model
    def _get_sort_key(self, row):
        kind = row["kind"]
        return row["date"], kind == "offset", row["move"].id, kind == "write_off"
