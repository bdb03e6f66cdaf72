"""An earlier commit of the addon with data in it becomes the present one.

``FROM`` names the earlier commit; without it the one that was delivered before. It is
installed from git, people work with it, then `odoo -u client_balance` runs.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from odoo import sql_db

from tests.soak.commands import copied_base, find_changes, odoo, opened, read_rows
from tools.common import ROOT

#: 19.0.1.0.1
FROM = os.environ.get("FROM", "4cc2cd7878349bc675fba0f421ea2cfeb18fcd2d")

#: What people did with the earlier version: everything that it could.
WORK = "".join(
    Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    for name in ("old_company", "old_books")
)

#: Tables of others in which the addon has, or could touch, something.
TABLES = (
    "account_account",
    "account_move",
    "account_move_line",
    "account_payment",
    "account_partial_reconcile",
    "account_full_reconcile",
    "res_company",
    "res_partner",
    "res_partner_bank",
)
#: An update writes the definitions of the addon's records again.
WRITTEN_AGAIN = {"write_date", "write_uid"}


@pytest.fixture
def earlier(tmp_path):
    """The folder with the addon of ``FROM``."""
    archive = tmp_path / "addon.tar"
    done = subprocess.run(
        ["git", "archive", "-o", archive, FROM, "client_balance"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert not done.returncode, f"FROM={FROM} is no commit of this checkout"
    shutil.unpack_archive(archive, tmp_path / "earlier")
    return tmp_path / "earlier"


@pytest.fixture
def database():
    with copied_base("upgrade") as name:
        yield name


def find_own_tables(name):
    """:return: the addon's tables that have an id"""
    with sql_db.db_connect(name).cursor() as cr:
        cr.execute(
            """
            SELECT t.table_name
              FROM information_schema.tables t
              JOIN information_schema.columns c USING (table_schema, table_name)
             WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE'
                   AND t.table_name LIKE 'client_balance%' AND c.column_name = 'id'
            """
        )
        tables = [table for [table] in cr.fetchall()]
    sql_db.close_db(name)
    return tables


def test_upgraded_with_data(database, earlier):
    odoo("-d", database, "-i", "client_balance", "--stop-after-init", addons=earlier)
    odoo("shell", "-d", database, script=WORK, addons=earlier)
    tables = [*TABLES, *find_own_tables(database)]
    before = read_rows(database, tables)
    assert len(before["client_balance_settlement"]) > 100
    odoo("-d", database, "-u", "client_balance", "--stop-after-init")
    missing = set(tables) - {*TABLES, *find_own_tables(database)}
    assert not missing, "tables are gone"
    after = read_rows(database, tables)
    changes = [
        change
        for change in find_changes(before, after)
        if change[2] not in WRITTEN_AGAIN
    ]
    assert changes == []
    new = {
        f"{table}.{column}"
        for table in tables
        for row in list(after[table].values())[:1]
        for column in row
        if column not in next(iter(before[table].values()), row)
    }
    rows = sum(map(len, before.values()))
    print(f"{rows} rows are as they were; new columns: {sorted(new) or 'none'}")
    with opened(database) as plain_env:
        company = plain_env["res.company"].search([("name", "=", "Old")])
        env = plain_env(context={"allowed_company_ids": company.ids})
        Settlement = env["client.balance.settlement"]
        assert env["client.balance"].check_integrity() == []
        # work goes on: old money is spent, an old settlement is undone
        old = Settlement.search([("external_ref", "=", "REF-98")])
        old.action_reverse()
        balance = env["client.balance"].search([("amount", ">", 100)], limit=1)
        Settlement.create(
            {
                "partner_id": balance.partner_id.id,
                "partner_bank_id": balance.partner_bank_id.id,
                "currency_id": balance.currency_id.id,
                "amount": -balance.amount,
                "date": "2026-03-31",
            }
        )
        assert balance.amount == 0
        assert env["client.balance"].check_integrity() == []
        assert env["client.balance.report"].search_count([])
