"""`make test`: databases to test in, made once and cloned for each run.

``core``
    what the addon depends on, and nothing else: Odoo's own tests expect that. Made
    anew when Odoo, the Python packages or the addon's dependencies change. It has
    nothing of the addon in it, so checkouts that share a cache share it too.
``base``
    the same with what the addon's tests want beside it.
``ready``
    a copy of that with the addon installed, made anew when a file of the addon
    changes. A fresh installation, never an update: what is tested is what a user
    who installs today gets.
``run``
    a copy of one of them for one run of pytest, dropped afterwards.
"""

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tools import browser, databases, runtime
from tools.common import (
    ADDON,
    CHECKOUT,
    ROOT,
    SATELLITES,
    alive,
    digest,
    locked,
    read_manifest,
    satellites_to_install,
    say,
    step,
    tree_digest,
)

#: Installed in the test database; Odoo's own tests run without the others.
MODULES = ("client_balance", "l10n_ua", "payment_demo")
PREPARE = ROOT / "tools" / "scripts" / "prepare_tests.py"
RESULTS = ROOT / "test-results"
PREFIX = f"cb_{CHECKOUT}"

#: Odoo's own tests of what the addon extends: they must pass with it installed.
CORE_TESTS = (
    "account/tests/test_account_payment_register.py::TestAccountPaymentRegister",
    "account/tests/test_account_payment.py::TestAccountPayment",
    "account/tests/test_account_move_reconcile.py::TestAccountMoveReconcile",
    "account/tests/test_account_move_payments_widget.py::TestAccountMovePaymentsWidget",
    "account/tests/test_account_bank_statement.py::TestAccountBankStatementLine",
)

#: Odoo's own rules about code; they look at every addon of the addons path. Those
#: that need pylint or eslint take ten minutes and look at Odoo as well: left out.
LINT_TESTS = "test_lint/tests"
SLOW_LINT_TESTS = ("test_pylint.py", "test_checkers.py", "test_eslint.py")
#: It walks every folder below the addons path, with us also what was downloaded;
#: tests/test_repository.py does the same for the files of the project.
OUTSIDE_LINT_TESTS = ("test_markers.py",)

#: A test-only addon that treats every receivable as a balance.
STRESS_ADDONS = ROOT / "tests" / "addons"
STRESS = "client_balance_stress"
#: It asserts that a reset entry stays reconciled; ours must not, see the addon.
STRESS_FAILS = "test_caba_undo_reconciliation"

#: Addons that must work beside ours: the extension that the documentation shows, and
#: what our clients have installed.
EXAMPLES = ROOT / "docs" / "examples"
EXAMPLE = "client_balance_example"
BRIDGE = "client_balance_sale"
BESIDE = (EXAMPLE, "account_debit_note")
#: What of our own tests the queue makes stricter: everybody succeeds.
QUEUE_TESTS = (
    "test_transfers_in_opposite_directions_do_not_block_each_other",
    "test_twenty_take_ten_from_a_hundred",
    "test_twenty_take_ten_where_there_is_enough",
    "test_twenty_open_a_key_that_nobody_used",
    "test_twenty_change_a_limit_while_others_spend",
    "test_the_same_reference_twenty_times_is_one_settlement",
)
SHOP = (
    "website_sale",
    "point_of_sale",
    "account_debit_note",
    "l10n_account_withholding_tax",
)

#: What of our own tests the shop and the register may disturb: the payment dialog, use
#: of the balance by itself, credit limits and paper, the portal.
SHOP_TESTS = (
    "test_payment_register.py",
    "test_payment_difference.py",
    "test_payment_refusals.py",
    "test_pay_from_balance.py",
    "test_auto_use.py",
    "test_credit_and_paper.py",
    "test_credit_to_balance.py",
    "test_online_overpayment.py",
    "test_portal.py",
    "test_portal_attacks.py",
    "test_portal_downloads.py",
    "test_portal_filters.py",
    "test_portal_pay.py",
    "test_top_up.py",
    "test_tours.py",
)

