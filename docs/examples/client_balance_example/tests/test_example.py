from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.client_balance.tests.common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestExample(ClientBalanceCommon):
    """The hooks suffice: nothing of the addon was changed for the new type."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.env["account.account"].create(
            {"name": "Bonuses", "code": "930099", "account_type": "expense"}
        )
        cls.company.client_balance_loyalty_account_id = cls.expense

    def _award(self, amount, user=None, **options):
        client = self.client.with_user(user or self.manager)
        return client.action_award_loyalty(amount, **options)

    def test_a_bonus_goes_to_the_balance_from_its_own_account(self):
        bonus = self._award(50)
        self.assertEqual(bonus.settlement_type, "loyalty")
        self.assertEqual(self._balance(self.bank1), 50)
        self.assertRecordValues(
            bonus.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.balance_account.id, "balance": -50},
                {"account_id": self.expense.id, "balance": 50},
            ],
        )

    def test_without_an_account_the_clearing_account_is_used(self):
        self.company.client_balance_loyalty_account_id = False
        clearing = self.company.client_balance_clearing_account_id
        self.assertIn(clearing, self._award(50).move_id.line_ids.account_id)

    def test_the_same_reference_gives_the_bonus_once(self):
        first = self._award(50, external_ref="shop-1")
        self.assertEqual(self._award(50, external_ref="shop-1"), first)
        self.assertEqual(self._balance(self.bank1), 50)

    def test_only_managers_give_bonuses(self):
        with self.assertRefused("Only a manager", AccessError):
            self._award(50, user=self.clerk)

    def test_a_bonus_is_reversed_and_spent_like_any_money(self):
        bonus = self._award(50)
        self.assertEqual(bonus.action_reverse().settlement_type, "reversal")
        self._award(50)
        invoice = self._invoice(30)
        invoice.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 20)

    def test_the_money_stays_when_the_addon_goes(self):
        bonus = self._award(50)
        field = bonus._fields["settlement_type"]
        field.ondelete["loyalty"](bonus)
        self.assertEqual(bonus.settlement_type, "manual")
        self.assertEqual(self._balance(self.bank1), 50)
