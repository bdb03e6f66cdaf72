"""Acts of reconciliation, against the statements of OCA's partner_statement."""

from contextlib import contextmanager

import odoo
from odoo.modules.module import initialize_sys_path

from benchmarks import world as worlds
from benchmarks.measure import paired
from benchmarks.table import Result, at_most, row, times
from tools import databases, oca, runtime

THEIRS = "partner_statement"
CLIENTS = 1_000
DATE_FROM, DATE_TO = "2025-01-01", "2025-12-31"


@contextmanager
def opened_with_theirs(bench):
    """A :class:`World` in a copy of the database that has their addon as well."""
    store = databases.Store(runtime.prepare("demo"))
    folder = str(oca.get_addons())
    name = f"{bench.database}_acts"
    if not store.exists(name):
        draft = f"{name}_draft"
        store.drop(draft)
        worlds.close(bench.database)
        store.duplicate(bench.database, draft)
        path = ",".join([*runtime.addons_path(store.runtime.source), folder])
        title = f"Adding {THEIRS}"
        store.install(draft, [THEIRS], title, f"--addons-path={path}")
        store.rename(draft, name)
    if folder not in odoo.tools.config["addons_path"]:
        odoo.tools.config["addons_path"] += [folder]
        initialize_sys_path()
    with worlds.opened(name) as world:
        yield world
    worlds.close(name)


@row("acts")
def acts_of_many(bench):
    """What an act and a statement show, for the same clients and year; no PDF."""
    with opened_with_theirs(bench) as world:
        env = world.env(user=world.accountant)
        clients = env["res.partner"].search(
            [("ref", "=like", "BENCH%")], limit=CLIENTS, order="id"
        )

        def create():
            period = {"date_from": DATE_FROM, "date_to": DATE_TO}
            return env["client.balance.statement"].create(
                [{"partner_id": client.id, **period} for client in clients]
            )

        acts = create()
        source = env["client.balance.statement.source"]
        report = env["report.partner_statement.activity_statement"]
        found = {}

        def ours():
            env.flush_all()
            env.invalidate_all()

            def action():
                data = source._get_data(acts)
                found["ours"] = sum(len(act["sales"]["rows"]) for act in data.values())

            return action

        def theirs():
            env.flush_all()
            env.invalidate_all()

            def action():
                data = report._get_report_values(clients.ids, prepare(world, clients))
                found["theirs"] = sum(
                    len(currency["lines"])
                    for client in data["data"].values()
                    for currency in client["currencies"].values()
                )

            return action

        pair = paired(world.cr, ours, theirs, rounds=bench.slow_rounds, warm_up=1)
        goal, reached = at_most(0.5, pair.ratio)
        yield Result(
            f"acts of {len(clients):,} clients, {found['ours']:,} documents",
            f"OCA's {THEIRS}: values of the activity statement of the same clients,"
            f" {found['theirs']:,} lines (it leaves out the balance accounts)",
            goal,
            times(pair),
            reached,
        )

        def stored():
            env.flush_all()
            env.invalidate_all()

            def action():
                with world.cr.savepoint() as savepoint:
                    create()
                    env.flush_all()
                    savepoint.rollback()

            return action

        pair = paired(world.cr, stored, theirs, rounds=bench.slow_rounds, warm_up=0)
        yield Result(
            f"acts of {len(clients):,} clients, numbered and stored line by line",
            "the same values, which OCA's addon does not keep",
            "",
            times(pair),
            None,
        )


def prepare(world, clients):
    """What their dialog hands over: everything shown, nothing filtered, no ageing."""
    return {
        "company_id": world.company.id,
        "partner_ids": clients.ids,
        "date_start": DATE_FROM,
        "date_end": DATE_TO,
        "account_type": "asset_receivable",
        "excluded_accounts_ids": [],
        "show_only_overdue": False,
        "show_aging_buckets": False,
        "aging_type": "days",
        "filter_non_due_partners": False,
        "filter_negative_balances": False,
        "is_activity": True,
    }
