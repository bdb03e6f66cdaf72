"""What makes pytest run Odoo's tests as this project wants them.

- A test that did not run is a failure: without a browser Odoo's browser tests would be
  skipped, and nobody would notice. Meant skips carry the marker ``allowed_skip``.
- A test class is collected only where it is written, not where it is imported.
- Test classes outside of an addon need no ``@tagged``.
"""

import inspect

import pytest

#: Odoo's own tests that may skip themselves here, by the end of their name.
ALLOWED_SKIPS = (
    # They test the Enterprise application too.
    "test_invoice_paid_hook_called_in_various_scenarios",
)


def pytest_addoption(parser):
    parser.addoption(
        "--expect-failure",
        action="append",
        default=[],
        metavar="NAME",
        help="a test that must fail; when it passes the run fails",
    )
    parser.addoption(
        "--foreign",
        action="store_true",
        help="the tests are not ours: they may skip themselves, and those that Odoo "
        "leaves out of its standard run are left out",
    )


def pytest_collection_modifyitems(config, items):
    # It waits for what runs meanwhile.
    items.sort(key=lambda item: item.path.name == "test_core_suites.py")
    for name in config.getoption("--expect-failure"):
        found = [item for item in items if item.name == name]
        if not found and not config.getoption("keyword"):
            raise pytest.UsageError(f"--expect-failure={name}: there is no such test")
        for item in found:
            item.add_marker(pytest.mark.xfail(strict=True, reason="expected"))
    if config.getoption("--foreign"):
        left_out = [item for item in items if not is_standard(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if is_standard(item)]


def is_standard(item):
    return "standard" in getattr(item.cls, "test_tags", {"standard"})


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "allowed_skip(reason): this test may skip itself, for this reason"
    )
    config.addinivalue_line("markers", "slow: takes more than some seconds")
    try:
        # Only where Odoo is: the tests of the tools run without it, too.
        from odoo.tests.common import BaseCase  # noqa: PLC0415
    except ImportError:
        return
    # Odoo sets both for classes inside of addons only, and reads them for all.
    if not hasattr(BaseCase, "test_tags"):
        BaseCase.test_tags = {"standard", "at_install"}
        BaseCase.test_module = "client_balance"


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector, name, obj):
    made = yield
    if inspect.isclass(obj) and obj.__module__ != collector.module.__name__:
        return None
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and not may_skip(item):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} did not run ({reason}). A test that cannot run is a "
            "failure; if it is meant, mark it: @pytest.mark.allowed_skip('reason')"
        )
    return report


def may_skip(item):
    return (
        item.config.getoption("--foreign")
        or item.get_closest_marker("allowed_skip")
        or any(item.nodeid.endswith(name) for name in ALLOWED_SKIPS)
    )
