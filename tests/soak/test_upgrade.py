"""An earlier commit of the addon with data in it becomes the present one.

``FROM`` names the earlier commit; without it the one that was delivered before. It is
installed from git, people work with it, then `odoo -u client_balance` runs.
"""

import contextlib
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
    for name in ("old_company", "old_money", "old_books")
)

#: Tables of others in which the addon has, or could touch, something.
TABLES = (
    "account_account",
    "account_bank_statement_line",
    "account_full_reconcile",
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
    "ir_attachment",
    "payment_transaction",
    "res_company",
    "res_partner",
    "res_partner_bank",
)
#: An update writes the definitions of the addon's records again.
WRITTEN_AGAIN = {"write_date", "write_uid"}
#: What the present version has no use for any more.
GONE_TABLES: set[str] = set()
GONE_COLUMNS = {("account_move_line", "client_balance_type")}
#: What follows for documents when a match is made anew, or an entry is cancelled.
MATCHED_ANEW = {
    ("account_move_line", column)
    for column in (
        "amount_residual",
        "amount_residual_currency",
        "full_reconcile_id",
        "matching_number",
        "reconciled",
    )
}
CANCELLED = {
    ("account_move", "state"),
    ("account_move_line", "parent_state"),
    ("account_move", "auto_post"),
    ("account_move", "made_sequence_gap"),
}


