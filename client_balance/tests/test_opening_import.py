from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ClientBalanceCommon

NAMES = ("partner_id", "partner_bank_id", "currency_id", "amount", "date")
COLUMNS = ["Client", "Bank account", "Currency", "Amount", "Accounting date"]


@tagged("post_install", "-at_install")
class TestOpeningImport(ClientBalanceCommon):
    """Opening balances from a file, through Odoo's own import."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.company_registry = "00032129"
        cls.other_client.ref = "V-7"
        cls.earnings = cls.company.get_unaffected_earnings_account()

    def _import(self, rows, names=NAMES, user=None, dryrun=False, **options):
        """What the screen does with a CSV file. :return: the answer of the server"""
        head = ",".join(COLUMNS if names is NAMES else names)
        text = "\n".join([head] + [",".join(map(str, row)) for row in rows])
        wizard = (
            self.env["base_import.import"]
            .with_user(user or self.manager)
            .create(
                {
                    "res_model": "client.balance.settlement",
                    "file": text.encode(),
                    "file_name": "opening.csv",
                    "file_type": "text/csv",
                }
            )
        )
        result = wizard.execute_import(
            list(names),
            COLUMNS,
            {
                "quoting": '"',
                "separator": ",",
                "has_headers": True,
                "date_format": "%Y-%m-%d",
                "float_thousand_separator": " ",
                "float_decimal_separator": ".",
                **options,
            },
            dryrun=dryrun,
        )
        self.env.invalidate_all()
        return result

    def _messages(self, result):
        return [message["message"] for message in result["messages"]]

    def _opened(self):
        return self.env["client.balance.settlement"].search(
            [("settlement_type", "=", "opening"), ("company_id", "=", self.company.id)],
            order="id",
        )

    def _others(self):
        return self._settlements(partner=self.other_client)[:1]

    ROWS = (
        ("Romashka LLC", "UA00 1111", "UAH", "20159.50", "2026-01-01"),
        ("32129", "", "USD", "100", "2026-01-01"),
        ("V-7", "", "", "700", "2026-01-01"),
    )

    def test_a_file_opens_balances(self):
        """20,159.50 and 700.00 in hryvnias, 100.00 in dollars at 40."""
        result = self._import(self.ROWS)
        self.assertEqual(result["messages"], [])
        self.assertEqual(
            self._opened(), self._opened().browse(result["ids"]).sorted("id")
        )
        self.assertEqual(self._balance(self.bank1), 20159.5)
        self.assertEqual(self._balance(currency=self.usd), 100)
        self.assertEqual(self._balance(partner=self.other_client), 700)
        self.assertEqual(len(self._opened().move_id), 2)  # one per currency
        items = self._opened().move_id.line_ids
        self.assertRecordValues(
            items.filtered(lambda item: item.account_id == self.earnings).sorted(
                "balance"
            ),
            [{"balance": 4000.0}, {"balance": 20859.5}],
        )
        self.assertEqual(
            sum(items.filtered("account_id.is_client_balance").mapped("balance")),
            -24859.5,
        )

    def test_the_same_file_again_changes_nothing(self):
        first = self._import(self.ROWS)
        self.assertEqual(self._import(self.ROWS)["ids"], first["ids"])
        self.assertEqual(self._balance(self.bank1), 20159.5)
        self.assertEqual(len(self._opened()), 3)

    def test_another_amount_under_the_same_reference_is_an_error(self):
        self._import(self.ROWS)
        rows = [(*self.ROWS[0][:3], "1", "2026-01-01"), *self.ROWS[1:]]
        result = self._import(rows)
        self.assertRegex(self._messages(result)[0], "^Line 2: .*already used")
        self.assertEqual(self._balance(self.bank1), 20159.5)

    def test_every_fault_names_its_line_and_nothing_is_posted(self):
        self._create_client("Twins")
        self._create_client("Twins")
        self.company.fiscalyear_lock_date = "2025-06-30"
        rows = [
            self.ROWS[0],
            ("Nobody", "", "UAH", "1", "2026-01-01"),
            ("Twins", "", "UAH", "1", "2026-01-01"),
            ("V-7", "UA00 1111", "UAH", "1", "2026-01-01"),
            ("V-7", "", "XXX", "1", "2026-01-01"),
            ("V-7", "", "UAH", "0", "2026-01-01"),
            ("V-7", "", "UAH", "10.005", "2026-01-01"),
            ("V-7", "", "UAH", "-5", "2026-01-01"),
            ("", "", "UAH", "5", "2026-01-01"),
            self.ROWS[0],
            ("Romashka LLC", "", "UAH", "5", "2025-01-01"),
        ]
        result = self._import(rows)
        self.assertFalse(result["ids"])
        expected = {
            3: "not found",
            4: "2 clients are called",
            5: "no bank account UA00 1111",
            6: "not a currency",
            7: "cannot be zero",
            8: "decimal places",
            9: "below its limit",
            10: "no client",
            11: "already on line 2",
            12: "locked period",
        }
        found = {}
        for message in self._messages(result):
            line, text = message.removeprefix("Line ").split(": ", 1)
            found[int(line)] = text
        self.assertEqual(sorted(found), sorted(expected))
        for line, text in expected.items():
            with self.subTest(line=line):
                self.assertIn(text, found[line])
        self.assertFalse(self._opened())

    def test_a_text_that_is_no_amount_is_an_error_of_the_column(self):
        for amount in ("many", "NaN", "1e30"):
            with self.subTest(amount=amount):
                result = self._import([(*self.ROWS[2][:3], amount, "2026-01-01")])
                self.assertTrue(result["messages"])
                self.assertFalse(self._opened())

    def test_a_second_person_is_asked_for_by_line(self):
        """Where large amounts need two people, a file is no way round them: its lines
        count together."""
        self.company.client_balance_approval = True
        self.company.client_balance_approval_amount = 5000
        result = self._import(self.ROWS)
        [message] = self._messages(result)
        self.assertRegex(message, "^Line 2: .*needs a second person")
        self.assertFalse(self._opened())
        self.company.client_balance_approval_amount = 20859
        self.assertRegex(self._messages(self._import(self.ROWS))[0], "second person")
        self.assertEqual(len(self._import(self.ROWS[2:])["ids"]), 1)

    def test_batches_go_on_where_they_stopped(self):
        result = self._import(self.ROWS, limit=2)
        self.assertEqual((len(result["ids"]), result["nextrow"]), (2, 2))
        result = self._import(self.ROWS, limit=2, skip=2)
        self.assertEqual((len(result["ids"]), result["nextrow"]), (1, 0))
        bad = [*self.ROWS, ("Nobody", "", "UAH", "1", "2026-01-01")]
        result = self._import(bad, limit=2, skip=2)
        self.assertRegex(self._messages(result)[0], "^Line 5: ")

    def test_a_test_run_leaves_nothing(self):
        self.assertEqual(self._import(self.ROWS, dryrun=True)["messages"], [])
        self.assertFalse(self._opened())

    def test_one_opening_balance_is_undone_alone(self):
        self._import(self.ROWS)
        first, other = self._settlements(self.bank1), self._others()
        self.assertEqual(first.move_id, other.move_id)
        first.with_user(self.manager).action_reverse()
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(self._balance(partner=self.other_client), 700)
        self.assertRecordValues(
            first.reversed_by_id,
            [
                {
                    "amount": -20159.5,
                    "settlement_type": "reversal",
                    "reversal_of_id": first.id,
                }
            ],
        )
        self.assertTrue(first.move_line_id.reconciled)
        self.assertFalse(other.move_line_id.reconciled)
        self.assertRecordValues(
            first.reversed_by_id.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.earnings.id, "balance": -20159.5},
                {"account_id": self.balance_account.id, "balance": 20159.5},
            ],
        )
        with self.assertRefused("already reversed"):
            first.with_user(self.manager).action_reverse()

    def test_what_was_undone_is_neither_brought_back_nor_passed_over(self):
        self._import(self.ROWS)
        self._others().with_user(self.manager).action_reverse()
        result = self._import(self.ROWS)
        self.assertFalse(result["ids"])
        self.assertRegex(
            self._messages(result)[0], "^Line 4: .*CBAL.*reversed since. Remove"
        )
        names = (*NAMES, "external_ref")
        rows = [(*self.ROWS[2], "Again")]
        self.assertEqual(self._import(rows, names=names)["messages"], [])
        self.assertEqual(self._balance(partner=self.other_client), 700)

    def test_a_file_is_imported_again_after_a_line_was_corrected(self):
        """The correction stands: the same line is known, and counts once."""
        self._import(self.ROWS)
        new = self._others().with_user(self.manager).action_correct({"amount": 750})
        self.assertEqual(self._import(self.ROWS)["messages"], [])
        self.assertEqual(self._balance(partner=self.other_client), 750)
        new.with_user(self.manager).action_reverse()
        self.assertRegex(self._messages(self._import(self.ROWS))[0], "reversed since")
        self.assertEqual(self._balance(partner=self.other_client), 0)

    def test_one_opening_balance_is_corrected_alone(self):
        self._import(self.ROWS)
        other = self._others()
        new = other.with_user(self.manager).action_correct({"amount": 750})
        self.assertEqual(self._balance(partner=self.other_client), 750)
        self.assertEqual(self._balance(self.bank1), 20159.5)
        self.assertEqual(new.settlement_type, "opening")

    def test_an_opening_balance_that_is_spent_is_not_undone(self):
        self._import(self.ROWS)
        invoice = self._invoice(600, partner=self.other_client)
        invoice.action_apply_client_balance()
        with self.assertRefused("Not enough money"):
            self._others().with_user(self.manager).action_reverse()

    def test_an_advance_keeps_the_day_of_the_money(self):
        names = ["partner_id", "amount", "date", "is_advance", "advance_date"]
        rows = [("V-7", "700", "2026-01-01", "так", "2025-11-20")]
        self.assertEqual(self._import(rows, names=names)["messages"], [])
        self.assertRecordValues(
            self._opened(),
            [{"is_advance": True, "advance_date": self._day("2025-11-20")}],
        )

    def test_only_managers_import(self):
        for user in (self.clerk, self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self._import(self.ROWS, user=user)
                with self.assertRaises(AccessError):
                    self.env["client.balance.settlement"].with_user(
                        user
                    ).action_import_opening()
        self.assertFalse(self._opened())

    def test_the_screen_offers_the_columns_and_the_template(self):
        tree = (
            self.env["base_import.import"]
            .with_user(self.manager)
            .get_fields_tree("client.balance.settlement")
        )
        self.assertEqual(
            [field["name"] for field in tree if field["required"]],
            ["partner_id", "amount"],
        )
        [template] = self.env["client.balance.settlement"].get_import_templates()
        self.assertEqual(template["template"], "/client_balance/opening_template.xlsx")

    def test_a_database_id_that_is_no_number_names_its_line(self):
        result = self._import(
            [("²", 5), ("9" * 20, 5), ("abc", 5)], names=("partner_id/.id", "amount")
        )
        self.assertEqual([row["record"] for row in result["messages"]], [2, 3, 4])
        self.assertRegex(result["messages"][0]["message"], "²” is not found")

    def test_the_template_can_be_imported_as_it_is(self):
        """Its headings are the labels that the import recognises."""
        wizard = self.env["base_import.import"].create(
            {
                "res_model": "client.balance.settlement",
                "file": ",".join(
                    self.env["client.balance.settlement"].fields_get(NAMES, ["string"])[
                        name
                    ]["string"]
                    for name in NAMES
                ).encode()
                + b"\nRomashka LLC,,UAH,5.00,2026-01-01",
                "file_name": "template.csv",
                "file_type": "text/csv",
            }
        )
        preview = wizard.parse_preview(
            {"quoting": '"', "separator": ",", "has_headers": True}
        )
        self.assertEqual(
            [preview["matches"][column] for column in range(len(NAMES))],
            [[name] for name in NAMES],
        )
