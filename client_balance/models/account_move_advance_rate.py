from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang


class AccountMove(models.Model):
    """A draft foreign invoice that an advance pays takes the advance's rate.

    Advances are non-monetary: the income they pay is worth what the money was worth
    when it came, the rest of the invoice what it is worth today (П(С)БО 21).
    """

    _inherit = "account.move"

    client_balance_advance_rate = fields.Float(
        string="Rate of the advance",
        compute="_compute_client_balance_advance_rate",
        digits=0,
        groups="client_balance.group_client_balance_officer",
        help="How much of the invoice's currency one unit of the company's is, when the"
        " unspent money of the client counts at the rate at which it came.",
    )
    client_balance_advance_hint = fields.Char(
        string="Client balance advance hint",
        compute="_compute_client_balance_advance_rate",
        groups="client_balance.group_client_balance_officer",
    )

    @api.depends(
        "state",
        "partner_id",
        "currency_id",
        "company_id",
        "invoice_date",
        "amount_total",
        "invoice_currency_rate",
        "client_balance_bank_id",
    )
    def _compute_client_balance_advance_rate(self):
        for move in self:
            move.client_balance_advance_rate = 0.0
            move.client_balance_advance_hint = False
            sources = move._get_client_balance_advance_sources()
            if not sources:
                continue
            rate = move._get_client_balance_advance_rate(sources)
            move.client_balance_advance_rate = rate
            if not move._is_client_balance_rate(rate):
                move.client_balance_advance_hint = move._describe_client_balance_rate(
                    sources, rate
                )

    def action_use_client_balance_advance_rate(self):
        """Give this draft the weighted rate of the money that will pay it.

        :raise UserError: where there is no such money
        """
        self.env["client.balance.application"]._check_officer()
        for move in self:
            move.check_access("write")
            sources = move._get_client_balance_advance_sources()
            if not sources:
                raise UserError(
                    self.env._(
                        "%(invoice)s has no rate of an advance: that is for draft"
                        " invoices in a foreign currency whose client has unspent money"
                        " in it, where the settings keep the rate of the advance.",
                        invoice=move.display_name,
                    )
                )
            move.invoice_currency_rate = move._get_client_balance_advance_rate(sources)
        return True

    def _get_client_balance_advance_sources(self):
        """The unspent money that would pay this draft, first in, first out.

        :return: list of ``Source``, without what no open credit stands for
        """
        self.ensure_one()
        if (
            self.state != "draft"
            or self.move_type not in ("out_invoice", "out_receipt")
            # a form may be without one for a moment
            or self.currency_id in (self.company_currency_id, self.env["res.currency"])
            or self.currency_id.compare_amounts(self.amount_total, 0.0) <= 0
        ):
            return []
        day = self.invoice_date or fields.Date.context_today(self)
        balances = self._sort_client_balances(self._get_client_balances())
        balances = balances.filtered(lambda balance: balance._is_valued_at_advance())
        available = balances._get_available_on(day)
        left, sources = self.amount_total, []
        for balance in balances:
            amount = min(left, available[balance.id])
            if balance.currency_id.compare_amounts(amount, 0.0) <= 0:
                continue
            parts = balance._get_sources(amount, day)
            sources += [part for part in parts if part.line]
            left = balance.currency_id.round(left - amount)
        return sources

    def _get_client_balance_advance_rate(self, sources):
        """:return: the weighted rate, as ``invoice_currency_rate`` counts"""
        advance = sum(source.amount for source in sources)
        value = sum(source.value for source in sources)
        rest = self.currency_id.round(self.amount_total - advance)
        # the rate of the day, whatever stands on the draft now
        value += rest / self.expected_currency_rate
        if self.company_currency_id.is_zero(value):
            # money without any value in the books makes no rate
            return self.expected_currency_rate
        return self.amount_total / value

    def _is_client_balance_rate(self, rate):
        """:return: whether the draft is worth the same with ``rate`` already"""
        current = self.invoice_currency_rate
        return bool(current) and not self.company_currency_id.compare_amounts(
            self.amount_total / current, self.amount_total / rate
        )

    def _describe_client_balance_rate(self, sources, rate):
        """:return: sentence for the draft: which money, and the rate that it makes"""
        return self.env._(
            "Paid in advance: %(sources)s. With the rest at today's rate the invoice"
            " counts at %(rate)s.",
            sources=", ".join(
                self.env._(
                    "%(amount)s of %(date)s at %(rate)s",
                    amount=formatLang(
                        self.env, source.amount, currency_obj=self.currency_id
                    ),
                    date=format_date(self.env, source.advance_date),
                    rate=formatLang(self.env, source.value / source.amount, digits=4),
                )
                for source in sources
            ),
            rate=formatLang(self.env, 1 / rate, digits=6),
        )
