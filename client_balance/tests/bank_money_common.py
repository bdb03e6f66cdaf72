from odoo.tests import Form

from .money_common import MoneyCommon


class BankMoneyCommon(MoneyCommon):
    """Bank money goes straight to a balance, and back from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank_lines = cls._create_account("311900", "asset_current")
        for line in (
            cls.bank_journal.inbound_payment_method_line_ids
            | cls.bank_journal.outbound_payment_method_line_ids
        ):
            line.payment_account_id = cls.bank_lines
        cls.loss = cls._create_account("945000", "expense")
        cls.gain = cls._create_account("714000", "income_other")
        cls.company.income_currency_exchange_account_id = cls.gain
        cls.company.expense_currency_exchange_account_id = cls.loss
        cls.bank1.allow_out_payment = True

    @classmethod
    def _create_account(cls, code, account_type):
        return cls.env["account.account"].create(
            {
                "name": code,
                "code": code,
                "account_type": account_type,
                "reconcile": account_type == "asset_current",
                "company_ids": [(6, 0, cls.company.ids)],
            }
        )

    def _top_up(self, amount, user=None, confirm=True, **values):
        form = Form(
            self.env["client.balance.top.up"]
            .with_user(user or self.clerk)
            .with_context(default_partner_id=self.client.id)
        )
        form.amount, form.date = amount, values.pop("date", "2026-03-10")
        for name, value in values.items():
            setattr(form, name, value)
        dialog = form.save()
        if confirm:
            dialog.action_confirm()
        return dialog.with_env(self.env)

    def _refund(self, balance, **values):
        return self._confirm(
            balance,
            self.accountant,
            "client.balance.refund",
            **{"date": "2026-03-20", **values},
        )

    def _refund_dialog(self, balance, **values):
        return self._open(balance, self.accountant, "client.balance.refund", **values)
