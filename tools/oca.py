"""`make test-oca`: our tests beside addons of OCA that our clients have."""

from tools import python_env, testing
from tools.common import ADDON, CACHE, ROOT, building, digest, run

PINS = python_env.LOCKS / "oca.txt"
INSTALLED = (
    "account_reconcile_oca",
    "account_financial_report",
    "partner_statement",
)
#: Of our own tests those of what these addons touch too: items, accounts, clients.
TOUCHED = (
    *("accounts", "bank_lines", "client_card", "currencies", "entry_paths", "gate"),
    *("invoice_paths", "owner_changes", "pay_from_balance", "payment_register"),
    *("posting", "report", "report_export", "statement", "statement_batch", "undo"),
)
TESTS = (
    ROOT / "tests" / "beside",
    *(ADDON / "tests" / f"test_{name}.py" for name in TOUCHED),
)


def get_addons():
    """Get the pinned addons; returns the folder that they are in."""
    folder = CACHE / "oca" / digest(PINS)
    with building(folder, "Getting the addons of OCA") as new:
        if new:
            run(
                [python_env.uv(), "pip", "install", "--no-deps", "--require-hashes"]
                + ["--target", new, "-r", PINS],
                env=python_env.uv_environment(),
                log="python.log",
                failure="The addons cannot be had: check the network, then run again",
            )
    return folder / "odoo" / "addons"


def run_tests(arguments):
    tests = testing.Tests()
    where = tests.addons_option(get_addons())
    with tests.store.clone(tests.store.ready) as database:
        title = f"Installing {', '.join(INSTALLED)}"
        tests.store.install(database, INSTALLED, title, where)
        return tests.pytest(database, TESTS, f"--odoo{where[1:]}", *arguments)
