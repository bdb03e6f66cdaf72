import re

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from ..tools.amounts import parse_amount
from .payment_common import PaymentDialogCommon

#: Names and numbers in the sentences, the same in every language.
DATA = re.compile(
    r"Romashka LLC|Perfect Trade|Volia PJSC|Entry|\(partner_id\)|[A-Z]{3,4}\d?/\S+"
    r"|«\w+»|UA\d+|UAH|EUR|abc|nan|[^\x20-\x7e]"
)


class TestBadInput(PaymentDialogCommon):
    """Whatever is typed: a sentence in the person's language, and nothing changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign_bank = cls.env["res.partner.bank"].create(
            {"partner_id": cls.other_client.id, "acc_number": "UA009999"}
        )
        cls.eur = cls.env.ref("base.EUR")
        cls.eur.active = True
        cls._set_rate(cls.eur, "2026-01-01", 50.0)
        cls.company.fiscalyear_lock_date = "2025-12-31"

    def assertRefusedInBothLanguages(self, sentence, action, *arguments):
        """``action(lang, …)`` is refused in English and Ukrainian, without a trace.

        :param sentence: what the English text must match
        """
        before = self._state()
        texts = {}
        for lang in ("en_US", "uk_UA"):
            with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
                action(lang, *arguments)
                self.env.flush_all()
            texts[lang] = str(refused.exception)
            self.env.invalidate_all()
            self.assertEqual(self._state(), before)
        self.assertRegex(texts["en_US"], sentence)
        self.assertRegex(texts["uk_UA"], "[а-яіїєґ]{4}")
        self.assertNotRegex(DATA.sub(" ", texts["uk_UA"]), "[A-Za-z]{4}")

    # The payment dialog ---------------------------------------------------------------

    def _refuse_payment(self, sentence, wizard):
        def confirm(lang):
            wizard.with_context(lang=lang)._create_payments()

        self.assertRefusedInBothLanguages(sentence, confirm)

    def _short(self, **values):
        """60 received of 100; with 500 on the balance the rest could be taken."""
        return self._request(
            self._invoice(100),
            **{"amount": 60, "from_client_balance": True, **values},
        )

    def _over(self, **values):
        """120 received of 100."""
        return self._request(
            self._invoice(100), **{"amount": 120, "to_client_balance": True, **values}
        )

    def test_amounts_of_the_payment_dialog(self):
        self._settle(500, bank=self.bank1)
        for amount, sentence in (
            (0, "must be greater than zero"),
            (-10, "must be greater than zero"),
            (40.01, "Only .* is missing"),
            (1e15, "Only .* is missing"),
        ):
            with self.subTest(amount=amount):
                self._refuse_payment(
                    sentence, self._short(client_balance_amount=amount)
                )
        self._refuse_payment("No money is received", self._short(amount=0))
        self._refuse_payment(
            "The whole difference", self._over(client_balance_amount=5)
        )
        self._refuse_payment("Tick one of the two", self._over(from_client_balance=1))
        self._refuse_payment("is not overpaid", self._over(amount=60))
        self._refuse_payment("Nothing is missing", self._short(amount=120))
        self._refuse_payment(
            "would both take the difference",
            self._short(
                payment_difference_handling="reconcile",
                writeoff_account_id=self.income_account.id,
            ),
        )

    def test_more_than_available_in_the_payment_dialog(self):
        self._settle(30)
        wizard = self._short(client_balance_bank_id=False, client_balance_amount=40)
        self._refuse_payment("has only .*30.00.*available", wizard)

    def test_bank_accounts_of_the_payment_dialog(self):
        self._settle(500, bank=self.bank1)
        self._refuse_payment(
            "does not belong to Romashka",
            self._short(client_balance_bank_id=self.foreign_bank.id),
        )
        wizard = self._over(client_balance_bank_id=self.bank2.id)
        self.bank2.active = False
        self._refuse_payment("is archived", wizard)

    def test_an_inactive_currency_in_the_payment_dialog(self):
        wizard = self._over(currency_id=self.eur.id)
        self.eur.active = False
        self._refuse_payment("EUR is not active", wizard)

    def test_a_locked_period_in_the_payment_dialog(self):
        self._settle(500, bank=self.bank1)
        for wizard in (self._short(), self._over()):
            self.company.fiscalyear_lock_date = "2026-03-15"
            self._refuse_payment("locked period", wizard)
            self.company.fiscalyear_lock_date = "2025-12-31"

    def test_no_account_configured_in_the_payment_dialog(self):
        self._settle(500, bank=self.bank1)
        for wizard in (self._short(), self._over()):
            self.company.client_balance_account_id = False
            self._refuse_payment("Settings.*Client balance", wizard)
            self.company.client_balance_account_id = self.balance_account

    def test_documents_of_which_the_difference_is_not_true(self):
        self._settle(500, bank=self.bank1)
        two = self._invoice(100) + self._invoice(100, partner=self.other_client)
        draft = self._invoice(100)
        draft.button_draft()
        for moves, sentence in (
            (two, "Several payments"),
            (draft, "still a draft"),
            (self._invoice(100, move_type="in_invoice"), "Only money received"),
            (self._invoice(100, move_type="out_refund"), "Only money received"),
        ):
            with self.subTest(sentence=sentence):
                wizard = self._request(moves, amount=120, to_client_balance=True)
                wizard.to_client_balance = True
                self._refuse_payment(sentence, wizard)

    def test_an_overwritten_client_in_the_payment_dialog(self):
        wizard = self._over()
        wizard.write(
            {"partner_id": self.other_client.id, "client_balance_bank_id": False}
        )
        self._refuse_payment("was overwritten", wizard)

    def test_a_double_click_changes_nothing_more(self):
        wizard = self._over()
        payment = wizard._create_payments()
        before = self._state()
        self.assertEqual(wizard._create_payments(), payment)
        self.assertEqual(self._state(), before)

    def test_a_person_without_rights_in_the_payment_dialog(self):
        self.env.ref("account.group_account_invoice").implied_ids -= self.env.ref(
            "client_balance.group_client_balance_officer"
        )
        user = self._create_user("cb_plain", "account.group_account_invoice")
        wizard = self._request(
            self._invoice(100), user=user, amount=120, to_client_balance=True
        )
        self._refuse_payment("You may not use client balances", wizard)

    # Manual settlements ---------------------------------------------------------------

    def test_settlements(self):
        self._settle(30, bank=self.bank1)
        archived = self.bank2
        archived.active = False
        cases = [
            ({"amount": 0}, "cannot be zero"),
            ({"amount": "abc"}, "not an amount"),
            ({"amount": float("nan")}, "not an amount"),
            ({"amount": 1e13}, "is too much"),
            ({"amount": 0.001}, "decimal places|cannot be zero"),
            ({"amount": 1.005}, "decimal places"),
            ({"amount": -30.01, "partner_bank_id": self.bank1.id}, "Not enough money"),
            ({"partner_id": False}, "needs a client"),
            ({"partner_id": 2**31 - 1}, "no record with the number"),
            ({"partner_bank_id": self.foreign_bank.id}, "does not belong"),
            ({"partner_bank_id": archived.id}, "is archived"),
            ({"date": "2025-12-31"}, "locked period"),
            ({"settlement_type": "overpayment"}, "made by their documents"),
            ({"bank_id": self.bank1.id}, "no field “bank_id”"),
            ({"number": 7}, "“number” of a settlement is written by the ledger"),
            ({"date": "soon"}, "no value for field “date”"),
            ({"partner_bank_id": "UA001111"}, "no value for field “partner_bank_id”"),
            ({"settlement_type": "gift"}, "no value for field “settlement_type”"),
            ({"description": "\0"}, "text without control characters"),
            ({"external_ref": "9" * 256}, "external reference has at most 255"),
        ]
        for values, sentence in cases:
            with self.subTest(values=values):
                self.assertRefusedInBothLanguages(sentence, self._record, values)

    def _record(self, lang, values):
        self.env["client.balance.settlement"].with_user(self.manager).with_context(
            lang=lang
        ).create(
            {
                "partner_id": self.client.id,
                "amount": 10,
                "date": "2026-03-01",
                **values,
            }
        )

    def test_a_settlement_in_an_inactive_currency(self):
        self.eur.active = False
        self.assertRefusedInBothLanguages(
            "EUR is not active", self._record, {"currency_id": self.eur.id}
        )

    def test_a_settlement_without_an_account(self):
        for name in (
            "client_balance_account_id",
            "client_balance_journal_id",
            "client_balance_clearing_account_id",
        ):
            before = self.company[name]
            with self.subTest(setting=name):
                self.company[name] = False
                self.assertRefusedInBothLanguages("Settings", self._record, {})
            self.company[name] = before

    # Paying from the balance ----------------------------------------------------------

    def test_paying_from_the_balance(self):
        self._settle(30)
        invoice = self._invoice(100)
        for amount, sentence in (
            (0, "above zero"),
            (-1, "above zero"),
            (100.01, "whose invoices need"),
            (30.01, "Not enough money"),
        ):
            with self.subTest(amount=amount):
                self.assertRefusedInBothLanguages(
                    sentence, self._pay_from_balance, invoice, amount
                )

    def _pay_from_balance(self, lang, invoice, amount):
        Pay = self.env["client.balance.pay"].with_user(self.clerk)
        pay = Pay.with_context(lang=lang).create(
            {"invoice_ids": [Command.set(invoice.ids)], "date": self.pay_date}
        )
        pay.line_ids.amount = amount
        pay.action_confirm()

    def test_amounts_as_people_type_them(self):
        for text, amount in (
            ("1500", 1500),
            (" 20\u00a0159,50 ", 20159.5),
            ("1 234 567.89", 1234567.89),
            ("\u22125,00", -5),
            ("-0.01", -0.01),
        ):
            with self.subTest(text=text):
                self.assertEqual(parse_amount(text), amount)
        for wrong in ("", "1e3", "nan", "1,234.50", "1_0", "+5", "٣", "5-", 5, None):
            with self.subTest(wrong=wrong), self.assertRaises(ValueError):
                parse_amount(wrong)

    # The ledger -----------------------------------------------------------------------

    def test_entries(self):
        def post(lang, user, **values):
            move = self._entry(10, post=False, **values)
            move.with_user(user).with_context(lang=lang).action_post()

        nobody = self.env["res.partner"]
        accountant, clerk = self.accountant, self.clerk
        for sentence, user, values in (
            ("has no client", accountant, {"partner": nobody}),
            ("does not belong", accountant, {"bank": self.foreign_bank}),
            ("Only an accountant", clerk, {}),
        ):
            with self.subTest(sentence=sentence):
                self.assertRefusedInBothLanguages(
                    sentence, lambda lang, u=user, v=values: post(lang, u, **v)
                )

    def test_writing_the_ledger(self):
        settlement = self._settle(30, bank=self.bank1).with_user(self.manager)
        balance = settlement.balance_id

        def act(lang, record, method, *arguments):
            getattr(record.with_context(lang=lang), method)(*arguments)

        for sentence, record, method, *arguments in (
            ("is not edited", settlement, "write", {"amount": 1}),
            ("never deleted", settlement, "unlink"),
            ("not duplicated", settlement, "copy"),
            ("moved by settlements only", balance, "write", {"amount": 1}),
            ("never deleted", balance.sudo(), "unlink"),
            ("opened by its first", balance.sudo(), "create", [{}]),
            ("not an overdraft limit", balance, "write", {"overdraft_limit": -1}),
        ):
            with self.subTest(method=method, model=record._name):
                self.assertRefusedInBothLanguages(
                    sentence, act, record, method, *arguments
                )

    def test_undoing_what_is_spent(self):
        payment = self._over()._create_payments()
        self._short(
            amount=90, client_balance_amount=10, client_balance_bank_id=self.bank1.id
        )._create_payments()

        def act(lang, method):
            getattr(payment.with_user(self.clerk).with_context(lang=lang), method)()

        self.assertRefusedInBothLanguages("already spent", act, "action_draft")
        self.assertRefusedInBothLanguages("already spent", act, "action_cancel")
        self.assertRefusedInBothLanguages("Reset it to draft", act, "action_reject")

    # Forms ----------------------------------------------------------------------------

    def test_an_employee_without_our_groups_opens_what_we_extend(self):
        self._settle(30)
        self.assertFalse(
            self.employee.has_group("client_balance.group_client_balance_own")
        )
        with Form(self.client.with_user(self.employee)) as form:
            self.assertNotIn("client_balance_ids", form._view["fields"])
        for reading in ("web_read", "read"):
            with self.subTest(reading=reading), self.assertRaises(AccessError):
                client = self.client.with_user(self.employee)
                if reading == "read":
                    client.read(["client_balance_ids"])
                else:
                    client.web_read({"client_balance_ids": {}})
