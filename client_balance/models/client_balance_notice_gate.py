from datetime import timedelta

from odoo import fields, models


class ClientBalanceGate(models.AbstractModel):
    """New settlements are told to their clients."""

    _inherit = "client.balance.gate"

    def _append(self, rows, touched):
        settlements = super()._append(rows, touched)
        self._notify_clients(settlements)
        return settlements

    def _replay(self, account):
        """The history of an adopted account is no news."""
        quiet = self.with_context(client_balance_quiet=True)
        return super(ClientBalanceGate, quiet)._replay(account)

    def _notify_clients(self, settlements):
        """Queue an e-mail for each settlement that is news to its client."""
        if self.env.context.get("client_balance_quiet"):
            return
        first = fields.Date.context_today(self) - timedelta(days=self._get_news_days())
        notice = self.env["client.balance.notice"]
        for kind, types in self._get_noticed_types().items():
            notice._send(
                kind,
                settlements.filtered(
                    lambda row, kind=kind, types=types: (
                        row.settlement_type in types
                        and row.date >= first
                        and (row.amount > 0) == (kind == "credit")
                    )
                ),
            )

    def _get_noticed_types(self):
        """Hook. :return: {kind of notice: types of settlements that it tells}"""
        return {
            "credit": {"manual", "overpayment", "credit_note", "top_up"},
            "spend": {"manual", "write_off", "refund"},
        }

    def _get_news_days(self):
        """Hook. :return: settlements dated longer ago are history, e.g. an import"""
        return 31
