from odoo.fields import Command

from .document_owner_common import UNCLEAR, DocumentOwnerCommon


class TestDocumentDoors(DocumentOwnerCommon):
    """No way of paying takes money for an invoice that contradicts itself."""

    # Doors ----------------------------------------------------------------------------

    def test_one_click_offers_and_takes_nothing(self):
        for _name in self._tampered():
            invoice = self.invoice.with_user(self.clerk)
            self.assertFalse(invoice.client_balance_apply)
            self.assertEqual(invoice.client_balance_available, 0)
            for bank in (self.bank1, self.bank3):
                with self.assertRefused(UNCLEAR):
                    invoice.action_apply_client_balance(bank.id)
            self.assertNothingMoved()

    def test_the_dialog_does_not_open(self):
        for _name in self._tampered():
            with self.assertRefused(UNCLEAR):
                self.invoice.with_user(self.clerk).action_pay_from_client_balance()
            self.assertNothingMoved()

    def test_a_dialog_that_is_open_already_takes_nothing(self):
        own = self._invoice(500)
        dialog = (
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .create(
                {
                    "invoice_ids": [Command.set((own | self.invoice).ids)],
                    "date": self.pay_date,
                }
            )
        )
        for _name in self._tampered():
            with self.assertRefused(UNCLEAR):
                dialog.action_confirm()
            self.assertNothingMoved()

    def test_a_forged_line_of_the_dialog_takes_nothing(self):
        dialog = (
            self.env["client.balance.pay"]
            .with_user(self.clerk)
            .create({"invoice_ids": [Command.set(self.invoice.ids)]})
        )
        dialog.line_ids = [
            Command.clear(),
            Command.create(
                {
                    "partner_id": self.client.id,
                    "partner_bank_id": self.bank1.id,
                    "amount": 500,
                }
            ),
        ]
        with self.assertRefused("invoices need"):
            dialog.action_confirm()
        self.assertNothingMoved()

    def test_automatic_use_and_its_suggestion_take_nothing(self):
        self.company.client_balance_auto_use = "suggest"
        for _name in self._tampered():
            invoice = self.invoice.with_user(self.clerk)
            self.assertNotIn("client_balance_suggest", invoice.alerts)
            self.assertFalse(invoice.action_use_client_balance())
            self.company.client_balance_auto_use = "always"
            invoice._auto_use_client_balance()
            self.assertNothingMoved()

    def test_the_desk_leaves_it_out(self):
        Batch = self.env["client.balance.batch"].with_user(self.clerk)
        batch = Batch.browse(Batch.action_open_offset()["res_id"])
        [line] = batch.line_ids
        self.assertEqual(line.partner_id, self.other_client)
        for _name in self._tampered():
            with self.assertRefused("Nobody owes anything"):
                Batch.action_open_offset()
            # opened before, and forged: the clerk may write the line
            for partner, bank in (
                (self.other_client, self.bank3),
                (self.client, self.bank1),
            ):
                line.write({"partner_id": partner.id, "partner_bank_id": bank.id})
                batch.run_batch()
                self.assertEqual(line.state, "failed")
                line.state = "todo"
            self.assertNothingMoved()

    def test_the_payment_dialog_has_no_boxes_and_the_payment_goes_on(self):
        for _name in self._tampered():
            dialog = self._dialog(self.invoice, 600)
            self.assertFalse(dialog.client_balance_state)
            self.assertRegex(
                dialog.actionable_errors["client_balance_client"]["message"], UNCLEAR
            )
            payment = self._pay(dialog)
            self.assertFalse(self._line(payment.move_id))
            self.assertEqual(self.invoice.amount_residual, 0)
            self.assertEqual(self._balances(), self.before)

    def test_the_payment_dialog_refuses_the_boxes_of_a_program(self):
        for _name in self._tampered():
            for vals in (
                {"amount": 600, "to_client_balance": True},
                {
                    "amount": 400,
                    "from_client_balance": True,
                    "client_balance_amount": 100,
                    "client_balance_bank_id": self.bank1.id,
                },
            ):
                wizard = self._request(self.invoice, **vals)
                # what the boxes compute a program can write
                wizard.write({**vals, "client_balance_partner_id": self.client.id})
                self._refused(wizard, UNCLEAR)
            self.assertNothingMoved()

    def test_the_boxes_of_a_dialog_that_is_open_already_are_refused(self):
        wizard = self._dialog(self.invoice, 600, to_client_balance=True).save()
        for _name in self._tampered():
            self._refused(wizard, ".")
