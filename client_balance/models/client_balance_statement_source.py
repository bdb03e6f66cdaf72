from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

#: kinds of entries whose mistake and correction of the same day show no document
SALES, PURCHASES = "sales", "purchases"


class Scope(NamedTuple):
    """What acts have in common that are collected together, as plain values."""

    company: models.Model
    currency: models.Model
    currency_id: int
    rounding: float
    date_from: date
    date_to: date
    include_foreign: bool
    include_purchases: bool

    def is_zero(self, amount):
        # most amounts are not, and need not be rounded to know that
        return abs(amount) < self.rounding and self.currency.is_zero(amount)


class Entry(NamedTuple):
    """What an act says of a journal entry, beside its amount."""

    move: models.Model
    id: int
    name: str
    date: date
    invoice_date: date | None
    move_type: str
    journal_id: int
    document_kind: str | None
    reversed_entry_id: int | None
    statement_line_id: int | None
    payment_id: int | None
    payment_currency_id: int | None
    paid: float | None  #: by its payment: − received, + paid out

    @property
    def is_plain(self):
        return self.move_type == "entry" and not (
            self.payment_id or self.statement_line_id
        )


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
    def _get_data(self, acts):
        """Collect acts: those of one company, currency and period by the same queries.

        :param acts: ``client.balance.statement`` with client, currency and period
        :return: {act: {section: {"opening": float, "rows": [dict, see
            ``_prepare_row``]}}}
        """
        # whoever makes acts need not read journal items, see the class
        source_sudo = self.sudo().with_context(active_test=False)
        data = {}
        for scope, alike in acts.sudo().grouped(self._get_scope).items():
            sections = [SALES, PURCHASES] if scope.include_purchases else [SALES]
            found = {
                section: source_sudo._get_section(scope, alike.partner_id, section)
                for section in sections
            }
            for act in alike:
                client = act.partner_id
                data[act.id] = {section: found[section][client] for section in sections}
        return {act: data[act.id] for act in acts}

    @api.model
    def _get_scope(self, act):
        """:return: Scope of one act"""
        return Scope(
            company=act.company_id,
            currency=act.currency_id,
            currency_id=act.currency_id.id,
            rounding=act.currency_id.rounding,
            date_from=act.date_from,
            date_to=act.date_to,
            include_foreign=act.include_foreign,
            include_purchases=act.include_purchases,
        )

    @api.model
    def _get_section(self, scope, clients, section):
        """:return: {client: {"opening": float, "rows": [dict]}}"""
        openings = self._get_openings(scope, clients, section)
        parts = self._get_parts(scope, clients, section)
        later = {}
        for client, client_parts in parts.items():
            later[client] = [p for p in client_parts if p["date"] >= scope.date_from]
            openings[client] = scope.currency._sum_client_balance(
                [
                    openings.get(client, 0.0),
                    *(p["amount"] for p in client_parts if p["date"] < scope.date_from),
                ]
            )
        rows = self._get_rows(scope, clients, section, later)
        return {
            client: {
                "opening": scope.currency.round(openings.get(client, 0.0)),
                "rows": rows.get(client, []),
            }
            for client in clients
        }

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
    def _get_owner_domain(self, clients, company):
        """Hook. :return: domain of the posted items between clients and company"""
        return Domain(
            [
                ("parent_state", "=", "posted"),
                ("company_id", "child_of", company.ids),
                ("partner_id.commercial_partner_id", "in", clients.ids),
            ]
        )

    @api.model
    def _get_item_domain(self, scope, clients, section):
        """Hook. :return: domain of the items that make the rows of acts of one scope"""
        domain = (
            self._get_owner_domain(clients, scope.company)
            & self._get_account_domain(section)
            & Domain("date", "<=", scope.date_to)
        )
        if scope.include_foreign:
            return domain
        return (
            domain
            & Domain("currency_id", "=", scope.currency_id)
            & ~self._get_exchange_domain(scope.company)
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
    def _get_amount_field(self, scope):
        return "balance" if scope.include_foreign else "amount_currency"

    @api.model
    def _get_sums(self, scope, domain, *more):
        """Add up items per client.

        :param more: SQL of what else they are grouped by
        :return: [(client id, …, amount, amount in the items' currencies, the lowest
            and the highest id of these)]
        """
        lines = self.env["account.move.line"]
        groups = SQL(", ").join([SQL("client.commercial_partner_id"), *more])
        # what the domain names is submitted by the search itself
        lines.flush_model(["amount_currency", "balance", "currency_id", "move_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT %(groups)s, SUM(%(amount)s), SUM(item.amount_currency),
                       MIN(item.currency_id), MAX(item.currency_id)
                  FROM account_move_line item
                  JOIN res_partner client ON client.id = item.partner_id
                 WHERE item.id IN %(items)s
              GROUP BY %(groups)s
                """,
                groups=groups,
                amount=SQL.identifier("item", self._get_amount_field(scope)),
                items=lines._search(domain).subselect(),
            )
        )

    @api.model
    def _get_openings(self, scope, clients, section):
        """:return: {client: float}, what the documents before the period add up to"""
        domain = self._get_item_domain(scope, clients, section)
        domain &= Domain("date", "<", scope.date_from)
        sums = {row[0]: float(row[1]) for row in self._get_sums(scope, domain)}
        return {c: sums[c.id] for c in clients if c.id in sums}

    @api.model
    def _get_parts(self, scope, clients, section):
        """:return: {client: [dict]}, what moved debts from or to another currency"""
        if scope.include_foreign:
            return {}
        return self.env["client.balance.statement.conversion"]._get_parts(
            scope, clients, section
        )

    @api.model
    def _get_rows(self, scope, clients, section, parts):
        """:return: {client: the rows of one section in the order of the act}"""
        documents = self._get_documents(scope, clients, section, parts)
        rows = {}
        for client in clients:
            own = documents.get(client.id, {})
            offsets = self._merge_parts(scope, own, parts.get(client, []))
            shown = [
                row
                for row in [*own.values(), *offsets]
                if not scope.is_zero(row["amount"])
            ]
            rows[client] = self._without_corrections(scope, shown)
        self._describe(scope, section, rows)
        return {
            client: sorted(
                (part for row in own for part in self._split_payment(scope, row)),
                key=self._get_sort_key,
            )
            for client, own in rows.items()
        }

    @api.model
    def _get_documents(self, scope, clients, section, parts):
        """Rows of the documents of the period, and of those that converted something.

        :return: {client id: {move id: row}}; a row that only a conversion needs has
            no amount
        """
        domain = self._get_item_domain(scope, clients, section)
        domain &= Domain("date", ">=", scope.date_from)
        sums = self._get_sums(scope, domain, SQL("item.move_id"))
        converted = [
            (client.id, part["move"].id, 0.0, 0.0, None, None)
            for client, own in parts.items()
            for part in own
        ]
        entries = self._read_entries({row[1] for row in [*sums, *converted]})
        documents = {}
        for client_id, move_id, *values in [*sums, *converted]:
            own = documents.setdefault(client_id, {})
            if move_id not in own:
                own[move_id] = self._prepare_row(
                    scope, section, entries[move_id], *values
                )
        return documents

    @api.model
    def _read_entries(self, move_ids):
        """What rows need of entries, as plain values: acts may have many thousands.

        :return: {move id: Entry}
        """
        if not move_ids:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id, move.name, move.date, move.invoice_date, move.move_type,
                       move.journal_id, journal.client_balance_document_kind,
                       move.reversed_entry_id, move.statement_line_id,
                       payment.id, payment.currency_id, CASE payment.payment_type
                       WHEN 'inbound' THEN -payment.amount ELSE payment.amount END
                  FROM account_move move
                  JOIN account_journal journal ON journal.id = move.journal_id
             LEFT JOIN account_payment payment ON payment.id = move.origin_payment_id
                 WHERE move.id IN %s
                """,
                tuple(move_ids),
            )
        )
        moves = self.env["account.move"].browse(row[0] for row in rows)
        return {
            row[0]: Entry(move, *row) for move, row in zip(moves, rows, strict=True)
        }

    @api.model
    def _prepare_row(
        self, scope, section, entry, amount, foreign, lowest_id, highest_id
    ):
        """Hook. :return: dict of one document, with ``amount`` signed (+ owes more)"""
        # all its items in one other currency
        other_id = lowest_id == highest_id != scope.currency_id and highest_id
        return {
            "section": section,
            "move": entry.move,
            "entry": entry,
            # the period is that of the books, the date that of the document
            "date": (entry.move_type != "entry" and entry.invoice_date) or entry.date,
            "number": entry.name,
            "amount": float(amount),
            "kind": False,
            "description": False,
            "other_amount": abs(float(foreign)) if other_id else 0.0,
            "other_currency_id": other_id or False,
        }

    @api.model
    def _merge_parts(self, scope, documents, parts):
        """Add the conversions to the document that made them.

        :return: rows of conversions that happened on another day than their document
        """
        offsets = []
        for part in parts:
            row, day = documents[part["move"].id], part["date"]
            if day != row["entry"].date:
                row = {**row, "amount": 0.0, "date": day, "kind": "offset"}
                row.update(other_amount=0.0, other_currency_id=False)
                offsets.append(row)
            row["amount"] = scope.currency.round(row["amount"] + part["amount"])
            row["is_converted"] = True
            # a document that pays two other currencies names the last one
            if row["other_currency_id"] != part["other_currency_id"]:
                row.update(other_amount=0.0, this_amount=0.0)
            row["other_currency_id"] = part["other_currency_id"]
            row["other_amount"] += part["other_amount"]
            row["this_amount"] = row.get("this_amount", 0.0) + abs(part["amount"])
        return offsets

    @api.model
    def _without_corrections(self, scope, rows):
        """Leave out an entry and its reversal of the same day: no document was made."""
        by_move = {row["entry"].id: row for row in rows}
        hidden = set()
        for row in rows:
            origin = by_move.get(row["entry"].reversed_entry_id)
            if (
                origin
                and origin["date"] == row["date"]
                and scope.is_zero(origin["amount"] + row["amount"])
                and all(r["entry"].is_plain for r in (row, origin))
            ):
                hidden |= {row["entry"].id, origin["entry"].id}
        return [row for row in rows if row["entry"].id not in hidden]
