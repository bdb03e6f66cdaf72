from odoo import api, fields, models
from odoo.fields import Command


class ClientBalanceRefund(models.TransientModel):
    """Pay money of a balance back to the client."""

    _name = "client.balance.refund"
    _inherit = ["client.balance.payment.dialog", "client.balance.source.dialog"]
    _description = "Refund of a client balance"

    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Pay to bank account",
        compute="_compute_partner_bank_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
    )
    is_untrusted = fields.Boolean(compute="_compute_is_untrusted")
    difference = fields.Monetary(
        string="Exchange difference",
        compute="_compute_difference",
        currency_field="company_currency_id",
        help="Positive: a gain of the company, negative: a loss.",
    )

    @api.depends("balance_id")
    def _compute_partner_bank_id(self):
        for dialog in self:
            balance = dialog.balance_id
            dialog.partner_bank_id = (
                balance.partner_bank_id or balance.partner_id._get_client_balance_bank()
            )

    @api.depends("partner_bank_id", "journal_id")
    def _compute_is_untrusted(self):
        for dialog in self:
            bank = dialog.partner_bank_id
            dialog.is_untrusted = bool(bank) and not bank.allow_out_payment

    @api.depends("balance_id", "amount", "date")
    def _compute_difference(self):
        for dialog in self:
            dialog.difference = dialog._get_difference()

    def _get_difference(self):
        """:return: what the money is worth in the books less what leaves the bank"""
        balance = self.balance_id
        if not (balance and self.date) or not balance._is_valued_at_advance():
            return 0.0
        currency = self.company_currency_id
        paid = self.currency_id._convert(
            self.amount, currency, self.company_id, self.date
        )
        return currency.round(balance._get_company_value(self.amount, self.date) - paid)

    # Confirmation ---------------------------------------------------------------------

    def _get_payment_type(self):
        return "outbound"

    def _get_settlement_type(self):
        return "refund"

    def _get_amounts(self):
        return [(self.partner_id, self.currency_id, -self.amount)]

    def _get_request_fields(self):
        return [
            *super()._get_request_fields(),
            "partner_bank_id",
            "journal_id",
            "payment_method_line_id",
        ]

    def _get_label(self):
        return self.env._("Refund to %(client)s", client=self.partner_id.name)

    def _check(self):
        super()._check()
        self.partner_bank_id._check_client_balance_client(self.balance_id.partner_id)

    def _prepare_payment_vals(self):
        return {
            **super()._prepare_payment_vals(),
            "partner_bank_id": self.partner_bank_id.id,
        }

    def _prepare_caller_values(self):
        sources = self.balance_id._get_sources(self.amount, self.date)
        is_advance = all(source.is_advance for source in sources)
        return {
            **super()._prepare_caller_values(),
            "is_advance": is_advance,
            "advance_date": is_advance and sources[0].advance_date,
        }

    def _prepare_write_off_vals(self):
        """Money of a foreign advance is worth its own rate, the bank pays today's."""
        difference = self._get_difference()
        if self.company_currency_id.is_zero(difference):
            return []
        account = self.company_id._get_client_balance_difference_account(difference)
        return [
            {
                "name": self.env._("Exchange difference"),
                "account_id": account.id,
                "partner_id": self.partner_id.commercial_partner_id.id,
                "currency_id": self.currency_id.id,
                "amount_currency": 0.0,
                "balance": -difference,
                "tax_ids": [Command.clear()],
            }
        ]
