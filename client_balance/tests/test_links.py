from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .document_owner_common import DocumentOwnerCommon

#: Models of core whose records say what an entry is.
LINKED = (
    "account.move",
    "account.move.line",
    "account.payment",
    "account.bank.statement.line",
    "account.partial.reconcile",
    "account.full.reconcile",
    "payment.transaction",
)


class TestLinks(DocumentOwnerCommon):
    """Money that is unmatched comes back, whatever a clerk has linked meanwhile."""

    def setUp(self):
        super().setUp()
        self._set_outstanding_account()
        self.own = self._invoice(100)
        self.own.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        self.entry = self._settlements(self.bank1)[-1].move_id
        self.other = self._other_records()
        self.assertEqual(self._balance(self.bank1), 1000)

    def _other_records(self):
        """Records of each kind that a clerk could name, of the same client."""
        invoice = self._invoice(100)
        payment = self._pay(self._dialog(invoice, 200, to_client_balance=True))
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": "2026-03-01",
                "payment_ref": "Bank line",
                "amount": 100,
                "partner_id": self.client.id,
            }
        )
        items = payment.move_id.line_ids
        partials = items.matched_debit_ids | items.matched_credit_ids
        return {
            "account.move": payment.move_id | line.move_id | invoice,
            "account.move.line": self._line(payment.move_id),
            "account.payment": payment,
            "account.bank.statement.line": line,
            "account.partial.reconcile": partials[:1],
            "account.full.reconcile": partials.full_reconcile_id[:1],
        }

    def _links(self, model):
        """Every field of ``model`` that holds a record of such a model."""
        return [
            field
            for name, field in sorted(self.env[model]._fields.items())
            if field.comodel_name in LINKED
            and name != "client_balance_settlement_ids"
            and (field.store or field.inverse)
        ]

    def _try(self, records, vals):
        """:return: whether the clerk may write so"""
        context = {
            "skip_readonly_check": True,
            "skip_invoice_sync": True,
            "skip_account_move_synchronization": True,
        }
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                self._as_clerk(records, **context).write(vals)
                self.env.flush_all()
        except UserError:
            # with a sentence, and nothing is left of it
            self.env.invalidate_all()
            return False
        return True

    def _unmatches(self):
        """The ways in which people unmatch an invoice."""
        yield (
            "link",
            lambda: self._as_clerk(self.own).js_remove_outstanding_partial(
                self._partial().id
            ),
        )
        yield "draft", lambda: self._as_clerk(self.own).button_draft()
        yield (
            "items",
            lambda: self._receivable(self._as_clerk(self.own)).remove_move_reconcile(),
        )
        yield "match", lambda: self._as_clerk(self._partial()).unlink()

    def _partial(self):
        return self._receivable(self.own).matched_credit_ids

    def assertComesBack(self):
        """Unmatched in any way, the balance has its money and the books are sound."""
        for name, unmatch in self._unmatches():
            with self.subTest(unmatched_by=name), self.env.cr.savepoint() as savepoint:
                unmatch()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(self._balance(self.bank1), 1100)
                self.assertEqual(self.own.amount_residual, 100)
                open_items = self._receivable(self.entry).filtered(
                    lambda line: not line.reconciled
                )
                self.assertFalse(open_items, "an open credit is left over")
                self.assertLedgerSound()
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_money_comes_back_without_any_link(self):
        self.assertComesBack()

    def test_no_link_on_the_paying_entry_keeps_the_money(self):
        written = self._write_each_link(self.entry, "account.move")
        # what this test is about: they can be written, and change nothing
        self.assertLessEqual(
            {"origin_payment_id", "statement_line_id", "reversed_entry_id"}, written
        )

    def test_no_link_on_its_items_keeps_the_money(self):
        self._write_each_link(self._receivable(self.entry), "account.move.line")
        self._write_each_link(self._line(self.entry), "account.move.line")

    def test_no_link_on_the_match_keeps_the_money(self):
        written = self._write_each_link(self._partial(), "account.partial.reconcile")
        self.assertFalse({"debit_move_id", "credit_move_id"} & written)
        for name in ("amount", "debit_amount_currency", "credit_amount_currency"):
            self.assertFalse(self._try(self._partial(), {name: 1}), name)

    def _write_each_link(self, record, model):
        """:return: names of the fields that a clerk can write"""
        written = set()
        for field in self._links(model):
            for other in self.other.get(field.comodel_name, ()):
                value = other.id
                if field.type != "many2one":
                    value = [Command.link(other.id)]
                with (
                    self.subTest(field=str(field), value=str(other)),
                    self.env.cr.savepoint() as savepoint,
                ):
                    if self._try(record, {field.name: value}):
                        written.add(field.name)
                        self.assertComesBack()
                    savepoint.rollback()
                self.env.invalidate_all()
        return written

    def test_links_on_both_sides_keep_no_money(self):
        payment = self.other["account.payment"]
        line = self.other["account.bank.statement.line"]
        for record, name in (
            (payment, "origin_payment_id"),
            (line, "statement_line_id"),
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self._try(self.entry, {name: record.id})
                self._try(record, {"move_id": self.entry.id})
                self.assertComesBack()
                savepoint.rollback()
            self.env.invalidate_all()

    # An entry that says it reverses another one -------------------------------------

    def test_a_payment_that_names_the_entry_as_reversed_keeps_no_money(self):
        """Its money is its own, and the entry stands."""
        payment = self.other["account.payment"]
        self._as_clerk(payment).action_draft()
        self.assertTrue(
            self._try(payment.move_id, {"reversed_entry_id": self.entry.id})
        )
        self._as_clerk(payment).action_post()
        self.assertEqual(
            self._settlements(self.bank1)[-1].settlement_type, "overpayment"
        )
        self.assertComesBack()

    def test_the_defaults_of_a_program_say_nothing_of_the_entry(self):
        top_up = self._settlements(self.bank1)[0].move_id
        payment = self.other["account.payment"]
        line = self.other["account.bank.statement.line"]
        invoice = self._invoice(1000)
        context = {
            "default_reversed_entry_id": top_up.id,
            "default_origin_payment_id": payment.id,
            "default_statement_line_id": line.id,
            "default_tax_cash_basis_origin_move_id": self.own.id,
        }
        self._as_clerk(invoice, **context).action_apply_client_balance(self.bank1.id)
        row = self._settlements(self.bank1)[-1]
        self.assertEqual((row.amount, row.settlement_type), (-1000, "write_off"))
        for name in context:
            self.assertFalse(row.move_id[name.removeprefix("default_")])
        self.own = invoice
        self._as_clerk(invoice).button_draft()
        self.assertEqual(self._balance(self.bank1), 1000)

    def test_in_one_step_with_an_entry_that_names_it_as_reversed(self):
        """The step touches that entry, and unmatches ours by a nested command."""
        payment = self.other["account.payment"]
        self.assertTrue(
            self._try(payment.move_id, {"reversed_entry_id": self.entry.id})
        )
        self._as_clerk(payment.move_id).write(
            {
                "journal_id": payment.move_id.journal_id.id,
                "reversal_move_ids": [
                    Command.update(self.own.id, {"state": "draft"}),
                ],
            }
        )
        self.env.invalidate_all()
        self.assertEqual(self.own.state, "draft")
        self.assertEqual(self._balance(self.bank1), 1100)

    # Credits ------------------------------------------------------------------------

    def test_a_credit_goes_back_to_its_document_whatever_is_linked(self):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.own.ids)
            .create({"journal_id": self.own.journal_id.id, "date": "2026-03-05"})
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        note.action_post()
        credit = self._receivable(note)
        credit.remove_move_reconcile()
        before = self._balance(self.bank1)
        self.env["client.balance.application"].with_user(self.clerk)._put_on_balance(
            credit.with_user(self.clerk), 100, self.bank1, self.pay_date
        )
        self.assertEqual(self._balance(self.bank1), before + 100)
        entry = self._settlements(self.bank1)[-1].move_id
        for name, other in (
            ("origin_payment_id", self.other["account.payment"]),
            ("statement_line_id", self.other["account.bank.statement.line"]),
            ("reversed_entry_id", self.other["account.payment"].move_id),
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.assertTrue(self._try(entry, {name: other.id}))
                self._as_clerk(credit).remove_move_reconcile()
                self.env.invalidate_all()
                self.assertEqual(self._balance(self.bank1), before)
                self.assertEqual(credit.amount_residual, -100)
                self.assertLedgerSound()
                savepoint.rollback()
            self.env.invalidate_all()
