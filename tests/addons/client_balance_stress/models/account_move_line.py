from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _check_client_balance_partner(self, partner_id):
        # core's tests do so as whoever they are
        return
