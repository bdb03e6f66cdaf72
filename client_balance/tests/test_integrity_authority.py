from odoo.tests import tagged

from .statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestIntegrityAuthority(StatementCommon):
    """The check of the books finds money that somebody moved past the program."""

    def _found(self, query):
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute(query)
            found = self.env["client.balance"].check_integrity()
            savepoint.rollback()
        self.env.invalidate_all()
        return {row["check"]: row for row in found}

    def setUp(self):
        super().setUp()
        self._settle(100, bank=self.bank1, is_advance=True)
        self._settle(50, bank=self.bank2)
        self._entry(70, partner=self.other_client)
        self.invoice = self._invoice(30, date="2026-03-05")
        self.invoice.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        self.act = self._sent()

    def test_each_broken_rule_is_named_with_what_to_do(self):
        other = self.other_client.id
        queries = {
            "owner": f"UPDATE account_move SET partner_id = {other}"
            f" WHERE id = {self.invoice.id}",
            "match": "UPDATE account_partial_reconcile SET credit_move_id ="
            " (SELECT move_line_id FROM client_balance_settlement"
            f"   WHERE partner_id = {other})",
            "fingerprint": "UPDATE account_move_line"
            f" SET account_id = {self.expense_account.id}"
            f" WHERE account_id = {self.income_account.id}",
            "approved": "INSERT INTO client_balance_request (company_id, operation,"
            " partner_id, currency_id, amount, date, state, requested_by_id)"
            " SELECT company_id, 'manual', partner_id, currency_id, amount, date,"
            f" 'refused', {self.manager.id} FROM client_balance_settlement"
            " WHERE amount = 100;"
            "UPDATE client_balance_settlement SET request_id ="
            " (SELECT MAX(id) FROM client_balance_request) WHERE amount = 100",
            "frozen": "UPDATE client_balance_statement_line SET debit = debit + 1",
            "reconciled": "UPDATE account_move_line"
            " SET amount_residual_currency = 0 WHERE amount_currency = -50",
            "advance": "UPDATE client_balance_settlement SET advance_date = NULL",
        }
        for check, query in queries.items():
            with self.subTest(check=check):
                row = self._found(query).get(check)
                self.assertTrue(row)
                self.assertTrue(row["document"])
                self.assertTrue(row["hint"])
                self.assertIn(row["document"], row["message"])
                self.assertIn(row["hint"], row["message"])

    def test_both_owners_are_named_with_the_dates(self):
        row = self._found(
            f"UPDATE account_move SET partner_id = {self.other_client.id}"
            f" WHERE id = {self.invoice.id}"
        )["owner"]
        self.assertEqual(row["document"], self.invoice.name)
        self.assertEqual(row["found_date"], self._day("2026-03-05"))
        for text in (self.client.name, self.other_client.name, "03/05/2026"):
            self.assertIn(text, row["message"])

    def test_rows_that_name_nothing_end_in_no_error(self):
        for query in (
            "UPDATE client_balance_settlement SET amount = 'NaN'",
            "UPDATE client_balance_settlement SET date = 'infinity'",
            "UPDATE account_move_line SET partner_id = NULL, currency_id = currency_id",
            "UPDATE res_company SET parent_path = NULL",
            "UPDATE account_partial_reconcile SET debit_amount_currency = 'NaN'",
        ):
            with self.subTest(query):
                self._found(query)

    def test_the_menu_lists_what_is_open_and_what_is_wrong(self):
        Balance = self.env["client.balance"].with_user(self.manager)
        action = Balance.action_check_integrity()
        findings = self.env[action["res_model"]].with_user(self.manager)
        [open_point] = findings.search(action["domain"])
        self.assertEqual(open_point.rule, "Rest of the clearing account")
        self.assertIn("found 150.0", open_point.message)
        self.assertFalse(
            findings.with_user(self.accountant).search(action["domain"]),
            "what somebody else has asked for",
        )
        self._entry(150)
        self._entry(-150, counterpart=self.company.client_balance_clearing_account_id)
        action = Balance.action_check_integrity()
        self.assertEqual(action.get("tag"), "display_notification")
