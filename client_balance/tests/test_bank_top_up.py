from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .bank_money_common import BankMoneyCommon


@tagged("post_install", "-at_install")
class TestBankTopUp(BankMoneyCommon):
    """Top-ups and advances: bank money goes straight to a balance."""

    def test_an_advance_is_one_payment_to_the_balance_account(self):
        # 12 000,00 ₴ arrive on 10.03 before there is an invoice
        self._top_up(12000, description="Prepayment by contract 7")
        made = self._made("top_up")
        payment = made.payment_id
        self.assertRecordValues(
            payment,
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "amount": 12000,
                    "memo": "Prepayment by contract 7",
                    "destination_account_id": self.balance_account.id,
                }
            ],
        )
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.balance_account.id,
                    "client_balance_bank_id": self.bank1.id,
                    "balance": -12000,
                },
                {
                    "account_id": self.bank_lines.id,
                    "client_balance_bank_id": False,
                    "balance": 12000,
                },
            ],
        )
        self.assertRecordValues(
            made,
            [
                {
                    "amount": 12000,
                    "partner_bank_id": self.bank1.id,
                    "is_advance": True,
                    "advance_date": self._day("2026-03-10"),
                    "description": "Prepayment by contract 7",
                    "create_uid": self.clerk.id,
                }
            ],
        )
        self.assertEqual(self.client.credit, 0, "not offered as an open credit")

    def test_a_program_need_not_name_the_journal(self):
        dialog = (
            self.env["client.balance.top.up"]
            .with_user(self.clerk)
            .create({"partner_id": self.client.id, "amount": 50, "date": "2026-03-10"})
        )
        dialog.action_confirm()
        self.assertEqual(self._made("top_up").payment_id.journal_id, self.bank_journal)

    def test_a_top_up_need_not_be_an_advance(self):
        self._top_up(50, is_advance=False, partner_bank_id=self.bank2)
        self.assertRecordValues(
            self._settlements(self.bank2),
            [{"amount": 50, "is_advance": False, "advance_date": False}],
        )

    def test_a_foreign_advance_is_worth_the_rate_of_its_day(self):
        self._top_up(100, currency_id=self.usd)
        self.assertRecordValues(
            self._made("top_up").move_line_id,
            [{"amount_currency": -100, "balance": -4000}],
        )

    def test_the_top_up_shows_what_will_be(self):
        self._settle(80, date="2026-03-02", bank=self.bank1)
        dialog = self._top_up(20, confirm=False).sudo()
        self.assertRecordValues(dialog, [{"balance_now": 80, "balance_after": 100}])

    def test_cancelling_the_payment_takes_the_top_up_back(self):
        self._top_up(100)
        self._made("top_up").payment_id.action_cancel()
        self.assertEqual(self._balance(self.bank1), 0)

    def test_a_spent_top_up_cannot_be_cancelled(self):
        self._top_up(100)
        self._settle(-80, date="2026-03-12", bank=self.bank1)
        with self.assertRefused("already spent"):
            self._made("top_up").payment_id.action_cancel()

    def test_a_reset_top_up_changes_its_memo_only(self):
        self._top_up(100)
        payment = self._made("top_up").payment_id
        payment.action_draft()
        payment.memo = "Letter 7"
        for name, value in (
            ("amount", 120),
            ("date", "2026-03-11"),
            ("partner_id", self.other_client),
            ("currency_id", self.usd),
        ):
            with self.subTest(name), self.assertRefused("cannot change. Delete this"):
                payment[name] = value
        self.env.invalidate_all()
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 100)
        payment.action_draft()
        payment.unlink()
        self.assertEqual(self._balance(self.bank1), 0)

    def test_the_day_of_an_advance_follows_the_corrected_entry(self):
        self._top_up(100)
        payment = self._made("top_up").payment_id
        payment.action_draft()
        payment.move_id.date = "2026-03-04"
        payment.action_post()
        [live] = self._settlements(self.bank1).filtered("is_live")
        self.assertEqual(live.advance_date, self._day("2026-03-04"))

    def test_a_clerk_does_not_mint_a_larger_balance_from_a_draft(self):
        self._top_up(100)
        payment = self._made("top_up").payment_id.with_user(self.clerk)
        payment.action_draft()
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 100)
        payment.action_draft()
        items = payment.move_id.line_ids
        payment.move_id.write(
            {
                "line_ids": [
                    Command.update(item.id, {"balance": 3 * item.balance})
                    for item in items
                ]
            }
        )
        with self.assertRaises(AccessError):
            payment.action_post()

    def test_bad_top_ups_are_refused_with_a_sentence(self):
        eur = self.env.ref("base.EUR")
        other_bank = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA003333"}
        )
        archived = self._create_client("Closed LLC", active=False)
        other = self._create_company(name="Other Trade")
        foreign_journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", other.id)], limit=1
        )
        eur.active = False
        cases = [
            ({"amount": 0}, "cannot be zero"),
            ({"amount": -5}, "negative"),
            ({"currency_id": eur.id}, "not active"),
            ({"partner_bank_id": other_bank.id}, "does not belong to"),
            ({"partner_id": archived.id, "partner_bank_id": False}, "archived"),
            ({"journal_id": self.misc_journal.id}, "bank or cash journal"),
            ({"journal_id": foreign_journal.id}, "bank or cash journal"),
        ]
        for vals, message in cases:
            dialog = self.env["client.balance.top.up"].create(
                {
                    "partner_id": self.client.id,
                    "partner_bank_id": self.bank1.id,
                    "amount": 5,
                    "date": "2026-03-10",
                    **vals,
                }
            )
            with self.subTest(vals=vals), self.assertRefused(message):
                dialog.action_confirm()
        self.bank1.active = False
        with self.assertRefused("archived"):
            self._top_up(5, partner_bank_id=self.bank1)
        self.clerk.company_ids |= other
        companies = self.company | other
        self.env = self.env(context={"allowed_company_ids": companies.ids})
        with self.assertRefused("Romashka LLC belongs to Other Trade"):
            self.client.company_id = other
            self._top_up(5, partner_bank_id=self.bank2)
        self.assertFalse(self._made("top_up"))

    def test_a_locked_day_is_refused_with_the_open_one(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("locked period"):
            self._top_up(5)

    def test_who_may_top_up(self):
        for user in (self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["client.balance.top.up"].with_user(user).create(
                    {"partner_id": self.client.id}
                )
        dialog = self._top_up(5, confirm=False)
        for user in (self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                dialog.with_user(user).action_confirm()

    def test_a_double_click_takes_the_money_once(self):
        dialog = self._top_up(5, confirm=False).with_user(self.clerk)
        dialog.action_confirm()
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 5)
        self.assertEqual(len(self._made("top_up").payment_id), 1)

    def test_a_method_without_an_outstanding_account_gets_an_entry(self):
        self.bank_journal.inbound_payment_method_line_ids.payment_account_id = False
        self._top_up(5)
        self.assertEqual(self._balance(self.bank1), 5)
