import os

from odoo.tests import tagged
from odoo.tools import SQL

from .. import hooks
from .test_batch import BatchCommon

OPENINGS = 100
#: `make soak` rehearses at full size, `make test` with less. Customers before INVOICED
#: have invoices, CREDITS of them from CREDITED on have credits: some have both. The
#: last ones, from OPENED on, have opening balances.
if os.environ.get("SOAK"):
    CUSTOMERS, INVOICES, CREDITS = 1000, 3000, 200
    INVOICED, CREDITED = 850, 800
else:
    CUSTOMERS, INVOICES, CREDITS = 300, 600, 40
    INVOICED, CREDITED = 170, 160
OPENED = CUSTOMERS - OPENINGS


@tagged("post_install", "-at_install")
class TestGoLive(BatchCommon):
    """A company that worked with Odoo for years starts to use client balances."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number:04}",
                    "is_company": True,
                    "company_registry": f"{30000000 + number}",
                    "user_id": cls.env.user.id,
                }
                for number in range(CUSTOMERS)
            ]
        )
        cls.company.write(
            {
                "client_balance_account_id": False,
                "client_balance_journal_id": False,
            }
        )
        cls._fill_books()

    @classmethod
    def _fill_books(cls):
        """Invoices of the first customers, credits of some of them and of others.

        Copied in PostgreSQL from one posted document of each kind: posting them one by
        one is Odoo's work, not ours.
        """
        test = cls("test_the_go_live")
        invoice = test._invoice(1, partner=cls.customers[0])
        credit = test._entry(
            -1,
            partner=cls.customers[0],
            account=cls.receivable,
            counterpart=cls.bank_journal.default_account_id,
            date="2026-02-01",
        )
        # _entry of −1 debits the receivable: the credit is the other way round
        credit.button_draft()
        for line in credit.line_ids:
            line.with_context(check_move_validity=False).balance = -line.balance
        credit.action_post()
        cls.env.flush_all()
        cls._copy(
            invoice,
            [(n % INVOICED, 100 + n % 400 + n % 7 / 100) for n in range(INVOICES)],
        )
        cls._copy(
            credit, [(CREDITED + n, 20 + n % 60 + n % 9 / 100) for n in range(CREDITS)]
        )
        cls.env.cr.execute(
            SQL(
                """
                DELETE FROM account_move_line WHERE move_id IN %(ids)s;
                DELETE FROM account_move WHERE id IN %(ids)s
                """,
                ids=(invoice.id, credit.id),
            )
        )
        # as PostgreSQL's own housekeeping would do in a database that lives
        cls.env.cr.execute("ANALYZE account_move, account_move_line")
        cls.env.invalidate_all()

    @classmethod
    def _copy(cls, move, rows):
        """Copy a document of 1.00 for ``rows`` of (number of the customer, amount)."""
        cls.env.cr.execute(
            "CREATE TEMP TABLE go_live (n int, partner_id int, amount numeric,"
            " move_id int) ON COMMIT DROP"
        )
        cls.env.cr.execute(
            SQL(
                "INSERT INTO go_live VALUES %s",
                SQL(", ").join(
                    SQL(
                        "(%s, %s, %s, nextval('account_move_id_seq'))",
                        number,
                        cls.customers[customer].id,
                        round(amount, 2),
                    )
                    for number, (customer, amount) in enumerate(rows, 1)
                ),
            )
        )
        cls._copy_table(
            "account_move",
            SQL("t.id = %s", move.id),
            {
                "id": "g.move_id",
                "name": "t.name || '-' || g.n",
                "sequence_number": "t.sequence_number + g.n",
                "commercial_partner_id": "g.partner_id",
                "partner_shipping_id": "NULL",
                "access_token": "NULL",
            },
        )
        cls._copy_table(
            "account_move_line",
            SQL("t.move_id = %s", move.id),
            {
                "id": "nextval('account_move_line_id_seq')",
                "move_name": "t.move_name || '-' || g.n",
            },
        )
        cls.env.cr.execute("DROP TABLE go_live")

    @classmethod
    def _copy_table(cls, table, where, values):
        """Amounts are those of the template (1.00) times the amount of the row."""
        cls.env.cr.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = %s",
            [table],
        )
        fixed = {"partner_id": "g.partner_id", "move_id": "g.move_id", **values}
        scaled = {"discount", "quantity", "invoice_currency_rate", "deductible_amount"}
        columns, sources = [], []
        for name, data_type in cls.env.cr.fetchall():
            source = fixed.get(name, f't."{name}"')
            if data_type == "numeric" and name not in scaled:
                source = f't."{name}" * g.amount'
            columns.append(SQL.identifier(name))
            sources.append(SQL(source))
        cls.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s t, go_live g WHERE %s",
                SQL.identifier(table),
                SQL(", ").join(columns),
                SQL(", ").join(sources),
                SQL.identifier(table),
                where,
            )
        )

    # The file -------------------------------------------------------------------------

    def _rows(self):
        """Opening balances of the last customers; ten lines have a fault."""
        rows = [
            [
                f"{30000000 + OPENED + number}",
                "",
                "UAH",
                f"{50 + number}.{number:02}",
            ]
            for number in range(OPENINGS)
        ]
        faults = {
            3: (0, "99999999"),
            11: (0, ""),
            19: (1, "UA000000000000000000000000001"),
            27: (2, "GRN"),
            35: (3, "0"),
            43: (3, ""),
            51: (3, "-70.00"),
            59: (3, "1.005"),
            67: (2, "ZZZ"),
            75: (0, "No such customer"),
        }
        faulty = [list(row) for row in rows]
        for number, (column, text) in faults.items():
            faulty[number][column] = text
        return rows, faulty, sorted(number + 2 for number in faults)

    def _import(self, rows):
        wizard = (
            self.env["base_import.import"]
            .with_user(self.accountant)
            .create(
                {
                    "res_model": "client.balance.settlement",
                    "file": "\n".join(
                        ["Client,Bank account,Currency,Amount"]
                        + [",".join(row) for row in rows]
                    ).encode(),
                    "file_name": "opening.csv",
                    "file_type": "text/csv",
                }
            )
        )
        result = wizard.execute_import(
            ["partner_id", "partner_bank_id", "currency_id", "amount"],
            ["Client", "Bank account", "Currency", "Amount"],
            {
                "quoting": '"',
                "separator": ",",
                "has_headers": True,
                "float_thousand_separator": " ",
                "float_decimal_separator": ".",
            },
        )
        self.env.invalidate_all()
        return result

    def _trial_balance(self):
        """:return: {account: balance}, to the kopiyka"""
        return {
            account: self.uah.round(balance)
            for account, balance in self.env["account.move.line"]._read_group(
                [("parent_state", "=", "posted"), ("company_id", "=", self.company.id)],
                ["account_id"],
                ["balance:sum"],
            )
        }

    def test_the_go_live(self):
        before = self._trial_balance()
        self.assertEqual(self.uah.round(sum(before.values())), 0)
        hooks.post_init_hook(self.env)
        account = self.company.client_balance_account_id
        self.assertTrue(account.is_client_balance)
        self.assertEqual(self._trial_balance(), before, "Installing posts nothing")

        rows, faulty, lines = self._rows()
        result = self._import(faulty)
        self.assertFalse(result["ids"])
        self.assertEqual(
            sorted(message["record"] for message in result["messages"]), lines
        )
        self.assertEqual(self._trial_balance(), before, "A faulty file posts nothing")
        opened = self._import(rows)
        self.assertEqual(len(opened["ids"]), OPENINGS)
        after_opening = self._trial_balance()
        self.assertEqual(self._import(rows)["ids"], opened["ids"])
        self.assertEqual(self._trial_balance(), after_opening, "Twice is once")
        openings = sum(float(row[3]) for row in rows)

        Batch = self.env["client.balance.batch"].with_user(self.accountant)
        batch = self._batch(Batch.action_open_credits(), self.accountant)
        counts, _requests = self._run(batch, limit=50)
        self.assertEqual((counts["done"], counts["failed"]), (CREDITS, 0))
        batch = self._batch(Batch.action_open_offset(), self.accountant)
        offset = sum(batch.line_ids.mapped("amount"))
        counts, _requests = self._run(batch, limit=50)
        self.assertEqual((counts["done"], counts["failed"]), (INVOICED - CREDITED, 0))
        with self.assertRefused("nothing to offset"):
            Batch.action_open_offset()

        after = self._trial_balance()
        credits = sum(20 + n % 60 + n % 9 / 100 for n in range(CREDITS))
        earnings = self.company.get_unaffected_earnings_account()
        expected = {
            **before,
            earnings: before.get(earnings, 0.0) + openings,
            account: -(openings + credits - offset),
            self.receivable: before[self.receivable] + credits - offset,
        }
        for item, balance in expected.items():
            self.assertEqual(after.pop(item), self.uah.round(balance), item.name)
        self.assertFalse(after, "No other account was touched")
        amounts = self.env["client.balance"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(
            self.uah.round(sum(amounts.mapped("amount"))),
            -self.uah.round(expected[account]),
        )
