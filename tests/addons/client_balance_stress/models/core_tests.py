import sys

from odoo import models

#: Without a limit and with items of nobody these say nothing.
IGNORED = {
    "limit",
    "limit_day",
    "unassigned",
    "trial_balance",
    # core matches items of several clients, and of nobody
    "match",
    "owner",
}


def compare_books(test):
    """Fail ``test`` if balances, settlements and the general ledger differ."""
    test.env.flush_all()
    found = [
        row
        for row in test.env["client.balance"].sudo().check_integrity()
        if row["check"] not in IGNORED
    ]
    assert not found, "\n".join(row["message"] for row in found)


def watch(case):
    """Make each test of ``case`` and of its subclasses end with ``compare_books``."""
    if getattr(case, "client_balance_watched", False):
        return
    original = case.setUp

    def setUp(self):
        original(self)
        # runs before what setUp prepared is undone
        self.addCleanup(compare_books, self)

    case.setUp = setUp
    case.client_balance_watched = True


class ClientBalance(models.Model):
    _inherit = "client.balance"

    def _register_hook(self):
        super()._register_hook()
        if "pytest" in sys.modules:
            # only where tests run: importing it makes a server load test code
            from odoo.addons.account.tests.common import (  # noqa: PLC0415
                AccountTestInvoicingCommon,
            )

            watch(AccountTestInvoicingCommon)
