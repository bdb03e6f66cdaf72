"""`make bench`: measure the addon against what it is built on.

make bench                         small: a minute or two
make bench SIZE=large              100,000 clients, 1,000,000 settlements
make bench ARGS="--only overpayment,shortfall"
"""

import argparse
import os
import platform
import sys
import time
from pathlib import Path

from benchmarks import (
    contention,
    generate,
    payments,
    report,
    settlements,
    statements,
    table,
    world,
)
from tools import databases, runtime
from tools.common import ADDON, CHECKOUT, digest, step, tree_digest

#: Importing them registers their rows.
PARTS = (payments, settlements, statements, report, contention)

#: What decides what a database contains.
CONTENT = (generate, world)

MODULES = ("client_balance", "l10n_ua")
#: A database of what the addon depends on, to compare with.
PLAIN, PLAIN_MODULES = "without", ("account_payment", "base_import", "l10n_ua")


class Bench:
    """The databases to measure in, and how long to measure."""

    def __init__(self, store, database, small, plain, size):
        self.store = store
        self.database = database
        self.small = small
        self.plain = plain
        quick = size == "small"
        self.rounds = 9 if quick else 15
        self.slow_rounds = 3
        self.batch = 1_000 if quick else 10_000

    def opened(self, commit=False):
        return world.opened(self.database, commit)

    def opened_plain(self, commit=False):
        """The database without the addon."""
        return world.opened(self.plain, commit)

    def opened_small(self, commit=False):
        return world.opened(self.small, commit)


def build(store, size):
    """Make a database of that ``size``, or bring the one of the last run up to date.

    Filling takes long, so what was filled stays as long as the filling itself is what
    it was; a change of the addon is an upgrade, as a user would make it.

    :return: its name
    """
    prefix = f"bench_{CHECKOUT}_{size}_"
    content = digest(store.runtime.key, *(Path(part.__file__) for part in CONTENT))
    name = f"{prefix}{content}_{tree_digest(ADDON)}"
    if store.exists(name):
        return name
    draft = f"{prefix}draft"
    store.drop(draft)
    # not their copies, which have addons of others
    kept = [old for old in store.names(f"{prefix}{content}_") if len(old) == len(name)]
    for old in set(store.names(prefix)) - set(kept[:1]):
        store.drop(old)
    if kept:
        store.rename(kept[0], draft)
        if size != PLAIN:
            upgrade(store, draft, size)
    else:
        create(store, draft, size)
    world.close(draft)
    store.rename(draft, name)
    return name


def create(store, draft, size):
    modules = PLAIN_MODULES if size == PLAIN else MODULES
    store.install(draft, modules, f"Creating the {size} database")
    world.configure(draft)
    with world.opened(draft, commit=True):
        pass  # the company
    if size != PLAIN:
        step(f"Filling it with {generate.SIZES[size].settlements:,} settlements")
        generate.fill(draft, generate.SIZES[size])


def upgrade(store, draft, size):
    title = f"Upgrading the addon in the {size} database"
    store.odoo("-d", draft, "-u", ADDON.name, *databases.QUIET, title=title)
    world.configure(draft)
    generate.check(draft)


def machine():
    """The line under the table: where and when."""
    cores = os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{time.strftime('%Y-%m-%d')}, {platform.machine()}, {cores} cores,"
        f" {memory:.0f} GB, Python {platform.python_version()}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", choices=generate.SIZES, default=os.environ.get("SIZE") or "small"
    )
    parser.add_argument("--only", help="names of rows, with commas")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(table.ROWS)
    unknown = set(names) - set(table.ROWS)
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(table.ROWS)}")
    store = databases.Store(runtime.prepare("demo"))
    small = build(store, "small")
    database = small if options.size == "small" else build(store, options.size)
    world.configure(database)
    bench = Bench(store, database, small, build(store, PLAIN), options.size)
    results = []
    for name in names:
        step(f"Measuring: {name}")
        for result in table.ROWS[name](bench):
            print(f"   {result.what}: {result.found}", file=sys.stderr)
            results.append(result)
    table.print_table(results)
    print(f"\n{machine()}")
    return 0 if all(result.reached is not False for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
