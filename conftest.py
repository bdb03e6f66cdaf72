"""What makes pytest run Odoo's tests as this project wants them.

- A test that did not run is a failure: without a browser Odoo's browser tests would be
  skipped, and nobody would notice. Meant skips carry the marker ``allowed_skip``.
- A test class is collected only where it is written, not where it is imported.
- Test classes outside of an addon need no ``@tagged``.
"""

import inspect

import pytest


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "allowed_skip(reason): this test may skip itself, for this reason"
    )
    config.addinivalue_line("markers", "slow: takes more than some seconds")
    try:
        from odoo.tests.common import BaseCase
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
    expected = hasattr(report, "wasxfail")
    if report.skipped and not expected and not item.get_closest_marker("allowed_skip"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} did not run ({reason}). A test that cannot run is a "
            "failure; if it is meant, mark it: @pytest.mark.allowed_skip('reason')"
        )
    return report
