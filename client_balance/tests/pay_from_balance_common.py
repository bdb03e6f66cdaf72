from .common import ClientBalanceCommon


class PayFromBalanceCommon(ClientBalanceCommon):
    """Pays invoices from the balances of their clients, as the dialog does."""

    def _dialog(self, invoices, user=None):
        action = invoices.with_user(user or self.clerk).action_pay_from_client_balance()
        return (
            self.env["client.balance.pay"]
            .with_user(user or self.clerk)
            .with_context(**action["context"])
            .create({"date": "2026-03-10"})
        )

    def _pay(self, invoices, amounts=None, user=None):
        """Confirm the dialog; ``amounts`` per line, else what it proposes."""
        dialog = self._dialog(invoices, user)
        for line, amount in zip(dialog.line_ids, amounts or (), strict=False):
            line.amount = amount
        dialog.action_confirm()
        return dialog

    def _application(self, invoice):
        return invoice.client_balance_settlement_ids.move_id

    def _unreconcile(self, invoice, user=None):
        """The "Unreconcile" link of the first payment shown on the invoice."""
        content = invoice.invoice_payments_widget["content"]
        invoice.with_user(user or self.clerk).js_remove_outstanding_partial(
            content[0]["partial_id"]
        )
