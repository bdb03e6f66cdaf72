from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    client_balance_loyalty_account_id = fields.Many2one(
        "account.account",
        string="Account of loyalty bonuses",
        check_company=True,
        domain="[('is_client_balance', '=', False)]",
    )
