import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .account_account import NO_COUNTERPART_TYPES

_logger = logging.getLogger(__name__)

ACCOUNT_FIELDS = (
    "client_balance_account_id",
    "client_balance_foreign_account_id",
)

#: What may be chosen; the settings say it again, since a related field forgets it.
BALANCE_ACCOUNT_DOMAIN = "[('account_type', '=', 'liability_current')]"
NO_CLEARING_TYPES = ("asset_receivable", "liability_payable", *NO_COUNTERPART_TYPES)
CLEARING_ACCOUNT_DOMAIN = (
    "[('is_client_balance', '=', False),"
    f" ('account_type', 'not in', {NO_CLEARING_TYPES})]"
)
JOURNAL_DOMAIN = "[('type', '=', 'general')]"


class ResCompany(models.Model):
    _inherit = "res.company"

    client_balance_account_id = fields.Many2one(
        "account.account",
        string="Client balance account",
        check_company=True,
        domain=BALANCE_ACCOUNT_DOMAIN,
    )
    client_balance_foreign_account_id = fields.Many2one(
        "account.account",
        string="Client balance account in foreign currencies",
        check_company=True,
        domain=BALANCE_ACCOUNT_DOMAIN,
    )
    client_balance_clearing_account_id = fields.Many2one(
        "account.account",
        string="Client balance clearing account",
        check_company=True,
        domain=CLEARING_ACCOUNT_DOMAIN,
    )
    client_balance_journal_id = fields.Many2one(
        "account.journal",
        string="Client balance journal",
        check_company=True,
        domain=JOURNAL_DOMAIN,
    )
    client_balance_tab = fields.Boolean(
        string="Balance page on the client card", default=True
    )
    client_balance_auto_top_up = fields.Boolean(
        string="Post top-ups with a payment reference by themselves",
        help="A bank line that carries the payment reference of a balance goes there"
        " as soon as the statement is imported.",
    )
    client_balance_foreign_valuation = fields.Selection(
        [
            ("today", "At the rate of the day"),
            ("advance", "At the rate of the advance"),
        ],
        string="Value of a spent foreign balance",
        required=True,
        default="today",
    )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "client_balance_account_id",
            "client_balance_foreign_account_id",
            "client_balance_clearing_account_id",
            "client_balance_journal_id",
            "client_balance_tab",
            "client_balance_foreign_valuation",
            "client_balance_auto_top_up",
        ]

    @api.constrains("client_balance_clearing_account_id")
    def _check_client_balance_clearing_account_id(self):
        for company in self:
            account = company.client_balance_clearing_account_id
            if account.is_client_balance:
                raise ValidationError(
                    self.env._(
                        "The clearing account of %(company)s cannot be a balance "
                        "account. Choose another one instead of %(account)s.",
                        company=company.name,
                        account=account.display_name,
                    )
                )
            if account.account_type in NO_CLEARING_TYPES:
                raise ValidationError(
                    self.env._(
                        "The clearing account of %(company)s cannot be a receivable, "
                        "payable, bank, cash or off-balance account. Choose another "
                        "one instead of %(account)s.",
                        company=company.name,
                        account=account.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._flag_client_balance_accounts()
        return companies

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & set(ACCOUNT_FIELDS):
            self._flag_client_balance_accounts()
        return res

    def _flag_client_balance_accounts(self):
        """Make the chosen accounts balance accounts; earlier ones stay so."""
        # Who may edit companies need not have the right to edit accounts.
        accounts_sudo = self.sudo().mapped("client_balance_account_id")
        accounts_sudo |= self.sudo().mapped("client_balance_foreign_account_id")
        accounts_sudo.filtered(lambda a: not a.is_client_balance).write(
            {"reconcile": True, "is_client_balance": True}
        )

    @api.model
    def _get_client_balance_companies(self, account):
        """Return the root companies whose new entries go to the account."""
        chosen = Domain.OR(
            [Domain(field, "in", account.ids) for field in ACCOUNT_FIELDS]
        )
        return self.search(chosen & Domain("parent_id", "=", False))

    def _get_client_balance_account(self, currency):
        """Return the account of new settlements in the currency.

        :raise UserError: when the settings of the root company name none
        """
        self.ensure_one()
        # The settings are the root company's, which a branch's user may not see.
        root_sudo = self.root_id.sudo()
        account_sudo = root_sudo.client_balance_account_id
        if currency != root_sudo.currency_id:
            account_sudo = root_sudo.client_balance_foreign_account_id or account_sudo
        if not account_sudo:
            raise UserError(
                self.env._(
                    "%(company)s has no client balance account yet. Choose one in "
                    "Invoicing → Configuration → Settings → Client balance.",
                    company=root_sudo.name,
                )
            )
        currencies = account_sudo._get_client_balance_account_currencies()
        if currencies.get(account_sudo.id) not in (None, False, currency.id):
            raise UserError(
                self.env._(
                    "The client balance account %(account)s of %(company)s takes only "
                    "%(account_currency)s, not %(currency)s. Choose another one in "
                    "Invoicing → Configuration → Settings → Client balance.",
                    account=account_sudo.display_name,
                    company=root_sudo.name,
                    account_currency=account_sudo.currency_id.name,
                    currency=currency.name,
                )
            )
        return self.env["account.account"].browse(account_sudo.id)

    def _get_client_balance_old_account_domain(self):
        """Return the domain of open items beside the accounts of new settlements.

        They are left where other accounts were chosen since; money in the company's
        currency and in others may each have an account.
        """
        self.ensure_one()
        # The settings are the root company's, which a branch's user may not see.
        root_sudo = self.root_id.sudo()
        home = root_sudo.client_balance_account_id
        foreign = root_sudo.client_balance_foreign_account_id or home
        is_home = Domain("currency_id", "=", root_sudo.currency_id.id)
        return Domain(
            [
                ("company_id", "child_of", root_sudo.id),
                (
                    "account_id",
                    "in",
                    list(self.env["account.account"]._get_client_balance_account_ids()),
                ),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("partner_id", "!=", False),
                ("amount_residual_currency", "!=", 0),
            ]
        ) & (
            (is_home & Domain("account_id", "!=", home.id))
            | (~is_home & Domain("account_id", "!=", foreign.id))
        )

    def _client_balance_set_up(self):
        """Find or create accounts, journal and reasons of these root companies.

        Whatever old data says, it never raises: what could not be prepared is left for
        the settings, and the log tells why.
        """
        for company in self.root_id.filtered("chart_template"):
            # The usual savepoint would also run what the transaction puts off until its
            # commit. A chart is often loaded in the middle of other work, whose new
            # records would be tracked from then on, as if they were old ones.
            self.env.flush_all()
            try:
                with self.env.cr.savepoint(flush=False):
                    self.env["client.balance.setup"]._set_up(company)
                    self.env.flush_all()
            except (UserError, psycopg2.Error) as error:
                self.env.transaction.clear()
                _logger.warning(
                    "Client balance could not be set up for %s: %s",
                    company.name,
                    error,
                )
