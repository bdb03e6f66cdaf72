from odoo import api, fields, models

from .res_company import (
    BALANCE_ACCOUNT_DOMAIN,
    CLEARING_ACCOUNT_DOMAIN,
    JOURNAL_DOMAIN,
)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    client_balance_tab = fields.Boolean(
        related="company_id.client_balance_tab", readonly=False
    )
    client_balance_account_id = fields.Many2one(
        related="company_id.client_balance_account_id",
        readonly=False,
        check_company=True,
        domain=BALANCE_ACCOUNT_DOMAIN,
    )
    client_balance_foreign_account_id = fields.Many2one(
        related="company_id.client_balance_foreign_account_id",
        readonly=False,
        check_company=True,
        domain=BALANCE_ACCOUNT_DOMAIN,
    )
    client_balance_clearing_account_id = fields.Many2one(
        related="company_id.client_balance_clearing_account_id",
        readonly=False,
        check_company=True,
        domain=CLEARING_ACCOUNT_DOMAIN,
    )
    client_balance_auto_top_up = fields.Boolean(
        related="company_id.client_balance_auto_top_up", readonly=False
    )
    client_balance_foreign_valuation = fields.Selection(
        related="company_id.client_balance_foreign_valuation", readonly=False
    )
    client_balance_journal_id = fields.Many2one(
        related="company_id.client_balance_journal_id",
        readonly=False,
        check_company=True,
        domain=JOURNAL_DOMAIN,
    )

    @api.onchange("client_balance_account_id", "client_balance_foreign_account_id")
    def _onchange_client_balance_accounts(self):
        """Say what changing an account does not do: it moves no money."""
        for name in ("client_balance_account_id", "client_balance_foreign_account_id"):
            before = self.company_id[name]
            if before and self[name] != before:
                return {
                    "warning": {
                        "title": self.env._("Only new entries use the new account"),
                        "message": self.env._(
                            "%(account)s stays a balance account: the settlements "
                            "posted on it remain there and keep counting.",
                            account=before.display_name,
                        ),
                    }
                }
        return None
