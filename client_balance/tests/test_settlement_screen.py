from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.client_balance.models.client_balance_gate import GATE

from .common import ClientBalanceCommon


class TestSettlementScreen(ClientBalanceCommon):
    """What the screens ask of the ledger: finding and folding."""

    def _find(self, word, user=None):
        return (
            self.env["client.balance.settlement"]
            .with_user(user or self.reader)
            .search([("keyword", "ilike", word), ("partner_id", "=", self.client.id)])
        )

    def test_search_by_amount_as_people_type_it(self):
        small = self._settle(159, bank=self.bank1)
        large = self._settle(20159, bank=self.bank1)
        taken = self._settle(-20159, date="2026-03-02", bank=self.bank1)
        self.assertEqual(self._find("159"), small)
        for text in ("20 159,00", "20\u00a0159,00", "20159", "20,159.00", "20.159,00"):
            self.assertEqual(self._find(text), large | taken, text)
        self.assertFalse(self._find("1590"))

    def test_search_by_last_digits_of_the_bank_account(self):
        first = self._settle(10, bank=self.bank1)
        second = self._settle(20, bank=self.bank2)
        self.assertEqual(self._find("1111"), first)
        self.assertEqual(self._find("UA00 2222"), second)

    def test_search_by_texts(self):
        settlement = self._settle(10, description="Bonus for March")
        self._settle(20)
        self.assertEqual(self._find("bonus"), settlement)
        self.assertIn(settlement, self._find(settlement.name))

    def test_search_by_invoice_only_for_those_who_may_read_it(self):
        settlement = self._settle(10)
        invoice = self._invoice(100)
        settlement.with_context(client_balance_gate=GATE).write(
            {"invoice_ids": [Command.link(invoice.id)]}
        )
        self.assertEqual(self._find(invoice.name, self.clerk), settlement)
        self.assertFalse(self._find(invoice.name, self.reader))

    def test_reversed_pairs_are_hidden_but_never_half_of_one(self):
        Settlement = self.env["client.balance.settlement"]
        hidden = [("is_reversed_pair", "=", False), ("partner_id", "=", self.client.id)]
        plain = self._settle(10)
        undone = self._settle(20)
        undone.action_reverse()
        late = self._settle(30)
        self.company.fiscalyear_lock_date = "2026-03-31"
        late.action_reverse()
        self.company.fiscalyear_lock_date = False
        self.assertEqual(late.reversed_by_id.date, self._day("2026-04-01"))
        self.assertEqual(Settlement.search(hidden), plain)
        march = [*hidden, ("date", "<=", "2026-03-31")]
        self.assertEqual(Settlement.search(march), plain | late)
        april = [*hidden, ("date", ">=", "2026-04-01")]
        self.assertEqual(Settlement.search(april), late.reversed_by_id)
        self.assertEqual(Settlement.search_count(april), 1)
        self.assertEqual(late.pair_name, "↩ reversed by no. 5")

    def test_reversible_here(self):
        settlement = self._settle(10)
        self.assertTrue(settlement.is_reversible)
        entry = self._entry(5)
        other = self._settlements().filtered(lambda s: s.move_id == entry)
        self.assertFalse(other.is_reversible)
        action = other.with_user(self.accountant).action_show_document()
        self.assertEqual(action["res_id"], entry.id)
        with self.assertRefused("no right to see", UserError):
            other.with_user(self.reader).action_show_document()
        settlement.with_user(self.manager).action_delete()
        self.assertFalse(settlement.is_reversible)
        self.assertEqual(self._balance(), 5)

    def test_smart_button_names_each_currency(self):
        self._settle(100)
        self._settle(20, currency_id=self.usd.id)
        client = self.client.with_user(self.reader)
        self.assertRegex(client.client_balance_summary, r"^100\.00.*20\.00")
        self.assertTrue(client.client_balance_tab)
        self.company.client_balance_tab = False
        client.invalidate_recordset()
        self.assertFalse(client.client_balance_tab)
        action = client.action_open_client_balance()
        self.assertEqual(action["domain"], [("partner_id", "=", self.client.id)])
