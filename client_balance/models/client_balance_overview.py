from odoo import api, fields, models
from odoo.fields import Domain


class ClientBalance(models.Model):
    """What the page on the client card shows, in one request."""

    _inherit = "client.balance"

    @api.model
    @api.readonly
    def get_client_balance_overview(self, partner_id, date=None):
        """The client's balances, totals and what is to be paid, per currency.

        For the client card. Obeys the rights of the user; amounts of different
        currencies are never added up.

        :param int partner_id: the client, or one of its contacts
        :param str date: the day whose end is shown, or None for now
        :return: dict with ``balances``, ``totals``, ``nets`` (empty for people who may
            not read journal items), ``banks`` and ``currencies`` for the filters and
            ``rights`` of the user
        """
        self.browse().check_access("read")
        posting = self.env["client.balance.posting"]
        client = posting._browse_asked("res.partner", [partner_id])
        client = client.commercial_partner_id
        client.check_access("read")
        if date:
            days = self.env["client.balance.settlement"]._fields["date"]
            posting._check_kind(days, date)
        day = fields.Date.to_date(date)
        home = self.env.company.currency_id
        balances = self.search(self._get_overview_domain(client)).sorted(
            lambda balance: (
                balance.currency_id != home,
                balance.currency_id.name,
                not balance.partner_bank_id,
                balance.partner_bank_id.sequence,
                balance.id,
            )
        )
        amounts = (
            balances._get_amounts_on(day)
            if day
            else {balance.id: balance.amount for balance in balances}
        )
        totals = self._get_overview_totals(balances, amounts)
        return {
            "date": fields.Date.to_string(day) if day else False,
            "balances": [
                balance._prepare_overview_row(amounts[balance.id])
                for balance in balances
            ],
            "totals": [
                {"currency_id": currency.id, "amount": amount}
                for currency, amount in totals.items()
            ],
            "nets": self._get_overview_nets(client, totals, day),
            **self._get_overview_choices(client, balances),
            "rights": self._get_overview_rights(),
        }

    def _get_overview_domain(self, client):
        """Hook. :return: domain of the balances that the card shows"""
        return Domain("partner_id", "=", client.id) & Domain(
            "company_id", "=", self.env.company.root_id.id
        )

    def _prepare_overview_row(self, amount):
        """Hook. :return: dict of one balance for the client card"""
        self.ensure_one()
        return {
            "id": self.id,
            "bank_id": self.partner_bank_id.id,
            "bank": self.partner_bank_id.acc_number or False,
            "bank_active": not self.partner_bank_id or self.partner_bank_id.active,
            "currency_id": self.currency_id.id,
            "currency": self.currency_id.name,
            "amount": amount,
            "limit": self.overdraft_limit,
            "available": self.available,
            "is_zero": self.currency_id.is_zero(amount),
        }

    def _get_overview_totals(self, balances, amounts):
        """:return: {currency: float}, in the order of ``balances``"""
        totals = {}
        for balance in balances:
            currency = balance.currency_id
            totals[currency] = currency.round(
                totals.get(currency, 0.0) + amounts[balance.id]
            )
        return totals

    def _get_overview_nets(self, client, totals, day):
        """What the client owes, less its balance.

        :return: list of dicts, one per currency with something open
        """
        if not self.env["account.move.line"].has_access("read"):
            return []
        owed = self._get_overview_receivables(client, day)
        return [
            {
                "currency_id": currency.id,
                "owes": currency.round(owed[currency]),
                "balance": totals.get(currency, 0.0),
                "net": currency.round(owed[currency] - totals.get(currency, 0.0)),
            }
            for currency in sorted(owed, key=lambda currency: currency.name)
            if not currency.is_zero(owed[currency])
        ]

    def _get_receivables_domain(self, client):
        """Hook. :return: domain of the journal items that say what ``client`` owes"""
        return Domain(
            [
                ("partner_id.commercial_partner_id", "=", client.id),
                ("company_id", "child_of", self.env.company.root_id.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )

    def _get_overview_receivables(self, client, day):
        """:return: {currency: float}, the open receivables (at the end of ``day``)"""
        domain = self._get_receivables_domain(client)
        if not day:
            rows = self.env["account.move.line"]._read_group(
                domain & Domain("reconciled", "=", False),
                ["currency_id"],
                ["amount_residual_currency:sum"],
            )
            return dict(rows)
        owed = dict(
            self.env["account.move.line"]._read_group(
                domain & Domain("date", "<=", day),
                ["currency_id"],
                ["amount_currency:sum"],
            )
        )
        lines = self.env["account.move.line"]._search(
            domain & Domain("date", "<=", day)
        )
        for side, sign in (("debit", -1), ("credit", 1)):
            rows = self.env["account.partial.reconcile"]._read_group(
                [(f"{side}_move_id", "in", lines), ("max_date", "<=", day)],
                [f"{side}_currency_id"],
                [f"{side}_amount_currency:sum"],
            )
            for currency, amount in rows:
                owed[currency] = owed.get(currency, 0.0) + sign * amount
        return owed

    def _get_overview_choices(self, client, balances):
        """:return: bank accounts and currencies that the filters offer"""
        banks = (
            self.env["res.partner.bank"]
            .with_context(active_test=False)
            .search([("partner_id.commercial_partner_id", "=", client.id)])
        )
        banks = banks.filtered(lambda bank: bank.active) | balances.partner_bank_id
        currencies = balances.currency_id | self.env.company.currency_id
        return {
            "banks": [{"id": bank.id, "name": bank.acc_number} for bank in banks],
            "currencies": [
                {"id": currency.id, "name": currency.name} for currency in currencies
            ],
        }

    def _get_overview_rights(self):
        """Hook. :return: what the user may do on the page"""
        return {
            "add": self.env.user.has_group(
                "client_balance.group_client_balance_manager"
            ),
            "invoices": self.env["account.move"].has_access("read"),
        }