#: What `make soak` runs, and how long.
SOAK_TESTS = (
    "test_random_operations.py",
    "test_concurrency.py",
    "test_faults.py",
    "test_random_attacker.py",
    "soak/test_attacker.py",
    "soak/test_life.py",
    "soak/test_install.py",
    "soak/test_upgrade.py",
    "soak/test_workers.py",
    "soak/test_crashes.py",
    "soak/test_cluster.py",
    "soak/test_pooler.py",
)
#: What `make doors` runs: two of them write their documents.
DOOR_TESTS = ("test_doors.py", "test_security.py", "test_doors_http.py")
#: Of 15 000 tries more than 10 000 are operations: some find nothing to work on.
SOAK_VARIABLES = {"SOAK": "1", "OPERATIONS": "15000", "SEED": "1"}

#: Commands that `make test` runs beside the first half of the tests of our own: each
#: row after the other, the rows at once. Tests wait for the database and for browsers,
#: so three at a time keep two processors busy. Odoo's suites need only the first
#: database and begin while the others are being made.
JOBS = (("test-core", "test-stress", "test-beside"), ("test-second",))
#: The second half of the tests of our own: about as long as the first.
SECOND_HALF = re.compile(r"test_(po|[q-z])\w*\.py")


# --- databases ----------------------------------------------------------------------


class TestStore(databases.Store):
    """The databases of this checkout, in the test cluster."""

    __test__ = False  # pytest: no test class

    def __init__(self, environment):
        super().__init__(environment)
        self.depends = sorted(read_manifest(ADDON)["depends"])
        key = digest(environment.key, self.depends)
        self.core_name = f"cb_core_{key}"
        key = digest(key, MODULES, databases.LANGUAGE)
        self.base_name = f"cb_base_{key}"
        key = digest(key, PREPARE, databases.WARM, tree_digest(ADDON))
        self.ready_name = f"{PREFIX}_ready_{key}"

    def build(self, name, fill):
        """Make a template that is complete or absent."""
        with locked(name):
            if not self.exists(name):
                draft = f"{name}_draft"
                self.drop(draft)
                fill(draft)
                self.rename(draft, name)
        return name

    def core(self):
        def fill(draft):
            names = ", ".join(self.depends)
            title = f"Creating the first test database ({names}; once, a minute)"
            self.install(draft, self.depends, title)

        return self.build(self.core_name, fill)

    def base(self):
        core = self.core()

        def fill(draft):
            self.duplicate(core, draft)
            others = [name for name in MODULES if name != ADDON.name]
            title = f"Adding {', '.join(others)} and the language (once)"
            self.install(draft, others, title, f"--load-language={databases.LANGUAGE}")

        return self.build(self.base_name, fill)

    def ready(self):
        base = self.base()

        def fill(draft):
            for old in self.names(f"{PREFIX}_ready_"):
                self.drop(old)
            self.duplicate(base, draft)
            self.install(draft, [ADDON.name], "Installing the addon")
            self.shell(draft, PREPARE, "Preparing what all tests need")
            # Kept here: what a test makes is rolled back, and made again by the next.
            self.shell(draft, databases.WARM, "Building the asset bundles")

        return self.build(self.ready_name, fill)

    @contextlib.contextmanager
    def clone(self, template):
        """A database for one run; those of dead processes are dropped.

        :param template: the method that gives the template.
        """
        template()  # what takes long, while others may go on
        with locked(PREFIX):
            source = template()
            for name in self.names(f"{PREFIX}_run_"):
                owner = name.split("_")[3]
                if not (owner.isdigit() and alive(int(owner))):
                    self.drop(name)
            name = f"{PREFIX}_run_{os.getpid()}"
            self.duplicate(source, name)
        try:
            yield name
        finally:
            self.drop(name)


# --- pytest -------------------------------------------------------------------------


