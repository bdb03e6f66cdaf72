from odoo.tests import Form, tagged

from .common import ClientBalanceCommon


@tagged("post_install", "-at_install")
class TestSettlementMatching(ClientBalanceCommon):
    """First in, first out, visible both ways and with amounts."""

    def setUp(self):
        super().setUp()
        self.first = self._settle(100, date="2026-03-01")
        self.second = self._settle(50, date="2026-03-02")
        self.spend = self._settle(-120, date="2026-03-05")

    def _rows(self, settlement, name):
        return [
            (row.credit_id if name == "used_credit_ids" else row.spend_id, row.amount)
            for row in settlement[name]
        ]

    def test_a_spend_names_the_credits_that_it_used(self):
        self.assertEqual(
            self._rows(self.spend, "used_credit_ids"),
            [(self.first, 100), (self.second, 20)],
        )
        self.assertEqual(self.spend.amount_matched, 120)
        self.assertEqual(self.spend.amount_left, 0)

    def test_a_credit_shows_what_it_paid_and_what_is_left(self):
        self.assertEqual(self._rows(self.first, "paid_ids"), [(self.spend, 100)])
        self.assertEqual(self._rows(self.second, "paid_ids"), [(self.spend, 20)])
        self.assertEqual(self.first.amount_left, 0)
        self.assertEqual(self.second.amount_left, 30)

    def test_an_undone_spend_gives_the_money_back_to_its_sources(self):
        self.spend.with_user(self.manager).action_reverse()
        self.assertFalse(self._rows(self.first, "paid_ids"))
        self.assertEqual(self.first.amount_left, 100)
        self.assertEqual(self.second.amount_left, 50)

    def test_an_invoice_is_named_where_the_money_went(self):
        invoice = self._invoice(30)
        invoice.with_user(self.clerk).action_apply_client_balance()
        self.assertEqual(self.second.paid_ids.invoice_ids, invoice)
        self.assertEqual(self.second.amount_left, 0)

    def test_money_given_to_another_client_no_longer_pays_the_former_one(self):
        """The accountant corrects the client of an entry whose money was spent."""
        entry = self._entry(500, date="2026-03-06")
        self._settle(-400, date="2026-03-07")
        self._settlements().balance_id.overdraft_limit = 400
        line = self._line(entry).with_user(self.accountant)
        line.partner_id = self.other_client
        moved = self._settlements(partner=self.other_client)
        self.assertFalse(moved.paid_ids, "the spend of the former client")
        self.assertEqual(moved.amount_left, 500)
        self._settle(-500, date="2026-03-08", partner_id=self.other_client.id)
        self.assertEqual(moved.amount_left, 0)

    def test_amounts_are_in_the_currency_of_the_balance(self):
        credit = self._settle(10, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-03", 44.0)
        spend = self._settle(-4, date="2026-03-05", currency_id=self.usd.id)
        self.assertEqual(self._rows(spend, "used_credit_ids"), [(credit, 4)])
        self.assertEqual(credit.amount_left, 6)

    def test_a_row_that_is_not_there_yet_has_used_nothing(self):
        """A program may ask for the values of a new one."""
        row = self.env["client.balance.settlement"].with_user(self.reader).new({})
        self.assertEqual((row.amount_matched, row.amount_left), (0, 0))

    def test_readers_see_it_and_strangers_do_not(self):
        form = Form(self.spend.with_user(self.reader))
        self.assertEqual(len(form.used_credit_ids), 2)
        self.client.user_id = self.salesperson
        own = self.spend.with_user(self.salesperson)
        self.env.invalidate_all()
        self.assertEqual(len(own.used_credit_ids), 2)
        self.client.user_id = False
        self.env.invalidate_all()
        matches = self.env["client.balance.match"].with_user(self.salesperson)
        self.assertFalse(matches.search([]))

    def test_many_rows_need_as_many_queries_as_one(self):
        for amount in (5, -5, 6, -6):
            self._settle(amount, date="2026-03-06")
        many = self.spend.browse(self._settlements().ids)
        self.env.flush_all()
        counts = []
        for settlements in (self.first | self.spend, many):
            self.env.invalidate_all()
            settlements.mapped("amount")
            before = self.cr.sql_log_count
            settlements.mapped("amount_left")
            settlements.used_credit_ids.mapped("amount")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
