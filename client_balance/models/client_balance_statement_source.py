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
    def _get_data(self, acts):
        """Collect acts: those of one company, currency and period by the same queries.

        :param acts: ``client.balance.statement`` with client, currency and period
        :return: {act: {section: {"opening": float, "rows": [dict, see
            ``_prepare_row``]}}}
        """
        # whoever makes acts need not read journal items, see the class
        source_sudo = self.sudo().with_context(active_test=False)
        data = {}
        for alike in acts.sudo().grouped(self._get_scope).values():
            sections = [SALES, PURCHASES] if alike[0].include_purchases else [SALES]
            found = {
                section: source_sudo._get_section(alike, section)
                for section in sections
            }
            for act in alike:
                client = act.partner_id
                data[act.id] = {section: found[section][client] for section in sections}
        return {act: data[act.id] for act in acts}

    @api.model
    def _get_scope(self, act):
        """Hook. :return: what acts have in common that are collected together"""
        return (
            act.company_id,
            act.currency_id,
            act.date_from,
            act.date_to,
            act.include_foreign,
            act.include_purchases,
        )

    @api.model
    def _get_section(self, acts, section):
        """:return: {client: {"opening": float, "rows": [dict]}}"""
        act = acts[0]
        openings = self._get_openings(acts, section)
        parts = self._get_parts(acts, section)
        later = {}
        for client, client_parts in parts.items():
            later[client] = [p for p in client_parts if p["date"] >= act.date_from]
            openings[client] = openings.get(client, 0.0) + sum(
                p["amount"] for p in client_parts if p["date"] < act.date_from
            )
        rows = self._get_rows(acts, section, later)
        return {
            client: {
                "opening": act.currency_id.round(openings.get(client, 0.0)),
                "rows": rows.get(client, []),
            }
            for client in acts.partner_id
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
    def _get_item_domain(self, acts, section):
        """Hook. :return: domain of the items that make the rows of acts of one scope"""
        act = acts[0]
        domain = (
            self._get_owner_domain(acts.partner_id, act.company_id)
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
    def _get_openings(self, acts, section):
        """:return: {client: float}, what the documents before the period add up to"""
        domain = self._get_item_domain(acts, section)
        domain &= Domain("date", "<", acts[0].date_from)
        amount = f"{self._get_amount_field(acts[0])}:sum"
        openings = {}
        for contact, total in self.env["account.move.line"]._read_group(
            domain, ["partner_id"], [amount]
        ):
            client = contact.commercial_partner_id
            openings[client] = openings.get(client, 0.0) + total
        return openings

    @api.model
    def _get_parts(self, acts, section):
        """:return: {client: [dict]}, what moved debts from or to another currency"""
        if acts[0].include_foreign:
            return {}
        return self.env["client.balance.statement.conversion"]._get_parts(acts, section)

    @api.model
    def _get_rows(self, acts, section, parts):
        """:return: {client: the rows of one section in the order of the act}"""
        act = acts[0]
        documents = self._get_documents(acts, section)
        rows = {}
        for client in acts.partner_id:
            own = documents.get(client, {})
            offsets = self._merge_parts(act, section, own, parts.get(client, []))
            rows[client] = [
                row
                for row in [*own.values(), *offsets]
                if not act.currency_id.is_zero(row["amount"])
            ]
        self._fetch_documents(rows)
        rows = {
            client: self._without_corrections(act, own) for client, own in rows.items()
        }
        self._describe(act, section, rows)
        return {
            client: sorted(
                (part for row in own for part in self._split_payment(act, row)),
                key=self._get_sort_key,
            )
            for client, own in rows.items()
        }

    @api.model
    def _get_documents(self, acts, section):
        """:return: {client: {move: its row}} of the period"""
        act = acts[0]
        domain = self._get_item_domain(acts, section)
        domain &= Domain("date", ">=", act.date_from)
        amount = f"{self._get_amount_field(act)}:sum"
        groups = self.env["account.move.line"]._read_group(
            domain,
            ["partner_id", "move_id"],
            [amount, "amount_currency:sum", "currency_id:array_agg"],
        )
        self.env["account.move"].union(*(group[1] for group in groups)).fetch(
            ["name", "date", "move_type", "invoice_date"]
        )
        sums = {}
        for contact, move, total, foreign, currencies in groups:
            # several contacts of one client may stand in one entry
            own = sums.setdefault(contact.commercial_partner_id, {})
            known = own.get(move, (0.0, 0.0, []))
            own[move] = (known[0] + total, known[1] + foreign, known[2] + currencies)
        return {
            client: {
                move: self._prepare_row(act, section, move, *values)
                for move, values in own.items()
            }
            for client, own in sums.items()
        }

    @api.model
    def _fetch_documents(self, rows):
        """Read what the words need of all entries and payments by one query each."""
        moves = self.env["account.move"].union(
            *(row["move"] for own in rows.values() for row in own)
        )
        moves.fetch(self._get_document_fields())
        moves.origin_payment_id.fetch(["amount", "currency_id", "payment_type"])

    @api.model
    def _get_document_fields(self):
        """Hook. :return: names of the fields of ``account.move`` that rows need"""
        return [
            "company_id",
            "journal_id",
            "origin_payment_id",
            "reversed_entry_id",
            "statement_line_id",
        ]

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
