from odoo.fields import Command

from .portal_common import PortalCommon


class ProviderCommon(PortalCommon):
    """A company with Odoo's demo provider, and a client who pays through it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method = cls.env["payment.method"].create(
            {
                "name": "Demo card",
                "code": "cb_demo",
                "active": True,
                "support_refund": "partial",
                "support_manual_capture": "partial",
                "support_tokenization": True,
            }
        )
        cls.provider = cls._create_provider(cls.company)
        cls.outstanding = cls.env["account.account"].create(
            {
                "name": "Online payments on the way",
                "code": "101488",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls._get_method_line().payment_account_id = cls.outstanding

    @classmethod
    def _create_provider(cls, company, **vals):
        provider = cls.env["payment.provider"].create(
            {
                "name": "Demo",
                "code": "demo",
                "state": "test",
                "is_published": True,
                "company_id": company.id,
                "payment_method_ids": [Command.set(cls.method.ids)],
                "inline_form_view_id": cls.env.ref("payment_demo.inline_form").id,
                **vals,
            }
        )
        if "journal_id" not in vals:
            provider.journal_id = cls.bank_journal
        return provider

    @classmethod
    def _get_method_line(cls):
        return cls.bank_journal.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == cls.provider
        )

    def _transaction(self, amount, invoices=None, visitor=None, **vals):
        """A payment that the provider has not confirmed yet."""
        Transaction = self.env["payment.transaction"]
        # as core's payment form: clients may not write transactions
        Transaction_sudo = Transaction.with_user(visitor or self.env.user).sudo()
        return Transaction_sudo.create(
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "reference": Transaction_sudo._compute_reference("demo", prefix="T"),
                "amount": amount,
                "currency_id": self.uah.id,
                "partner_id": self.contact.id,
                "operation": "online_direct",
                "invoice_ids": [Command.set(invoices.ids if invoices else [])],
                **vals,
            }
        )

    def _top_up(self, amount, bank=None, notify="done", **vals):
        """A top-up about which the provider sends ``notify``."""
        transaction = self._transaction(
            amount,
            client_balance_partner_id=self.client.id,
            client_balance_bank_id=bank and bank.id,
            **vals,
        )
        if notify:
            self._notify(transaction, notify)
        return transaction

    def _notify(self, transaction, state="done"):
        """The provider's notification, then core's scheduled action."""
        self._send(transaction, state)
        self._post_process(transaction)

    def _send(self, transaction, state="done"):
        self.env["payment.transaction"].sudo()._process(
            "demo", {"reference": transaction.reference, "simulated_state": state}
        )

    def _chargeback(self, transaction, amount, notify=True):
        """The provider takes money back by itself, and tells us."""
        refund = transaction.sudo()._create_child_transaction(amount, is_refund=True)
        if notify:
            self._notify(refund)
        return refund

    def _owed(self):
        """:return: what the client owes on the receivable account"""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.client.id),
                ("account_id", "=", self.receivable.id),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(lines.mapped("amount_residual"))

    def _post_process(self, transactions):
        """As the scheduled action does: by the superuser, without the client."""
        for transaction in transactions.sudo():
            if not transaction.is_post_processed:
                transaction._post_process()

    def _entry_lines(self, payment):
        """:return: [(account, client's bank account, debit − credit)]"""
        return [
            (line.account_id, line.client_balance_bank_id, line.balance)
            for line in payment.move_id.line_ids.sorted("balance")
        ]
