from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import ClientBalanceCommon


class TestClientCard(ClientBalanceCommon):
    """The page on the client card: its one request and its two dialogs."""

    def _overview(self, user=None, date=None, client=None):
        return (
            self.env["client.balance"]
            .with_user(user or self.clerk)
            .get_client_balance_overview((client or self.client).id, date)
        )

    def _dialog(self, user=None, **values):
        form = Form(
            self.env["client.balance.settlement.add"]
            .with_user(user or self.manager)
            .with_context(default_partner_id=self.client.id)
        )
        for name, value in values.items():
            setattr(form, name, value)
        return form

    # Overview ---------------------------------------------------------------------

    def test_overview_never_adds_currencies(self):
        self._settle(1000, bank=self.bank1)
        self._settle(500, bank=self.bank2)
        self._settle(20, currency_id=self.usd.id)
        self._invoice(5000)
        overview = self._overview()
        self.assertEqual(
            [
                (row["bank"], row["currency"], row["amount"])
                for row in overview["balances"]
            ],
            [
                ("UA001111", "UAH", 1000.0),
                ("UA002222", "UAH", 500.0),
                (False, "USD", 20.0),
            ],
        )
        self.assertEqual(
            overview["totals"],
            [
                {"currency_id": self.uah.id, "amount": 1500.0},
                {"currency_id": self.usd.id, "amount": 20.0},
            ],
        )
        self.assertEqual(
            overview["nets"],
            [
                {
                    "currency_id": self.uah.id,
                    "owes": 5000.0,
                    "balance": 1500.0,
                    "net": 3500.0,
                }
            ],
        )

    def test_overview_of_a_day(self):
        self._settle(1000, date="2026-03-01")
        self._settle(500, date="2026-03-10")
        invoice = self._invoice(5000, date="2026-03-05")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-20", "amount": 5000})._create_payments()
        self.assertEqual(self._overview()["nets"], [])
        early = self._overview(date="2026-03-04")
        self.assertEqual(early["balances"][0]["amount"], 1000.0)
        self.assertEqual(early["nets"], [])
        middle = self._overview(date="2026-03-15")
        self.assertEqual(middle["totals"][0]["amount"], 1500.0)
        self.assertEqual(middle["nets"][0]["net"], 3500.0)
        self.assertEqual(self._overview(date="2026-03-20")["nets"], [])

    def test_overview_of_a_contact_is_that_of_its_company(self):
        self._settle(70)
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        overview = self._overview(client=contact)
        self.assertEqual(overview["totals"][0]["amount"], 70.0)

    def test_overview_keeps_archived_accounts_and_offers_live_ones(self):
        self._settle(70, bank=self.bank1)
        self._settle(-70, bank=self.bank1)
        self.bank1.active = False
        overview = self._overview()
        self.assertFalse(overview["balances"][0]["bank_active"])
        self.assertTrue(overview["balances"][0]["is_zero"])
        self.assertEqual(
            {bank["name"] for bank in overview["banks"]}, {"UA001111", "UA002222"}
        )

    def test_overview_per_group(self):
        self._settle(70)
        self._invoice(100)
        self.assertFalse(self._overview(self.clerk)["rights"]["add"])
        self.assertTrue(self._overview(self.manager)["rights"]["add"])
        reader = self._overview(self.reader)
        self.assertEqual(reader["nets"], [])
        self.assertFalse(reader["rights"]["invoices"])
        self.assertEqual(reader["totals"][0]["amount"], 70.0)
        self.assertEqual(self._overview(self.salesperson)["balances"], [])
        self.client.user_id = self.salesperson
        self.assertEqual(len(self._overview(self.salesperson)["balances"]), 1)
        with self.assertRefused(".", AccessError):
            self._overview(self.employee)

    def test_overview_asks_the_same_for_many_balances(self):
        self._settle(70)
        self._overview()
        self.env.invalidate_all()
        few = self.cr.sql_log_count
        self._overview()
        few = self.cr.sql_log_count - few
        banks = self.env["res.partner.bank"].create(
            [
                {"partner_id": self.client.id, "acc_number": f"UA77{number}"}
                for number in range(8)
            ]
        )
        for bank in banks:
            self._settle(10, bank=bank)
        self.env.flush_all()
        self.env.invalidate_all()
        many = self.cr.sql_log_count
        self._overview()
        self.assertLessEqual(self.cr.sql_log_count - many, few + 2)

    # Add --------------------------------------------------------------------------

    def test_add_shows_what_will_happen(self):
        self._settle(1000, bank=self.bank1, date="2026-03-01")
        self.client.client_balance_bank_id = self.bank1
        form = self._dialog()
        self.assertEqual(form.partner_bank_id, self.bank1)
        form.date = "2026-03-02"
        self.assertEqual(form.available, 1000.0)
        form.direction = "out"
        form.amount = 400
        self.assertEqual(form.balance_now, 1000.0)
        self.assertEqual(form.balance_then, 600.0)
        self.assertIn(self.balance_account.code, form.preview)
        self.assertFalse(form.refusal)
        form.amount = 1000.01
        self.assertRegex(form.refusal, "Only .*1,000.00")
        form.amount = 400
        form.description = "Penalty"
        wizard = form.save()
        wizard.action_confirm()
        self.assertRecordValues(
            self._settlements(self.bank1)[-1:],
            [
                {
                    "amount": -400.0,
                    "settlement_type": "manual",
                    "description": "Penalty",
                    "create_uid": self.manager.id,
                }
            ],
        )

    def test_add_twice_records_once(self):
        wizard = self._dialog(amount=100).save()
        first = wizard.action_confirm()
        self.assertEqual(wizard.action_confirm(), first)
        self.assertEqual(self._balance(self.bank1), 100.0)

    def test_add_refuses_a_sign(self):
        wizard = self._dialog(amount=-100).save()
        with self.assertRefused("without a sign"):
            wizard.action_confirm()

    def test_add_asks_for_the_document(self):
        reason = self.env["client.balance.reason"].create(
            {
                "name": "Letter",
                "direction": "in",
                "needs_document": True,
                "company_id": self.company.id,
                "account_id": self.income_account.id,
            }
        )
        form = self._dialog(amount=100, reason_id=reason)
        self.assertRegex(form.refusal, "needs a document")
        letter = (
            self.env["ir.attachment"]
            .with_user(self.manager)
            .create(
                {
                    "name": "letter.txt",
                    "raw": b"Please",
                    "res_model": "client.balance.settlement.add",
                    "res_id": 0,
                }
            )
        )
        form.attachment_ids.add(letter)
        self.assertFalse(form.refusal)
        form.save().action_confirm()
        settlement = self._settlements(self.bank1)
        self.assertEqual(settlement.attachment_ids, letter)
        self.assertEqual(letter.res_model, "client.balance.settlement")
        self.assertTrue(letter.with_user(self.reader).has_access("read"))
        self.assertIn(self.income_account, settlement.move_id.line_ids.account_id)

    def test_a_reason_of_the_other_direction_is_dropped(self):
        reason = self.env["client.balance.reason"].create(
            {"name": "Gift", "direction": "in", "company_id": self.company.id}
        )
        form = self._dialog(amount=100, reason_id=reason)
        form.direction = "out"
        self.assertFalse(form.reason_id)

    # Edit and delete --------------------------------------------------------------

    def _edit(self, settlement, **values):
        action = settlement.with_user(self.manager).action_edit()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .browse(action["res_id"])
        )
        with Form(wizard) as form:
            for name, value in values.items():
                setattr(form, name, value)
        return wizard

    def test_edit_the_description_in_place(self):
        settlement = self._settle(100, description="Before")
        self._edit(settlement, description="After").action_confirm()
        self.assertEqual(settlement.description, "After")
        self.assertEqual(len(self._settlements()), 1)

    def test_edit_the_amount_reverses_and_replaces(self):
        settlement = self._settle(100)
        wizard = self._edit(settlement, amount=120)
        self.assertEqual(wizard.balance_then, 120.0)
        wizard.action_confirm()
        wizard.action_confirm()
        self.assertEqual(self._balance(), 120.0)
        self.assertEqual(self._settlements().mapped("amount"), [100, -100, 120])
        self.assertTrue(settlement.reversed_by_id)

    def test_edit_in_a_locked_period_says_where_it_lands(self):
        settlement = self._settle(100, date="2026-03-10")
        self.company.fiscalyear_lock_date = "2026-03-31"
        wizard = self._edit(settlement, amount=120)
        self.assertRegex(wizard.landing_note, "04/01/2026")
        wizard.action_confirm()
        self.assertEqual(self._settlements()[-1].date, self._day("2026-04-01"))
        self.company.fiscalyear_lock_date = False

    def test_edit_only_what_was_recorded_by_hand(self):
        entry = self._entry(10)
        settlement = self._settlements().filtered(lambda row: row.move_id == entry)
        with self.assertRefused("Change it there", UserError):
            settlement.with_user(self.manager).action_edit()

    def test_a_settlement_form_survives_while_its_currency_is_empty(self):
        """Whoever changes the currency may empty the field first."""
        self._settle(100, bank=self.bank1)
        self.manager.group_ids |= self.env.ref("base.group_multi_currency")
        form = self._dialog(amount=20)
        form.currency_id = self.env["res.currency"]
        self.assertEqual(form.balance_now, 0)
        form.currency_id = self.uah
        self.assertEqual(form.balance_then, 120)

    def test_only_managers_add_edit_and_delete(self):
        settlement = self._settle(100)
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user.login):
                with self.assertRefused(".", AccessError):
                    self.env["client.balance.settlement.add"].with_user(user).create(
                        {"partner_id": self.client.id, "amount": 1}
                    )
                with self.assertRefused(".", AccessError):
                    settlement.with_user(user).action_edit()
                with self.assertRefused(".", AccessError):
                    settlement.with_user(user).action_delete()

    def test_forms_open_for_everyone(self):
        self._settle(100)
        self.env["res.partner.bank"].flush_model()
        for user in (
            self.employee,
            self.salesperson,
            self.reader,
            self.clerk,
            self.manager,
            self.accountant,
        ):
            with self.subTest(user.login):
                client = self.client.with_user(user)
                views = client.get_views([(False, "form")])
                arch = views["views"]["form"]["arch"]
                seen = user.has_group("client_balance.group_client_balance_own")
                self.assertEqual('name="client_balance"' in arch, seen)
                names = views["models"]["res.partner"]["fields"]
                self.assertEqual("client_balance_summary" in names, seen)

    def test_settings_of_the_form_may_be_written_by_editors_of_contacts(self):
        with Form(self.client.with_user(self.manager)) as form:
            form.client_balance_bank_id = self.bank2
        self.assertEqual(self.client.client_balance_bank_id, self.bank2)
        self.client.with_user(self.manager).write(
            {"comment": "x", "client_balance_bank_id": False}
        )

    def test_direct_writes_are_refused(self):
        settlement = self._settle(100)
        with self.assertRefused("part of the books"):
            settlement.with_user(self.manager).write({"amount": 5})
        with self.assertRefused("never deleted"):
            settlement.with_user(self.manager).unlink()
        settlement.with_user(self.manager).write({"description": "In place"})
        with self.assertRefused(".", AccessError):
            settlement.with_user(self.clerk).write({"description": "No"})
        self.assertEqual(settlement.description, "In place")
