"""Databases of their own, and what an administrator types."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service import db as databases
from odoo.tools import SQL, config

from tests.test_concurrency import drop, no_test_mode

ODOO = Path(sys.executable).parent / "odoo"


@contextlib.contextmanager
def copied(source, name):
    """A copy of a database, dropped in the end. :return: its name"""
    drop(name)
    try:
        with no_test_mode():
            databases.exp_duplicate_database(source, name)
        yield name
    finally:
        drop(name)


def copied_base(label):
    """A copy of the database that has all but the addon. :return: as ``copied``"""
    base = os.environ["CLIENT_BALANCE_BASE"]
    return copied(base, f"{base}_{label}_{os.getpid()}")


def install_queue(name):
    """Many writers on one balance: with the addon for it everybody succeeds."""
    odoo("-d", name, "-i", "client_balance_queue", "--stop-after-init")


@contextlib.contextmanager
def opened(name):
    """An environment of the superuser in a database; committed at the end."""
    # what was installed meanwhile is not known to the one that is loaded
    Registry.delete(name)
    with no_test_mode():
        registry = Registry(name)
        with registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
    Registry.delete(name)


def get_options(db_host=None, addons=None):
    """:return: options of an odoo command that works where this run works

    :param addons: another folder of the addon
    """
    folders = [
        folder
        for folder in config["addons_path"]
        if not addons or not (Path(folder) / "client_balance").is_dir()
    ]
    folders += [str(addons)] if addons else []
    return [
        *("--addons-path", ",".join(folders)),
        *("--db_host", str(db_host or config["db_host"] or "")),
        *("--db_user", config["db_user"] or "", "--data-dir", config["data_dir"]),
    ]


def odoo(*arguments, script="", addons=None):
    """Run an odoo command to its end, without a word in the log.

    :param script: what `odoo shell` reads
    :return: what it printed
    """
    options = [*get_options(addons=addons), "--no-http", "--log-level=warn"]
    command = [str(ODOO), *arguments[:1], *options, *arguments[1:]]
    if arguments[0] != "shell":
        command = [str(ODOO), *options, *arguments]
    done = subprocess.run(
        command,
        input=script,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "ODOO_RC": os.devnull},
        check=False,
    )
    print(done.stdout[-4000:])
    assert done.returncode == 0 and "Traceback" not in done.stdout
    assert " ERROR " not in done.stdout
    return done.stdout


def read_rows(name, tables):
    """:return: {table: {id: {column: value}}} of a database, as PostgreSQL has them"""
    with contextlib.closing(sql_db.db_connect(name).cursor()) as cr:
        rows = {}
        for table in tables:
            cr.execute(SQL("SELECT id, to_jsonb(t) FROM %s t", SQL.identifier(table)))
            rows[table] = dict(cr.fetchall())
    sql_db.close_db(name)
    return rows


def find_changes(before, after):
    """What of ``before`` is gone or other in ``after``; what is new may be there.

    :param before, after: of ``read_rows``
    :return: list of (table, id, column, old value, new value)
    """
    changes = []
    for table, rows in before.items():
        for row_id, row in rows.items():
            found = after[table].get(row_id, {})
            changes += [
                (table, row_id, column, value, found.get(column, "gone"))
                for column, value in row.items()
                if column not in found or found[column] != value
            ]
    return changes
