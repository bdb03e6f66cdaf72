from odoo import SUPERUSER_ID
from odoo.fields import Command

from .ledger_paths_common import LedgerPathsCommon
from .money_common import MoneyCommon


class SecondPersonCommon(MoneyCommon):
    """Above 10 000,00 ₴ money moves only when two people agree."""

    model = "client.balance.transfer"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_user(
            "cb_second",
            "client_balance.group_client_balance_manager,base.group_partner_manager",
        )
        cls.company.write(
            {"client_balance_approval": True, "client_balance_approval_amount": 10000}
        )
        cls.bank1.allow_out_payment = True
        cls.Request = cls.env["client.balance.request"]

    def _vals(self, amount, **vals):
        return {
            "partner_id": self.client.id,
            "partner_bank_id": self.bank1.id,
            "amount": amount,
            "date": "2026-03-01",
            **vals,
        }

    def _ask(self, amount, user=None, **vals):
        Request = self.Request.with_user(user or self.manager)
        return Request.request_settlement(self._vals(amount, **vals)).with_env(self.env)

    def _fund(self, amount, date="2026-03-01", bank=None, **vals):
        """Money that is there already: recorded by a program, as superuser."""
        settlement = self.env["client.balance.settlement"].with_user(SUPERUSER_ID)
        return settlement.create(
            {
                "partner_id": self.client.id,
                "partner_bank_id": (bank or self.bank1).id,
                "amount": amount,
                "date": date,
                **vals,
            }
        ).with_env(self.env)

    def _pending(self):
        return self.Request.search([("state", "=", "requested")])

    @classmethod
    def _alone(cls, *groups):
        """A person who may do everything that ``groups`` allow, but nothing large."""
        return cls._create_user(
            "cb_alone",
            ",".join(["client_balance.group_client_balance_manager", *groups]),
        )


class AmountsCommon(SecondPersonCommon, LedgerPathsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_approval_amount = 1000
        cls.alone = cls._alone(
            "account.group_account_user", "base.group_partner_manager"
        )

    def _as(self, records, user=None):
        return records.with_user(user or self.alone)

    def _post_entry(self, lines, user=None, **vals):
        """An entry of [(account, partner, debit − credit)], posted by one person."""
        move = self._as(self.env["account.move"], user).create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner and partner.id,
                            "balance": balance,
                        }
                    )
                    for account, partner, balance in lines
                ],
                **vals,
            }
        )
        move.action_post()
        return move.with_env(self.env)

    def _given(self, amount, against=None, partner=None):
        return [
            (self.balance_account, partner or self.client, -amount),
            (against or self.income_account, False, amount),
        ]

    def _alone_pays(self, amount, **vals):
        return self._payment(amount, post=False, **vals).with_user(self.alone)

    def _refuses(self, sentence="needs a second person"):
        return self.assertRefused(sentence)
