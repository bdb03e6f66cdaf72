from odoo import fields, models


class ClientBalanceFinding(models.TransientModel):
    """What the check of the books has found, for the list that shows it."""

    _name = "client.balance.finding"
    _inherit = ["client.balance.primary"]
    _description = "Finding of the check of the books"
    _order = "id"
    _rec_name = "document"

    rule = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    document = fields.Char(readonly=True)
    message = fields.Char(string="What was found", readonly=True)
    hint = fields.Char(string="What to do", readonly=True)
