import contextlib

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.amounts import parse_amount

SEARCH_LENGTH = 100


class ClientBalancePortal(models.AbstractModel):
    """What came with the address, turned into domains that can be trusted."""

    _inherit = "client.balance.portal"

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
        Entries between two of our accounts move nothing of the client's.
        """
        return SQL(
            """
            SELECT mine.id FROM client_balance_settlement mine
              JOIN client_balance_settlement other
                ON other.id = COALESCE(mine.reversal_of_id, mine.reversed_by_id)
             WHERE mine.balance_id IN %(ids)s AND mine.date = other.date
         UNION ALL
            SELECT UNNEST(ARRAY_AGG(id)) FROM client_balance_settlement
             WHERE balance_id IN %(ids)s AND move_id IS NOT NULL
               AND settlement_type IN ('transfer', 'reversal')
          GROUP BY balance_id, move_id, date HAVING SUM(amount) = 0
            """,
            ids=tuple(balances.ids) or (0,),
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
        with contextlib.suppress(ValueError):
            amount = parse_amount(text)
            domain |= Domain("amount", "in", [amount, -amount])
        return domain
