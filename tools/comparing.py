"""`make test-others`: Odoo's own suites, without the addon and with it, compared.

A test of Odoo's that fails in both runs says nothing about the addon; one that fails
with the addon only does. It takes an hour or more, so `make test` leaves it out.
"""

import os
import xml.etree.ElementTree as ElementTree
from collections import Counter

from tools import testing
from tools.common import ADDON, Problem, say, step

#: Their tests are run; l10n_ua has none of its own, it is installed beside.
SUITES = ("account", "account_payment", "payment", "portal", "sale", "test_lint")
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
    return sorted((tests.addons_path() / suite / "tests").glob("test_*.py"))


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
    modules = [*INSTALLED, *([ADDON.name] if label == "with" else [])]
    with tests.store.clone(tests.store.core) as database:
        title = f"Installing {', '.join(modules)}"
        tests.store.install(database, modules, title)
        return {
            suite: run_suite(tests, database, suite, label, arguments)
            for suite in suites
        }


def describe(suite, without, with_addon):
    """:return: the line of the table, and the tests that fail with the addon only"""
    worse = sorted(
        name
        for name, outcome in without.items()
        if outcome not in FAILED and with_addon.get(name, "error") in FAILED
    )
    parts = []
    for outcomes in (without, with_addon):
        count = Counter(outcomes.values())
        failed = sum(count[kind] for kind in FAILED)
        parts.append(f"{count['passed']} / {failed} / {count['skipped']}")
    return f"| {suite} | {parts[0]} | {parts[1]} | {len(worse)} |", worse


def run(arguments):
    """Compare; a test that fails with the addon only makes the run fail."""
    tests = testing.Tests()
    suites = chosen()
    sides = [run_side(tests, suites, label, arguments) for label in ("without", "with")]
    say("\n| suite | without: passed / failed / skipped | with | only with |")
    say("|---|---|---|---|")
    total = []
    for suite in suites:
        line, worse = describe(suite, sides[0][suite], sides[1][suite])
        say(line)
        total += worse
    for name in total:
        say(f"fails with the addon only: {name}")
    return bool(total)
