from odoo import api, models
from odoo.fields import Domain

#: kinds of entries whose mistake and correction of the same day show no document
SALES, PURCHASES = "sales", "purchases"


class ClientBalanceStatementSource(models.AbstractModel):
    """What the books know of the settlements with a client, document by document.

    A document counts with the net of its items on all accounts of the client, so a move
    from a receivable to the balance, or from one bank account's balance to another, is
    no document: it nets out. Amounts are signed: + the client owes more.

    It reads journal items as superuser: people who make acts need no right on journals.
    Whether they may make one for this client is decided by the act itself.
    """

    _name = "client.balance.statement.source"
    _description = "Documents of an act of reconciliation"

    @api.model
    def _get_data(self, act):
        """Collect one act.

        :param act: ``client.balance.statement`` with its client, currency and period
        :return: {section: {"opening": float, "rows": [dict, see ``_prepare_row``]}}
        """
        source = self.sudo().with_context(active_test=False)
        sections = [SALES, PURCHASES] if act.include_purchases else [SALES]
        return {
            section: source._get_section(act.sudo(), section) for section in sections
        }

    @api.model
    def _get_section(self, act, section):
        """:return: {"opening": float, "rows": [dict]}"""
        currency = act.currency_id
        parts = self._get_parts(act, section)
        opening = sum(p["amount"] for p in parts if p["date"] < act.date_from)
        opening += self._get_opening(act, section)
        rows = self._get_rows(
            act, section, [p for p in parts if p["date"] >= act.date_from]
        )
        return {"opening": currency.round(opening), "rows": rows}

    # Domains --------------------------------------------------------------------------

    @api.model
    def _get_account_domain(self, section):
        """Hook. :return: domain of the items' accounts that an act's section covers"""
        if section == PURCHASES:
            return Domain("account_id.account_type", "=", "liability_payable")
        return Domain("account_id.account_type", "=", "asset_receivable") | Domain(
            "account_id.is_client_balance", "=", True
        )

    @api.model
    def _get_owner_domain(self, partner, company):
        """Hook. :return: domain of the posted items between client and company"""
        return Domain(
            [
                ("parent_state", "=", "posted"),
                ("company_id", "child_of", company.ids),
                ("partner_id.commercial_partner_id", "=", partner.id),
            ]
        )

    @api.model
    def _get_item_domain(self, act, section):
        """Hook. :return: domain of the items that make the rows of an act"""
        domain = (
            self._get_owner_domain(act.partner_id, act.company_id)
            & self._get_account_domain(section)
            & Domain("date", "<=", act.date_to)
        )
        if act.include_foreign:
            return domain
        return (
            domain
            & Domain("currency_id", "=", act.currency_id.id)
            & ~self._get_exchange_domain(act.company_id)
        )

    @api.model
    def _get_exchange_journals(self, company):
        """:return: the journals of exchange differences of ``company``'s branches"""
        companies = self.env["res.company"].search([("id", "child_of", company.ids)])
        return companies.currency_exchange_journal_id

    @api.model
    def _get_exchange_domain(self, company):
        """:return: domain of items of exchange differences

        Odoo posts some with an amount in the company's currency. Those that belong to
        a match count with that match (``_get_conversions``). Of an undone match, the
        entry and its reversal are left out together.
        """
        journals = self._get_exchange_journals(company)
        undone = Domain("journal_id", "in", journals.ids) & Domain(
            "move_id.move_type", "=", "entry"
        )
        return Domain("move_id.exchange_diff_partial_ids", "!=", False) | (
            undone
            & (
                Domain("move_id.reversed_entry_id", "!=", False)
                | Domain("move_id.reversal_move_ids.state", "=", "posted")
            )
        )

    # Documents ------------------------------------------------------------------------

    @api.model
    def _get_amount_field(self, act):
        return "balance" if act.include_foreign else "amount_currency"

    @api.model
    def _get_opening(self, act, section):
        """:return: float, what the documents before the period add up to"""
        domain = self._get_item_domain(act, section)
        domain &= Domain("date", "<", act.date_from)
        amount = f"{self._get_amount_field(act)}:sum"
        [[total]] = self.env["account.move.line"]._read_group(domain, [], [amount])
        return total or 0.0

    @api.model
    def _get_parts(self, act, section):
        """:return: [dict] what moved the client's debt from or to another currency"""
        if act.include_foreign:
            return []
        return self.env["client.balance.statement.conversion"]._get_parts(act, section)

    @api.model
    def _get_rows(self, act, section, parts):
        """:return: the rows of one section in the order of the act"""
        domain = self._get_item_domain(act, section)
        domain &= Domain("date", ">=", act.date_from)
        amount = f"{self._get_amount_field(act)}:sum"
        groups = self.env["account.move.line"]._read_group(
            domain,
            ["move_id"],
            [amount, "amount_currency:sum", "currency_id:array_agg"],
        )
        documents = {
            move: self._prepare_row(act, section, move, total, foreign, currencies)
            for move, total, foreign, currencies in groups
        }
        offsets = self._merge_parts(act, section, documents, parts)
        rows = [
            row
            for row in [*documents.values(), *offsets]
            if not act.currency_id.is_zero(row["amount"])
        ]
        rows = self._without_corrections(act, rows)
        self._describe(act, section, rows)
        rows = [part for row in rows for part in self._split_payment(act, row)]
        return sorted(rows, key=self._get_sort_key)

    @api.model
    def _prepare_row(self, act, section, move, amount, foreign=0.0, currencies=()):
        """Hook. :return: dict of one document, with ``amount`` signed (+ owes more)"""
        others = set(currencies) - {act.currency_id.id}
        other_id = others.pop() if len(others) == len(set(currencies)) == 1 else False
        return {
            "section": section,
            "move": move,
            # the period is that of the books, the date that of the document
            "date": (move.is_invoice(True) and move.invoice_date) or move.date,
            "number": move.name,
            "amount": amount,
            "kind": False,
            "description": False,
            "other_amount": abs(foreign) if other_id else 0.0,
            "other_currency_id": other_id,
        }

    @api.model
    def _merge_parts(self, act, section, documents, parts):
        """Add the conversions to the document that made them.

        :return: rows of conversions that happened on another day than their document
        """
        offsets = []
        for part in parts:
            move, day = part["move"], part["date"]
            if day == move.date and day >= act.date_from:
                row = documents.get(move)
                if row is None:
                    row = self._prepare_row(act, section, move, 0.0)
                    documents[move] = row
            else:
                row = self._prepare_row(act, section, move, 0.0)
                row.update(date=day, kind="offset")
                offsets.append(row)
            row["amount"] += part["amount"]
            row["is_converted"] = True
            # a document that pays two other currencies names the last one
            if row["other_currency_id"] != part["other_currency_id"]:
                row.update(other_amount=0.0, this_amount=0.0)
            row["other_currency_id"] = part["other_currency_id"]
            row["other_amount"] += part["other_amount"]
            row["this_amount"] = row.get("this_amount", 0.0) + abs(part["amount"])
        return offsets

    @api.model
    def _without_corrections(self, act, rows):
        """Leave out an entry and its reversal of the same day: no document was made."""
        by_move = {row["move"]: row for row in rows}
        hidden = set()
        for row in rows:
            origin = by_move.get(row["move"].reversed_entry_id)
            if (
                origin
                and origin["date"] == row["date"]
                and act.currency_id.is_zero(origin["amount"] + row["amount"])
                and all(self._is_plain_entry(r["move"]) for r in (row, origin))
            ):
                hidden |= {row["move"], origin["move"]}
        return [row for row in rows if row["move"] not in hidden]

    @api.model
    def _is_plain_entry(self, move):
        return (
            move.move_type == "entry"
            and not move.origin_payment_id
            and not move.statement_line_id
        )

    # Words ----------------------------------------------------------------------------

    @api.model
    def _describe(self, act, section, rows):
        """Say of each row what kind of document it is, and what it was for."""
        moves = self.env["account.move"].union(*[row["move"] for row in rows])
        Settlement = self.env["client.balance.settlement"]
        settlements = Settlement.search(
            [("move_id", "in", moves.ids), ("partner_id", "=", act.partner_id.id)],
            order="id",
        )
        internal = self.env["client.balance.portal"]._get_reason_names(settlements)
        by_move = settlements.grouped("move_id")
        for row in rows:
            own = by_move.get(row["move"], Settlement)
            row["kind"] = row["kind"] or self._get_kind(section, row, own)
            if self._is_plain_entry(row["move"]):
                texts = [s.description for s in own if s.description not in internal]
                row["description"] = next(filter(None, texts), False)

    @api.model
    def _get_kind(self, section, row, settlements):
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
        if move.journal_id in self._get_exchange_journals(move.company_id.root_id):
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
