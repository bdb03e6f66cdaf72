from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    # the client report's "invoiced" and "paid"
    _client_balance_document_idx = models.Index(
        "(partner_id, company_id) INCLUDE (amount_total_signed, amount_residual_signed)"
        " WHERE state = 'posted'"
        " AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )
