from odoo import models


class AccountMergeWizard(models.TransientModel):
    _inherit = "account.merge.wizard"

    def _get_grouping_key(self, account):
        """Balance accounts merge among themselves only: others have no settlements."""
        return (*super()._get_grouping_key(account), account.is_client_balance)

    def _action_merge(self, accounts):
        # the ledger follows whoever merges accounts
        settlements_sudo = self.env["client.balance.settlement"].sudo()
        with settlements_sudo._keeping_fingerprints(accounts):
            return super()._action_merge(accounts)
