from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestTransfer(MoneyCommon):
    """Money moves between bank accounts of a client and between clients."""

    model = "client.balance.transfer"

    def test_a_transfer_is_one_entry_with_an_item_per_origin(self):
        # 2 000,00 ₴ came on 10.02, 3 000,00 ₴ on 05.03; 2 500,00 ₴ move on 20.03
        self._advance(2000, "2026-02-10", self.bank1)
        self._advance(3000, "2026-03-05", self.bank1)
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=2500, date="2026-03-20"
        )
        made = self._made("transfer")
        self.assertRecordValues(
            made.move_id.line_ids.sorted("id"),
            [
                {
                    "account_id": self.balance_account.id,
                    "client_balance_bank_id": bank.id,
                    "debit": debit,
                    "credit": credit,
                    "reconciled": not credit,
                }
                for bank, debit, credit in (
                    (self.bank1, 2000, 0),
                    (self.bank2, 0, 2000),
                    (self.bank1, 500, 0),
                    (self.bank2, 0, 500),
                )
            ],
        )
        self.assertEqual(
            made.move_id.journal_id, self.company.client_balance_journal_id
        )
        self.assertRecordValues(
            made,
            [
                {
                    "amount": amount,
                    "partner_bank_id": bank.id,
                    "date": self._day("2026-03-20"),
                    "is_advance": True,
                    "advance_date": self._day(origin),
                }
                for amount, bank, origin in (
                    (-2000, self.bank1, "2026-02-10"),
                    (2000, self.bank2, "2026-02-10"),
                    (-500, self.bank1, "2026-03-05"),
                    (500, self.bank2, "2026-03-05"),
                )
            ],
        )
        self.assertEqual(self._balance(self.bank1), 2500)
        self.assertEqual(self._balance(self.bank2), 2500)

    def test_both_legs_are_reversed_together(self):
        self._advance(2000, "2026-02-10", self.bank1)
        self._advance(3000, "2026-03-05", self.bank1)
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=2500, date="2026-03-20"
        )
        made = self._made("transfer")
        reversals = made[1].with_user(self.manager).action_reverse()
        self.assertTrue(reversals)
        self.assertEqual(self._balance(self.bank1), 5000)
        self.assertEqual(self._balance(self.bank2), 0)
        for settlement in made:
            self.assertRecordValues(
                settlement.reversed_by_id,
                [
                    {
                        "amount": -settlement.amount,
                        "advance_date": settlement.advance_date,
                        "date": self._day("2026-03-20"),
                    }
                ],
            )
        with self.assertRefused("already reversed"):
            made[0].with_user(self.manager).action_reverse()

    def test_a_transfer_whose_money_is_spent_is_not_reversed(self):
        self._advance(2000, "2026-02-10", self.bank1)
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=2000, date="2026-03-20"
        )
        self._settle(-1500, date="2026-03-25", bank=self.bank2)
        with self.assertRefused("already spent"):
            self._made("transfer")[0].with_user(self.manager).action_reverse()

    def test_a_transfer_is_not_corrected_in_parts(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=200, date="2026-03-20"
        )
        made = self._made("transfer")
        with self.assertRefused("Reverse it and record it anew"):
            made[0].with_user(self.manager).action_correct({"amount": -100})
        made[0].with_user(self.manager).action_correct({"description": "Letter 7"})
        self.assertEqual(made[0].description, "Letter 7")

    def test_money_of_no_bank_account_keeps_its_day_though_it_is_no_advance(self):
        self._settle(159, date="2026-03-02")
        self._confirm(self._get(), bank_to_id=self.bank1, amount=59, date="2026-03-20")
        self.assertRecordValues(
            self._settlements(self.bank1),
            [
                {
                    "amount": 59,
                    "is_advance": False,
                    "advance_date": self._day("2026-03-02"),
                }
            ],
        )

    def test_another_client_needs_a_reason(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        values = {
            "partner_to_id": self.other_client,
            "amount": 200,
            "date": "2026-03-20",
        }
        with self.assertRaisesRegex(AssertionError, "required"):
            self._open(self._get(self.bank1), **values)
        dialog = (
            self.env[self.model]
            .with_user(self.manager)
            .with_context(default_balance_id=self._get(self.bank1).id)
            .create({**values, "partner_to_id": self.other_client.id})
        )
        with self.assertRefused("Write the reason"):
            dialog.action_confirm()
        dialog.description = "Assignment of 18.03.2026 No. 4"
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 300)
        self.assertRecordValues(
            self._settlements(partner=self.other_client),
            [{"amount": 200, "description": "Assignment of 18.03.2026 No. 4"}],
        )

    def test_a_transfer_leaves_the_receivable_and_the_total_as_they_were(self):
        self._invoice(700, date="2026-03-01")
        self._settle(500, date="2026-03-02", bank=self.bank1)
        credit = self.client.credit
        entries = self.env["account.move.line"].search(
            [("account_id", "=", self.balance_account.id)]
        )
        total = sum(entries.mapped("balance"))
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=200, date="2026-03-20"
        )
        self.client.invalidate_recordset()
        self.assertEqual(self.client.credit, credit)
        entries = self.env["account.move.line"].search(
            [("account_id", "=", self.balance_account.id)]
        )
        self.assertEqual(sum(entries.mapped("balance")), total)

    def test_foreign_money_keeps_its_value(self):
        # 100 $ at 40.00 and 50 $ at 42.00: 120 $ are worth 4 840,00 ₴ at any rate
        self._advance(100, "2026-02-10", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-01", 42.0)
        self._advance(50, "2026-03-05", self.bank1, currency_id=self.usd.id)
        self._set_rate(self.usd, "2026-03-15", 44.0)
        self._confirm(
            self._get(self.bank1, currency=self.usd),
            bank_to_id=self.bank2,
            amount=120,
            date="2026-03-20",
        )
        self.assertRecordValues(
            self._made("transfer").move_line_id,
            [
                {"amount_currency": 100, "balance": 4000, "reconciled": True},
                {"amount_currency": -100, "balance": -4000, "reconciled": False},
                {"amount_currency": 20, "balance": 840, "reconciled": True},
                {"amount_currency": -20, "balance": -840, "reconciled": False},
            ],
        )
        self.assertFalse(self._exchange_moves())

    def test_the_dialog_shows_what_will_be(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        self._settle(80, date="2026-03-02", bank=self.bank2)
        dialog = self._open(
            self._get(self.bank1), bank_to_id=self.bank2, amount=200, date="2026-03-20"
        )
        self.assertRecordValues(
            dialog,
            [
                {
                    "partner_id": self.client.id,
                    "available": 500,
                    "balance_now": 500,
                    "balance_after": 300,
                    "target_now": 80,
                    "target_after": 280,
                }
            ],
        )

    def test_from_the_client_card_the_largest_balance_is_proposed(self):
        self._settle(500, date="2026-03-02", bank=self.bank2)
        self._settle(80, date="2026-03-02", bank=self.bank1)
        contact = self._create_client(
            "Olena", parent_id=self.client.id, is_company=False
        )
        action = contact.with_user(self.manager).action_client_balance_transfer()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
        )
        self.assertEqual(form.balance_id, self._get(self.bank2))
        self.assertEqual(form.partner_id, self.client)

    def test_bad_requests_are_refused_with_a_sentence(self):
        self._settle(500, date="2026-03-10", bank=self.bank1)
        other_bank = self.env["res.partner.bank"].create(
            {"partner_id": self.other_client.id, "acc_number": "UA003333"}
        )
        archived = self._create_client("Closed LLC", active=False)
        cases = [
            ({"amount": 0}, "cannot be zero"),
            ({"amount": -5}, "negative"),
            ({"amount": 500.01}, "Not enough money"),
            ({"date": "2026-03-09"}, "Not enough money"),
            ({"bank_to_id": self.bank1.id}, "already there"),
            ({"bank_to_id": other_bank.id}, "does not belong to"),
            ({"partner_id": self.other_client.id}, "does not belong to"),
            (
                {
                    "partner_to_id": archived.id,
                    "bank_to_id": False,
                    "description": "Letter",
                },
                "archived",
            ),
        ]
        for vals, message in cases:
            dialog = (
                self.env[self.model]
                .with_user(self.manager)
                .create(
                    {
                        "partner_id": self.client.id,
                        "balance_id": self._get(self.bank1).id,
                        "partner_to_id": self.client.id,
                        "bank_to_id": self.bank2.id,
                        "amount": 5,
                        "date": "2026-03-20",
                        **vals,
                    }
                )
            )
            with self.subTest(vals=vals), self.assertRefused(message):
                dialog.action_confirm()
        self.bank2.active = False
        with self.assertRefused("archived"):
            self._confirm(
                self._get(self.bank1),
                bank_to_id=self.bank2,
                amount=5,
                date="2026-03-20",
            )
        self.assertEqual(self._balance(self.bank1), 500)

    def test_what_was_spent_since_the_dialog_opened_is_not_there(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        dialog = self._open(
            self._get(self.bank1), bank_to_id=self.bank2, amount=400, date="2026-03-20"
        )
        self._settle(-200, date="2026-03-03", bank=self.bank1)
        with self.assertRefused("Not enough money"):
            dialog.action_confirm()

    def test_a_double_click_moves_the_money_once(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        dialog = self._open(
            self._get(self.bank1), bank_to_id=self.bank2, amount=200, date="2026-03-20"
        )
        dialog.action_confirm()
        dialog.action_confirm()
        self.assertEqual(self._balance(self.bank1), 300)
        self.assertEqual(len(self._made("transfer")), 2)

    def test_only_managers_transfer(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        dialog = self._open(
            self._get(self.bank1), bank_to_id=self.bank2, amount=200, date="2026-03-20"
        )
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                dialog.with_user(user).action_confirm()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env[self.model].with_user(user).create({})

    def test_a_locked_day_is_refused_with_the_open_one(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        self.company.fiscalyear_lock_date = "2026-03-31"
        with self.assertRefused("locked period"):
            self._confirm(
                self._get(self.bank1),
                bank_to_id=self.bank2,
                amount=200,
                date="2026-03-20",
            )

    def test_the_limit_can_be_transferred_and_has_no_origin(self):
        self._settle(100, date="2026-03-02", bank=self.bank1)
        self._get(self.bank1).with_user(self.manager).overdraft_limit = 50
        self._confirm(
            self._get(self.bank1), bank_to_id=self.bank2, amount=150, date="2026-03-20"
        )
        self.assertEqual(self._balance(self.bank1), -50)
        self.assertEqual(self._settlements(self.bank2).mapped("amount"), [100, 50])

    def test_a_branch_transfers_money_of_its_root_company(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        branch = self.env["res.company"].create(
            {"name": "Perfect Trade Lviv", "parent_id": self.company.id}
        )
        self.manager.company_ids |= branch
        form = Form(
            self.env[self.model]
            .with_user(self.manager)
            .with_context(allowed_company_ids=(branch | self.company).ids)
            .with_company(branch)
            .with_context(default_balance_id=self._get(self.bank1).id)
        )
        form.bank_to_id, form.amount, form.date = self.bank2, 200, "2026-03-20"
        form.save().action_confirm()
        made = self._made("transfer")
        self.assertEqual(made.move_id.company_id, branch)
        self.assertEqual(made.company_id, self.company)
        self.assertTrue(made[0].move_line_id.reconciled)

    def test_another_company_is_out_of_reach(self):
        self._settle(500, date="2026-03-02", bank=self.bank1)
        other = self._create_company(name="Other Trade", currency_id=self.uah.id)
        stranger = self._create_user(
            "cb_stranger", "client_balance.group_client_balance_manager"
        )
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            self.env[self.model].with_user(stranger).with_company(other).create(
                {
                    "company_id": self.company.id,
                    "partner_id": self.client.id,
                    "balance_id": self._get(self.bank1).id,
                    "amount": 5,
                    "date": "2026-03-20",
                }
            ).action_confirm()
