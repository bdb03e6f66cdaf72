from odoo.tests import HttpCase, tagged

from odoo.addons.web.tests import test_js

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestClientCardUnits(HttpCase):
    """The components of the page, with a mocked server."""

    def test_components(self):
        suite = test_js.HOOTCommon._generate_hash(self, "@client_balance")
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            "",
            login="admin",
            timeout=600,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )


@tagged("post_install", "-at_install")
class TestClientCardTour(ClientBalanceCommon, HttpCase):
    """Add, see, reverse, in a browser, by a manager of balances."""

    def test_add_and_reverse(self):
        self._settle(1000, bank=self.bank1)
        self.client.client_balance_bank_id = self.bank1
        self.start_tour(
            f"/odoo/res.partner/{self.client.id}",
            "client_balance_client_card",
            login=self.manager.login,
        )
        self.assertEqual(self._balance(self.bank1), 1000.0)
        self.assertEqual(
            self._settlements(self.bank1).mapped("amount"), [1000, 159, -159]
        )