class Tests:
    """Runs pytest in the project's environment."""

    def __init__(self):
        self.environment = runtime.prepare("test")
        self.browser_folder, self.chromium = browser.set_up()
        self.store = TestStore(self.environment)
        self.core = self.environment.source.core_addons

    def addons_path(self):
        """The folder of an addon of Odoo's: beside the package, or inside it."""
        folders = (self.core, *self.environment.source.addons)
        return next(path for path in folders if (path / "account").is_dir())

    def addons_option(self, folder):
        """The option that adds one more folder of addons."""
        folders = [*runtime.addons_path(self.environment.source), str(folder)]
        return f"--addons-path={','.join(folders)}"

    def core_paths(self):
        return [self.addons_path() / test for test in CORE_TESTS]

    def lint_paths(self):
        found = sorted((self.addons_path() / LINT_TESTS).glob("test_*.py"))
        left_out = SLOW_LINT_TESTS + OUTSIDE_LINT_TESTS
        return [path for path in found if path.name not in left_out]

    def own_paths(self):
        return [path for path in (ADDON / "tests", ROOT / "tests") if path.is_dir()]

    def halves(self):
        """:return: the files of our own tests, as two lists"""
        files = [file for path in self.own_paths() for file in path.glob("test_*.py")]
        second = [file for file in files if SECOND_HALF.fullmatch(file.name)]
        return sorted(set(files) - set(second)), sorted(second)

    def pytest(self, database, paths, *options):
        """Run pytest with this process's output; returns its exit code."""
        # A short one: browsers put sockets there, whose paths are limited.
        temporary = tempfile.mkdtemp(prefix="cb-", dir="/tmp")
        env = self.environment.environment(
            TMPDIR=temporary, CHROMIUM=self.chromium, PYTHONPATH=str(ROOT)
        )
        env["PATH"] = os.pathsep.join([str(self.browser_folder), env["PATH"]])
        command = [
            *(self.environment.command("python"), "-m", "pytest", "--odoo-http"),
            *(f"--odoo-database={database}", "--odoo-extra", f"screenshots={RESULTS}"),
            *("--rootdir", ROOT, "-c", ROOT / "pyproject.toml"),
            *("-p", "tools.pytest_plugin"),
            *options,
            *shlex.split(os.environ.get("ARGS", "")),
            *paths,
        ]
        step(f"Running the tests in {database}")
        sys.stderr.flush()
        try:
            return subprocess.run(
                [str(part) for part in command], cwd=ROOT, env=env
            ).returncode
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def set_up(_arguments=()):
    """`make setup`: get everything that the tests need, and the databases."""
    Tests().store.ready()
    say("Ready: make test")


def run_all(arguments):
    """`make test`: all tests, or with ``K`` some of our own.

    Half of our tests and Odoo's own suites run beside the others, on the second
    processor; tests of tests/test_core_suites.py, which are the last, wait for each of
    them: pytest's summary speaks for everything.
    """
    tests = Tests()
    if selection := os.environ.get("K", ""):
        with tests.store.clone(tests.store.ready) as database:
            paths = tests.own_paths()
            return tests.pytest(database, paths, "-k", selection, *arguments)
    tests.store.core()
    jobs, clone = in_background(JOBS), tests.store.clone(tests.store.ready)
    with jobs as variables, clone as database:
        os.environ.update(variables)
        first, _second = tests.halves()
        last = ROOT / "tests" / "test_core_suites.py"
        paths = [*(path for path in first if path != last), last]
        return tests.pytest(database, paths, *arguments)


def run_second(arguments):
    """`make test-second`: the half of our tests that runs beside the other."""
    tests = Tests()
    with tests.store.clone(tests.store.ready) as database:
        return tests.pytest(database, tests.halves()[1], *arguments)


@contextlib.contextmanager
def in_background(rows):
    """Run commands of ours beside the main run: rows at once, each one by one.

    Yields the variable that tells tests/test_core_suites.py where they report.
    """
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jobs-", dir=RESULTS) as folder:
        lines = ["; ".join(map(report_of, row)) for row in rows]
        process = subprocess.Popen(
            ["/bin/sh", "-c", " & ".join(f"({line})" for line in lines) + " & wait"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "ARGS": "", "K": ""},
        )
        try:
            yield {"CLIENT_BALANCE_JOBS": folder}
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def report_of(job):
    """The shell's line that runs a job; its exit code appears when all is written."""
    command = shlex.join([sys.executable, str(ROOT / "tools/dev.py"), job])
    return f"{command} >{job}.log 2>&1; echo $? >{job}.draft; mv {job}.draft {job}.done"


def run_core(arguments):
    """`make test-core`: Odoo's own tests, with the addon installed."""
    tests = Tests()
    with tests.store.clone(tests.store.core) as database:
        tests.store.install(database, [ADDON.name], "Installing the addon")
        paths = tests.core_paths() + tests.lint_paths()
        return tests.pytest(database, paths, *arguments)


def run_stress(arguments):
    """`make test-stress`: the same with the test-only addon beside ours."""
    if not (STRESS_ADDONS / STRESS).is_dir():
        say(f"There is no {STRESS_ADDONS / STRESS}: nothing to do.")
        return 0
    tests = Tests()
    where = tests.addons_option(STRESS_ADDONS)
    with tests.store.clone(tests.store.core) as database:
        tests.store.install(database, [STRESS], f"Installing {STRESS}", where)
        return tests.pytest(
            database,
            tests.core_paths(),
            *(f"--odoo{where[1:]}", f"--expect-failure={STRESS_FAILS}"),
            *arguments,
        )


