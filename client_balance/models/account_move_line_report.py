from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # what a client owes: the client report's "due" and "overdue"
    _client_balance_open_idx = models.Index(
        "(partner_id, company_id, date_maturity) INCLUDE (account_id, amount_residual)"
        " WHERE amount_residual <> 0 AND parent_state = 'posted'"
    )
