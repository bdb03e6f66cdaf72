"""The database to measure in: a company, users, and the templates of its rows.

What the generator multiplies is made here by Odoo itself, one of each: so a new
column of Odoo or of the addon never makes the generator wrong.
"""

import logging
from contextlib import contextmanager
from typing import NamedTuple

import odoo
from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry

COMPANY = "Bench"
CURRENCIES = ("UAH", "USD", "EUR")
#: What one unit costs in hryvnias: one rate for all days, so that nothing is revalued.
RATES = {"UAH": 1.0, "USD": 40.0, "EUR": 50.0}
DAY = "2026-01-15"


class World(NamedTuple):
    """The records that every measurement needs, in one environment."""

    env: api.Environment
    company: object
    bank_journal: object
    income: object
    liability: object
    clerk: object
    accountant: object

    @property
    def cr(self):
        return self.env.cr

    def currency(self, name):
        return self.env.ref(f"base.{name}")

    def client(self, number=1):
        """The ``number``-th client, see :mod:`benchmarks.generate`."""
        return self.env["res.partner"].search(
            [("ref", "=", f"BENCH{number:07}")], limit=1
        )

    def create_client(self, name):
        return self.env["res.partner"].create({"name": name, "is_company": True})

    def invoice(self, partner, amount, post=True):
        """A customer invoice without taxes in the company's currency."""
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount,
                            "account_id": self.income.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        if post:
            invoice.action_post()
        return invoice


def configure(database):
    """Let this process be an odoo of ``database``; ODOO_RC has the rest."""
    odoo.tools.config.parse_config(
        ["-d", database, "--no-http", "--log-level=error", "--max-cron-threads=0"]
    )
    logging.getLogger("odoo").setLevel(logging.ERROR)


@contextmanager
def opened(database, commit=False):
    """A :class:`World` in ``database``; what it did is undone unless ``commit``."""
    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": False})
        company = env["res.company"].search([("name", "=", COMPANY)], limit=1)
        if not company:
            company = create_company(env)
        yield find(env, company)
        if commit:
            cr.commit()
        else:
            cr.rollback()


def create_company(env):
    currencies = [env.ref(f"base.{name}") for name in CURRENCIES]
    for currency in currencies:
        currency.active = True
    company = env["res.company"].create(
        {
            "name": COMPANY,
            "country_id": env.ref("base.ua").id,
            "currency_id": env.ref("base.UAH").id,
        }
    )
    env.user.company_ids |= company
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    env["account.chart.template"].try_loading("ua_psbo", company)
    for name, rate in RATES.items():
        if name != "UAH":
            env["res.currency.rate"].create(
                {
                    "currency_id": env.ref(f"base.{name}").id,
                    "company_id": company.id,
                    "name": "2020-01-01",
                    "inverse_company_rate": rate,
                }
            )
    env["account.account"].create(
        {
            "name": "Plain liability",
            "code": "681999",
            "account_type": "liability_current",
            "company_ids": [Command.set(company.ids)],
        }
    )
    groups = {
        "bench_clerk": ("account.group_account_invoice",),
        "bench_accountant": (
            "account.group_account_user",
            "account.group_account_manager",
            "base.group_allow_export",
        ),
    }
    for login, names in groups.items():
        env["res.users"].with_context(no_reset_password=True).create(
            {
                "name": login,
                "login": login,
                "password": login,
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [
                    Command.set(
                        [env.ref(name).id for name in ("base.group_user", *names)]
                    )
                ],
            }
        )
    return company


def find(env, company):
    env = env(context={**env.context, "allowed_company_ids": company.ids})

    def account(domain):
        return env["account.account"].search(
            [("company_ids", "in", company.ids), *domain], limit=1
        )

    def user(login):
        return env["res.users"].search([("login", "=", login)])

    return World(
        env=env,
        company=company.with_env(env),
        bank_journal=env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        ),
        income=account([("account_type", "=", "income")]),
        liability=account([("code", "=like", "681999%")]),
        clerk=user("bench_clerk"),
        accountant=user("bench_accountant"),
    )


def close(database):
    """Let go of ``database``, so that it can be renamed or dropped."""
    Registry.delete(database)
    odoo.sql_db.close_db(database)
