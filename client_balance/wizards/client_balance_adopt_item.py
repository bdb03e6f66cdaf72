from odoo import fields, models


class ClientBalanceAdoptItem(models.TransientModel):
    _name = "client.balance.adopt.item"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Journal item without a client"

    adopt_id = fields.Many2one(
        "client.balance.adopt", required=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one("account.move.line", required=True, readonly=True)
    move_id = fields.Many2one(related="move_line_id.move_id")
    date = fields.Date(related="move_line_id.date")
    name = fields.Char(related="move_line_id.name")
    currency_id = fields.Many2one(related="move_line_id.currency_id")
    amount_currency = fields.Monetary(related="move_line_id.amount_currency")
    partner_id = fields.Many2one(
        "res.partner", string="Client", domain="[('parent_id', '=', False)]"
    )
