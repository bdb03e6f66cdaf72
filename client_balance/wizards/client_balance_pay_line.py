from odoo import api, fields, models


class ClientBalancePayLine(models.TransientModel):
    """One balance in the dialog, and what is taken from it."""

    _name = "client.balance.pay.line"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Pay from balance: amount of one balance"

    pay_id = fields.Many2one("client.balance.pay", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    partner_bank_id = fields.Many2one(
        "res.partner.bank", string="Bank account", readonly=True
    )
    bank_name = fields.Char(string="Bank account name", compute="_compute_bank_name")
    currency_id = fields.Many2one(related="pay_id.currency_id")
    available = fields.Monetary(
        string="Available balance",
        compute="_compute_available",
        help="What can be taken on the date of the dialog.",
    )
    amount = fields.Monetary(string="Amount to take")

    @api.depends("partner_bank_id")
    def _compute_bank_name(self):
        for line in self:
            line.bank_name = line.partner_bank_id.display_name or self.env._(
                "No bank account"
            )

    @api.depends("partner_id", "partner_bank_id", "pay_id.date")
    def _compute_available(self):
        for pay, lines in self.grouped("pay_id").items():
            balances = pay.invoice_ids._get_client_balances()
            available = balances._get_available_on(
                pay.date or fields.Date.context_today(self)
            )
            by_key = {
                (balance.partner_id, balance.partner_bank_id): available[balance.id]
                for balance in balances
            }
            for line in lines:
                key = line.partner_id, line.partner_bank_id
                line.available = by_key.get(key, 0.0)
