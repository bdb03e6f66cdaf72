from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestRefundTopUp(MoneyCommon):
    """Bank money goes straight to a balance, and back from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank_lines = cls._create_account("311900", "asset_current")
        for line in (
            cls.bank_journal.inbound_payment_method_line_ids
            | cls.bank_journal.outbound_payment_method_line_ids
        ):
            line.payment_account_id = cls.bank_lines
        cls.loss = cls._create_account("945000", "expense")
        cls.gain = cls._create_account("714000", "income_other")
        cls.company.income_currency_exchange_account_id = cls.gain
        cls.company.expense_currency_exchange_account_id = cls.loss
        cls.bank1.allow_out_payment = True

    @classmethod
    def _create_account(cls, code, account_type):
        return cls.env["account.account"].create(
            {
                "name": code,
                "code": code,
                "account_type": account_type,
                "reconcile": account_type == "asset_current",
                "company_ids": [(6, 0, cls.company.ids)],
            }
        )

    def _top_up(self, amount, user=None, confirm=True, **values):
        form = Form(
            self.env["client.balance.top.up"]
            .with_user(user or self.clerk)
            .with_context(default_partner_id=self.client.id)
        )
        form.amount, form.date = amount, values.pop("date", "2026-03-10")
        for name, value in values.items():
            setattr(form, name, value)
        dialog = form.save()
        if confirm:
            dialog.action_confirm()
        return dialog.with_env(self.env)

    def _refund(self, balance, **values):
        return self._confirm(
            balance,
            self.accountant,
            "client.balance.refund",
            **{"date": "2026-03-20", **values},
        )

    def _refund_dialog(self, balance, **values):
        return self._open(balance, self.accountant, "client.balance.refund", **values)

    # Top-up and advance ---------------------------------------------------------------

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
        dialog = self._top_up(20, confirm=False)
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

    def test_an_edited_draft_stays_on_the_balance(self):
        self._top_up(100)
        payment = self._made("top_up").payment_id
        payment.action_draft()
        payment.write({"amount": 120, "date": "2026-03-11"})
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 120)
        payment.action_draft()
        with self.assertRefused("cannot change"):
            payment.partner_id = self.other_client
        with self.assertRefused("cannot change"):
            payment.currency_id = self.usd

    def test_the_day_of_an_advance_follows_the_corrected_payment(self):
        self._top_up(100)
        payment = self._made("top_up").payment_id
        payment.action_draft()
        payment.date = "2026-03-04"
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
        payment.move_id.line_ids.sudo().filtered(
            "account_id.is_client_balance"
        ).client_balance_type = False
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

    # Refund ---------------------------------------------------------------------------

    def test_a_refund_is_one_payment_from_the_balance_account(self):
        # 12 000,00 ₴ came on 10.03, 2 000,00 ₴ go back on 20.03
        self._top_up(12000)
        self._refund(
            self._get(self.bank1), amount=2000, description="Letter of 18.03.2026"
        )
        made = self._made("refund")
        payment = made.payment_id
        self.assertRecordValues(
            payment,
            [
                {
                    "payment_type": "outbound",
                    "partner_type": "customer",
                    "amount": 2000,
                    "partner_bank_id": self.bank1.id,
                    "destination_account_id": self.balance_account.id,
                }
            ],
        )
        self.assertRecordValues(
            payment.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.bank_lines.id,
                    "client_balance_bank_id": False,
                    "balance": -2000,
                    "reconciled": False,
                },
                {
                    "account_id": self.balance_account.id,
                    "client_balance_bank_id": self.bank1.id,
                    "balance": 2000,
                    "reconciled": True,
                },
            ],
        )
        self.assertRecordValues(
            made,
            [
                {
                    "amount": -2000,
                    "balance_after": 10000,
                    "is_advance": True,
                    "advance_date": self._day("2026-03-10"),
                    "create_uid": self.accountant.id,
                }
            ],
        )

    def test_an_untrusted_bank_account_gets_no_money(self):
        self._settle(500, bank=self.bank2)
        self.assertTrue(self._refund_dialog(self._get(self.bank2)).is_untrusted)
        with self.assertRefused("not trusted"):
            self._refund(self._get(self.bank2), amount=100)
        self.assertEqual(self._balance(self.bank2), 500)
        self._refund(self._get(self.bank2), amount=100, partner_bank_id=self.bank1)
        self.assertRecordValues(
            self._made("refund"),
            [{"amount": -100, "partner_bank_id": self.bank2.id}],
        )

    def test_without_a_bank_account_only_cash_is_refunded(self):
        balance = self._settle(500, partner_id=self.other_client.id).balance_id
        with self.assertRefused("that receives the refund"):
            self._refund(balance, amount=100)
        cash = self.env["account.journal"].create(
            {
                "name": "Cash desk",
                "code": "CDESK",
                "type": "cash",
                "company_id": self.company.id,
            }
        )
        self._refund(balance, amount=100, journal_id=cash)
        self.assertEqual(self._balance(partner=self.other_client), 400)

    def test_the_bank_account_of_another_client_gets_no_money(self):
        self._settle(500, bank=self.bank1)
        other_bank = self.env["res.partner.bank"].create(
            {
                "partner_id": self.other_client.id,
                "acc_number": "UA003333",
                "allow_out_payment": True,
            }
        )
        with self.assertRefused("does not belong to"):
            self._refund(self._get(self.bank1), amount=100, partner_bank_id=other_bank)

    def test_the_copy_of_a_refund_or_a_top_up_is_an_ordinary_payment(self):
        """Core would copy the account, without the bank account of the balance."""
        self._top_up(500)
        self._settle(300)
        self._refund(self._get(self.bank1), amount=200)
        for kind in ("refund", "top_up"):
            payment = self._made(kind).payment_id.with_user(self.accountant)
            copy = payment.copy()
            copy.action_post()
            self.assertEqual(copy.destination_account_id, self.receivable)
        self.assertEqual(self._balance(), 300)
        self.assertEqual(self._balance(self.bank1), 300)

    def test_a_draft_refund_is_not_redirected_to_another_client(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        other_bank = self.env["res.partner.bank"].create(
            {
                "partner_id": self.other_client.id,
                "acc_number": "UA003333",
                "allow_out_payment": True,
            }
        )
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        with self.assertRefused("Only an accountant", AccessError):
            payment.with_user(self.clerk).action_draft()
        payment.action_draft()
        payment.with_user(self.clerk).partner_bank_id = other_bank
        with self.assertRefused("does not belong to"):
            payment.action_post()
        payment.partner_bank_id = self.bank1
        payment.with_user(self.clerk).amount = 450
        with self.assertRaises(AccessError):
            payment.with_user(self.clerk).action_post()

    def test_a_posted_refund_is_neither_redirected_nor_resized(self):
        """Core writes it on the payment and leaves the entry: the bank file follows."""
        self._settle(500, date="2026-03-10", bank=self.bank1)
        self.bank2.allow_out_payment = True
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        for user in (self.clerk, self.accountant):
            for vals in (
                {"partner_bank_id": self.bank2.id},
                {"amount": 450},
                {"partner_id": self.other_client.id},
            ):
                with (
                    self.subTest(user=user.login, vals=vals),
                    self.assertRefused("its journal entry would stay"),
                ):
                    payment.with_user(user).write(vals)
        payment.with_user(self.clerk).write({"amount": 400, "memo": "Letter 7"})

    def test_a_redirected_refund_is_not_posted_by_its_entry(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        payment.action_draft()
        payment.partner_bank_id = self.bank2
        self.assertFalse(self.bank2.allow_out_payment)
        with self.assertRefused("is not trusted yet"):
            payment.move_id.action_post()

    def test_bad_refunds_are_refused_with_a_sentence(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        cases = [
            ({"amount": 0}, "cannot be zero"),
            ({"amount": -5}, "negative"),
            ({"amount": 500.01}, "Not enough money"),
            ({"amount": 5, "date": "2026-03-09"}, "Not enough money"),
        ]
        for values, message in cases:
            with self.subTest(values=values), self.assertRefused(message):
                self._refund(self._get(self.bank1), **values)
        self.bank2.active = False
        with self.assertRefused("archived"):
            self._refund(self._get(self.bank1), amount=5, partner_bank_id=self.bank2)

    def test_what_is_spent_between_dialog_and_posting_is_not_refunded(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        dialog = self._refund_dialog(self._get(self.bank1), amount=400)
        self._settle(-200, date="2026-03-12", bank=self.bank1)
        with self.assertRefused("Not enough money"):
            dialog.action_confirm()

    def test_a_reset_refund_returns_the_money_and_may_not_grow_beyond_it(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        self._refund(self._get(self.bank1), amount=400)
        payment = self._made("refund").payment_id
        payment.action_draft()
        self.assertEqual(self._balance(self.bank1), 500)
        payment.amount = 501
        with self.assertRefused("Not enough money"):
            payment.action_post()

    def test_only_managers_refund(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        dialog = self._refund_dialog(self._get(self.bank1), amount=400)
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                dialog.with_user(user).action_confirm()

    def test_a_manager_of_balances_without_invoicing_is_told_so(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        with self.assertRefused("may not register payments", AccessError):
            self._open(self._get(self.bank1), model="client.balance.refund")

    def test_a_double_click_refunds_once(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        dialog = self._refund_dialog(self._get(self.bank1), amount=200)
        dialog.action_confirm()
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 300)

    def test_a_foreign_refund_at_the_rate_of_the_day(self):
        self.company.client_balance_foreign_valuation = "today"
        self._top_up(100, currency_id=self.usd)
        self._set_rate(self.usd, "2026-03-15", 42)
        self._refund(self._get(self.bank1, currency=self.usd), amount=100)
        self.assertRecordValues(
            self._made("refund").move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.bank_lines.id, "balance": -4200},
                {"account_id": self.balance_account.id, "balance": 4200},
            ],
        )
        self.assertRecordValues(
            self._exchange_moves().line_ids.sorted("balance"),
            [
                {"account_id": self.balance_account.id, "balance": -200},
                {"account_id": self.loss.id, "balance": 200},
            ],
        )

    def test_a_foreign_refund_at_the_rate_of_the_advance(self):
        # 100,00 $ came at 40.00 and leave the bank at 42.00: a loss of 200,00 ₴
        self.company.client_balance_foreign_valuation = "advance"
        self._top_up(100, currency_id=self.usd)
        self._set_rate(self.usd, "2026-03-15", 42)
        self._refund(self._get(self.bank1, currency=self.usd), amount=100)
        refund = self._made("refund")
        self.assertRecordValues(
            refund.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.bank_lines.id,
                    "amount_currency": -100,
                    "balance": -4200,
                },
                {"account_id": self.loss.id, "amount_currency": 0, "balance": 200},
                {
                    "account_id": self.balance_account.id,
                    "amount_currency": 100,
                    "balance": 4000,
                },
            ],
        )
        self.assertFalse(self._exchange_moves())
        refund.payment_id.action_draft()
        refund.payment_id.action_post()
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 0)

    def test_from_the_client_card(self):
        self._settle(500, bank=self.bank1)
        for name in ("refund", "top_up"):
            action = getattr(
                self.client.with_user(self.manager), f"action_client_balance_{name}"
            )()
            form = Form(
                self.env[action["res_model"]]
                .with_user(self.accountant)
                .with_context(**action["context"])
            )
            self.assertEqual(form.partner_id, self.client)
            balance_action = getattr(self._get(self.bank1), f"action_{name}")()
            form = Form(
                self.env[action["res_model"]]
                .with_user(self.accountant)
                .with_context(**balance_action["context"])
            )
            self.assertEqual(form.partner_bank_id, self.bank1)
