"""`make test`: databases to test in, made once and cloned for each run.

``base``
    what the addon depends on, and what its tests want beside it; made anew when
    Odoo, the Python packages or the addon's dependencies change. It has nothing of
    the addon in it, so checkouts that share a cache share it too.
``ready``
    a copy of it with the addon installed, made anew when a file of the addon
    changes. A fresh installation, never an update: what is tested is what a user
    who installs today gets.
``run``
    a copy of that for one run of pytest, dropped afterwards.
"""

import ast
import os
import shlex
import shutil
import subprocess
import sys

from tools import browser, postgres, runtime
from tools.common import (
    ADDON,
    CHECKOUT,
    ROOT,
    Problem,
    alive,
    digest,
    locked,
    run,
    step,
    tree_digest,
)

#: Installed beside the addon in every test database.
MODULES = ("client_balance", "l10n_ua", "payment_demo")
LANGUAGE = "uk_UA"
RESULTS = ROOT / "test-results"
WARM = ROOT / "tools" / "scripts" / "warm_assets.py"

PREFIX = f"cb_{CHECKOUT}"


def dependencies():
    """What must be installed before the addon: its manifest says."""
    manifest = ADDON / "__manifest__.py"
    if not manifest.exists():
        raise Problem("There is no addon client_balance/ in this checkout yet.")
    try:
        depends = ast.literal_eval(manifest.read_text(encoding="utf-8"))["depends"]
    except (SyntaxError, ValueError, KeyError) as error:
        raise Problem(f"{manifest} cannot be read: {error}") from error
    others = [name for name in MODULES if name != ADDON.name]
    return sorted({*depends, *others})


class Databases:
    """The databases of this checkout, in the test cluster."""

    def __init__(self, environment):
        self.runtime = environment
        self.cluster = environment.cluster
        self.filestore = environment.filestore
        self.modules = dependencies()
        key = digest(environment.key, self.modules, LANGUAGE, WARM)
        self.base_name = f"cb_base_{key}"
        self.ready_name = f"{PREFIX}_ready_{digest(key, tree_digest(ADDON))}"

    def exists(self, name):
        return name in postgres.databases(self.cluster)

    def odoo(self, database, *arguments, title, stdin=None):
        step(title)
        return run(
            [self.runtime.command("odoo"), *arguments],
            env=self.runtime.environment(),
            log=f"{PREFIX}-install.log",
            stdin=stdin,
            failure=f"Odoo failed at: {title}",
        )

    def build(self, name, fill):
        """Make a template that is complete or absent."""
        with locked(name):
            if not self.exists(name):
                draft = f"{name}_draft"
                self.drop(draft)
                fill(draft)
                postgres.rename(self.cluster, draft, name, self.filestore)
        return name

    def base(self):
        def fill(draft):
            self.install(
                draft,
                self.modules,
                f"Creating the base test database ({', '.join(self.modules)}; once)",
                f"--load-language={LANGUAGE}",
            )
            self.warm(draft)

        return self.build(self.base_name, fill)

    def ready(self):
        base = self.base()

        def fill(draft):
            for old in postgres.databases(self.cluster, f"{PREFIX}_ready_"):
                self.drop(old)
            postgres.duplicate(self.cluster, base, draft, self.filestore)
            self.install(draft, [ADDON.name], "Installing the addon")

        return self.build(self.ready_name, fill)

    def install(self, database, modules, title, *more):
        options = ["--stop-after-init", "--no-http", "--max-cron-threads=0", *more]
        log = self.odoo(
            database, "-d", database, "-i", ",".join(modules), *options, title=title
        )
        # Odoo carries on when a module cannot be found or installed.
        state = postgres.tool(
            self.cluster,
            *("psql", "-XAtq", "-d", database, "-c"),
            "SELECT name FROM ir_module_module WHERE state = 'installed'",
        ).split()
        missing = set(modules) - set(state)
        if missing:
            raise Problem(f"Not installed: {', '.join(sorted(missing))}; see {log}")

    def warm(self, database):
        """Keep the asset bundles in the template: what a test makes is rolled back."""
        with WARM.open() as script:
            self.odoo(
                database,
                *("shell", "-d", database, "--no-http"),
                title="Building the asset bundles",
                stdin=script,
            )

    def clone(self):
        """A database for this process; those of dead processes are dropped."""
        with locked(PREFIX):
            return self.copy(self.ready())

    def copy(self, ready):
        for name in postgres.databases(self.cluster, f"{PREFIX}_run_"):
            owner = name.split("_")[3]
            if not (owner.isdigit() and alive(int(owner))):
                self.drop(name)
        count = len(postgres.databases(self.cluster, f"{PREFIX}_run_{os.getpid()}"))
        name = f"{PREFIX}_run_{os.getpid()}_{count}"
        postgres.duplicate(self.cluster, ready, name, self.filestore)
        return name

    def drop(self, name):
        postgres.drop(self.cluster, name, self.filestore)


def pytest_command(python, database, paths, *more):
    return [
        str(python / "bin" / "python"),
        *("-m", "pytest", "--odoo-http", f"--odoo-database={database}"),
        *("--odoo-extra", f"screenshots={RESULTS}"),
        *("--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")),
        *more,
        *[str(path) for path in paths],
    ]


def set_up(_arguments=()):
    """Everything that the tests need."""
    environment = runtime.prepare("test")
    folder, chromium = browser.set_up()
    return environment, folder, chromium


def run_all(arguments):
    """`make test`; ``K`` and ``ARGS`` come from make."""
    environment, folder, chromium = set_up()
    databases = Databases(environment)
    selection = os.environ.get("K", "")
    more = [*(["-k", selection] if selection else [])]
    more += [*shlex.split(os.environ.get("ARGS", "")), *arguments]
    trees = [path for path in (ADDON / "tests", ROOT / "tests") if path.is_dir()]
    name = databases.clone()
    temporary = postgres.temporary_folder()
    env = environment.environment(
        TMPDIR=temporary, CHROMIUM=chromium, PYTHONPATH=str(ROOT)
    )
    env["PATH"] = os.pathsep.join([str(folder), env["PATH"]])
    step(f"Running the tests in {name}")
    sys.stderr.flush()
    try:
        return subprocess.run(
            pytest_command(environment.python, name, trees, *more), cwd=ROOT, env=env
        ).returncode
    finally:
        databases.drop(name)
        shutil.rmtree(temporary, ignore_errors=True)
