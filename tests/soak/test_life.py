"""The life of the addon: installed on old data, uninstalled, installed again.

Each step is what an administrator does, in a database of its own: `odoo -i`, the
uninstallation of the Apps menu, `odoo shell` for the file of the ledger.
"""

import pytest

from odoo.service import db as databases
from odoo.tools import config

from tests.soak.commands import copied, odoo, opened
from tests.test_concurrency import drop, no_test_mode, set_up_company


@pytest.fixture(scope="module")
def database():
    [source] = config["db_name"]
    with copied(source, f"{source}_life") as name:
        yield name


def get_books(env):
    """:return: {(client, currency): what the balance accounts hold}"""
    env.cr.execute(
        """
        SELECT partner_id, currency_id, SUM(amount) FROM client_balance
         WHERE amount <> 0 GROUP BY 1, 2 ORDER BY 1, 2
        """
    )
    return env.cr.fetchall()


def get_ledger(env):
    env.cr.execute(
        """
        SELECT to_jsonb(s) - 'reason_id' FROM client_balance_settlement s ORDER BY id
        """
    )
    return env.cr.fetchall()


def test_uninstalled_and_installed_again(database):
    with opened(database) as plain_env:
        company = plain_env["res.company"].browse(set_up_company(plain_env))
        env = plain_env(context={"allowed_company_ids": company.ids})
        clients = env["res.partner"].create([{"name": name} for name in "ABC"])
        banks = env["res.partner.bank"].create(
            [{"partner_id": client.id, "acc_number": client.name} for client in clients]
        )
        for index in range(60):
            client = clients[index % 3]
            env["client.balance.settlement"].create(
                {
                    "company_id": company.id,
                    "partner_id": client.id,
                    "partner_bank_id": banks[index % 3].id if index % 2 else False,
                    "amount": 10 + index if index < 50 else -5,
                    "date": "2026-03-01",
                    "description": f"Letter {index}",
                    "external_ref": f"REF-{index}",
                }
            )
        limited = env["client.balance"].search([("partner_id", "=", clients[0].id)])
        limited[0].overdraft_limit = 7
        books = get_books(env)
        entries = env["account.move"].search_count([])
        assert env["client.balance"].check_integrity() == []
    odoo(
        "shell",
        "-d",
        database,
        script="module = env.ref('base.module_client_balance')\n"
        "module.button_immediate_uninstall()\n",
    )
    with opened(database) as env:
        assert env["account.move"].search_count([]) == entries, "entries stay"
        assert "client.balance" not in env
        env.cr.execute(
            """
            SELECT table_name, column_name FROM information_schema.columns
             WHERE table_schema = 'public' AND (table_name LIKE '%client_balance%'
                   OR column_name LIKE '%client_balance%')
            """
        )
        assert env.cr.fetchall() == [], "nothing of it is left in the database"
        env.cr.execute(
            "SELECT COUNT(*) FROM ir_model_data WHERE module=%s", ["client_balance"]
        )
        assert env.cr.fetchone() == (0,)
    odoo("-d", database, "-i", "client_balance", "--stop-after-init")
    with opened(database) as env:
        assert env["client.balance"].check_integrity() == []
        assert get_books(env) == books, "rebuilt per client and currency"
        assert not env["client.balance"].search([("partner_bank_id", "!=", False)])
        assert env["client.balance"].search([("overdraft_limit", "=", 7)])


def test_neutralised_dumped_and_restored(database, tmp_path):
    with opened(database) as env:
        before = get_ledger(env)
    dump = tmp_path / "dump.zip"
    with no_test_mode(), dump.open("wb") as stream:
        databases.dump_db(database, stream, "zip")
    copy = f"{database}_copy"
    drop(copy)
    try:
        with no_test_mode():
            databases.restore_db(copy, str(dump), copy=True, neutralize_database=True)
        with opened(copy) as env:
            assert get_ledger(env) == before
            assert env["client.balance"].check_integrity() == []
    finally:
        drop(copy)
