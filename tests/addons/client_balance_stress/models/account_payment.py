from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _is_client_balance_payment(self):
        # every payment ends on a receivable or payable: none is a refund or a top-up
        return False
