import re

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

SEARCH_LENGTH = 100
AMOUNT = re.compile(r"-?\d{1,15}([.,]\d{1,6})?")


class ClientBalancePortal(models.AbstractModel):
    """What a client may read of its own balances.

    Portal users have no access right on the ledger. The controller reads it as
    superuser, only through the domains made here, and hands plain dicts of the public
    columns to the pages, the spreadsheet and the PDF: a column that is not in
    ``_prepare_row`` cannot leak.
    """

    _name = "client.balance.portal"
    _description = "Client balance in the portal"

    # Whose money --------------------------------------------------------------------

    @api.model
    def _get_portal_partner(self):
        """Hook. :return: the client whose balances the current user may follow"""
        return self.env.user.partner_id.commercial_partner_id

    @api.model
    def _get_portal_companies(self):
        """Hook. :return: the root companies whose balances the user may follow"""
        return self.env.user.company_ids.root_id

    @api.model
    def _get_portal_owner_domain(self):
        """Hook. :return: domain of what is the user's own, for balances, settlements"""
        return Domain("partner_id", "=", self._get_portal_partner().id) & Domain(
            "company_id", "in", self._get_portal_companies().ids
        )

    @api.model
    def _get_portal_balance_domain(self):
        """Hook. :return: domain of the balances that the user may follow

        A merged balance is archived; whatever still holds money stays visible.
        """
        return self._get_portal_owner_domain() & (
            Domain("active", "=", True) | Domain("amount", "!=", 0)
        )

    @api.model
    def _get_portal_settlement_domain(self):
        """Hook. :return: domain of the settlements that the user may follow"""
        return self._get_portal_owner_domain()

    @api.model
    def _get_portal_debt_domain(self):
        """Hook. :return: domain of the open items that the client owes (+) or is owed

        The receivables, with payments that are not matched yet: what is left of them is
        exactly what the books say, and never includes a balance.
        """
        return Domain(
            [
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("account_id.account_type", "=", "asset_receivable"),
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self._get_portal_partner().id,
                ),
                ("company_id", "child_of", self._get_portal_companies().ids),
            ]
        )

    # Balances -----------------------------------------------------------------------

    @api.model
    def _get_balances(self):
        """:return: the user's balances, those with money first"""
        balances = (
            self.env["client.balance"]
            .with_context(active_test=False)
            .search(self._get_portal_balance_domain())
        )
        return balances.sorted(
            lambda balance: (
                balance.company_id.id,
                balance.currency_id.is_zero(balance.amount),
                balance.currency_id.name,
                balance.partner_bank_id.sequence,
                balance.id,
            )
        )

    @api.model
    def _get_summary(self, balances):
        """Balances per bank account, and what is left to pay, per company.

        :return: [{"company", "balances": [dict], "totals": [dict]}]
        """
        today = fields.Date.context_today(self)
        now = balances._get_amounts_on(today) if balances else {}
        owed = self._get_owed()
        companies = balances.company_id | self.env["res.company"].browse(
            [company_id for company_id, _currency_id in owed]
        )
        summary = []
        for company in companies.sorted("id"):
            own = balances.filtered(lambda b, company=company: b.company_id == company)
            summary.append(
                {
                    "company": company,
                    "balances": [self._prepare_balance(b, now[b.id]) for b in own],
                    "totals": self._get_totals(company, own, owed),
                }
            )
        return summary

    @api.model
    def _prepare_balance(self, balance, now):
        """Hook. What the client sees of one balance.

        :param now: float, the balance at the end of today; entries that are dated later
            have moved the balance already
        """
        currency = balance.currency_id
        return {
            "bank": self._get_bank_label(balance.partner_bank_id),
            "bank_key": balance.partner_bank_id.id or "none",
            "currency": currency,
            "amount": balance.amount,
            "later": currency.round(balance.amount - now),
        }

    @api.model
    def _get_bank_label(self, bank, short=False):
        """Hook. :return: how the client reads a bank account, ``short`` on a phone"""
        number = bank.acc_number or self.env._("No bank account")
        if short and bank and len(number) > 16:
            return f"{number[:4]}…{number[-6:]}"
        return number

    @api.model
    def _get_owed(self):
        """:return: {(root company id, currency id): float}, + is owed by the client"""
        groups = self.env["account.move.line"]._read_group(
            self._get_portal_debt_domain(),
            ["company_id", "currency_id"],
            ["amount_residual_currency:sum"],
        )
        owed = {}
        for company, currency, amount in groups:
            key = company.root_id.id, currency.id
            owed[key] = currency.round(owed.get(key, 0.0) + amount)
        return owed

    @api.model
    def _get_totals(self, company, balances, owed):
        """The net line of each currency: owed − balance = to pay."""
        currencies = balances.currency_id | self.env["res.currency"].browse(
            [
                currency_id
                for (company_id, currency_id), amount in owed.items()
                if company_id == company.id and amount
            ]
        )
        totals = []
        for currency in currencies.sorted(lambda c: (c != company.currency_id, c.name)):
            own = balances.filtered(lambda b, c=currency: b.currency_id == c)
            balance = currency.round(sum(own.mapped("amount")))
            debt = owed.get((company.id, currency.id), 0.0)
            totals.append(
                {
                    "currency": currency,
                    "owed": debt,
                    "balance": balance,
                    "to_pay": currency.round(debt - balance),
                }
            )
        return totals

    # Filters --------------------------------------------------------------------------

    @api.model
    def _get_filters(self, balances, values):
        """Turn what came with the address into filters that can be trusted.

        Whatever is not one of the offered values counts as not given, so that a
        tampered address shows the user's own whole ledger, and nothing else.

        :param balances: all balances of the user
        :param values: the parameters of the request; only texts are looked at
        """
        values = {name: v for name, v in values.items() if isinstance(v, str)}
        banks = {str(bank.id) for bank in balances.partner_bank_id} | {"none"}
        currencies = set(balances.currency_id.mapped("name"))
        bank, currency = values.get("bank"), values.get("currency")
        sortby = values.get("sortby")
        return {
            "bank": bank if bank in banks else "",
            "currency": currency if currency in currencies else "",
            "date_from": self._parse_day(values.get("date_from")),
            "date_to": self._parse_day(values.get("date_to")),
            "search": self._parse_search(values.get("search")),
            "sortby": sortby if sortby in self._get_sortings() else "date",
            "reversed": bool(values.get("reversed")),
        }

    @api.model
    def _parse_day(self, text):
        try:
            return fields.Date.to_date((text or "")[:10]) or False
        except (TypeError, ValueError):
            return False

    @api.model
    def _parse_search(self, text):
        """PostgreSQL refuses NUL, and nobody searches for a whole page of text."""
        return (text or "").replace("\x00", "").strip()[:SEARCH_LENGTH]

    @api.model
    def _get_sortings(self):
        """Hook. :return: {key: {"label", "order"}}; an order ends in a unique column"""
        return {
            "date": {
                "label": self.env._("Newest first"),
                "order": "date desc, id desc",
            },
            "date_asc": {"label": self.env._("Oldest first"), "order": "date, id"},
            "amount": {
                "label": self.env._("Largest amount"),
                "order": "amount desc, id desc",
            },
            "amount_asc": {
                "label": self.env._("Smallest amount"),
                "order": "amount, id",
            },
        }

    @api.model
    def _get_filtered_balances(self, balances, filters):
        """:return: those of ``balances`` that the filters on their key let through"""
        if filters["bank"]:
            bank_id = False if filters["bank"] == "none" else int(filters["bank"])
            balances = balances.filtered(lambda b: b.partner_bank_id.id == bank_id)
        if filters["currency"]:
            balances = balances.filtered(
                lambda b: b.currency_id.name == filters["currency"]
            )
        return balances

    @api.model
    def _get_ledger_domain(self, balances, filters, search=True):
        """:return: domain of the settlements that the filters let through"""
        domain = self._get_portal_settlement_domain()
        domain &= Domain("balance_id", "in", balances.ids)
        if filters["date_from"]:
            domain &= Domain("date", ">=", filters["date_from"])
        if filters["date_to"]:
            domain &= Domain("date", "<=", filters["date_to"])
        if not filters["reversed"]:
            domain &= Domain.custom(
                to_sql=lambda _model, alias, _query: SQL(
                    "%s NOT IN (%s)",
                    SQL.identifier(alias, "id"),
                    self._get_undone_sql(balances),
                )
            )
        if search and filters["search"]:
            domain &= self._get_search_domain(filters["search"])
        return domain

    @api.model
    def _get_undone_sql(self, balances):
        """Pairs of an original and its reversal of the same day.

        Hiding them changes no end of a day. A pair with two dates is never hidden.
        """
        return SQL(
            """
            SELECT mine.id FROM client_balance_settlement mine
              JOIN client_balance_settlement other
                ON other.id = COALESCE(mine.reversal_of_id, mine.reversed_by_id)
             WHERE mine.balance_id IN %s AND mine.date = other.date
            """,
            tuple(balances.ids) or (0,),
        )

    @api.model
    def _get_search_domain(self, text):
        """Hook. :return: domain of the settlements in which a client finds ``text``"""
        invoices = Domain("name", "ilike", text) & Domain(
            "commercial_partner_id", "=", self._get_portal_partner().id
        )
        types = [
            name
            for name, label in self._get_type_labels().items()
            if text.lower() in label.lower()
        ]
        domain = (
            Domain("description", "ilike", text)
            | Domain("name", "ilike", text)
            | Domain("payment_name", "ilike", text)
            | Domain("invoice_ids", "any", invoices)
            | Domain("settlement_type", "in", types)
        )
        compact = re.sub(r"[\s\u2212]", lambda m: "-" if m[0] == "\u2212" else "", text)
        if AMOUNT.fullmatch(compact):
            amount = float(compact.replace(",", "."))
            domain |= Domain("amount", "in", [amount, -amount])
        return domain

    # The ledger -----------------------------------------------------------------------

    @api.model
    def _get_fetched_fields(self):
        """Hook. :return: fields that ``_prepare_row`` reads, fetched in one go"""
        return [
            "date",
            "name",
            "payment_name",
            "settlement_type",
            "description",
            "amount",
            "balance_id",
            "reason_id",
            "move_id",
            "invoice_ids",
        ]

    @api.model
    def _get_rows(self, balances, filters, domain, order, offset=0, limit=None):
        """The ledger as the client reads it, in a constant number of queries.

        :return: list of dicts of plain values (see ``_prepare_row``)
        """
        settlements = self.env["client.balance.settlement"].search_fetch(
            domain, self._get_fetched_fields(), offset=offset, limit=limit, order=order
        )
        if not settlements:
            return []
        shared = {
            "running": self._get_running(settlements, balances, filters),
            "documents": self._get_documents(settlements),
            "reasons": self._get_reason_names(settlements),
            "types": self._get_type_labels(),
        }
        return [self._prepare_row(settlement, shared) for settlement in settlements]

    @api.model
    def _prepare_row(self, settlement, shared):
        """Hook. :return: what the client sees of one settlement, and nothing else"""
        balance = settlement.balance_id
        return {
            "date": settlement.date,
            "type": shared["types"][settlement.settlement_type],
            "documents": shared["documents"][settlement.id],
            "description": self._get_description(settlement, shared),
            "company": balance.company_id.name,
            "bank": self._get_bank_label(balance.partner_bank_id),
            "bank_short": self._get_bank_label(balance.partner_bank_id, short=True),
            "currency": balance.currency_id,
            "balance_id": balance.id,
            "amount": settlement.amount,
            "running": balance.currency_id.round(shared["running"][settlement.id]),
        }

    @api.model
    def _get_description(self, settlement, shared):
        """The words on the settlement, unless they only repeat an internal reason."""
        text = (settlement.description or "").strip()
        return "" if text in shared["reasons"] else text

    @api.model
    def _get_type_labels(self):
        """Hook. :return: {settlement type: what the client reads}"""
        return {
            "manual": self.env._("Settlement"),
            "opening": self.env._("Opening balance"),
            "overpayment": self.env._("Overpayment"),
            "write_off": self.env._("Paid from the balance"),
            "credit_note": self.env._("Credit note"),
            "refund": self.env._("Refund"),
            "transfer": self.env._("Transfer"),
            "exchange": self.env._("Currency exchange"),
            "top_up": self.env._("Top-up"),
            "entry": self.env._("Settlement"),
            "reversal": self.env._("Reversal"),
        }

    @api.model
    def _get_running(self, settlements, balances, filters):
        """The balance after each settlement, in order of date and number.

        :return: {settlement id: float}
        """
        self.env["client.balance.settlement"].flush_model()
        hidden = SQL()
        if not filters["reversed"]:
            hidden = SQL("AND id NOT IN (%s)", self._get_undone_sql(balances))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, running FROM (
                    SELECT id, SUM(amount) OVER (
                           PARTITION BY balance_id ORDER BY date, number
                           ROWS UNBOUNDED PRECEDING) AS running
                      FROM client_balance_settlement
                     WHERE balance_id IN %s %s
                ) chain WHERE id IN %s
                """,
                tuple(settlements.balance_id.ids),
                hidden,
                tuple(settlements.ids),
            )
        )
        return {settlement_id: float(running) for settlement_id, running in rows}

    @api.model
    def _get_documents(self, settlements):
        """The client's documents of each settlement, with links to those it may open.

        :return: {settlement id: [{"name", "url"}]}
        """
        linked = settlements.invoice_ids | settlements.move_id
        invoices = self.env["account.move"].search_fetch(
            [
                ("id", "in", linked.ids),
                ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                ("state", "=", "posted"),
                ("commercial_partner_id", "=", self._get_portal_partner().id),
            ],
            ["name"],
            order="id",
        )
        readable = set(invoices.sudo(False)._filtered_access("read").ids)
        names = {
            invoice.id: {
                "name": invoice.name,
                "url": f"/my/invoices/{invoice.id}" if invoice.id in readable else "",
            }
            for invoice in invoices
        }
        documents = {}
        for settlement in settlements:
            ids = [*settlement.invoice_ids.ids, settlement.move_id.id]
            own = [names[invoice_id] for invoice_id in ids if invoice_id in names]
            documents[settlement.id] = own or [
                {"name": settlement.payment_name or settlement.name, "url": ""}
            ]
        return documents

    @api.model
    def _get_reason_names(self, settlements):
        """:return: the names of the settlements' reasons, in every language"""
        reasons = settlements.reason_id
        if not reasons:
            return set()
        reasons.flush_model(["name"])
        rows = self.env.execute_query(
            SQL(
                "SELECT name FROM client_balance_reason WHERE id IN %s",
                tuple(reasons.ids),
            )
        )
        return {name for [names] in rows for name in names.values()}

    # The statement --------------------------------------------------------------------

    @api.model
    def _get_statement(self, balances, filters):
        """Opening balance, movements and closing balance of each of ``balances``.

        :return: list of dicts, one per balance that has something to tell
        """
        filters = {**filters, "search": ""}
        domain = self._get_ledger_domain(balances, filters)
        by_balance = {balance.id: [] for balance in balances}
        for row in self._get_rows(balances, filters, domain, "date, number"):
            by_balance[row["balance_id"]].append(row)
        opening = self._get_opening(balances, filters)
        sections = []
        for balance in balances:
            rows, start = by_balance[balance.id], opening.get(balance, 0.0)
            currency = balance.currency_id
            if rows or not currency.is_zero(start):
                sections.append(self._prepare_section(balance, rows, start))
        return sections

    @api.model
    def _prepare_section(self, balance, rows, opening):
        """Hook. :return: what the statement tells about one balance"""
        currency = balance.currency_id
        amounts = [row["amount"] for row in rows]
        return {
            "company": balance.company_id,
            "bank": self._get_bank_label(balance.partner_bank_id),
            "currency": currency,
            "opening": currency.round(opening),
            "rows": rows,
            "added": currency.round(sum(a for a in amounts if a > 0)),
            "taken": currency.round(sum(a for a in amounts if a < 0)),
            "closing": currency.round(opening + sum(amounts)),
        }

    @api.model
    def _get_opening(self, balances, filters):
        """:return: {balance: float at the start of the period}"""
        if not filters["date_from"]:
            return {}
        groups = self.env["client.balance.settlement"]._read_group(
            self._get_portal_settlement_domain()
            & Domain("balance_id", "in", balances.ids)
            & Domain("date", "<", filters["date_from"]),
            ["balance_id"],
            ["amount:sum"],
        )
        return dict(groups)
