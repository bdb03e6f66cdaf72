from odoo.exceptions import AccessError
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestAccountingNote(MoneyCommon):
    """«Бухгалтерська довідка»: the primary document of what people do by hand."""

    model = "client.balance.transfer"

    def _note(self, settlements, user=None):
        report = self.env["report.client_balance.accounting_note"]
        return report.with_user(user or self.manager)._get_report_values(
            settlements.ids
        )["notes"]

    def _html(self, settlements, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.manager)
        return report._render_qweb_html(
            "client_balance.action_report_accounting_note", settlements.ids
        )[0].decode()

    def _rows(self, note):
        return [
            (row["debit"].account_id, row["credit"].account_id, row["amount"])
            for row in note["rows"]
        ]

    def test_a_manual_settlement(self):
        settlement = self._settle(
            159, bank=self.bank1, description="Letter 7 of 01.03.2026"
        )
        [note] = self._note(settlement)
        clearing = self.company.client_balance_clearing_account_id
        self.assertEqual(self._rows(note), [(clearing, self.balance_account, 159)])
        self.assertEqual(note["prepared_by"], self.manager)
        html = self._html(settlement)
        for text in ("Perfect Trade", "Romashka LLC", "Letter 7", "UA001111", "159.00"):
            self.assertIn(text, html)

    def test_hryvnias_are_written_in_words_of_the_language(self):
        report = self.env["report.client_balance.accounting_note"]
        words = report.with_context(lang="uk_UA")._get_words(159.5, self.uah)
        self.assertEqual(words, "Сто п'ятдесят дев'ять гривень 50 коп.")
        self.assertEqual(
            report._get_words(750, self.uah),
            "Seven hundred and fifty hryvnias 00 kop.",
        )

    def test_a_transfer_is_one_note_with_all_its_rows(self):
        self._advance(2000, "2026-02-10", self.bank1)
        self._advance(3000, "2026-03-05", self.bank1)
        self._confirm(
            self._get(self.bank1),
            partner_to_id=self.other_client,
            amount=2500,
            date="2026-03-20",
            description="Assignment 3",
        )
        [note] = self._note(self._made("transfer"))
        self.assertEqual(
            self._rows(note),
            [
                (self.balance_account, self.balance_account, 2000),
                (self.balance_account, self.balance_account, 500),
            ],
        )
        self.assertEqual(note["total"], 2500)
        self.assertEqual(note["clients"], ["Romashka LLC", "Volia PJSC"])

    def test_a_correction_shows_what_it_replaces(self):
        wrong = self._settle(500, bank=self.bank1)
        right = wrong.with_user(self.manager).action_correct({"amount": 50})
        [note] = self._note(right)
        self.assertEqual(note["replaced"], wrong)
        clearing = self.company.client_balance_clearing_account_id
        self.assertEqual(
            self._rows(note),
            [
                (self.balance_account, clearing, 500),
                (clearing, self.balance_account, 50),
            ],
        )
        self.assertIn(wrong.name, self._html(right))

    def test_a_correction_in_storno_repeats_the_sides_with_a_minus(self):
        self.company.account_storno = True
        wrong = self._settle(500, bank=self.bank1)
        right = wrong.with_user(self.manager).action_correct({"amount": 50})
        clearing = self.company.client_balance_clearing_account_id
        [note] = self._note(right)
        self.assertEqual(
            self._rows(note),
            [
                (clearing, self.balance_account, -500),
                (clearing, self.balance_account, 50),
            ],
        )
        self.assertEqual(note["total"], -450)

    def test_an_exchange_shows_currencies_and_rates(self):
        self._advance(100, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-15", 41.5)
        self.company.expense_currency_exchange_account_id = self.income_account
        self._confirm(
            self._get(self.bank1, currency=self.usd),
            model="client.balance.exchange",
            amount=100,
            date="2026-03-20",
        )
        [note] = self._note(self._made("exchange")[:1])
        self.assertEqual(
            [row["amount"] for row in note["rows"]], [4000, 150], note["rows"]
        )
        self.assertIn("40.0000", note["rows"][0]["debit_currency"])

    def test_payments_are_documents_themselves(self):
        self._advance(4000, "2026-02-10", self.bank1)
        self.bank1.allow_out_payment = True
        self._confirm(
            self._get(self.bank1),
            self.accountant,
            "client.balance.refund",
            amount=400,
            date="2026-03-20",
        )
        with self.assertRefused("was made by"):
            self._note(self._made("refund"))

    def test_who_may_print(self):
        settlement = self._settle(159, bank=self.bank1)
        self.assertTrue(self._note(settlement, self.reader))
        for user in (self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._note(settlement, user)

    def test_a_shared_entry_shows_the_own_clients_only(self):
        """A salesperson reads nothing of the others whose balances one entry opened."""
        client = self.client
        client.user_id = self.salesperson
        third = self._create_client("Third client")
        settlements = (
            self.env["client.balance.settlement"]
            .with_user(self.manager)
            .with_context(import_file=True)
        )
        settlements.load(
            ["partner_id", "amount", "date", "external_ref"],
            [
                [name, amount, "2026-03-01", f"OPEN-{amount}"]
                for name, amount in (
                    ("Volia PJSC", "500"),
                    ("Romashka LLC", "159"),
                    ("Third client", "20"),
                )
            ],
        )
        [settlement] = self._settlements(partner=client)
        self.assertIn(third, settlement.move_id.line_ids.partner_id)
        [note] = self._note(settlement, self.reader)
        self.assertGreater(len(note["clients"]), 1)
        [note] = self._note(settlement, self.salesperson)
        self.assertEqual(note["clients"], ["Romashka LLC"])
        self.assertEqual((len(note["rows"]), note["total"]), (1, 159))
        report = self.env["ir.actions.report"].with_user(self.salesperson)
        html, _type = report._render_qweb_html(
            "client_balance.accounting_note", settlement.ids
        )
        text = html.decode()
        self.assertIn("Romashka LLC", text)
        for secret in ("Volia", "Third", "500.00", "20.00"):
            self.assertNotIn(secret, text)

    def test_the_other_client_of_a_transfer_is_not_named_to_strangers(self):
        self.client.user_id = self.salesperson
        self._advance(2000, "2026-02-10", self.bank1)
        self._confirm(
            self._get(self.bank1),
            partner_to_id=self.other_client,
            bank_to_id=self.env["res.partner.bank"].create(
                {"partner_id": self.other_client.id, "acc_number": "UA0077"}
            ),
            amount=500,
            date="2026-03-20",
            description="Assignment 3",
        )
        own = self._made("transfer").filtered(lambda row: row.partner_id == self.client)
        [note] = self._note(own, self.salesperson)
        [row] = note["rows"]
        self.assertEqual(note["clients"], ["Romashka LLC"])
        self.assertEqual((row["amount"], row["credit_owner"]), (500, ""))
        self.assertIn("UA001111", row["debit_owner"])
