from odoo import SUPERUSER_ID

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
