from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .test_batch import BatchCommon


@tagged("post_install", "-at_install")
class TestBankLines(BatchCommon):
    """Lines of bank statements that go to client balances."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.company_registry = "14360570"
        cls.other_client.vat = "3184710691"
        cls.reference = cls.env["client.balance"]._get_payment_reference(
            cls.client, cls.bank2, cls.uah
        )

    def _line(self, amount=1000, ref="Payment", user=None, **vals):
        """A line of an imported statement."""
        return (
            self.env["account.bank.statement.line"]
            .with_user(user or self.env.user)
            .create(
                {
                    "journal_id": self.bank_journal.id,
                    "date": "2026-03-03",
                    "payment_ref": ref,
                    "amount": amount,
                    **vals,
                }
            )
            .with_env(self.env)
        )

    def _open(self, lines, user=None):
        user = user or self.clerk
        return self._batch(lines.with_user(user).action_to_client_balance(), user)

    def _proposal(self, line):
        line = line.with_user(self.clerk)
        return (
            line.client_balance_partner_id,
            line.client_balance_proposed_bank_id,
            line.client_balance_evidence,
        )

    def test_the_client_is_proposed_by_reference_iban_and_company_id(self):
        none = self.env["res.partner.bank"]
        cases = (
            ({"ref": f"Top-up {self.reference}"}, (self.bank2, "reference")),
            ({"account_number": "UA00 2222"}, (self.bank2, "iban")),
            (
                {"ref": "Оплата, ЄДРПОУ 14360570, без ПДВ"},
                (self.bank1, "company_id"),
            ),
            ({"narration": "<p>code 14360570</p>"}, (self.bank1, "company_id")),
            ({"partner_id": self.client.id}, (self.bank1, "partner")),
        )
        for vals, (bank, evidence) in cases:
            with self.subTest(evidence=evidence):
                self.assertEqual(
                    self._proposal(self._line(**vals)), (self.client, bank, evidence)
                )
        self.assertEqual(
            self._proposal(self._line(ref="від ФОП 3184710691")),
            (self.other_client, none, "company_id"),
        )
        for ref in ("nothing known", "12345678", "14360570 and 3184710691"):
            with self.subTest(ref=ref):
                self.assertFalse(self._proposal(self._line(ref=ref))[0])

    def test_our_own_company_id_proposes_nobody(self):
        self.company.company_registry = "14360570"
        self.assertFalse(self._proposal(self._line(ref="для 14360570"))[0])

    def test_a_number_that_two_clients_have_proposes_nobody(self):
        self._create_client("Double", company_registry="14360570")
        self.assertFalse(self._proposal(self._line(ref="14360570"))[0])

    def test_a_line_goes_to_the_balance(self):
        """Dr bank 1,000.00, Cr balance 1,000.00 on the entry of the line itself."""
        line = self._line(ref=f"Top-up {self.reference}")
        self._run(self._open(line))
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.partner_id, self.client)
        self.assertRecordValues(
            line.move_id.line_ids.sorted("balance"),
            [
                {
                    "account_id": self.balance_account.id,
                    "balance": -1000,
                    "client_balance_bank_id": self.bank2.id,
                },
                {
                    "account_id": self.bank_journal.default_account_id.id,
                    "balance": 1000,
                    "client_balance_bank_id": False,
                },
            ],
        )
        self.assertRecordValues(
            self._settlements(self.bank2),
            [
                {
                    "settlement_type": "top_up",
                    "amount": 1000,
                    "is_advance": True,
                    "advance_date": self._day("2026-03-03"),
                }
            ],
        )

    def test_the_remainder_goes_to_the_balance(self):
        """Of 1,000.00 an invoice took 600.00: 400.00 are left."""
        line = self._line(partner_id=self.client.id)
        invoice = self._invoice(600)
        due = invoice.line_ids.filtered(lambda item: item.account_id == self.receivable)
        _liquidity, suspense, _others = line._seek_for_lines()
        line.move_id.with_context(
            force_delete=True,
            skip_account_move_synchronization=True,
            skip_readonly_check=True,
        ).write(
            {
                "line_ids": [
                    Command.update(
                        suspense.id, {"amount_currency": -400, "balance": -400}
                    ),
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": self.client.id,
                            "balance": -600,
                            "amount_currency": -600,
                            "currency_id": self.uah.id,
                        }
                    ),
                ]
            }
        )
        (
            due
            | line.line_ids.filtered(lambda item: item.account_id == self.receivable)
        ).reconcile()
        batch = self._open(line)
        self.assertEqual(batch.line_ids.amount, 400)
        self._run(batch)
        self.assertEqual(self._balance(self.bank1), 400)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertTrue(line.is_reconciled)

    def test_one_line_is_split_between_two_balances(self):
        line = self._line()
        for amount, bank in ((300, self.bank1), (700, self.bank2)):
            batch = self._open(line)
            with Form(batch) as form, form.line_ids.edit(0) as row:
                row.is_selected = True
                row.partner_id = self.client
                row.partner_bank_id = bank
                row.amount = amount
            self._run(batch)
        self.assertEqual(self._balance(self.bank1), 300)
        self.assertEqual(self._balance(self.bank2), 700)
        self.assertTrue(line.is_reconciled)

    def test_a_line_without_a_client_waits_for_a_person(self):
        batch = self._open(self._line())
        self.assertFalse(batch.line_ids.is_selected)
        batch.line_ids.is_selected = True
        counts, _requests = self._run(batch)
        self.assertEqual(counts["failed"], 1)
        self.assertIn("Choose the client", batch.line_ids.message)

    def test_the_same_line_in_two_lists_counts_once(self):
        line = self._line(partner_id=self.client.id)
        one, two = self._open(line), self._open(line)
        self._run(one)
        counts, _requests = self._run(two)
        self.assertEqual(counts["failed"], 1)
        self.assertEqual(self._balance(self.bank1), 1000)
        with self.assertRefused("Nothing is left"):
            self._open(line)

    def test_a_line_is_undone_while_the_money_is_there(self):
        line = self._line(partner_id=self.client.id)
        self._run(self._open(line))
        clerk_line = line.with_user(self.clerk)
        self.assertTrue(clerk_line.client_balance_is_on_balance)
        invoice = self._invoice(600)
        invoice.action_apply_client_balance(self.bank1.id)
        with self.assertRefused("Not enough money"):
            clerk_line.action_undo_client_balance()
        invoice.button_draft()
        clerk_line.action_undo_client_balance()
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertFalse(line.is_reconciled)

    def test_money_paid_out_is_a_refund_for_managers(self):
        self._settle(500, bank=self.bank1)
        line = self._line(-200, partner_id=self.client.id)
        batch = self._open(line)
        counts, _requests = self._run(batch)
        self.assertEqual(counts["failed"], 1)
        self.assertIn("Only a manager", batch.line_ids.message)
        self._run(self._open(line, self.accountant), limit=20)
        self.assertEqual(self._balance(self.bank1), 300)
        self.assertEqual(self._settlements(self.bank1)[-1:].settlement_type, "refund")

    def test_money_paid_out_that_is_not_on_the_balance_is_a_receivable(self):
        """The bank has taken it back already: it is booked in full."""
        self.company.client_balance_responsible_id = self.accountant
        for funds, taken in ((0, 0), (150, 150)):
            with self.subTest(funds=funds):
                if funds:
                    self._settle(funds, bank=self.bank1)
                line = self._line(-200, partner_id=self.client.id)
                counts, _requests = self._run(self._open(line, self.accountant))
                self.assertEqual(counts["failed"], 0)
                self.assertTrue(line.is_reconciled)
                self.assertEqual(self._balance(self.bank1), 0)
                items = line.line_ids.filtered("reconciled_lines_ids") | line.line_ids
                owed = items.filtered(lambda item: item.account_id == self.receivable)
                self.assertEqual(owed.amount_residual, 200 - taken)
                self.assertEqual(owed.partner_id, self.client)
                activity = line.move_id.activity_ids
                self.assertEqual(activity.user_id, self.accountant)
                self.assertIn(f"{200 - taken}.00", activity.note)

    def test_the_bank_takes_back_what_is_spent_later(self):
        """Never below the limit, on any day: also not on a later one."""
        self._settle(200, bank=self.bank1)
        self._settle(-150, bank=self.bank1, date="2026-03-20")
        line = self._line(-200, partner_id=self.client.id)
        self._run(self._open(line, self.accountant))
        self.assertEqual(self._balance(self.bank1), 0)
        self.assertEqual(sorted(line.line_ids.mapped("balance")), [-200, 50, 150])

    def test_dollars_on_a_dollar_account(self):
        journal = self.env["account.journal"].create(
            {
                "name": "Dollars",
                "code": "USDB",
                "type": "bank",
                "currency_id": self.usd.id,
                "company_id": self.company.id,
            }
        )
        line = self._line(50, journal_id=journal.id, partner_id=self.client.id)
        self._run(self._open(line))
        self.assertEqual(self._balance(self.bank1, currency=self.usd), 50)

    # By itself ------------------------------------------------------------------------

    def test_a_reference_is_posted_by_itself_where_the_company_wants(self):
        line = self._line(ref=self.reference)
        self.assertFalse(self._settlements(self.bank2))
        self.company.client_balance_auto_top_up = True
        line = self._line(ref=self.reference)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(self._balance(self.bank2), 1000)

    def test_only_a_reference_is_sure_enough(self):
        self.company.client_balance_auto_top_up = True
        for vals in (
            {"account_number": "UA00 2222"},
            {"partner_id": self.client.id},
            {"ref": self.reference, "partner_id": self.other_client.id},
            {"ref": self.reference, "amount": -5},
        ):
            with self.subTest(vals=vals):
                self.assertFalse(self._line(**vals).is_reconciled)

    def test_a_statement_is_imported_even_where_a_reference_cannot_be_posted(self):
        self.company.client_balance_auto_top_up = True
        self.company.client_balance_account_id.sudo().active = True
        self.client.active = False
        line = self._line(ref=self.reference)
        self.assertFalse(line.is_reconciled)

    # Other reconciliation screens ----------------------------------------------------

    def test_an_item_added_by_another_screen_gets_its_bank_account(self):
        """OCA's screen deletes the suspense item and creates a counterpart."""
        line = self._line(ref=f"Top-up {self.reference}").with_user(self.accountant)
        _liquidity, suspense, _others = line._seek_for_lines()
        move = line.move_id
        with move._check_balanced({"records": move, "self": move}):
            move.with_context(
                skip_account_move_synchronization=True,
                force_delete=True,
                skip_invoice_sync=True,
                skip_readonly_check=True,
            ).write({"line_ids": [Command.delete(suspense.id)]})
            self.env["account.move.line"].with_user(self.accountant).with_context(
                check_move_validity=False, skip_invoice_sync=True
            ).create(
                {
                    "move_id": move.id,
                    "account_id": self.balance_account.id,
                    "partner_id": self.client.id,
                    "credit": 1000,
                    "debit": 0,
                    "currency_id": self.uah.id,
                    "name": "Top-up",
                }
            )
        self.assertEqual(self._balance(self.bank2), 1000)
        self.assertEqual(self._settlements(self.bank2).settlement_type, "top_up")

    def test_rewritten_by_another_screen_although_the_money_is_spent(self):
        line = self._line(ref=self.reference)
        self._run(self._open(line))
        self._invoice(1000).action_apply_client_balance(self.bank2.id)
        move = line.move_id
        item = self._line_on_balance(move)
        with move._check_balanced({"records": move, "self": move}):
            move.with_context(
                skip_account_move_synchronization=True,
                force_delete=True,
                skip_readonly_check=True,
            ).write({"line_ids": [Command.delete(item.id)]})
            self.env["account.move.line"].with_context(
                check_move_validity=False
            ).create(
                {
                    "move_id": move.id,
                    "account_id": self.balance_account.id,
                    "partner_id": self.client.id,
                    "credit": 1000,
                    "currency_id": self.uah.id,
                }
            )
        self.assertEqual(self._balance(self.bank2), 0)

    def _line_on_balance(self, move):
        return move.line_ids.filtered("account_id.is_client_balance")

    def test_a_clerk_adds_no_counterpart_by_hand(self):
        line = self._line(ref=self.reference).with_user(self.clerk)
        _liquidity, suspense, _others = line._seek_for_lines()
        with self.assertRaises(AccessError):
            line.with_context(skip_readonly_check=True).write(
                {
                    "line_ids": [
                        Command.update(
                            suspense.id, {"account_id": self.balance_account.id}
                        )
                    ]
                }
            )

    def test_only_officers_put_bank_lines_on_balances(self):
        line = self._line(partner_id=self.client.id)
        receipt = self.env["client.balance.receipt"]
        for user in (self.reader, self.salesperson, self.employee):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    line.with_user(user).action_to_client_balance()
                with self.assertRaises(AccessError):
                    receipt.with_user(user)._put_on_balance(
                        line.with_user(user), 10, self.client, self.bank1
                    )
        self.assertFalse(self._settlements(self.bank1))
