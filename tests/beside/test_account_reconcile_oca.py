"""A client's balance in the reconciliation screen of OCA's account_reconcile_oca.

Run where that addon is installed; `make test` leaves this folder out.
"""

from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

VIEW = "account_reconcile_oca.bank_statement_line_form_reconcile_view"


class TestReconcileOca(ClientBalanceCommon):
    def _line(self, amount, **vals):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": "2026-03-03",
                "payment_ref": "Payment",
                "amount": amount,
                "partner_id": self.client.id,
                **vals,
            }
        )

    def _reference(self):
        return self.env["client.balance"]._get_payment_reference(
            self.client, self.bank2, self.uah
        )

    def _reconcile(self, line, invoice=None):
        """Choose the invoice, then give the remainder to the balance's account."""
        line = line.with_user(self.accountant)
        with Form(line, view=VIEW) as form:
            if invoice:
                form.add_account_move_line_id = invoice.line_ids.filtered(
                    lambda item: item.account_id == self.receivable
                )
            [rest] = [
                item
                for item in form.reconcile_data_info["data"]
                if item["kind"] == "suspense"
            ]
            # A click on the row: the screen's widget sets this field.
            form._values["manual_reference"] = rest["reference"]
            form._perform_onchange("manual_reference")
            form.manual_account_id = self.balance_account
            form.manual_partner_id = self.client
        line.reconcile_bank_line()

    def test_the_remainder_of_a_bank_line_goes_to_the_balance(self):
        """Dr bank 1,000.00, Cr receivable 600.00, Cr balance 400.00."""
        invoice = self._invoice(600)
        line = self._line(1000, payment_ref=f"Payment {self._reference()}")
        self._reconcile(line, invoice)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank2), 400)
        self.assertRecordValues(
            line.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.receivable.id, "balance": -600},
                {"account_id": self.balance_account.id, "balance": -400},
                {
                    "account_id": self.bank_journal.default_account_id.id,
                    "balance": 1000,
                },
            ],
        )

    def test_undone_it_leaves_the_balance(self):
        line = self._line(1000, payment_ref=f"Payment {self._reference()}")
        self._reconcile(line)
        self.assertEqual(self._balance(self.bank2), 1000)
        line.with_user(self.accountant).unreconcile_bank_line()
        self.assertFalse(line.is_reconciled)
        self.assertEqual(self._balance(self.bank2), 0)

    def test_undone_after_it_was_spent_it_is_refused(self):
        line = self._line(1000, payment_ref=f"Payment {self._reference()}")
        self._reconcile(line)
        self._invoice(700).action_apply_client_balance(self.bank2.id)
        with self.assertRefused("balance"):
            line.with_user(self.accountant).unreconcile_bank_line()
        self.assertEqual(self._balance(self.bank2), 300)

    def _rule(self, **vals):
        """An automatic rule that gives advances to the account of the balance."""
        return self.env["account.reconcile.model"].create(
            {
                "name": "Advances",
                "trigger": "auto_reconcile",
                "match_label": "contains",
                "match_label_param": "Advance",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.balance_account.id,
                            "amount_type": "percentage",
                            "amount_string": "100",
                        }
                    )
                ],
                **vals,
            }
        )

    def _import(self):
        """A file with a line of the client and one of nobody."""
        vals = {
            "journal_id": self.bank_journal.id,
            "date": "2026-03-03",
            "payment_ref": "Advance",
            "amount": 1000,
        }
        return (
            self.env["account.bank.statement.line"]
            # in tests that addon reconciles nothing by itself without this
            .with_context(_test_account_reconcile_oca=True)
            .create([{**vals, "partner_id": self.client.id}, vals])
        )

    def test_a_rule_of_clients_puts_their_lines_on_the_balance(self):
        self._rule(match_partner_ids=[Command.set(self.client.ids)])
        lines = self._import()
        self.assertEqual(lines.mapped("is_reconciled"), [True, False])
        self.assertEqual(self._balance(), 1000)

    def test_a_rule_of_everybody_stops_the_file_and_says_why(self):
        self._rule()
        with self.assertRefused("has no client. Fill in the partner of this item"):
            self._import()
        self.assertEqual(self._balance(), 0)
