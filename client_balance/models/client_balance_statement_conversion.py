from odoo import api, models
from odoo.fields import Domain


class ClientBalanceStatementConversion(models.AbstractModel):
    """Documents that settle a debt in another currency.

    An invoice of 100 $ is paid in hryvnias. In the act in dollars the payment stands
    with the 100 $ that it paid; in the act in hryvnias it stands with what was left of
    it. So each match of two currencies takes its amount out of one act and puts the
    other amount into the other act, on the day of the match.
    """

    _name = "client.balance.statement.conversion"
    _description = "Conversions in an act of reconciliation"

    @api.model
    def _get_parts(self, scope, clients, section):
        """Every conversion of the clients up to the end of the period.

        :return: {client: [{"move", "date", "amount" (signed, + owes more),
            "other_amount", "other_currency_id"}]} of the side that is converted
        """
        source = self.env["client.balance.statement.source"]
        domain = source._get_owner_domain(clients, scope.company)
        domain &= source._get_account_domain(section)
        partials = self.env["account.partial.reconcile"].search(
            Domain("max_date", "<=", scope.date_to)
            & Domain("debit_move_id", "any", domain)
            & Domain("credit_move_id", "any", domain)
            & self._get_currency_domain(scope.currency)
        )
        parts = {}
        for partial in partials:
            client = partial.debit_move_id.partner_id.commercial_partner_id
            # a match of two clients is a conversion of neither
            if client == partial.credit_move_id.partner_id.commercial_partner_id and (
                partial.debit_currency_id != partial.credit_currency_id
            ):
                parts.setdefault(client, []).extend(self._prepare_parts(scope, partial))
        return parts

    @api.model
    def _get_currency_domain(self, currency):
        debit = Domain("debit_currency_id", "=", currency.id)
        credit = Domain("credit_currency_id", "=", currency.id)
        return (debit & ~credit) | (credit & ~debit)

    @api.model
    def _prepare_parts(self, scope, partial):
        """:return: the one part of ``partial`` that belongs to this act"""
        debit, credit = self._get_amounts(partial)
        is_debit = self._is_debit_converted(partial)
        line = partial.debit_move_id if is_debit else partial.credit_move_id
        own, other = (debit, credit) if is_debit else (credit, debit)
        sign = 1 if is_debit else -1
        own_currency, other_currency = (
            (partial.debit_currency_id, partial.credit_currency_id)
            if is_debit
            else (partial.credit_currency_id, partial.debit_currency_id)
        )
        part = {"move": line.move_id, "date": partial.max_date}
        if scope.currency == own_currency:
            # what the document settled in the other currency leaves this act
            part.update(
                amount=-sign * own,
                other_amount=other,
                other_currency_id=other_currency.id,
            )
        else:
            part.update(
                amount=sign * other,
                other_amount=own,
                other_currency_id=own_currency.id,
            )
        return [part]

    @api.model
    def _get_amounts(self, partial):
        """What the match settles, with the exchange difference that belongs to it.

        :return: (of the debit item, of the credit item), positive, in their currencies
        """
        amounts = []
        for line, amount, sign in (
            (partial.debit_move_id, partial.debit_amount_currency, -1),
            (partial.credit_move_id, partial.credit_amount_currency, 1),
        ):
            difference = partial.exchange_move_id.line_ids.filtered(
                lambda item, line=line: (
                    item.account_id == line.account_id
                    and item.currency_id == line.currency_id
                )
            )
            rest = sum(difference.mapped("amount_currency"))
            amounts.append(line.currency_id.round(amount + sign * rest))
        return amounts

    @api.model
    def _is_debit_converted(self, partial):
        """The invoice keeps its currency; of two payments the credit is converted."""
        return not partial.debit_move_id.move_id.is_invoice(True) and (
            partial.credit_move_id.move_id.is_invoice(True)
        )
