import json

from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.client_balance_gate import Caller
from .ledger_paths_common import LedgerPathsCommon


class AttackCommon(LedgerPathsCommon):
    """Ways in which a clerk could make or lose money on a balance, and cannot.

    Whatever is tried, the balance of the client must be what it was.
    """

    def _as_clerk(self, records, **context):
        """``records`` as an RPC call of the clerk would see them."""
        # what does not survive JSON cannot come through RPC
        context = json.loads(json.dumps(context))
        return records.with_user(self.clerk).with_context(**context)

    def _lines(self, amount=100, account=None, **vals):
        return [
            Command.create(
                {
                    "account_id": (account or self.balance_account).id,
                    "partner_id": self.client.id,
                    "balance": -amount,
                    **vals,
                }
            ),
            Command.create({"account_id": self.income_account.id, "balance": amount}),
        ]

    def _clerk_entry(self, context=None, lines=None, **vals):
        return self._as_clerk(self.env["account.move"], **(context or {})).create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": lines or self._lines(),
                **vals,
            }
        )

    def _refused(self, attack, message=".", exception=UserError):
        """``attack`` is refused and no balance has changed."""
        before = self._all_balances()
        with self.assertRefused(message, exception):
            attack()
        self.env.invalidate_all()
        self.assertEqual(self._all_balances(), before)

    def _all_balances(self):
        return {
            balance.display_name: balance.amount
            for balance in self.env["client.balance"].search([])
            if balance.amount
        }

    def _overpayment(self, amount=20, **vals):
        """A payment with a part on the balance, as the dialog makes it."""
        caller = Caller("overpayment")
        env = self.env(context={**self.env.context, "client_balance_caller": caller})
        payment = (
            env["account.payment"]
            .with_user(self.clerk)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.client.id,
                    "amount": 100 + amount,
                    "date": "2026-03-01",
                    "journal_id": self.bank_journal.id,
                    "write_off_line_vals": [
                        {
                            "name": "Balance",
                            "account_id": self.balance_account.id,
                            "partner_id": self.client.id,
                            "currency_id": self.uah.id,
                            "amount_currency": -amount,
                            "balance": -amount,
                            "client_balance_bank_id": self.bank1.id,
                        }
                    ],
                    **vals,
                }
            )
        )
        payment.action_post()
        return payment.with_env(self.env)
