from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import Form

from .common import ClientBalanceCommon


class StatementCommon(ClientBalanceCommon):
    """Acts of reconciliation of March 2026, made by a billing clerk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-04-02"))
        cls.env["res.lang"]._activate_lang("uk_UA")
        cls.client.write({"email": "client@example.com", "lang": "en_US"})
        cls.expense_account = cls.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", cls.company.ids)],
            limit=1,
        )
        cls.method_line = cls.bank_journal.inbound_payment_method_line_ids[:1]

    def _act(self, date_from="2026-03-01", date_to="2026-03-31", user=None, **vals):
        """:return: a draft made by the clerk, as superuser"""
        return (
            self.env["client.balance.statement"]
            .with_user(user or self.clerk)
            .create(
                {
                    "partner_id": self.client.id,
                    "date_from": date_from,
                    "date_to": date_to,
                    **vals,
                }
            )
            .with_env(self.env)
        )

    def _sent(self, **vals):
        act = self._act(**vals)
        act.with_user(self.clerk).action_mark_sent()
        return act

    def _rows(self, act, section="sales"):
        """:return: [(kind, debit − credit)] in the order of the act"""
        return [
            (line.kind, act.currency_id.round(line.debit - line.credit))
            for line in act.line_ids
            if line.section == section
        ]

    def _receipt(self, invoices, amount, date="2026-03-10", currency=None, **vals):
        """Register a payment in the dialog, as the billing clerk does."""
        form = Form(
            self.env["account.payment.register"]
            .with_user(self.clerk)
            .with_context(active_model="account.move", active_ids=invoices.ids)
        )
        form.payment_date = date
        if currency:
            form.currency_id = currency
        form.amount = amount
        for name, value in vals.items():
            setattr(form, name, value)
        return form.save()._create_payments().with_env(self.env)

    def _advance(self, amount, date="2026-03-05", currency=None, **vals):
        """A customer payment that meets no invoice yet."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": amount,
                "date": date,
                "journal_id": self.bank_journal.id,
                "currency_id": (currency or self.uah).id,
                "payment_method_line_id": self.method_line.id,
                **vals,
            }
        )
        payment.action_post()
        return payment

    def _credit_note(self, amount, date="2026-03-20"):
        return self._invoice(amount, date=date, move_type="out_refund")

    def _match(self, *moves):
        """Reconcile the receivables of these documents."""
        lines = (
            self.env["account.move"]
            .union(*[m if m._name == "account.move" else m.move_id for m in moves])
            .line_ids
        )
        lines.filtered(lambda line: line.account_id == self.receivable).reconcile()

    def _sql_balance(self, date_to, currency=None, partner=None):
        """:return: what the books say the client owes, by SQL of its own"""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT COALESCE(SUM(l.amount_currency), 0)
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
              JOIN account_account a ON a.id = l.account_id
              JOIN res_partner p ON p.id = l.partner_id
             WHERE m.state = 'posted' AND l.date <= %s AND l.currency_id = %s
               AND p.commercial_partner_id = %s AND l.company_id = %s
               AND (a.account_type = 'asset_receivable' OR a.is_client_balance)
            """,
            (
                date_to,
                (currency or self.uah).id,
                (partner or self.client).id,
                self.company.id,
            ),
        )
        return float(self.env.cr.fetchone()[0])

    def _sql_turnovers(self, date_from, date_to, currency=None):
        """:return: (debit, credit) of the documents' nets, by SQL of its own"""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT COALESCE(SUM(GREATEST(net, 0)), 0),
                   COALESCE(SUM(GREATEST(-net, 0)), 0)
              FROM (SELECT SUM(l.amount_currency) AS net
                      FROM account_move_line l
                      JOIN account_move m ON m.id = l.move_id
                      JOIN account_account a ON a.id = l.account_id
                      JOIN res_partner p ON p.id = l.partner_id
                     WHERE m.state = 'posted' AND l.date BETWEEN %s AND %s
                       AND l.currency_id = %s AND p.commercial_partner_id = %s
                       AND l.company_id = %s
                       AND (a.account_type = 'asset_receivable' OR a.is_client_balance)
                     GROUP BY m.id) documents
            """,
            (
                date_from,
                date_to,
                (currency or self.uah).id,
                self.client.id,
                self.company.id,
            ),
        )
        return tuple(float(amount) for amount in self.env.cr.fetchone())

    def _bill(self, amount, date="2026-03-12"):
        return self._invoice(
            amount,
            date=date,
            move_type="in_invoice",
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Purchase",
                        "price_unit": amount,
                        "account_id": self.expense_account.id,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        )
