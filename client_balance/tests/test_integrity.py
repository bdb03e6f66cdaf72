from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.client_balance.models.client_balance_integrity_glance import PROVEN

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestIntegrity(ClientBalanceCommon):
    """The check of the books finds what somebody broke behind our back."""

    def _found(self, query):
        """The checks that fail after ``query``, which is then undone."""
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute(query)
            found = self.env["client.balance"].check_integrity()
            savepoint.rollback()
        self.env.invalidate_all()
        return {row["check"]: row for row in found}

    def test_each_broken_rule_is_named(self):
        self._settle(100, bank=self.bank1)
        self._settle(-30, bank=self.bank1, date="2026-03-02")
        queries = {
            "balance_sum": "UPDATE client_balance SET amount = amount + 0.01",
            "general_ledger": "UPDATE client_balance SET amount = amount + 0.01",
            "trial_balance": "UPDATE account_move_line SET balance = balance - 0.01",
            "chain": "UPDATE client_balance_settlement SET number = 7 WHERE number = 2",
            "item": "UPDATE client_balance_settlement SET is_live = false",
            "limit_day": "UPDATE client_balance_settlement SET date = '2026-01-01'"
            " WHERE number = 2",
            "key": "UPDATE client_balance_settlement SET partner_bank_id = NULL",
            "reversal": "UPDATE client_balance_settlement SET reversed_by_id = id",
            "unassigned": "UPDATE account_move_line SET partner_id = NULL",
        }
        for check, query in queries.items():
            with self.subTest(check=check):
                self.assertIn(check, self._found(query))

    def test_the_key_and_both_figures_are_named(self):
        self._settle(100, bank=self.bank1)
        row = self._found("UPDATE client_balance SET amount = 100.01")["balance_sum"]
        self.assertEqual(row["partner_id"], self.client.id)
        self.assertEqual(row["partner_bank_id"], self.bank1.id)
        self.assertEqual((row["expected"], row["found"]), (100.0, 100.01))
        self.assertIn(self.client.name, row["message"])

    def test_a_foreign_balance_and_money_without_a_client_agree_with_the_books(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        self._entry(20, bank=self.bank1, currency=self.usd)
        self._entry(-5, date="2026-03-12", bank=self.bank1, currency=self.usd)
        self._settle(100)
        self.assertEqual(self.env["client.balance"].check_integrity(), [])

    def test_sound_books_are_not_asked_in_detail(self):
        self._settle(100, bank=self.bank1)
        self._settle(-30, bank=self.bank1, date="2026-03-02")
        Balance = self.env["client.balance"]
        self.env.flush_all()
        self.assertFalse(PROVEN & Balance._get_needed_queries().keys())
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute("UPDATE client_balance SET amount = amount + 0.01")
            needed = Balance._get_needed_queries().keys()
            savepoint.rollback()
        self.assertEqual(needed, Balance._get_integrity_queries().keys())

    def test_a_day_below_the_limit_is_found_though_the_chain_is_sound(self):
        self._settle(100, bank=self.bank1, date="2026-03-05")
        self._settle(-30, bank=self.bank1, date="2026-03-06")
        found = self._found(
            "UPDATE client_balance_settlement SET date = '2026-03-01' WHERE amount < 0;"
            "UPDATE account_move_line SET date = '2026-03-01'"
            " WHERE id IN (SELECT move_line_ref FROM client_balance_settlement"
            "               WHERE amount < 0)"
        )
        self.assertEqual(found.keys(), {"limit_day"})
        self.assertEqual(found["limit_day"]["found"], -30.0)

    def test_two_settlements_of_one_item_are_found_without_the_index(self):
        self._settle(100, bank=self.bank1)
        found = self._found(
            "DROP INDEX client_balance_settlement_one_live_per_item;"
            "INSERT INTO client_balance_settlement (balance_id, company_id, partner_id,"
            " partner_bank_id, currency_id, name, date, amount, settlement_type,"
            " number, balance_after, move_line_ref, is_live)"
            " SELECT balance_id, company_id,"
            " partner_id, partner_bank_id, currency_id, name, date, amount,"
            " settlement_type, 2, 200, move_line_ref, TRUE"
            " FROM client_balance_settlement;"
            "UPDATE client_balance SET amount = 200, settlement_count = 2"
        )
        self.assertIn("item", found)

    def test_every_check_has_words_and_every_word_a_check(self):
        Balance = self.env["client.balance"]
        self.assertEqual(
            # the rest of the clearing account is no discrepancy
            set(Balance._get_integrity_queries()) | {"clearing"},
            set(Balance._get_integrity_names()),
        )

    def test_only_managers_check_the_books(self):
        with self.assertRaises(AccessError):
            self.env["client.balance"].with_user(self.reader).check_integrity()
        self.assertEqual(
            self.env["client.balance"].with_user(self.manager).check_integrity(), []
        )

    def test_nobody_is_told_of_the_books_of_other_companies(self):
        self._settle(100, bank=self.bank1)
        other = self._create_company(name="Another company")
        stranger = self._create_user(
            "cb_other", "client_balance.group_client_balance_manager"
        )
        stranger.write({"company_ids": other.ids, "company_id": other.id})
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute("UPDATE client_balance SET amount = amount + 0.01")
            Balance = self.env["client.balance"]
            found = {
                user.login: {
                    row["partner_id"]
                    for row in Balance.with_user(user).check_integrity()
                }
                for user in (stranger, self.manager)
            }
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertEqual(found["cb_other"], set())
        self.assertIn(self.client.id, found["cb_manager"])
