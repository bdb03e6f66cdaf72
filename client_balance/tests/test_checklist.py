from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestChecklist(ClientBalanceCommon):
    """The first steps after the installation."""

    def _checklist(self, user=None):
        checklist = self.env["client.balance.checklist"].with_user(user or self.manager)
        return Form(checklist).save()

    def test_what_is_ready_is_ticked_off(self):
        checklist = self._checklist()
        self.assertTrue(checklist.has_accounts)
        self.assertTrue(checklist.has_people)
        self.assertFalse(checklist.is_complete)
        self._settle(100, settlement_type="opening")
        self.assertTrue(self._checklist().is_complete)

    def test_people_of_the_company_are_counted(self):
        before = self._checklist().officer_count
        self._create_user("cb_new_clerk", "account.group_account_invoice")
        self.assertEqual(self._checklist().officer_count, before + 1)

    def test_missing_accounts_are_found_again(self):
        self.company.client_balance_journal_id = False
        checklist = self._checklist()
        self.assertFalse(checklist.has_accounts)
        checklist.action_set_up()
        self.assertTrue(self._checklist().has_accounts)

    def test_only_managers_set_up(self):
        with self.assertRaises(AccessError):
            self._checklist(self.clerk)

    def test_its_buttons_open_what_they_say(self):
        checklist = self._checklist(self.accountant)
        self.assertEqual(checklist.action_open_users()["res_model"], "res.users")
        self.assertEqual(checklist.action_open_clients()["res_model"], "res.partner")

    def test_the_installation_leads_here(self):
        todo = self.env.ref("client_balance.client_balance_checklist_todo")
        action = todo.action_launch()
        self.assertEqual(action["res_model"], "client.balance.checklist")
        self.assertEqual(todo.state, "done")
