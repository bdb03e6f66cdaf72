from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def action_to_client_balance(self):
        """Open the dialog that puts these open credits on the client's balance.

        :raise AccessError: for everybody but officers
        :raise UserError: which item is no open credit, or of another client
        """
        self.env["client.balance.application"]._check_open_credits_together(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("To client balance"),
            "res_model": "client.balance.deposit",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids},
        }
