from odoo import api, fields, models

from ..models.client_balance_gate import Key


class ClientBalanceAdoptKey(models.TransientModel):
    _name = "client.balance.adopt.key"
    _inherit = ["client.balance.asked", "client.balance.primary"]
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

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_limit(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_limit(vals)
        return super().write(vals)

    def _check_limit(self, vals):
        """Before it is kept: rounding NaN or infinity ends in an error of Python."""
        self.env["client.balance"]._check_limit_is_amount(vals.get("overdraft_limit"))

    def _get_key(self):
        self.ensure_one()
        return Key(
            self.company_id.id,
            self.partner_id.id,
            self.partner_bank_id.id,
            self.currency_id.id,
        )
