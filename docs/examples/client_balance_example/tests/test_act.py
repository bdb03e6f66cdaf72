from odoo.tests import Form, tagged

from odoo.addons.client_balance.tests.statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestAct(StatementCommon):
    """A field of the extension on the act of reconciliation."""

    def test_the_field_is_on_the_form_of_the_act(self):
        self._invoice(100, date="2026-03-10")
        act = self._act()
        with Form(act.with_user(self.clerk)) as form:
            form.loyalty_note = "Silver"
        self.assertEqual(act.loyalty_note, "Silver")

    def test_it_may_change_after_sending_unlike_the_paper(self):
        self._invoice(100, date="2026-03-10")
        act = self._sent().with_user(self.clerk)
        act.loyalty_note = "Gold"
        self.assertEqual(act.loyalty_note, "Gold")
        with self.assertRefused("was sent to"):
            act.contract = "No. 5"
