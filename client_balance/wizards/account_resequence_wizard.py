from odoo import models


class AccountResequenceWizard(models.TransientModel):
    _inherit = "account.resequence.wizard"

    def resequence(self):
        """Core renames one entry after another: the ledger follows once, at the end."""
        with self.env["client.balance.gate"]._collecting():
            return super().resequence()
