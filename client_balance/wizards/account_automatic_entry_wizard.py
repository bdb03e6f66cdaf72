from odoo import models


class AccountAutomaticEntryWizard(models.TransientModel):
    _inherit = "account.automatic.entry.wizard"

    def do_action(self):
        """Core matches the items itself after posting: the gate matches the rest."""
        with self.env["client.balance.gate"]._collecting():
            return super().do_action()
