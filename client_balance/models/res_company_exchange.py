from odoo import models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    """Where the exchange differences of our own entries go."""

    _inherit = "res.company"

    def _get_client_balance_difference_account(self, difference):
        """The company's account for a gain (above zero) or a loss (below).

        :raise UserError: when the settings of the root company name none
        """
        self.ensure_one()
        # the setting is read for people without rights on the root company
        root_sudo = self.sudo().root_id
        account = (
            root_sudo.income_currency_exchange_account_id
            if difference > 0
            else root_sudo.expense_currency_exchange_account_id
        )
        if not account:
            raise UserError(
                self.env._(
                    "%(company)s has no accounts for exchange gains and losses. Set"
                    " them in Invoicing → Configuration → Settings.",
                    company=root_sudo.display_name,
                )
            )
        return account
