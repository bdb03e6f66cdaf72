from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    # the client report's "last payment"
    _client_balance_last_idx = models.Index(
        "(partner_id, company_id, date)"
        " WHERE partner_type = 'customer' AND payment_type = 'inbound'"
    )
