from odoo import models


class AccountMergeWizard(models.TransientModel):
    _inherit = "account.merge.wizard"

    def _get_grouping_key(self, account):
        """Balance accounts merge among themselves only: others have no settlements."""
        return (*super()._get_grouping_key(account), account.is_client_balance)
