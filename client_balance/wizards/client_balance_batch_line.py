from odoo import fields, models
from odoo.exceptions import UserError


class ClientBalanceBatchLine(models.TransientModel):
    """One proposal: whose balance moves, by how much, because of which document."""

    _name = "client.balance.batch.line"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Proposal for a client balance"
    _order = "id"

    batch_id = fields.Many2one(
        "client.balance.batch",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(related="batch_id.kind")
    state = fields.Selection(
        [("todo", "To post"), ("done", "Posted"), ("failed", "Refused")],
        required=True,
        readonly=True,
        default="todo",
    )
    message = fields.Char(string="Why it was refused", readonly=True)
    is_selected = fields.Boolean(string="Post", default=True)
    partner_id = fields.Many2one("res.partner", string="Client")
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account",
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    document = fields.Char(readonly=True)
    amount_max = fields.Monetary(string="Available", readonly=True)
    amount_owed = fields.Monetary(string="Owes", readonly=True)
    amount = fields.Monetary(string="To post")
    is_advance = fields.Boolean(string="Advance")
    move_line_id = fields.Many2one(
        "account.move.line", string="Open credit", readonly=True, ondelete="cascade"
    )
    settlement_id = fields.Many2one(
        "client.balance.settlement", readonly=True, ondelete="cascade"
    )

    def _run(self):
        """Post this line as its kind says.

        :raise UserError: what is wrong with it
        """
        self.ensure_one()
        self._check_amount()
        getattr(self, f"_run_{self.kind}")()

    def _check_amount(self):
        currency = self.currency_id
        if (
            currency.compare_amounts(self.amount, 0.0) <= 0
            or currency.compare_amounts(self.amount, self.amount_max) > 0
        ):
            raise UserError(
                self.env._(
                    "%(amount)s was typed for %(client)s. Type an amount above zero,"
                    " at most %(open)s.",
                    amount=currency.format(self.amount),
                    client=self.partner_id.display_name or "",
                    open=currency.format(self.amount_max),
                )
            )
