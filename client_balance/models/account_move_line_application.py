from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def action_to_client_balance(self):
        """Open the dialog that puts these open credits on the client's balance.

        Credits of several clients, currencies or companies open as a list.

        :raise AccessError: for everybody but officers
        :raise UserError: which item is no open credit
        """
        application = self.env["client.balance.application"]
        application._check_open_credits(self)
        if not application._belong_together(self):
            return self.env["client.balance.batch"]._open_credits(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("To client balance"),
            "res_model": "client.balance.deposit",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids},
        }
