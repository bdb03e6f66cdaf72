from odoo.tests import Form

from .common import ClientBalanceCommon


class MoneyCommon(ClientBalanceCommon):
    """Works the dialogs of a balance as people do."""

    model = None

    def _get(self, bank=None, partner=None, currency=None):
        """:return: the balance of a key"""
        return self.env["client.balance"]._get_balance(
            self.company, partner or self.client, bank, currency or self.uah
        )

    def _advance(self, amount, date, bank=None, **vals):
        """Money that the client paid in advance."""
        return self._settle(amount, date=date, bank=bank, is_advance=True, **vals)

    def _open(self, balance, user=None, model=None, **values):
        """The dialog opened on ``balance`` and filled in."""
        form = Form(
            self.env[model or self.model]
            .with_user(user or self.manager)
            .with_context(default_balance_id=balance.id)
        )
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    def _confirm(self, balance, user=None, model=None, **values):
        dialog = self._open(balance, user, model, **values)
        dialog.action_confirm()
        return dialog.with_env(self.env)

    def _made(self, settlement_type):
        """:return: the settlements of a type, in recording order"""
        return self.env["client.balance.settlement"].search(
            [
                ("settlement_type", "=", settlement_type),
                ("company_id", "=", self.company.id),
            ],
            order="id",
        )

    def _exchange_moves(self):
        """:return: the exchange differences that core has posted"""
        return self.env["account.move"].search(
            [
                ("journal_id", "=", self.company.currency_exchange_journal_id.id),
                ("company_id", "=", self.company.id),
                ("state", "=", "posted"),
            ]
        )
