from typing import NamedTuple

from odoo import api, models


class Source(NamedTuple):
    """A part of the money on a balance: where it came from and what it is worth."""

    #: in the currency of the balance
    amount: float
    #: in the currency of the company, at which it stands in the books
    value: float
    is_advance: bool
    #: the day on which the client's money first arrived, False without a source
    advance_date: object
    #: the open item from which it is taken, empty if there is none
    line: models.BaseModel


class ClientBalance(models.Model):
    """What money on a balance is worth in the books, first in, first out."""

    _inherit = "client.balance"

    @api.model
    def _get_company_value_of(self, key, amount, date):
        """The value of taking ``amount`` from a key, see ``_get_company_value``.

        :param key: (company, client, bank account, currency), records
        :return: float in the company's currency
        """
        company, _partner, _bank, currency = key
        if currency == company.currency_id:
            return currency.round(amount)
        balance = self._get_balance(*key)
        if balance:
            return balance._get_company_value(amount, date)
        return currency._convert(amount, company.currency_id, company, date)

    def _get_company_value(self, amount, date, credits_first=None):
        """What an entry that takes ``amount`` on ``date`` debits to the account.

        The company chooses: the rate of the day, so that core posts the exchange
        difference, or the rate of the advance, which leaves none.

        :param credits_first: open items to use before the oldest ones
        :return: float in the company's currency
        """
        self.ensure_one()
        company = self.company_id
        if self._is_valued_at_advance():
            sources = self._get_sources(amount, date, credits_first)
            return company.currency_id._sum_client_balance(p.value for p in sources)
        return self.currency_id._convert(amount, company.currency_id, company, date)

    def _get_company_values(self, amounts, date):
        """The same for several items of one entry, each uses what is left.

        :return: list of floats in the company's currency
        """
        values, taken, before = [], 0.0, 0.0
        for amount in amounts:
            taken = self.currency_id.round(taken + amount)
            value = self._get_company_value(taken, date)
            values.append(self.company_id.currency_id.round(value - before))
            before = value
        return values

    def _is_valued_at_advance(self):
        """Hook. :return: whether spent foreign money keeps the rate of the advance"""
        # the setting is read for people without rights on the root company
        company_sudo = self.company_id.sudo()
        return (
            self.currency_id != company_sudo.currency_id
            and company_sudo.client_balance_foreign_valuation == "advance"
        )

    def _get_sources(self, amount, date, credits_first=None):
        """Which money ``amount`` is, the oldest first.

        A part for which no open credit is found (the limit is used, or people matched
        by hand) has no source and is worth the rate of ``date``.

        :return: list of ``Source``, never empty unless ``amount`` is zero
        """
        self.ensure_one()
        currency, sources, left = self.currency_id, [], amount
        for settlement in self._get_open_credits(credits_first):
            if currency.compare_amounts(left, 0.0) <= 0:
                break
            source = self._get_source(settlement, left)
            sources.append(source)
            left = currency.round(left - source.amount)
        if currency.compare_amounts(left, 0.0) > 0:
            company = self.company_id
            value = currency._convert(left, company.currency_id, company, date)
            no_line = self.env["account.move.line"]
            sources.append(Source(left, value, False, False, no_line))
        return sources

    def _get_open_credits(self, credits_first=None):
        """:return: settlements with unspent money, in the order of spending"""
        # whoever may spend need not be allowed to read journal items, but the balance
        self.check_access("read")
        matching_sudo = self.env["client.balance.matching"].sudo()
        settlements = (
            self.env["client.balance.settlement"]
            .sudo()
            .search(
                [
                    *matching_sudo._get_open_lines_domain(self),
                    ("move_line_id.amount_residual_currency", "<", 0),
                ],
                order="date, id",
            )
        )
        if credits_first:
            chosen = set(credits_first.ids)
            settlements = settlements.sorted(
                lambda settlement: settlement.move_line_id.id not in chosen
            )
        return settlements

    def _get_source(self, settlement, wanted):
        """:return: the part of one open credit that ``wanted`` uses"""
        line = settlement.move_line_id
        amount = min(wanted, -line.amount_residual_currency)
        return Source(
            amount,
            line._get_client_balance_carrying_value(amount),
            settlement.is_advance,
            settlement.advance_date or settlement.date,
            line,
        )
