from contextlib import contextmanager

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import ClientBalanceCommon


class PaymentDialogCommon(ClientBalanceCommon):
    """Registers payments the way a billing clerk does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pay_date = "2026-03-10"
        # the default amount of instalments depends on what is overdue today
        cls.startClassPatcher(freeze_time(cls.pay_date))
        cls.method_line = cls.bank_journal.inbound_payment_method_line_ids[:1]
        cls.outstanding = cls.env["account.account"].create(
            {
                "name": "Receipts on the way",
                "code": "101499",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [(6, 0, cls.company.ids)],
            }
        )

    def _dialog(self, moves, amount=None, user=None, **values):
        """The dialog of ``moves`` opened by ``user`` (the clerk), values typed in."""
        form = Form(
            self.env["account.payment.register"]
            .with_user(user or self.clerk)
            .with_context(active_model="account.move", active_ids=moves.ids)
        )
        form.payment_date = self.pay_date
        if amount is not None:
            form.amount = amount
        for name, value in values.items():
            setattr(form, name, value)
        return form

    def _pay(self, dialog):
        """Confirm the dialog. :return: the payment, as superuser"""
        return dialog.save()._create_payments().with_env(self.env)

    def _request(self, moves, user=None, **values):
        """The dialog filled by a program: whatever the view would have hidden."""
        return (
            self.env["account.payment.register"]
            .with_user(user or self.clerk)
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"payment_date": self.pay_date, **values})
        )

    @contextmanager
    def _raises(self, sentence, error=UserError):
        """Inside, ``sentence`` is raised and everything done is rolled back."""
        with self.assertRaisesRegex(error, sentence), self.env.cr.savepoint():
            yield

    def _refused(self, wizard, sentence, error=UserError):
        """Confirming is refused with ``sentence``, and nothing has changed."""
        before = self._state()
        with self._raises(sentence, error):
            wizard._create_payments()
        self.env.invalidate_all()
        self.assertEqual(self._state(), before)

    def _state(self):
        """What a refused payment must not change."""
        return (
            self.env["account.payment"].search_count([]),
            self.env["account.move"].search_count([]),
            self.env["client.balance.settlement"].search_count([]),
            [
                (balance.id, balance.amount)
                for balance in self.env["client.balance"].search([], order="id")
                if balance.amount
            ],
        )

    def _set_outstanding_account(self):
        self.method_line.payment_account_id = self.outstanding
