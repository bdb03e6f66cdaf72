from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form

from .document_owner_common import UNCLEAR, DocumentOwnerCommon


class TestDocumentOwner(DocumentOwnerCommon):
    """Whose a document is, and who may write what says so."""

    # The document says whose it is ----------------------------------------------------

    def test_an_invoice_is_of_the_client_of_its_customer(self):
        contact, address = self.env["res.partner"].create(
            [
                {"name": "Olena", "parent_id": self.client.id},
                {
                    "name": "Warehouse",
                    "parent_id": self.client.id,
                    "type": "delivery",
                },
            ]
        )
        for partner in (self.client, contact, address):
            with self.subTest(partner.name):
                invoice = self._invoice(100, partner=partner)
                self.assertEqual(invoice._get_client_balance_client(), self.client)
                self.assertFalse(invoice._get_client_balance_client_problem())
                invoice.with_user(self.clerk).action_apply_client_balance(self.bank1.id)
                self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._balance(self.bank1), 700)

    def test_a_sister_company_is_another_client(self):
        holding = self._create_client("Holding")
        first, second = (
            self._create_client(name, parent_id=holding.id) for name in ("One", "Two")
        )
        invoice = self._invoice(100, partner=first)
        self.assertEqual(invoice._get_client_balance_client(), first)
        self._settle(100, partner_id=second.id)
        self.assertFalse(invoice.with_user(self.clerk).action_apply_client_balance())
        self.assertEqual(self._balance(partner=second), 100)

    def test_an_invoice_of_a_branch_is_of_the_same_client(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.cr.precommit.run()  # charts of branches are loaded there
        self.clerk.company_ids |= branch
        self.env.user.company_ids |= branch
        both = {"allowed_company_ids": (self.company | branch).ids}
        self.env = self.env(context={**self.env.context, **both})
        invoice = self._invoice(100, company_id=branch.id)
        self.assertEqual(invoice._get_client_balance_client(), self.client)
        clerk = invoice.with_user(self.clerk)
        self.assertTrue(clerk.action_apply_client_balance(self.bank1.id))
        self.assertEqual(self._balance(self.bank1), 900)

    def test_an_item_of_a_shared_entry_is_of_its_partner(self):
        entry = self._shared_entry()
        self.assertFalse(entry._get_client_balance_client())
        first, second = self._receivable(entry)
        self.assertEqual(first._get_client_balance_client(), self.client)
        self.assertEqual(second._get_client_balance_client(), self.other_client)
        self.assertEqual(
            (first | second)._get_client_balance_clients(),
            self.client | self.other_client,
        )
        self.env["client.balance.application"].with_user(self.clerk)._put_on_balance(
            first.with_user(self.clerk), 40, self.bank1, "2026-03-10"
        )
        self.assertEqual(self._balance(self.bank1), 1040)

    def _shared_entry(self):
        """Credits of two clients in one entry, as books are opened with."""
        entry = self.env["account.move"].create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    *(
                        Command.create(
                            {
                                "account_id": self.receivable.id,
                                "partner_id": partner.id,
                                "balance": -40,
                            }
                        )
                        for partner in (self.client, self.other_client)
                    ),
                    Command.create(
                        {"account_id": self.income_account.id, "balance": 80}
                    ),
                ],
            }
        )
        entry.action_post()
        return entry

    def test_a_document_that_contradicts_itself_is_nobodys_and_says_why(self):
        auditor = self._create_user("cb_auditor", "account.group_account_readonly")
        named = {
            "_write_stored_client": "customer is Volia.*with it is Romashka.*Volia",
            "_write_items": "customer is Volia.*saved with it is Volia.*name Romashka",
        }
        for name in self._tampered():
            self.assertFalse(self.invoice._get_client_balance_client())
            problem = self.invoice._get_client_balance_client_problem()
            self.assertRegex(problem, UNCLEAR)
            self.assertRegex(problem, named[name])
            alerts = self.invoice.with_user(self.clerk).alerts
            self.assertEqual(alerts["client_balance_client"]["message"], problem)
            self.env.invalidate_all()
            self.assertFalse(self.invoice.with_user(auditor).alerts)

    # Who may write what ---------------------------------------------------------------

    def test_only_accountants_give_a_posted_receivable_item_to_another_client(self):
        item = self._receivable(self.invoice)
        for attack in (
            lambda: self._as_clerk(item).write({"partner_id": self.client.id}),
            lambda: self._as_clerk(item).write({"partner_id": False}),
            # no id, which the ORM would read as none
            lambda: self._as_clerk(item).write({"partner_id": "7"}),
            lambda: self._as_clerk(self.invoice).write(
                {"commercial_partner_id": self.client.id}
            ),
            lambda: self._as_clerk(self.invoice, skip_readonly_check=True).write(
                {"partner_id": self.client.id}
            ),
            lambda: self._as_clerk(
                self.invoice, skip_readonly_check=True, skip_invoice_sync=True
            ).write(
                {"line_ids": [Command.update(item.id, {"partner_id": self.client.id})]}
            ),
            lambda: self._as_clerk(
                self.invoice, skip_readonly_check=True, skip_invoice_sync=True
            ).write({"partner_id": self.client.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attack()
                self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(item.partner_id, self.other_client)

    def test_a_copy_of_the_state_on_the_item_does_not_help(self):
        item = self._receivable(self.invoice)
        self._as_clerk(item).write({"parent_state": "draft"})
        with self.assertRefused("Only an accountant may give it", AccessError):
            self._as_clerk(item).write({"partner_id": self.client.id})
        item.parent_state = "posted"

    def test_who_owes_stays_and_the_contact_may_change(self):
        contact = self.env["res.partner"].create(
            {"name": "Taras", "parent_id": self.other_client.id}
        )
        item = self._receivable(self.invoice)
        self._as_clerk(item).write({"partner_id": contact.id})
        self.assertEqual(self.invoice._get_client_balance_client(), self.other_client)

    def test_a_clerk_resets_an_invoice_and_gives_it_to_another_client(self):
        invoice = self._as_clerk(self.invoice)
        invoice.button_draft()
        with Form(invoice) as form:
            form.partner_id = self.client
        invoice.action_post()
        self.assertEqual(self.invoice._get_client_balance_client(), self.client)
        self.assertTrue(invoice.action_apply_client_balance(self.bank1.id))

    def test_a_reset_and_confirmed_invoice_is_its_customers_again(self):
        for name in self._tampered():
            invoice = self._as_clerk(self.invoice)
            customer = invoice.partner_id
            invoice.button_draft()
            invoice.action_post()
            self.assertEqual(self.invoice._get_client_balance_client(), customer, name)
            self.assertEqual(self._balances(), self.before)

    def test_a_stored_client_written_on_a_draft_is_not_taken_over(self):
        invoice = self._invoice(100, partner=self.other_client)
        invoice.button_draft()
        self._write_stored_client(invoice)
        self._as_clerk(invoice, skip_invoice_sync=True).action_post()
        self.assertEqual(invoice.commercial_partner_id, self.other_client)
        self.assertEqual(self._receivable(invoice).partner_id, self.other_client)

    # Credits --------------------------------------------------------------------------

    def _credit_note(self):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=self.invoice.ids)
            .create({"journal_id": self.invoice.journal_id.id, "date": "2026-03-05"})
        )
        note = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        note.action_post()
        self._receivable(note).remove_move_reconcile()
        return note

    def test_a_credit_note_that_contradicts_itself_goes_to_nobody(self):
        note = self._credit_note()
        invoice, self.invoice = self.invoice, note
        for _name in self._tampered():
            clerk = note.with_user(self.clerk)
            with self.assertRefused(UNCLEAR):
                clerk.action_to_client_balance()
            application = self.env["client.balance.application"].with_user(self.clerk)
            for bank in (self.bank1, self.bank3):
                with self.assertRefused(UNCLEAR):
                    application._put_on_balance(
                        self._receivable(clerk), 100, bank, self.pay_date
                    )
            Batch = self.env["client.balance.batch"].with_user(self.clerk)
            batch = Batch.browse(Batch.action_open_credits()["res_id"])
            [line] = batch.line_ids
            self.assertFalse(line.partner_id)
            self.assertFalse(line.is_selected)
            self.assertRegex(line.message, UNCLEAR)
            line.write({"is_selected": True, "partner_id": self.client.id})
            batch.run_batch()
            self.assertEqual(line.state, "failed")
            self.assertRegex(line.message, UNCLEAR)
            self.assertEqual(self._balances(), self.before)
        self.invoice = invoice

    def test_a_credit_of_a_draft_goes_nowhere_whatever_its_item_says(self):
        note = self._credit_note()
        note.button_draft()
        item = self._as_clerk(self._receivable(note))
        item.write({"parent_state": "posted"})
        with self.assertRefused("not an open credit"):
            item.action_to_client_balance()
        with self.assertRefused("not an open credit"):
            self.env["client.balance.application"].with_user(
                self.clerk
            )._put_on_balance(item, 100, self.bank3, self.pay_date)
        self.assertEqual(self._balances(), self.before)
        self._receivable(note).parent_state = "draft"

    def test_the_credit_of_a_payment_stays_with_its_client(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.other_client.id,
                "amount": 200,
                "date": "2026-03-01",
                "journal_id": self.bank_journal.id,
                "payment_method_line_id": self.method_line.id,
            }
        )
        self._set_outstanding_account()
        payment.action_post()
        item = self._receivable(payment.move_id)
        with self.assertRefused("Only an accountant may give it", AccessError):
            self._as_clerk(item).write({"partner_id": self.client.id})
        # its own partner and the head of its entry decide nothing
        self._as_clerk(payment).write({"partner_id": self.client.id})
        self._as_clerk(payment.move_id).write({"commercial_partner_id": self.client.id})
        self.assertEqual(item._get_client_balance_client(), self.other_client)
