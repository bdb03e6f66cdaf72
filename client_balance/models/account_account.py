from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, frozendict

# The pass of the adoption in the context: an object cannot be sent through RPC.
ADOPTION = object()

ALLOWED_TYPES = (
    "asset_current",
    "asset_non_current",
    "asset_prepayments",
    "liability_current",
    "liability_non_current",
)

#: What never stands against a balance: money that moves is recorded as a payment.
NO_COUNTERPART_TYPES = ("asset_cash", "off_balance")
#: What the screens offer as the other side of a settlement.
COUNTERPART_DOMAIN = (
    "[('is_client_balance', '=', False),"
    f" ('account_type', 'not in', {NO_COUNTERPART_TYPES})]"
)


class AccountAccount(models.Model):
    _inherit = "account.account"

    is_client_balance = fields.Boolean(
        string="Client balance account",
        copy=False,
        tracking=True,
        help="Every posted journal item of this account is a settlement with a client. "
        "The settings of the company set it; once used it stays.",
    )

    @api.constrains(
        "is_client_balance", "account_type", "reconcile", "tax_ids", "currency_id"
    )
    def _check_client_balance(self):
        for account in self.filtered("is_client_balance"):
            if problem := account._get_client_balance_problem():
                raise ValidationError(problem)

    @api.constrains("active")
    def _check_client_balance_active(self):
        for account in self.filtered(lambda a: a.is_client_balance and not a.active):
            account._check_client_balance_not_needed()

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        if any(accounts.mapped("is_client_balance")):
            self.env.registry.clear_cache()
        return accounts

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if self.env.context.get("client_balance_unmerge"):
            for account, vals in zip(self, vals_list, strict=True):
                vals["is_client_balance"] = account.is_client_balance
        return vals_list

    def write(self, vals):
        if "is_client_balance" not in vals:
            res = super().write(vals)
            if "currency_id" in vals and any(self.mapped("is_client_balance")):
                self.env.registry.clear_cache()
            return res
        flagged = bool(vals["is_client_balance"])
        changed = self.filtered(lambda a: a.is_client_balance != flagged)
        changed._check_client_balance_change(flagged)
        res = super().write(vals)
        if changed:
            self.env.registry.clear_cache()
        return res

    def _action_unmerge(self):
        """Core gives each company a copy and repoints its items by SQL.

        The copy of a balance account is one as well: its items have settlements.
        """
        # the ledger follows whoever splits an account
        settlements_sudo = self.env["client.balance.settlement"].sudo()
        with settlements_sudo._keeping_fingerprints(self):
            return super(
                AccountAccount, self.with_context(client_balance_unmerge=True)
            )._action_unmerge()

    def action_adopt_account(self):
        """Open the dialog that makes this used account a balance account."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adopt an account"),
            "res_model": "client.balance.adopt",
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_id": self.id},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_client_balance(self):
        for account in self.filtered("is_client_balance"):
            account._check_client_balance_not_needed()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_client_balance_reason(self):
        # Reasons of every company count, whoever deletes.
        reasons_sudo = (
            self.env["client.balance.reason"]
            .sudo()
            .with_context(active_test=False)
            .search([("account_id", "in", self.ids)])
        )
        if reasons_sudo:
            raise UserError(
                self.env._(
                    "These client balance reasons use the account, so it cannot be "
                    "deleted: %(reasons)s. Choose another account for them first.",
                    reasons=", ".join(reasons_sudo.mapped("name")),
                )
            )

    @api.model
    def _get_client_balance_account_ids(self):
        """Return the ids of all balance accounts, of all companies, archived or not."""
        return self._get_client_balance_account_currencies().keys()

    @api.model
    @tools.ormcache()
    def _get_client_balance_account_currencies(self):
        """Return {balance account id: id of the only currency that it takes, or False}.

        All accounts of all companies, archived or not: the gate watches every item.
        """
        # as above, whoever posts
        accounts_sudo = self.sudo().with_context(active_test=False)
        found = accounts_sudo.search([("is_client_balance", "=", True)])
        return frozendict({account.id: account.currency_id.id for account in found})

    def _get_client_balance_items_domain(self):
        """Return the domain of the posted items of these accounts."""
        return Domain("account_id", "in", self.ids) & Domain(
            "parent_state", "=", "posted"
        )

    def _get_client_balance_strays(self):
        """Return the matches on these accounts that leave a key of the ledger."""
        Partial = self.env["account.partial.reconcile"]
        for model in (Partial, Partial.debit_move_id, self.env["res.partner"]):
            model.flush_model()
        rows = self.env.execute_query(
            Partial._get_client_balance_stray_sql(
                SQL("SELECT UNNEST(%s::int[])", self.ids)
            )
        )
        return Partial.browse(sorted(row[0] for row in rows))

    def _has_client_balance_items(self):
        """Tell whether anything is posted on these accounts, in any company."""
        # Items of companies the user does not see count just as well.
        return bool(
            self.env["account.move.line"]
            .sudo()
            .search_count(self._get_client_balance_items_domain(), limit=1)
        )

    def _get_client_balance_problem(self):
        """Return the sentence that says why this cannot be a balance account."""
        self.ensure_one()
        name = self.display_name
        if self.account_type not in ALLOWED_TYPES:
            return self.env._(
                "The account %(account)s has a type that cannot hold client balances. "
                "Choose an account of the type Current Liabilities.",
                account=name,
            )
        if not self.reconcile:
            return self.env._(
                "The account %(account)s holds client balances, so it must allow "
                "reconciliation. Tick “Allow Reconciliation” on it.",
                account=name,
            )
        if self.tax_ids:
            return self.env._(
                "The account %(account)s holds client balances, and they never carry "
                "taxes. Remove its default taxes.",
                account=name,
            )
        return False

    def _check_client_balance_change(self, flagged):
        """Refuse to flag or unflag an account behind the back of the ledger."""
        if self.env.context.get("client_balance_adoption") is ADOPTION:
            return
        for account in self.filtered(
            lambda a: (
                a._has_client_balance_items()
                # drafts are matched, too
                or (flagged and a.reconcile and a._get_client_balance_strays())
            )
        ):
            if flagged:
                raise UserError(
                    self.env._(
                        "The account %(account)s already has posted journal items, so "
                        "the ledger has to take them over. Use “Adopt an account” in "
                        "the settings of Client balance.",
                        account=account.display_name,
                    )
                )
            raise UserError(
                self.env._(
                    "The account %(account)s holds settlements, so it stays a balance "
                    "account. Choose another account for new entries in the settings "
                    "of Client balance.",
                    account=account.display_name,
                )
            )

    def _get_client_balance_open_keys(self):
        """Return the clients and currencies with money on this account."""
        self.ensure_one()
        # Money of every company counts, whoever archives the account.
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                self._get_client_balance_items_domain(),
                ["partner_id", "currency_id"],
                ["amount_currency:sum"],
            )
        )
        return [
            (partner, currency)
            for partner, currency, amount in groups
            if not currency.is_zero(amount)
        ]

    def _check_client_balance_not_needed(self):
        """Refuse to lose an account that holds money or is used for new entries."""
        self.ensure_one()
        # A company that the user does not see still posts on the account.
        companies_sudo = (
            self.env["res.company"].sudo()._get_client_balance_companies(self)
        )
        if companies_sudo:
            raise UserError(
                self.env._(
                    "New settlements of %(companies)s go to the account %(account)s. "
                    "Choose another one in the settings of Client balance first.",
                    companies=", ".join(companies_sudo.mapped("name")),
                    account=self.display_name,
                )
            )
        if open_keys := self._get_client_balance_open_keys():
            raise UserError(
                self.env._(
                    "The account %(account)s still holds the money of %(count)s "
                    "clients (%(client)s …), so it cannot be archived. Bring their "
                    "balances to zero first.",
                    account=self.display_name,
                    count=len(open_keys),
                    client=open_keys[0][0].display_name or self.env._("no client"),
                )
            )
