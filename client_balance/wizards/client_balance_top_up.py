from odoo import api, fields, models
from odoo.exceptions import AccessError


class ClientBalanceTopUp(models.TransientModel):
    """Register money that a client paid without an invoice."""

    _name = "client.balance.top.up"
    _inherit = ["client.balance.payment.dialog"]
    _description = "Top-up of a client balance"

    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        compute="_compute_partner_bank_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
        help="Empty: the balance without a bank account.",
    )
    balance_now = fields.Monetary(string="Balance now", compute="_compute_balance")
    balance_after = fields.Monetary(string="Balance after", compute="_compute_balance")
    is_advance = fields.Boolean(
        string="Advance",
        default=True,
        help="The client pays in advance: VAT arises on the day of the payment.",
    )

    @api.depends("partner_id")
    def _compute_partner_bank_id(self):
        for dialog in self:
            dialog.partner_bank_id = dialog.partner_id._get_client_balance_bank()

    @api.depends("partner_id", "partner_bank_id", "currency_id", "amount")
    def _compute_balance(self):
        for dialog in self:
            balance = self.env["client.balance"]._get_balance(*dialog._get_keys()[0])
            dialog.balance_now = balance.amount
            dialog.balance_after = balance.amount + dialog.amount

    @api.model
    def default_get(self, fields):
        """Open on the key of the balance from which the dialog was opened."""
        values = super().default_get(fields)
        balance = self.env["client.balance"].browse(
            self.env.context.get("default_balance_id")
        )
        if balance:
            values.update(
                company_id=self._get_entry_company(balance.company_id).id,
                partner_id=balance.partner_id.id,
                partner_bank_id=balance.partner_bank_id.id,
                currency_id=balance.currency_id.id,
            )
        elif values.get("partner_id"):
            partner = self.env["res.partner"].browse(values["partner_id"])
            values["partner_id"] = partner.commercial_partner_id.id
        return values

    # Confirmation ---------------------------------------------------------------------

    def _check_rights(self):
        if not self.env.su and not self.env.user.has_group(
            "client_balance.group_client_balance_officer"
        ):
            raise AccessError(
                self.env._(
                    "You may not put payments on client balances. Ask an administrator"
                    " for the access right “Client balance: Use balances”."
                )
            )

    def _get_keys(self):
        return [
            (
                self.company_id.root_id,
                self.partner_id.commercial_partner_id,
                self.partner_bank_id,
                self.currency_id,
            )
        ]

    def _check(self):
        posting = self.env["client.balance.posting"]
        partner = self.partner_id.commercial_partner_id
        posting._check_currency(self.currency_id)
        self.partner_bank_id._check_client_balance_client(partner)
        posting._check_client_active(partner)
        posting._check_client_company(partner, self.company_id)
        super()._check()

    def _get_payment_type(self):
        return "inbound"

    def _get_settlement_type(self):
        return "top_up"

    def _get_label(self):
        if self.is_advance:
            return self.env._("Advance of %(client)s", client=self.partner_id.name)
        return self.env._("Top-up of %(client)s", client=self.partner_id.name)

    def _prepare_caller_values(self):
        return {
            **super()._prepare_caller_values(),
            "is_advance": self.is_advance,
            "advance_date": self.is_advance and self.date,
        }
