from odoo.fields import Command

from .common import ClientBalanceCommon


class LedgerPathsCommon(ClientBalanceCommon):
    """Ways in which Odoo itself makes, changes and undoes journal items."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Account = cls.env["account.account"].with_company(cls.company)
        cls.outstanding = Account.create(
            {
                "name": "Receipts on the way",
                "code": "101498",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        for lines in ("inbound", "outbound"):
            cls.bank_journal[
                f"{lines}_payment_method_line_ids"
            ].payment_account_id = cls.outstanding
        cls.bank1.allow_out_payment = True

    def _payment(self, amount, on_balance=0.0, date="2026-03-01", post=True, **vals):
        """A customer's payment whose write-off line moves the balance."""
        write_off = {
            "name": "Balance",
            "account_id": self.balance_account.id,
            "partner_id": self.client.id,
            "currency_id": self.uah.id,
            "amount_currency": -on_balance,
            "balance": -on_balance,
            "client_balance_bank_id": self.bank1.id,
        }
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": amount,
                "date": date,
                "journal_id": self.bank_journal.id,
                "write_off_line_vals": [write_off] if on_balance else [],
                **vals,
            }
        )
        if post:
            payment.action_post()
        return payment

    def _statement_line(self, amount, date="2026-03-01", on_balance=True, **vals):
        """A bank line; with ``on_balance`` its counterpart is the balance account."""
        if on_balance:
            vals["counterpart_account_id"] = self.balance_account.id
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": date,
                "payment_ref": "Bank line",
                "amount": amount,
                "partner_id": self.client.id,
                **vals,
            }
        )

    def _run_autopost(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "account.ir_cron_auto_post_draft_entry"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def _live(self, **key):
        return self._settlements(**key).filtered("is_live")

    def assertAmounts(self, amounts, **key):
        """The ledger of the key in recording order, and its balance."""
        self.assertEqual(self._settlements(**key).mapped("amount"), amounts)
        self.assertAlmostEqual(self._balance(**key), sum(amounts))
