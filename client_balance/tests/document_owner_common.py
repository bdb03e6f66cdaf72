import json

from .payment_common import PaymentDialogCommon

#: How the sentence begins that says which document contradicts itself.
UNCLEAR = "Whose .* is cannot be told"


class DocumentOwnerCommon(PaymentDialogCommon):
    """Romashka's money pays no invoice of Volia's, whatever is written on the way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank3 = cls.env["res.partner.bank"].create(
            {"partner_id": cls.other_client.id, "acc_number": "UA003333"}
        )

    def setUp(self):
        super().setUp()
        self._settle(1000, bank=self.bank1)
        self._settle(300, bank=self.bank3, partner_id=self.other_client.id)
        self.invoice = self._invoice(500, partner=self.other_client)
        self.before = self._balances()

    # Helpers --------------------------------------------------------------------------

    def _balances(self):
        return self._balance(self.bank1), self._balance(self.bank3, self.other_client)

    def _as_clerk(self, records, **context):
        # what does not survive JSON cannot come through RPC
        context = json.loads(json.dumps(context))
        return records.with_user(self.clerk).with_context(**context)

    def _receivable(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _write_stored_client(self, invoice=None):
        """The stored client alone: our own guard is not asked."""
        invoice = self._as_clerk(invoice or self.invoice, skip_invoice_sync=True)
        invoice.commercial_partner_id = self.client

    def _write_items(self, invoice=None):
        """The items, by somebody who may do so."""
        self._receivable(invoice or self.invoice).with_user(
            self.accountant
        ).partner_id = self.client

    def _tampered(self):
        """Each way to make an invoice contradict itself, undone after its turn."""
        for tamper in (self._write_stored_client, self._write_items):
            with self.subTest(tamper.__name__), self.env.cr.savepoint() as savepoint:
                tamper()
                self.env.flush_all()
                self.env.invalidate_all()
                yield tamper.__name__
                savepoint.rollback()
            self.env.invalidate_all()

    def assertNothingMoved(self):
        self.env.invalidate_all()
        self.assertEqual(self._balances(), self.before)
        self.assertEqual(self.invoice.amount_residual, 500)