def run_beside(arguments):
    """`make test-beside`: the satellites and the documentation's example."""
    tests = Tests()
    where = tests.addons_option(EXAMPLES)
    modules = [*BESIDE, *satellites_to_install()]
    with tests.store.clone(tests.store.ready) as database:
        title = f"Installing {', '.join(modules)}"
        tests.store.install(database, modules, title, where)
        concurrency = ROOT / "tests" / "test_concurrency.py"
        paths = [
            EXAMPLES / EXAMPLE / "tests",
            *(addon / "tests" for addon in SATELLITES),
            *(f"{concurrency}::{name}" for name in QUEUE_TESTS),
        ]
        return tests.pytest(database, paths, f"--odoo{where[1:]}", *arguments)


def run_shop(arguments):
    """`make test-shop`: beside the website's shop and the cash register."""
    tests = Tests()
    with tests.store.clone(tests.store.ready) as database:
        tests.store.install(database, SHOP, f"Installing {', '.join(SHOP)}")
        paths = [
            *(ROOT / "tests" / "beside_shop", ROOT / BRIDGE / "tests"),
            *(ADDON / "tests" / name for name in SHOP_TESTS),
        ]
        selection = os.environ.get("K", "")
        options = ["-k", selection] if selection else []
        return tests.pytest(database, paths, *options, *arguments)


def run_alone(paths, variables, arguments):
    """Some of our tests in a database of their own, with K and ARGS as ever."""
    tests = Tests()
    selection = os.environ.get("K", "")
    options = ["-k", selection] if selection else []
    os.environ.update({**variables, **os.environ})
    # for tests that install the addon themselves
    os.environ["CLIENT_BALANCE_BASE"] = tests.store.base()
    with tests.store.clone(tests.store.ready) as database:
        return tests.pytest(database, paths, *options, "-s", *arguments)


#: A test of the soak may take hours.
PATIENCE = ("-o", "timeout=0", "-o", "faulthandler_timeout=0")


def run_soak(arguments):
    """`make soak`: hours of what `make test` does for some seconds.

    Half of the random operations run beside the rest, in a database of their own.
    """
    paths = [ROOT / "tests" / name for name in SOAK_TESTS]
    arguments = [*PATIENCE, *arguments]
    if os.environ.get("K", "random") != "random":
        return run_alone(paths, SOAK_VARIABLES, arguments)
    started = time.monotonic()
    RESULTS.mkdir(exist_ok=True)
    counts = [RESULTS / f"random-{number}.count" for number in (1, 2)]
    for file in counts:
        file.write_text("0")
    with half_of_random(counts[1]) as process:
        os.environ.update(SHARE="1/2", COUNT=str(counts[0]))
        code = run_alone(paths, SOAK_VARIABLES, arguments)
        step("Waiting for the other half of the random operations")
        code = process.wait() or code
    done = sum(int(file.read_text()) for file in counts)
    seconds = round(time.monotonic() - started)
    say(f"{done} random operations, both halves together, in {seconds} seconds")
    return code


@contextlib.contextmanager
def half_of_random(count):
    """Run every second part of the random operations; yields the process."""
    log = RESULTS / "soak-random.log"
    variables = {"SHARE": "2/2", "COUNT": str(count), "K": "random"}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "tools/dev.py"), "soak-random"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            env={**os.environ, **variables},
        )
        say(f"The other half of the random operations: {log}")
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def run_soak_random(arguments):
    """`make soak-random`: random operations alone; ``SHARE`` says which."""
    paths = [ROOT / "tests" / "test_random_operations.py"]
    return run_alone(paths, SOAK_VARIABLES, [*PATIENCE, *arguments])


def run_mutants(arguments):
    """`make mutants`: each line that is broken on purpose turns a test red."""
    return run_alone([ROOT / "tests" / "soak" / "test_mutants.py"], {}, arguments)


def write_doors(arguments):
    """`make doors`: docs/doors.md, who may do what through RPC."""
    paths = [ROOT / "tests" / name for name in DOOR_TESTS]
    return run_alone(paths, {"DOORS": "1"}, [*PATIENCE, *arguments])
