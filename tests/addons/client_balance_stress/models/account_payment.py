from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _is_client_balance_payment(self):
        # every payment has a balance account for its destination here
        return False
