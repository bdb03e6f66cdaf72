from odoo.fields import Command

from .common import ClientBalanceCommon


class AccountsCommon(ClientBalanceCommon):
    """Which accounts, journal and reasons a company gets, and what guards them."""

    @classmethod
    def _load_ukraine(cls, **vals):
        """A company of its own with the Ukrainian chart."""
        company = cls.env["res.company"].create(
            {
                "name": "ТОВ Нова",
                "country_id": cls.env.ref("base.ua").id,
                "currency_id": cls.uah.id,
                **vals,
            }
        )
        cls.env["account.chart.template"].try_loading("ua_psbo", company)
        # The test's user works in the first company; this one is looked at from above.
        return company.sudo()

    @classmethod
    def _chart_account(cls, company, xmlid):
        template = cls.env["account.chart.template"].sudo().with_company(company)
        return template.ref(xmlid)

    def _used_account(self, *amounts, partner=None, **vals):
        """An account that is no balance account, with an entry per amount."""
        account = self.env["account.account"].create(
            {
                "name": "Old advances",
                "code": "269900",
                "account_type": "liability_current",
                "reconcile": False,
                **vals,
            }
        )
        partner = self.client if partner is None else partner
        for day, amount in enumerate(amounts, start=1):
            self._entry(
                amount, date=f"2026-02-{day:02}", account=account, partner=partner
            )
        return account

    def _adopt(self, account, **vals):
        return (
            self.env["client.balance.adopt"]
            .with_user(self.accountant)
            .create({"account_id": account.id, **vals})
        )

    def _refused(self, record, vals, message):
        with self.assertRefused(message):
            record.write(vals)

    def _post_in(self, company, account):
        """An entry of the time before client balances."""
        env = self.env(
            su=True, context=dict(self.env.context, allowed_company_ids=company.ids)
        )
        env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-01-15",
                "journal_id": env["account.journal"]
                .search(
                    [("company_id", "=", company.id), ("type", "=", "general")],
                    limit=1,
                )
                .id,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": -50.0}),
                    Command.create(
                        {"account_id": company.income_account_id.id, "balance": 50.0}
                    ),
                ],
            }
        ).action_post()

    def _reasons(self, company):
        return (
            self.env["client.balance.reason"]
            .sudo()
            .search([("company_id", "=", company.id)])
        )
