from odoo import fields, models


class ClientBalanceAdoptMatch(models.TransientModel):
    """A match by which money of one balance would have paid what another one spent."""

    _name = "client.balance.adopt.match"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Match of items of two balances"

    adopt_id = fields.Many2one(
        "client.balance.adopt", required=True, ondelete="cascade"
    )
    partial_id = fields.Many2one(
        "account.partial.reconcile", required=True, readonly=True, ondelete="cascade"
    )
    debit_id = fields.Many2one(
        related="partial_id.debit_move_id.move_id", string="Entry that took"
    )
    debit_partner_id = fields.Many2one(
        related="partial_id.debit_move_id.partner_id", string="Client who spent it"
    )
    credit_id = fields.Many2one(
        related="partial_id.credit_move_id.move_id", string="Entry that brought"
    )
    credit_partner_id = fields.Many2one(
        related="partial_id.credit_move_id.partner_id",
        string="Client whose money it is",
    )
    currency_id = fields.Many2one(related="partial_id.debit_currency_id")
    amount = fields.Monetary(
        string="Amount", related="partial_id.debit_amount_currency"
    )
