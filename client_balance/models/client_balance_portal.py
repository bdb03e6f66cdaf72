from odoo import api, fields, models
from odoo.fields import Domain


class ClientBalancePortal(models.AbstractModel):
    """What a client may read of its own balances.

    Portal users have no access right on the ledger. The controller reads it as
    superuser, only through the domains made here, and hands plain dicts of the public
    columns to the pages, the spreadsheet and the PDF: a column that is not in
    ``_prepare_row`` cannot leak.
    """

    _name = "client.balance.portal"
    _description = "Client balance in the portal"

    # Whose money --------------------------------------------------------------------

    @api.model
    def _get_portal_partner(self):
        """Hook. :return: the client whose balances the current user may follow"""
        return self.env.user.partner_id.commercial_partner_id

    @api.model
    def _get_portal_companies(self):
        """Hook. :return: the root companies whose balances the user may follow"""
        return self.env.user.company_ids.root_id

    @api.model
    def _get_portal_owner_domain(self):
        """Hook. :return: domain of what is the user's own, for balances, settlements"""
        return Domain("partner_id", "=", self._get_portal_partner().id) & Domain(
            "company_id", "in", self._get_portal_companies().ids
        )

    @api.model
    def _get_portal_balance_domain(self):
        """Hook. :return: domain of the balances that the user may follow

        A merged balance is archived; whatever still holds money stays visible.
        """
        return self._get_portal_owner_domain() & (
            Domain("active", "=", True) | Domain("amount", "!=", 0)
        )

    @api.model
    def _get_portal_settlement_domain(self):
        """Hook. :return: domain of the settlements that the user may follow"""
        return self._get_portal_owner_domain()

    @api.model
    def _get_portal_debt_domain(self):
        """Hook. :return: domain of the open items that the client owes (+) or is owed

        The receivables, with payments that are not matched yet: what is left of them is
        exactly what the books say, and never includes a balance.
        """
        return Domain(
            [
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("account_id.account_type", "=", "asset_receivable"),
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self._get_portal_partner().id,
                ),
                ("company_id", "child_of", self._get_portal_companies().ids),
            ]
        )

    # Balances -----------------------------------------------------------------------

    @api.model
    def _get_balances(self):
        """:return: the user's balances, those with money first"""
        balances = (
            self.env["client.balance"]
            .with_context(active_test=False)
            .search(self._get_portal_balance_domain())
        )
        return balances.sorted(
            lambda balance: (
                balance.company_id.id,
                balance.currency_id.is_zero(balance.amount),
                balance.currency_id.name,
                balance.partner_bank_id.sequence,
                balance.id,
            )
        )

    @api.model
    def _get_summary(self, balances):
        """Balances per bank account, and what is left to pay, per company.

        :return: [{"company", "balances": [dict], "totals": [dict]}]
        """
        today = fields.Date.context_today(self)
        now = balances._get_amounts_on(today) if balances else {}
        owed = self._get_owed()
        companies = balances.company_id | self.env["res.company"].browse(
            [company_id for company_id, _currency_id in owed]
        )
        summary = []
        for company in companies.sorted("id"):
            own = balances.filtered(lambda b, company=company: b.company_id == company)
            summary.append(
                {
                    "company": company,
                    "balances": [self._prepare_balance(b, now[b.id]) for b in own],
                    "totals": self._get_totals(company, own, owed),
                }
            )
        return summary

    @api.model
    def _prepare_balance(self, balance, now):
        """Hook. What the client sees of one balance.

        :param now: float, the balance at the end of today; entries that are dated later
            have moved the balance already
        """
        currency = balance.currency_id
        return {
            "bank": self._get_bank_label(balance.partner_bank_id),
            "bank_key": balance.partner_bank_id.id or "none",
            "currency": currency,
            "amount": balance.amount,
            "later": currency.round(balance.amount - now),
        }

    @api.model
    def _get_bank_label(self, bank, short=False):
        """Hook. :return: how the client reads a bank account, ``short`` on a phone"""
        number = bank.acc_number or self.env._("No bank account")
        if short and bank and len(number) > 16:
            return f"{number[:4]}…{number[-6:]}"
        return number

    @api.model
    def _get_owed(self):
        """:return: {(root company id, currency id): float}, + is owed by the client"""
        groups = self.env["account.move.line"]._read_group(
            self._get_portal_debt_domain(),
            ["company_id", "currency_id"],
            ["amount_residual_currency:sum"],
        )
        owed = {}
        for company, currency, amount in groups:
            key = company.root_id.id, currency.id
            owed[key] = currency.round(owed.get(key, 0.0) + amount)
        return owed

    @api.model
    def _get_totals(self, company, balances, owed):
        """The net line of each currency: owed − balance = to pay."""
        currencies = balances.currency_id | self.env["res.currency"].browse(
            [
                currency_id
                for (company_id, currency_id), amount in owed.items()
                if company_id == company.id and amount
            ]
        )
        totals = []
        for currency in currencies.sorted(lambda c: (c != company.currency_id, c.name)):
            own = balances.filtered(lambda b, c=currency: b.currency_id == c)
            balance = currency.round(sum(own.mapped("amount")))
            debt = owed.get((company.id, currency.id), 0.0)
            totals.append(
                {
                    "currency": currency,
                    "owed": debt,
                    "balance": balance,
                    "to_pay": currency.round(debt - balance),
                }
            )
        return totals
