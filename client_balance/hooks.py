import json
import logging

import psycopg2

from odoo.exceptions import UserError

from .models.account_account import ADOPTION

_logger = logging.getLogger(__name__)

#: Where an uninstalled addon leaves what a later installation needs to go on.
LEFT_BEHIND = "client_balance.left_behind"

SETTINGS = (
    "client_balance_account_id",
    "client_balance_foreign_account_id",
    "client_balance_clearing_account_id",
    "client_balance_journal_id",
)


def post_init_hook(env):
    """Give every company that already has a chart its accounts, journal and reasons.

    Where the addon was installed before, its accounts become balance accounts again and
    the balances are rebuilt from their journal items, per client and currency: the
    client's bank accounts went with the addon.
    """
    # whoever installs the addon need not be an administrator of settings
    parameters = env["ir.config_parameter"].sudo()
    left_behind = json.loads(parameters.get_param(LEFT_BEHIND) or "{}")
    if left_behind:
        restore_limits(env, left_behind["limits"])
        rebuild(env, left_behind["accounts"])
        restore_settings(env, left_behind["settings"])
        parameters.search([("key", "=", LEFT_BEHIND)]).unlink()
    env["res.company"].search(
        [("chart_template", "!=", False), ("parent_id", "=", False)]
    )._client_balance_set_up()


def uninstall_hook(env):
    """Note which accounts held balances: their entries stay, the ledger goes."""
    env.flush_all()
    env.cr.execute(
        """
        SELECT partner_id, company_id, currency_id, SUM(overdraft_limit)
          FROM client_balance WHERE overdraft_limit > 0 GROUP BY 1, 2, 3
        """
    )
    limits = [[*key, float(limit)] for *key, limit in env.cr.fetchall()]
    companies = env["res.company"].search([("parent_id", "=", False)])
    left_behind = {
        "accounts": sorted(env["account.account"]._get_client_balance_account_ids()),
        "limits": limits,
        "settings": {
            company.id: {name: company[name].id for name in SETTINGS}
            for company in companies
        },
    }
    # No record of the addon: it must outlive it.
    env["ir.config_parameter"].sudo().set_param(LEFT_BEHIND, json.dumps(left_behind))
    disown_used_records(env)


def disown_used_records(env):
    """Accounts and journals with entries stay, hence they are the addon's no longer."""
    users = {
        "account.account": ("account.move.line", "account_id"),
        "account.journal": ("account.move", "journal_id"),
    }
    for model, (user, name) in users.items():
        owned = env["ir.model.data"].search(
            [("module", "=", "client_balance"), ("model", "=", model)]
        )
        groups = env[user]._read_group([(name, "in", owned.mapped("res_id"))], [name])
        used_ids = {record.id for [record] in groups}
        owned.filtered(lambda data, ids=used_ids: data.res_id in ids).unlink()


def restore_limits(env, limits):
    for partner_id, company_id, currency_id, limit in limits:
        partner = env["res.partner"].browse(partner_id).exists()
        company = env["res.company"].browse(company_id).exists()
        currency = env["res.currency"].browse(currency_id).exists()
        if partner and company and currency:
            key = company, partner, env["res.partner.bank"], currency
            env["client.balance"]._touch(key)
            balance = env["client.balance"]._get_balance(*key)
            balance.overdraft_limit = limit


def rebuild(env, account_ids):
    """Flag the accounts again and make settlements of their items."""
    for account in env["account.account"].browse(account_ids).exists():
        try:
            with env.cr.savepoint():
                account.with_context(client_balance_adoption=ADOPTION).write(
                    {"reconcile": True, "is_client_balance": True}
                )
                env["client.balance.gate"]._replay(account)
        except (UserError, psycopg2.Error) as error:
            # installing never fails because of old data
            _logger.warning(
                "The balances on account %s could not be rebuilt, adopt it in the"
                " settings: %s",
                account.display_name,
                error,
            )


def restore_settings(env, settings):
    """Give companies their accounts and journals back, those that still exist."""
    for company_id, names in settings.items():
        company = env["res.company"].browse(int(company_id)).exists()
        for name, record_id in names.items():
            comodel = company._fields[name].comodel_name
            record = env[comodel].browse(record_id or ()).exists()
            if company and record and may_be_set(name, record):
                company[name] = record


def may_be_set(name, record):
    """An account that could not be rebuilt is adopted by hand."""
    return (
        name not in ("client_balance_account_id", "client_balance_foreign_account_id")
        or record.is_client_balance
        or not record._has_client_balance_items()
    )
