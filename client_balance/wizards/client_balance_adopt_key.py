from odoo import fields, models

from ..models.client_balance_gate import Key


class ClientBalanceAdoptKey(models.TransientModel):
    _name = "client.balance.adopt.key"
    _inherit = ["client.balance.primary"]
    _description = "Balance below zero"

    adopt_id = fields.Many2one(
        "client.balance.adopt", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Client", required=True, readonly=True
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank", string="Bank account", readonly=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    lowest = fields.Monetary(string="Lowest balance", readonly=True)
    first_day = fields.Date(string="Below zero from", readonly=True)
    overdraft_limit = fields.Monetary(
        string="Grant a limit of",
        help="How far below zero this balance may go. Where you can, correct the "
        "entries instead.",
    )

    def _get_key(self):
        self.ensure_one()
        return Key(
            self.company_id.id,
            self.partner_id.id,
            self.partner_bank_id.id,
            self.currency_id.id,
        )
