from odoo import models


class ClientBalanceSettlement(models.Model):
    _inherit = "client.balance.settlement"

    def action_back_to_credits(self):
        """Review which open credits leave the balance again. For officers.

        :raise AccessError: for everybody but officers
        :raise UserError: where none of these settlements came from an open credit
        """
        return self.env["client.balance.batch"]._open_credits_back(self)
