"""Databases of a cluster, created, filled and dropped together with their files."""

from pathlib import Path

from tools import postgres
from tools.common import (
    CHECKOUT,
    Problem,
    run,
    step,
)

LANGUAGE = "uk_UA"
WARM = Path(__file__).parent / "scripts" / "warm_assets.py"

#: For an odoo that installs or updates and goes away.
QUIET = ("--stop-after-init", "--no-http", "--max-cron-threads=0")


class Store:
    def __init__(self, environment):
        self.runtime = environment
        self.cluster = environment.cluster

    def exists(self, name):
        return name in postgres.databases(self.cluster)

    def names(self, prefix):
        return postgres.databases(self.cluster, prefix)

    def drop(self, name):
        postgres.drop(self.cluster, name, self.runtime.filestore)

    def rename(self, source, target):
        postgres.rename(self.cluster, source, target, self.runtime.filestore)

    def duplicate(self, source, target):
        postgres.duplicate(self.cluster, source, target, self.runtime.filestore)

    def odoo(self, *arguments, title, stdin=None):
        """Run odoo quietly; returns the file with its log."""
        step(title)
        return run(
            [self.runtime.command("odoo"), *arguments],
            env=self.runtime.environment(),
            log=f"odoo-{CHECKOUT}.log",
            stdin=stdin,
            failure=f"Odoo failed at: {title}",
        )

    def install(self, database, modules, title, *more):
        log = self.odoo(
            *("-d", database, "-i", ",".join(modules), *QUIET, *more), title=title
        )
        # Odoo carries on when a module cannot be found or installed.
        installed = postgres.tool(
            self.cluster,
            *("psql", "-XAtq", "-d", database, "-c"),
            "SELECT name FROM ir_module_module WHERE state = 'installed'",
        ).split()
        missing = set(modules) - set(installed)
        if missing:
            raise Problem(f"Not installed: {', '.join(sorted(missing))}; see {log}")

    def shell(self, database, script, title, *more):
        """Feed a script to ``odoo shell``; an exception in it is a failure."""
        arguments = ("shell", "-d", database, "--no-http", *more)
        with script.open() as handle:
            self.odoo(*arguments, title=title, stdin=handle)
