from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestAdvances(MoneyCommon):
    """The register of advances: received, closed, refunded, moved, unused."""

    model = "client.balance.transfer"

    def _events(self, partner=None, **domain):
        return self.env["client.balance.advance"].search(
            [
                ("partner_id", "=", (partner or self.client).id),
                *((name, "=", value) for name, value in domain.items()),
            ],
            order="date, id",
        )

    def _sums(self, partner=None, until="2026-12-31"):
        """:return: the columns of the register up to a day, of one client"""
        names = ("received", "closed", "refunded", "moved", "other", "unused")
        [row] = self.env["client.balance.advance"]._read_group(
            [
                ("partner_id", "=", (partner or self.client).id),
                ("date", "<=", until),
            ],
            aggregates=[f"{name}:sum" for name in names],
        )
        return dict(zip(names, (value or 0.0 for value in row), strict=True))

    def _pay(self, invoice, date="2026-03-10"):
        application = self.env["client.balance.application"].with_user(self.clerk)
        application._pay_invoice(
            invoice.with_user(self.clerk),
            {self.bank1: invoice.amount_residual},
            self._day(date),
        )

    def test_the_life_of_an_advance_in_five_events(self):
        # 12 000 came on 10.02; 5 000 paid an invoice, 2 000 went back, 1 500 moved
        advance = self._advance(12000, "2026-02-10", self.bank1)
        invoice = self._invoice(5000, date="2026-03-05")
        self._pay(invoice)
        self.bank1.allow_out_payment = True
        self._confirm(
            self._get(self.bank1),
            self.accountant,
            "client.balance.refund",
            amount=2000,
            date="2026-03-20",
        )
        self._confirm(
            self._get(self.bank1),
            partner_to_id=self.other_client,
            amount=1500,
            date="2026-03-25",
            description="Assignment 3",
        )
        self.assertRecordValues(
            self._events(),
            [
                {
                    "date": self._day(date),
                    "advance_date": self._day("2026-02-10"),
                    "event": event,
                    "advance_id": advance.id,
                    "unused": amount,
                    "needs_adjustment": adjustment,
                }
                for date, event, amount, adjustment in (
                    ("2026-02-10", "received", 12000, False),
                    ("2026-03-10", "closed", -5000, False),
                    ("2026-03-20", "refunded", -2000, True),
                    ("2026-03-25", "moved", -1500, True),
                )
            ],
        )
        self.assertEqual(self._events(event="closed").document, invoice.name)
        self.assertEqual(
            self._sums(),
            {
                "received": 12000,
                "closed": 5000,
                "refunded": 2000,
                "moved": 1500,
                "other": 0,
                "unused": 3500,
            },
        )
        self.assertEqual(self._sums(until="2026-03-10")["unused"], 7000)
        self.assertRecordValues(
            self._events(self.other_client),
            [
                {
                    "date": self._day("2026-03-25"),
                    "advance_date": self._day("2026-02-10"),
                    "event": "moved_in",
                    "received": 1500,
                    "needs_adjustment": False,
                }
            ],
        )

    def test_the_unused_of_the_register_is_the_unused_of_the_credits(self):
        self._advance(1000, "2026-02-10", self.bank1)
        self._advance(500, "2026-02-15", self.bank1)
        self._pay(self._invoice(1200, date="2026-03-05"))
        rows = self.env["client.balance.advance"]._read_group(
            [("partner_id", "=", self.client.id)], ["advance_id"], ["unused:sum"]
        )
        for advance, unused in rows:
            line = advance.move_line_id
            self.assertEqual(unused, -line.amount_residual_currency)
        self.assertEqual([unused for _advance, unused in rows], [0, 300])

    def test_undoing_a_payment_opens_the_advance_again(self):
        self._advance(1000, "2026-02-10", self.bank1)
        invoice = self._invoice(400, date="2026-03-05")
        self._pay(invoice)
        self.assertEqual(self._sums()["unused"], 600)
        invoice.button_draft()
        self.assertEqual(self._sums()["closed"], 0)
        self.assertEqual(self._sums()["unused"], 1000)

    def test_a_reversed_advance_leaves_the_register(self):
        advance = self._advance(1000, "2026-02-10", self.bank1)
        advance.with_user(self.manager).action_reverse()
        self.assertFalse(self._events())

    def test_an_advance_reversed_later_shows_in_both_periods(self):
        advance = self._advance(1000, "2026-02-10", self.bank1)
        self.company.fiscalyear_lock_date = "2026-02-28"
        advance.with_user(self.manager).action_reverse()
        self.assertRecordValues(
            self._events(),
            [
                {"date": self._day("2026-02-10"), "received": 1000},
                {"date": self._day("2026-03-01"), "received": -1000},
            ],
        )
        self.assertEqual(self._sums(until="2026-02-28")["unused"], 1000)
        self.assertEqual(self._sums()["unused"], 0)

    def test_money_that_is_no_advance_is_not_in_the_register(self):
        self._settle(700, bank=self.bank1)
        self.assertFalse(self._events())

    def test_a_transfer_between_own_bank_accounts_adjusts_nothing(self):
        self._advance(1000, "2026-02-10", self.bank1)
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=400, date="2026-03-20"
        )
        self.assertFalse(self._events(needs_adjustment=True))
        self.assertEqual(self._events(event="internal").mapped("unused"), [-400, 400])
        self.assertEqual(self._sums()["received"], 1000)
        self.assertEqual(self._sums()["unused"], 1000)

    def test_foreign_advances_show_their_value_in_hryvnias(self):
        self._advance(100, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self.assertRecordValues(
            self._events(), [{"unused": 100, "unused_company": 4000}]
        )

    def test_who_sees_the_register(self):
        self._advance(1000, "2026-02-10", self.bank1)
        Advance = self.env["client.balance.advance"]
        for user, seen in (
            (self.reader, 1),
            (self.clerk, 1),
            (self.manager, 1),
            (self.salesperson, 0),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(Advance.with_user(user).search_count([]), seen)
        self.client.user_id = self.salesperson
        self.assertEqual(Advance.with_user(self.salesperson).search_count([]), 1)
        with self.assertRaises(AccessError):
            Advance.with_user(self.employee).search([])
        self.reader.group_ids += self.env.ref("base.group_allow_export")
        row = self._events().with_user(self.reader)
        exported = row.export_data(["partner_id/name", "event", "unused"])["datas"]
        self.assertEqual(exported, [["Romashka LLC", "Received", 1000.0]])

    # Localisations --------------------------------------------------------------------

    def test_a_localisation_hears_of_every_event(self):
        Advance = type(self.env["client.balance.advance"])
        posted = []
        self.patch(Advance, "_is_vat_kept", lambda self: True)
        self.patch(
            Advance,
            "_prepare_advance_vat_vals",
            lambda self, event: {
                "vat": self.env.company.currency_id.round(event["amount_company"] / 6),
                **event,
            },
        )
        self.patch(Advance, "_post_advance_vat", lambda self, vals: posted.extend(vals))
        advance = self._advance(1200, "2026-02-10", self.bank1)
        self._pay(self._invoice(600, date="2026-03-05"))
        self._settle(5, date="2026-03-06", bank=self.bank2)
        self.assertEqual(
            [(event["event"], event["amount"], event["vat"]) for event in posted],
            [("received", 1200, 200), ("closed", -600, -100)],
        )
        self.assertEqual(posted[0]["advance_id"], advance.id)
        self.assertEqual(posted[0]["advance_date"], self._day("2026-02-10"))
        other = self._advance(60, "2026-03-07", self.bank2)
        other.with_user(self.manager).action_reverse()
        self.assertEqual(
            [(event["event"], event["amount"]) for event in posted[2:]],
            [("received", 60), ("undone", -60)],
        )

    def test_without_a_localisation_nothing_is_posted(self):
        before = self.env["account.move"].search_count([])
        self._advance(1200, "2026-02-10", self.bank1)
        self.assertEqual(self.env["account.move"].search_count([]), before + 1)


@tagged("post_install", "-at_install")
class TestAdvanceRate(MoneyCommon):
    """П(С)БО 21: what an advance pays is income at the rate of the advance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_foreign_valuation = "advance"
        cls._set_rate(cls.usd, "2026-03-01", 42)
        cls._set_rate(cls.usd, "2026-03-15", 44)

    def _draft(self, amount, date="2026-03-20", currency=None):
        return (
            self.env["account.move"]
            .with_user(self.clerk)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.client.id,
                    "invoice_date": date,
                    "currency_id": (currency or self.usd).id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Goods",
                                "price_unit": amount,
                                "account_id": self.income_account.id,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )

    def _pay_in(self):
        """100,00 $ at 40.00 and 100,00 $ at 42.00, paid in advance."""
        for date in ("2026-02-10", "2026-03-05"):
            self._advance(100, date, self.bank1, currency_id=self.usd.id)

    def test_an_invoice_form_survives_while_its_currency_is_empty(self):
        """Whoever changes the currency may empty the field first."""
        with Form(self._draft(150).with_env(self.env)) as form:
            form.currency_id = self.env["res.currency"]
            form.currency_id = self.usd

    def test_a_prepaid_invoice_is_worth_its_advances(self):
        self._pay_in()
        draft = self._draft(150)
        self.assertRegex(draft.client_balance_advance_hint, "40[.,]0000")
        self.assertRegex(draft.client_balance_advance_hint, "42[.,]0000")
        draft.action_use_client_balance_advance_rate()
        self.assertFalse(draft.client_balance_advance_hint)
        draft.action_post()
        income = draft.with_env(self.env).invoice_line_ids
        self.assertRecordValues(
            income, [{"amount_currency": -150, "balance": -(100 * 40 + 50 * 42)}]
        )
        # paid from the balance there is no exchange difference anywhere
        draft.action_apply_client_balance(self.bank1.id)
        invoice = draft.with_env(self.env)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self._exchange_moves())
        receivable = self.env["account.move.line"].search(
            [("account_id", "=", self.receivable.id), ("parent_state", "=", "posted")]
        )
        self.assertEqual(self.uah.round(sum(receivable.mapped("balance"))), 0)

    def test_an_advance_without_value_does_not_break_the_draft(self):
        """Opening entries may come without an amount in hryvnias."""
        worthless = {"currency_id": self.usd.id, "balance": 0}
        self.env["account.move"].create(
            {
                "journal_id": self.misc_journal.id,
                "date": "2026-01-10",
                "line_ids": [
                    Command.create(
                        {
                            **worthless,
                            "account_id": self.balance_account.id,
                            "partner_id": self.client.id,
                            "client_balance_bank_id": self.bank1.id,
                            "amount_currency": -10,
                        }
                    ),
                    Command.create(
                        {
                            **worthless,
                            "account_id": self.income_account.id,
                            "amount_currency": 10,
                        }
                    ),
                ],
            }
        ).action_post()
        draft = self._draft(8)
        self.assertFalse(draft.client_balance_advance_hint)
        draft.action_use_client_balance_advance_rate()
        self.assertEqual(draft.invoice_currency_rate, draft.expected_currency_rate)

    def test_the_rest_is_worth_the_rate_of_the_day(self):
        # 200,00 $ in advance (8 200,00 ₴), 100,00 $ are due at 44.00
        self._pay_in()
        draft = self._draft(300)
        draft.action_use_client_balance_advance_rate()
        draft.action_post()
        self.assertRecordValues(
            draft.with_env(self.env).invoice_line_ids,
            [{"amount_currency": -300, "balance": -(4000 + 4200 + 4400)}],
        )

    def test_the_offer_returns_when_the_draft_changes(self):
        self._pay_in()
        draft = self._draft(150)
        draft.action_use_client_balance_advance_rate()
        draft.invoice_line_ids.price_unit = 100
        self.assertTrue(draft.client_balance_advance_hint)
        draft.action_use_client_balance_advance_rate()
        self.assertAlmostEqual(1 / draft.invoice_currency_rate, 40)

    def test_nothing_is_offered_where_no_advance_waits(self):
        self.assertFalse(self._draft(150).client_balance_advance_hint, "no money")
        self._settle(10000, bank=self.bank1)
        self.assertFalse(self._draft(150).client_balance_advance_hint, "hryvnias")
        self._pay_in()
        self.assertFalse(
            self._draft(150, currency=self.uah).client_balance_advance_hint
        )
        early = self._draft(150, date="2026-01-20")
        self.assertFalse(early.client_balance_advance_hint, "before the advance")
        self.company.client_balance_foreign_valuation = "today"
        draft = self._draft(150)
        self.assertFalse(draft.client_balance_advance_hint)
        with self.assertRefused("no rate of an advance"):
            draft.action_use_client_balance_advance_rate()

    def test_who_sees_the_offer(self):
        self._pay_in()
        draft = self._draft(150)
        for user in (self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                draft.with_user(user).action_use_client_balance_advance_rate()
