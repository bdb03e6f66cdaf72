from odoo import api, models


class ClientBalanceStatement(models.Model):
    """What an act adds up to: our half, the client's half, and their difference."""

    _inherit = "client.balance.statement"

    @api.depends(
        "opening_balance",
        "purchase_opening_balance",
        "line_ids.section",
        "line_ids.debit",
        "line_ids.credit",
    )
    def _compute_totals(self):
        for act in self:
            sales = act._get_section_totals("sales")
            act.turnover_debit = sales["debit"]
            act.turnover_credit = sales["credit"]
            act.closing_balance = sales["closing"]
            act.purchase_closing_balance = act._get_section_totals("purchases")[
                "closing"
            ]

    def _get_section_totals(self, section):
        """:return: {"opening", "debit", "credit", "closing"} of our half"""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.section == section)
        opening = (
            self.opening_balance
            if section == "sales"
            else self.purchase_opening_balance
        )
        total = self.currency_id._sum_client_balance
        debit, credit = total(lines.mapped("debit")), total(lines.mapped("credit"))
        return {
            "opening": total([opening]),
            "debit": debit,
            "credit": credit,
            "closing": total([opening, debit, -credit]),
        }

    @api.depends(
        "has_client_half",
        "client_opening_balance",
        "closing_balance",
        "purchase_closing_balance",
        "line_ids.client_debit",
        "line_ids.client_credit",
    )
    def _compute_client_totals(self):
        for act in self:
            act.client_closing_balance = act.difference = 0.0
            if act.has_client_half:
                total = act.currency_id._sum_client_balance
                lines = act.line_ids
                debit = total(lines.mapped("client_debit"))
                credit = total(lines.mapped("client_credit"))
                closing = total([act.client_opening_balance, debit, -credit])
                act.client_closing_balance = closing
                # what one side owes, the other is owed: equal books add up to zero
                act.difference = total(
                    [act.closing_balance, act.purchase_closing_balance, closing]
                )

    def _is_empty(self):
        """:return: whether the act shows no document and no balance"""
        self.ensure_one()
        return not self.line_ids and all(
            self.currency_id.is_zero(amount)
            for amount in (self.opening_balance, self.purchase_opening_balance)
        )
