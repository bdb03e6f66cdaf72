from odoo import api, models


class AccountBankStatementLine(models.Model):
    """Core rewrites the entry of a statement line in several steps: judge the result.

    Without this, a rewrite that ends where it began would be refused halfway, as soon
    as the money is spent.
    """

    _inherit = "account.bank.statement.line"

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["client.balance.gate"]._collecting():
            return super().create(vals_list)

    def write(self, vals):
        with self.env["client.balance.gate"]._collecting():
            return super().write(vals)

    def unlink(self):
        with self.env["client.balance.gate"]._collecting():
            return super().unlink()

    def action_undo_reconciliation(self):
        with self.env["client.balance.gate"]._collecting():
            return super().action_undo_reconciliation()
