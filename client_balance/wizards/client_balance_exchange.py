from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_compare, float_round


class ClientBalanceExchange(models.TransientModel):
    """Turn a balance of a client into a balance in another currency."""

    _name = "client.balance.exchange"
    _inherit = ["client.balance.entry.dialog"]
    _description = "Exchange between client balances"

    currency_to_id = fields.Many2one(
        "res.currency",
        string="To currency",
        compute="_compute_currency_to_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', '!=', currency_id)]",
    )
    bank_to_id = fields.Many2one(
        "res.partner.bank",
        string="To bank account",
        compute="_compute_bank_to_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
        help="Empty: the balance without a bank account.",
    )
    is_divided = fields.Boolean(
        compute="_compute_is_divided",
        help="The rate says how much of the first currency one of the second costs.",
    )
    rate_label = fields.Char(compute="_compute_is_divided")
    rate = fields.Float(
        digits=(16, 6),
        compute="_compute_rate",
        store=True,
        readonly=False,
        precompute=True,
        help="The rate of the accounting date, unless another one was agreed.",
    )
    amount_to = fields.Monetary(
        string="The client gets",
        compute="_compute_amount_to",
        currency_field="currency_to_id",
    )
    difference = fields.Monetary(
        string="Exchange difference",
        compute="_compute_difference",
        currency_field="company_currency_id",
        help="Positive: a gain of the company, negative: a loss.",
    )
    target_now = fields.Monetary(
        compute="_compute_target", currency_field="currency_to_id"
    )
    target_after = fields.Monetary(
        compute="_compute_target", currency_field="currency_to_id"
    )

    @api.depends("balance_id")
    def _compute_currency_to_id(self):
        """Foreign money usually becomes the company's, of a balance that exists."""
        for dialog in self:
            company_currency = dialog.company_currency_id
            currency = dialog.partner_id.client_balance_ids.filtered(
                lambda balance, dialog=dialog: (
                    balance.company_id == dialog.balance_id.company_id
                    and balance.currency_id != dialog.currency_id
                )
            ).currency_id[:1]
            if dialog.currency_id != company_currency:
                currency = company_currency
            dialog.currency_to_id = currency

    @api.depends("balance_id")
    def _compute_bank_to_id(self):
        for dialog in self:
            dialog.bank_to_id = dialog.balance_id.partner_bank_id

    @api.depends("rate", "currency_to_id")
    def _compute_needs_approval(self):
        return super()._compute_needs_approval()

    @api.depends("balance_id", "currency_to_id", "date")
    def _compute_is_divided(self):
        for dialog in self:
            unit, price = dialog.currency_id, dialog.currency_to_id
            dialog.is_divided = bool(unit and price) and dialog._get_day_rate() < 1
            if dialog.is_divided:
                unit, price = price, unit
            dialog.rate_label = f"{price.name} / 1 {unit.name}" if price else ""

    @api.depends("balance_id", "currency_to_id", "date")
    def _compute_rate(self):
        for dialog in self:
            rate = dialog._get_day_rate()
            dialog.rate = 1 / rate if rate and dialog.is_divided else rate

    @api.depends("balance_id", "currency_to_id", "date", "rate", "amount")
    def _compute_amount_to(self):
        for dialog in self:
            dialog.amount_to = dialog._convert(dialog.amount)

    @api.depends("balance_id", "currency_to_id", "date", "rate", "amount")
    def _compute_difference(self):
        for dialog in self:
            dialog.difference = 0.0
            if dialog.balance_id and dialog.currency_to_id and dialog.date:
                sources = dialog.balance_id._get_sources(dialog.amount, dialog.date)
                value = dialog.company_currency_id._sum_client_balance(
                    part.value for part in sources
                )
                dialog.difference = value - dialog._get_target_value(dialog.amount_to)

    @api.depends("balance_id", "currency_to_id", "bank_to_id", "rate", "amount")
    def _compute_target(self):
        for dialog in self:
            target = self.env["client.balance"]._get_balance(*dialog._get_target_key())
            dialog.target_now = target.amount
            dialog.target_after = target.amount + dialog.amount_to

    # Rates ----------------------------------------------------------------------------

    def _get_day_rate(self):
        """:return: how much of the second currency one of the first is on the date"""
        if not (self.balance_id and self.currency_to_id and self.date):
            return 0.0
        return self.env["res.currency"]._get_conversion_rate(
            self.currency_id, self.currency_to_id, self.company_id, self.date
        )

    def _convert(self, amount):
        """:return: what the client gets for ``amount`` at the rate of the dialog"""
        currency, day_rate = self.currency_to_id, self._get_day_rate()
        # a form may be without a date for a moment, and with a rate
        if not self.rate or not day_rate:
            return 0.0
        if self.is_divided:
            day_rate = 1 / day_rate
        if not float_compare(self.rate, day_rate, precision_digits=6):
            # six digits of the rate of the day would lose cents of large amounts
            given = self.currency_id._convert(
                amount, currency, self.company_id, self.date, round=False
            )
        else:
            given = amount / self.rate if self.is_divided else amount * self.rate
        # never more than the rate gives, however often: the rest is an exchange gain
        return float_round(
            given, precision_rounding=currency.rounding, rounding_method="DOWN"
        )

    def _get_target_value(self, amount):
        """:return: what ``amount`` of the second currency is worth in the books"""
        return self.currency_to_id._convert(
            amount, self.company_currency_id, self.company_id, self.date
        )

    # Confirmation ---------------------------------------------------------------------

    def _get_settlement_type(self):
        return "exchange"

    def _get_amounts(self):
        return [
            (self.partner_id, self.currency_id, -self.amount),
            (self.partner_id, self.currency_to_id, self.amount_to),
        ]

    def _get_request_fields(self):
        return [*super()._get_request_fields(), "currency_to_id", "bank_to_id", "rate"]

    def _get_target_key(self):
        balance = self.balance_id
        return (
            balance.company_id,
            balance.partner_id,
            self.bank_to_id,
            self.currency_to_id,
        )

    def _get_keys(self):
        keys = super()._get_keys()
        # without a second currency there is nothing to claim: refused in a moment
        return [*keys, self._get_target_key()] if self.currency_to_id else keys

    def _check_balance(self):
        super()._check_balance()
        posting = self.env["client.balance.posting"]
        if not self.currency_to_id or self.currency_to_id == self.currency_id:
            raise UserError(
                self.env._(
                    "Choose another currency than %(currency)s for the exchange. Use a"
                    " transfer to move money in the same currency.",
                    currency=self.currency_id.name,
                )
            )
        posting._check_currency(self.currency_to_id)
        self.bank_to_id._check_client_balance_client(self.balance_id.partner_id)

    def _check(self):
        super()._check()
        if self.rate <= 0:
            raise UserError(
                self.env._(
                    "The rate between %(currency)s and %(other)s is not above zero."
                    " Type the rate that was agreed.",
                    currency=self.currency_id.name,
                    other=self.currency_to_id.name,
                )
            )
        if self.currency_to_id.is_zero(self.amount_to):
            raise UserError(
                self.env._(
                    "%(amount)s is worth less than the smallest amount in %(currency)s."
                    " Exchange a larger amount.",
                    amount=self.balance_id._format(self.amount),
                    currency=self.currency_to_id.name,
                )
            )

    def _get_label(self):
        return self.env._(
            "Exchange from %(currency)s to %(other)s, %(rate)s %(label)s",
            currency=self.currency_id.name,
            other=self.currency_to_id.name,
            rate=f"{self.rate:.6f}".rstrip("0").rstrip("."),
            label=self.rate_label,
        )

    def _prepare_lines(self):
        lines, taken, given = [], 0.0, 0.0
        [source_key, target_key] = self._get_keys()
        for sources in self._get_source_groups():
            amount = self.currency_id._sum_client_balance(p.amount for p in sources)
            value = self.company_currency_id._sum_client_balance(
                part.value for part in sources
            )
            taken = self.currency_id.round(taken + amount)
            # by running totals, so that roundings do not add up
            share = self.currency_to_id.round(self._convert(taken) - given)
            given = self.currency_to_id.round(given + share)
            lines.append(
                (
                    self._prepare_balance_item_vals(source_key, -amount, value),
                    self._prepare_settlement_values(sources[0], first=not lines),
                )
            )
            if not self.currency_to_id.is_zero(share):
                lines.append(
                    (
                        self._prepare_balance_item_vals(
                            target_key, share, self._get_target_value(share)
                        ),
                        self._prepare_settlement_values(sources[0]),
                    )
                )
        return lines + self._prepare_difference_lines(lines)

    def _prepare_difference_lines(self, lines):
        """:return: the gain or the loss that is left, as a list like ``lines``"""
        currency = self.company_currency_id
        difference = currency._sum_client_balance(vals["balance"] for vals, _v in lines)
        if currency.is_zero(difference):
            return []
        vals = {
            "name": self.env._("Exchange difference"),
            "account_id": self.company_id._get_client_balance_difference_account(
                difference
            ).id,
            "partner_id": self.balance_id.partner_id.id,
            "currency_id": currency.id,
            "amount_currency": -difference,
            "balance": -difference,
            "tax_ids": [Command.clear()],
        }
        return [(vals, {})]
