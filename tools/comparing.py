"""`make test-others`: suites of others, without the addon and with it, compared.

A test of theirs that fails in both runs says nothing about the addon; one that fails
with the addon only does. It takes an hour or more, so `make test` leaves it out.
``AGAIN=failed`` runs without the addon only what failed with it: half the time.
"""

import os
import xml.etree.ElementTree as ElementTree
from collections import Counter

from tools import databases, oca, testing
from tools.common import ADDON, Problem, say, step

#: Odoo's own; l10n_ua has no tests, it is installed beside.
ODOO_SUITES = (
    *("account", "account_payment", "payment", "portal", "sale"),
    *("test_access_rights", "test_lint"),
)
#: OCA's, in databases that have their addons as well.
OCA_SUITES = ("account_financial_report", "partner_statement")
SUITES = ODOO_SUITES + OCA_SUITES
#: What is installed only where its suite is run.
MODULES = ("test_access_rights", *OCA_SUITES)
INSTALLED = ("account_payment", "sale", "l10n_ua")
FAILED = ("failure", "error")
#: A suite may hang in one test, not for ever.
OPTIONS = (
    *("--foreign", "-q", "-o", "timeout=900", "-o", "faulthandler_timeout=0"),
    # It names the file: two classes may have one name.
    *("-o", "junit_family=xunit1"),
)


def chosen():
    """The suites to run: SUITES="sale portal", or all."""
    names = os.environ.get("SUITES", "").split() or SUITES
    if unknown := set(names) - set(SUITES):
        raise Problem(f"No such suite: {', '.join(unknown)}; have {', '.join(SUITES)}")
    return names


def get_paths(tests, suite):
    if suite == "test_lint":
        return tests.lint_paths()
    where = oca.get_addons() if suite in OCA_SUITES else tests.addons_path()
    return sorted((where / suite / "tests").glob("test_*.py"))


def get_outcomes(report):
    """:return: {test: passed, failure, error or skipped} of a JUnit report"""
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case} & {*FAILED, "skipped"}
        name = f"{case.get('file')} {case.get('classname')}.{case.get('name')}"
        # The outcome of a test and of its teardown are two entries: the worse counts.
        if kinds or name not in outcomes:
            outcomes[name] = next(iter(sorted(kinds)), "passed")
    return outcomes


def run_suite(tests, database, suite, label, arguments):
    testing.RESULTS.mkdir(exist_ok=True)
    report = testing.RESULTS / f"others-{suite}-{label}.xml"
    report.unlink(missing_ok=True)
    step(f"{suite}, {label} the addon")
    tests.pytest(
        database, get_paths(tests, suite), *OPTIONS, f"--junitxml={report}", *arguments
    )
    if not report.exists():
        raise Problem(f"The suite of {suite} did not run to its end {label} the addon.")
    return get_outcomes(report)


def run_side(tests, suites, label, arguments):
    """:return: {suite: {test: outcome}} of one database"""
    if not suites:
        return {}
    modules = [*INSTALLED, *([ADDON.name] if label == "with" else [])]
    modules += [suite for suite in suites if suite in MODULES]
    more = ()
    if set(suites) & set(OCA_SUITES):
        more = (tests.addons_option(oca.get_addons()),)
        arguments = [f"--odoo{more[0][1:]}", *arguments]
    with tests.store.clone(tests.store.core) as database:
        title = f"Installing {', '.join(modules)}"
        tests.store.install(database, modules, title, *more)
        # A tour whose page waits for its bundles fails on a busy machine.
        tests.store.shell(database, databases.WARM, "Building the asset bundles", *more)
        return {
            suite: run_suite(tests, database, suite, label, arguments)
            for suite in suites
        }


def get_failed(outcomes):
    return {name for name, outcome in outcomes.items() if outcome in FAILED}


def count(outcomes):
    """:return: the cell of the table: passed / failed / skipped"""
    kinds = Counter(outcomes.values())
    failed = sum(kinds[kind] for kind in FAILED)
    return f"{kinds['passed']} / {failed} / {kinds['skipped']}"


def describe(suite, without, with_addon):
    """:return: the line of the table, and the tests that fail with the addon only"""
    passing = without.keys() - get_failed(without)
    # What is not there any more has not passed either.
    worse = sorted(passing - with_addon.keys() | passing & get_failed(with_addon))
    line = f"| {suite} | {count(without)} | {count(with_addon)} | {len(worse)} |"
    return line, worse


def describe_failed(suite, without, with_addon):
    """The same, where only what failed with the addon was run without it."""
    failed = get_failed(with_addon)
    worse = sorted(failed - get_failed(without))
    again = f"{len(failed)} of them: {len(failed - set(worse))} failed"
    return f"| {suite} | {again} | {count(with_addon)} | {len(worse)} |", worse


def compare(tests, suites, arguments):
    """Run one kind of suites on both sides.

    :return: what :func:`describe` says of each
    """
    after = run_side(tests, suites, "with", arguments)
    if os.environ.get("AGAIN") != "failed":
        before = run_side(tests, suites, "without", arguments)
        return [describe(suite, before[suite], after[suite]) for suite in suites]
    failed = {suite: get_failed(after[suite]) for suite in suites}
    again = [suite for suite in suites if failed[suite]]
    names = sorted(
        {name.rpartition(".")[2] for suite in again for name in failed[suite]}
    )
    before = run_side(tests, again, "without", ["-k", " or ".join(names), *arguments])
    return [
        describe_failed(suite, before.get(suite, {}), after[suite]) for suite in suites
    ]


def run(arguments):
    """Compare; a test that fails with the addon only makes the run fail."""
    tests = testing.Tests()
    lines, worse = [], []
    for kind in (ODOO_SUITES, OCA_SUITES):
        if suites := [suite for suite in chosen() if suite in kind]:
            for line, names in compare(tests, suites, arguments):
                lines.append(line)
                worse += names
    say("\n| suite | without: passed / failed / skipped | with | only with |")
    say("|---|---|---|---|")
    for line in lines:
        say(line)
    for name in worse:
        say(f"fails with the addon only: {name}")
    return bool(worse)
