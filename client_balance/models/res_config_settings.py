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

    client_balance_has_old_account = fields.Boolean(
        string="Money on another balance account",
        compute="_compute_client_balance_has_old_account",
        help="Whether money of clients lies on another account than the chosen ones.",
    )

    @api.depends("company_id")
    def _compute_client_balance_has_old_account(self):
        for settings in self:
            # administrators of Odoo need no right on journal items
            settings.client_balance_has_old_account = bool(
                self.env["account.move.line"]
                .sudo()
                .search_count(
                    settings.company_id._get_client_balance_old_account_domain(),
                    limit=1,
                )
            )

    def action_client_balance_old_account(self):
        """Open the list of the money that lies on another account than the chosen ones.

        :raise AccessError: for everybody but managers of balances
        :raise UserError: where there is none
        """
        return self.env["client.balance.batch"].action_open_old_account()

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
                            "posted on it remain there and keep counting. Save, and "
                            "bring the money over with the button below the accounts, "
                            "before it is spent.",
                            account=before.display_name,
                        ),
                    }
                }
        return None
