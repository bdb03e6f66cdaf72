from odoo import api, fields, models


class ClientBalanceSettlement(models.Model):
    """Where did my prepayment go? Both ways, with amounts, first in, first out."""

    _inherit = "client.balance.settlement"

    used_credit_ids = fields.One2many(
        "client.balance.match",
        "spend_id",
        string="Used credits",
        help="The money that this settlement took, oldest first.",
    )
    paid_ids = fields.One2many(
        "client.balance.match",
        "credit_id",
        string="What it paid",
        help="The settlements that took this money.",
    )
    amount_matched = fields.Monetary(
        string="Matched",
        compute="_compute_amount_matched",
        help="How much of a credit is spent, or how much of a spend has its source.",
    )
    amount_left = fields.Monetary(
        string="Left",
        compute="_compute_amount_matched",
        help="How much of this credit is still to be spent. Reversals and matches made"
        " by hand count as well.",
    )

    @api.depends("amount", "is_live")
    def _compute_amount_matched(self):
        Match = self.env["client.balance.match"]
        spent = dict(
            Match._read_group(
                [("credit_id", "in", self.ids)], ["credit_id"], ["amount:sum"]
            )
        )
        sourced = dict(
            Match._read_group(
                [("spend_id", "in", self.ids)], ["spend_id"], ["amount:sum"]
            )
        )
        for row in self:
            if not row.currency_id:
                # a row that a program tries to make
                row.amount_matched = row.amount_left = 0.0
                continue
            matched = spent.get(row, 0.0) + sourced.get(row, 0.0)
            row.amount_matched = row.currency_id.round(matched)
            left = row.amount - matched if row.is_live and row.amount > 0 else 0.0
            row.amount_left = row.currency_id.round(left)
