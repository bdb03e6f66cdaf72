from odoo.fields import Command

from .statement_common import StatementCommon


class TestStatementTogether(StatementCommon):
    """Acts of many clients are collected by the same queries, each as if alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["client.balance.statement.source"]
        cls.clients = cls.client | cls.other_client
        cls.clients |= cls._create_client("Nothing bought")
        cls.contact = cls.env["res.partner"].create(
            {"name": "Contact", "parent_id": cls.client.id}
        )

    def _fill_books(self):
        """Documents of two clients, some of them in both currencies or shared."""
        for client, amount in ((self.client, 100), (self.other_client, 300)):
            self._invoice(amount, date="2026-02-10", partner=client)
            invoice = self._invoice(amount, date="2026-03-05", partner=client)
            self._receipt(invoice, amount + 20, to_client_balance=True)
            foreign = self._invoice(10, partner=client, currency=self.usd)
            self._receipt(foreign, 420, currency=self.uah)
            self._settle(amount + 1, partner_id=client.id, description="Letter")
        self._invoice(7, date="2026-03-07", partner=self.contact)
        self._share(self.client, self.other_client, self.contact)

    def _share(self, *partners):
        """One journal entry in which several clients stand."""
        lines = [
            {"partner_id": p.id, "account_id": self.receivable.id, "debit": number}
            for number, p in enumerate(partners, 1)
        ]
        total = sum(line["debit"] for line in lines)
        lines.append({"account_id": self.income_account.id, "credit": total})
        entry = self.env["account.move"].create(
            {
                "journal_id": self.misc_journal.id,
                "date": "2026-03-11",
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        entry.action_post()

    def _acts(self, **vals):
        acts = [self._act(partner_id=client.id, **vals) for client in self.clients]
        return self.env["client.balance.statement"].union(*acts)

    def _count_queries(self, acts):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.source._get_data(acts)
        return self.cr.sql_log_count - before

    def test_acts_collected_together_equal_those_collected_alone(self):
        self._fill_books()
        self._bill(40)
        for vals in (
            {},
            {"currency_id": self.usd.id},
            {"include_foreign": True},
            {"include_purchases": True},
        ):
            acts = self._acts(**vals)
            together = self.source._get_data(acts)
            for act in acts:
                with self.subTest(client=act.partner_id.name, **vals):
                    self.assertEqual(together[act], self.source._get_data(act)[act])
        self.assertTrue(together[acts[0]]["sales"]["rows"])

    def test_acts_of_different_periods_are_not_mixed(self):
        self._fill_books()
        acts = self._acts() | self._acts(date_from="2026-02-01", date_to="2026-02-28")
        together = self.source._get_data(acts)
        for act in acts:
            self.assertEqual(together[act], self.source._get_data(act)[act])

    def test_what_several_contacts_share_is_one_document_per_client(self):
        self._share(self.client, self.other_client, self.contact)
        acts = self._acts()
        self.assertEqual(self._rows(acts[0]), [("entry", 4.0)])
        self.assertEqual(self._rows(acts[1]), [("entry", 2.0)])
        self.assertEqual(self._rows(acts[2]), [])

    def test_a_match_of_two_clients_is_a_conversion_of_neither(self):
        """A dollar invoice of one, paid with the hryvnias of the other."""
        invoice = self._invoice(10, currency=self.usd)
        payment = self._advance(400, partner_id=self.other_client.id)
        self._match(invoice, payment)
        acts = self._acts()
        together = self.source._get_data(acts)
        self.assertEqual(together[acts[0]]["sales"]["rows"], [])
        [row] = together[acts[1]]["sales"]["rows"]
        self.assertEqual((row["kind"], row["amount"]), ("payment", -400.0))

    def test_more_clients_need_no_more_queries(self):
        self._fill_books()
        acts = self._acts()
        for client in (self.client, self.other_client):
            self._invoice(5, date="2026-03-15", partner=client)
        alone = self._count_queries(acts[0])
        self.assertLessEqual(self._count_queries(acts), alone)
