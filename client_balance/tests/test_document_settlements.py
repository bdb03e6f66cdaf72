from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from ..models.client_balance_gate import Caller
from .document_owner_common import DocumentOwnerCommon


class TestDocumentSettlements(DocumentOwnerCommon):
    """Which settlements a document has, the ledger says, and nobody else."""

    # The ledger -----------------------------------------------------------------------

    def test_a_settlement_names_documents_of_its_own_client_only(self):
        posting = self.env["client.balance.application"].with_user(self.clerk)
        own = self._invoice(500)
        vals = posting.sudo()._prepare_payment_vals(
            own,
            {self.bank1: 500},
            posting._get_shares(self._receivable(own), 500),
            self.pay_date,
        )
        caller = Caller("write_off", invoice_ids=(self.invoice.id,))
        with self.assertRefused("INV.* is not of Romashka LLC, whose balance"):
            posting._post_application(vals, caller, [], self.pay_date)
        self.assertNothingMoved()

    def test_a_payment_confirmed_again_forgets_what_became_anothers(self):
        payment = self._pay(self._dialog(self.invoice, 600, to_client_balance=True))
        [row] = self._settlements(self.bank3, self.other_client)[-1]
        self.assertEqual(row.invoice_ids, self.invoice)
        payment.with_user(self.clerk).action_draft()
        invoice = self._as_clerk(self.invoice)
        invoice.button_draft()
        with Form(invoice) as form:
            form.partner_id = self.client
        invoice.action_post()
        payment.with_user(self.clerk).action_post()
        self.assertEqual(self._balance(self.bank3, self.other_client), 400)
        again = self._settlements(self.bank3, self.other_client)[-1]
        self.assertFalse(again.invoice_ids)
        # what was undone keeps what it was for
        self.assertEqual(row.reversed_by_id.invoice_ids, self.invoice)

    # Which settlements a document has -------------------------------------------------

    def _pay_own(self):
        own = self._invoice(100)
        own.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        return own, self._settlements(self.bank1)[-1]

    def test_a_document_shows_what_the_ledger_says(self):
        own = self._invoice(100)
        self.assertFalse(own.client_balance_settlement_ids)
        self.assertFalse(own.client_balance_spent)
        own.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
        row = self._settlements(self.bank1)[-1]
        self.assertEqual(own.client_balance_settlement_ids, row)
        self.assertIn("100", own.client_balance_spent)
        row.move_id.with_user(self.accountant)._reverse_moves(cancel=True)
        self.assertEqual(own.client_balance_settlement_ids, row | row.reversed_by_id)
        self.assertFalse(own.client_balance_spent)

    def test_nobody_writes_the_settlements_of_a_document(self):
        own, row = self._pay_own()
        for user in (self.clerk, self.manager, self.accountant, self.env.user):
            for command in (
                Command.set(row.ids),
                Command.link(row.id),
                Command.unlink(row.id),
                Command.clear(),
                Command.update(row.id, {"description": "Mine"}),
                Command.delete(row.id),
                Command.create({"partner_id": self.client.id, "amount": 1}),
            ):
                for document in (own, self.invoice):
                    with (
                        self.subTest(user=user.login, command=command),
                        self.assertRaises(UserError),
                        self.env.cr.savepoint(),
                    ):
                        document.with_user(user).write(
                            {"client_balance_settlement_ids": [command]}
                        )
        self.env.invalidate_all()
        self.assertEqual(row.invoice_ids, own)
        self.assertEqual(own.client_balance_settlement_ids, row)
        self.assertFalse(self.invoice.client_balance_settlement_ids)
        # what a new document says of them is not listened to
        for command in (
            Command.set(row.ids),
            Command.create({"partner_id": self.client.id, "amount": 1}),
        ):
            vals = {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "client_balance_settlement_ids": [command],
            }
            new = self.env["account.move"].with_user(self.manager).sudo().create(vals)
            self.assertFalse(new.client_balance_settlement_ids)
        self.assertEqual(self._balances(), (900, 300))

    def test_documents_are_found_by_their_settlements(self):
        own, row = self._pay_own()
        both = own | self.invoice
        Move = self.env["account.move"].with_user(self.clerk)
        for condition, found in (
            (("client_balance_settlement_ids", "in", row.ids), own),
            (("client_balance_settlement_ids", "=", row.id), own),
            (("client_balance_settlement_ids", "not in", row.ids), self.invoice),
            (("client_balance_settlement_ids", "!=", False), own),
            (("client_balance_settlement_ids", "=", False), self.invoice),
            (("client_balance_settlement_ids.amount", "<", 0), own),
            (("client_balance_settlement_ids", "any", [("amount", ">", 0)]), Move),
            (("client_balance_settlement_ids", "in", [*row.ids, False]), both),
        ):
            with self.subTest(condition):
                self.assertEqual(
                    Move.search([("id", "in", both.ids), condition]), found
                )

    def test_who_sees_no_settlement_finds_no_document_by_it(self):
        own, row = self._pay_own()
        Move = self.env["account.move"]
        query = Move.with_user(self.salesperson)
        found = query._search_client_balance_settlement_ids("in", row.ids)
        self.assertNotIn(own, Move.search(found))
        self.client.user_id = self.salesperson
        found = query._search_client_balance_settlement_ids("in", row.ids)
        self.assertIn(own, Move.search(found))

    def test_many_documents_need_no_more_queries_than_one(self):
        invoices = self.env["account.move"]
        for _number in range(4):
            invoices |= self._pay_own()[0]

        def count(documents):
            self.env.flush_all()
            self.env.invalidate_all()
            documents.mapped("name")
            documents.line_ids.mapped("account_id.account_type")
            before = self.env.cr.sql_log_count
            documents.mapped("client_balance_settlement_ids.amount")
            documents.mapped("client_balance_spent")
            documents._get_client_balance_clients()
            return self.env.cr.sql_log_count - before

        count(invoices)
        self.assertEqual(count(invoices), count(invoices[:1]))
