from odoo import fields, models


class ClientBalanceReason(models.Model):
    _name = "client.balance.reason"
    _description = "Reason of a settlement"

    name = fields.Char(required=True, translate=True)
    direction = fields.Selection([("in", "In the client's favour"), ("out", "Takes from the client"), ("both", "Both")], default="both", required=True)
    account_id = fields.Many2one("account.account")
    company_id = fields.Many2one("res.company")
    is_advance = fields.Boolean()
    needs_document = fields.Boolean()
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