class Upgraded:
    """A database of the earlier version, as it was and as it has become."""

    def __init__(self, name, earlier):
        self.name = name
        odoo("-d", name, "-i", "client_balance", "--stop-after-init", addons=earlier)
        odoo("shell", "-d", name, script=WORK, addons=earlier)
        self.tables = find_own_tables(name)
        self.before = read_rows(name, [*TABLES, *self.tables])
        self.links = read_links(name)
        odoo("-d", name, "-u", "client_balance", "--stop-after-init")
        kept = set(find_own_tables(name))
        self.gone = set(self.tables) - kept
        self.after = read_rows(name, {*TABLES, *self.tables} - self.gone)
        self.changes = [
            change
            for change in find_changes(
                {t: rows for t, rows in self.before.items() if t not in self.gone},
                self.after,
            )
            if change[2] not in WRITTEN_AGAIN
            and (change[0], change[2]) not in GONE_COLUMNS
        ]

    def changed(self, table):
        """:return: {id: {column: (old, new)}} of a table"""
        found = {}
        for name, row_id, column, old, new in self.changes:
            if name == table:
                found.setdefault(row_id, {})[column] = (old, new)
        return found


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("upgrade")
    archive = folder / "addon.tar"
    done = subprocess.run(
        ["git", "archive", "-o", archive, FROM, "client_balance"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert not done.returncode, f"FROM={FROM} is no commit of this checkout"
    shutil.unpack_archive(archive, folder / "earlier")
    with copied_base("upgrade") as name:
        yield Upgraded(name, folder / "earlier")


@pytest.fixture
def env(upgraded):
    """The superuser in the company of the earlier version; nothing is kept."""
    with opened(upgraded.name) as plain_env:
        company = plain_env["res.company"].search([("name", "=", "ТОВ «Стара»")])
        yield plain_env(context={"allowed_company_ids": company.ids})
        plain_env.cr.rollback()


def find_own_tables(name):
    """:return: tables with the rows of the addon's models, dialogs left out"""
    return query(
        name,
        """
        SELECT DISTINCT replace(model.model, '.', '_')
          FROM ir_model model
          JOIN ir_model_data data ON data.model = 'ir.model' AND data.res_id = model.id
          JOIN information_schema.tables t
            ON t.table_name = replace(model.model, '.', '_')
           AND t.table_type = 'BASE TABLE'
         WHERE data.module LIKE 'client_balance%' AND NOT model.transient
           AND model.model LIKE 'client.balance%'
        """,
    )


def read_links(name):
    """:return: {table of a many2many field of the addon: its rows}"""
    tables = query(
        name,
        """
        SELECT relation.name FROM ir_model_relation relation
          JOIN ir_module_module module ON module.id = relation.module
          JOIN ir_model model ON model.id = relation.model
         WHERE module.name LIKE 'client_balance%' AND NOT model.transient
        """,
    )
    return {
        table: sorted(query(name, f"SELECT to_jsonb(t)::text FROM {table} t"))
        for table in tables
    }


def query(name, sql):
    """:return: the values of the only column"""
    with contextlib.closing(sql_db.db_connect(name).cursor()) as cr:
        cr.execute(sql)
        rows = [value for [value] in cr.fetchall()]
    sql_db.close_db(name)
    return rows


def test_every_row_is_as_it_was_but_for_what_must_change(upgraded):
    allowed = MATCHED_ANEW | CANCELLED
    other = [
        change
        for change in upgraded.changes
        if (change[0], change[2]) not in allowed
        and change[0] not in ("account_partial_reconcile", "account_full_reconcile")
        and change[2] != "fingerprint"
    ]
    assert not other, "\n".join(map(str, other))
    assert upgraded.gone == GONE_TABLES
    links = read_links(upgraded.name)
    assert {name: links.get(name) for name in upgraded.links} == upgraded.links
    rows = sum(map(len, upgraded.before.values()))
    print(f"{rows} rows are as they were, but for {len(upgraded.changes)} values")


def test_the_books_are_sound_and_live_settlements_know_their_entry(env):
    assert env["client.balance"].check_integrity() == []
    rows = env["client.balance.settlement"].search([("is_live", "=", True)])
    assert rows
    assert all(rows.mapped("fingerprint"))


def test_matches_that_left_a_key_are_made_anew_within_it(upgraded, env):
    gone = upgraded.changed("account_partial_reconcile")
    # two of a transfer that was undone, and two that people made by hand
    assert len(gone) == 4, gone
    accounts = env["account.account"].search([("is_client_balance", "=", True)])
    assert not accounts._get_client_balance_strays()
    items = {
        item
        for partial_id in gone
        for row in [upgraded.before["account_partial_reconcile"][partial_id]]
        for item in (row["debit_move_id"], row["credit_move_id"])
    }
    rows = env["client.balance.settlement"].search(
        [("move_line_ref", "in", sorted(items)), ("is_live", "=", True)]
    )
    assert rows.balance_id
    for balance in rows.balance_id:
        notes = balance.message_ids.mapped("body")
        assert any("The upgrade undid matches" in note for note in notes), balance
        live = balance.settlement_ids.filtered("is_live").move_line_id
        for items in live.grouped("account_id").values():
            left = items.filtered(lambda item: not item.reconciled)
            signs = {item.amount_residual_currency > 0 for item in left}
            assert len(signs) < 2, "what is open on both sides is matched"


def test_entries_left_in_draft_are_cancelled_with_a_note(upgraded, env):
    cancelled = upgraded.changed("account_move")
    moves = env["account.move"].browse(cancelled)
    # manual, write-off, credit note, transfer, exchange, opening
    assert len(moves) == 6
    assert set(moves.mapped("state")) == {"cancel"}
    types = {
        row["settlement_type"]
        for row in upgraded.before["client_balance_settlement"].values()
        if row["move_id"] in moves.ids and not row["reversal_of_id"]
    }
    assert types == {
        *("manual", "write_off", "credit_note", "transfer", "exchange", "opening")
    }
    for move in moves:
        assert "the upgrade has cancelled it" in "".join(
            move.message_ids.mapped("body")
        )
    # drafts of people are theirs
    assert env["account.move"].search_count(
        [("state", "=", "draft"), ("company_id", "=", env.company.id)]
    )


def test_work_goes_on(env):
    Settlement = env["client.balance.settlement"]
    settle = {"date": "2026-11-30"}
    # old money is spent, an old settlement is undone
    old = Settlement.search([("description", "=", "Penalty by letter 2")])
    old.action_reverse()
    balance = env["client.balance"].search(
        [("amount", ">", 100), ("currency_id.name", "=", "USD")], limit=1
    )
    Settlement.create(
        {
            "partner_id": balance.partner_id.id,
            "partner_bank_id": balance.partner_bank_id.id,
            "currency_id": balance.currency_id.id,
            "amount": -balance.amount,
            **settle,
        }
    )
    assert balance.amount == 0
    # a payment of the old version is reset and posted again by a clerk
    clerk = env["res.users"].search([("login", "=", "old_clerk")])
    rows = Settlement.search(
        [("settlement_type", "=", "overpayment"), ("is_live", "=", True)]
    )
    payment = rows[-1:].payment_id.with_user(clerk)
    payment.action_draft()
    payment.action_post()
    again = Settlement.search([("payment_id", "=", payment.id)], order="id")
    assert len(again) >= 3
    assert again[-1:].is_live
    # what waits for a second person is approved
    second = env["res.users"].search([("login", "=", "old_second")])
    request = env["client.balance.request"].search([("state", "=", "requested")])
    assert request.with_user(second).action_approve()
    # a sent act is answered
    act = env["client.balance.statement"].search([("state", "=", "sent")], limit=1)
    act.action_revoke()
    assert env["client.balance.report"].search_count([])
    env.flush_all()
    assert env["client.balance"].check_integrity() == []
