from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_repr, formatLang

#: Amounts are floats in Odoo, which rounds them with a tolerance that grows with them:
#: of kopiykas, cents (the smallest unit of a currency) it returns each number up to 2 ×
#: 10¹⁴ as it was stored, but no longer 5 × 10¹⁴. A balance and its limit, each below
#: 10¹⁴, are below that together.
LARGEST_DIGITS = 14


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _get_client_balance_largest(self):
        """:return: float, from here on an amount or a balance is not kept exactly"""
        self.ensure_one()
        return 10.0 ** (LARGEST_DIGITS - self.decimal_places)

    def _get_client_balance_exact(self, amount):
        """:return: Decimal, ``amount`` as it is stored: these add up without a rest"""
        self.ensure_one()
        return Decimal(float_repr(self.round(amount), self.decimal_places))

    def _check_client_balance_amount(self, amount, owner):
        """:param owner: whose amount it is, for the sentence
        :raise UserError: where ``amount`` is not kept exactly
        """
        largest = self._get_client_balance_largest()
        if abs(amount) >= largest:
            raise UserError(
                self.env._(
                    "%(owner)s: %(amount)s is too much. To be kept exactly an amount"
                    " has to stay below %(largest)s. Check it, or divide it into"
                    " several.",
                    owner=owner.display_name,
                    # it may be anything: too much to be rounded as well
                    amount=f"{amount:.15g} {self.name}",
                    largest=formatLang(self.env, largest, currency_obj=self),
                )
            )

    def _sum_client_balance(self, amounts):
        """:return: float, what ``amounts`` add up to, however many they are"""
        if not self:
            # a form may be without a currency for a moment
            return sum(amounts)
        return float(sum(map(self._get_client_balance_exact, amounts)))

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_no_client_balance_money()
        return super().write(vals)

    def _check_no_client_balance_money(self):
        """:raise UserError: which balances hold money in these currencies"""
        merge = self.env["client.balance.merge"]
        holders = merge._get_holders([("currency_id", "in", self.ids)])
        if holders:
            raise UserError(
                self.env._(
                    "%(currency)s cannot be deactivated: %(count)s client balances are"
                    " kept in it, for example\n%(balances)s\nExchange, refund or spend"
                    " them first.",
                    currency=holders.currency_id[0].name,
                    count=len(holders),
                    balances=merge._describe(holders[:5]),
                )
            )
