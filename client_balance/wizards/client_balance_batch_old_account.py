from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class ClientBalanceBatch(models.TransientModel):
    """Money that lies on another account than the settings have chosen since."""

    _inherit = "client.balance.batch"

    kind = fields.Selection(
        selection_add=[("old_account", "Money on another balance account")],
        ondelete={"old_account": "cascade"},
    )

    @api.model
    def _check_rights(self, kind):
        if kind == "old_account":
            self.env["client.balance.posting"]._check_manager()
            return
        super()._check_rights(kind)

    @api.model
    def action_open_old_account(self):
        """Propose to bring the money to the chosen accounts. For managers.

        :return: the action that shows the list
        :raise UserError: where all money lies on the chosen accounts
        """
        self._check_rights("old_account")
        lines = self._prepare_old_account_lines()
        if not lines:
            raise UserError(
                self.env._(
                    "All money of clients of %(company)s lies on the accounts that the"
                    " settings have chosen: there is nothing to bring over.",
                    # a branch's user need not see the root company: only its name
                    company=self.env.company.root_id.sudo().display_name,
                )
            )
        return self._open("old_account", lines)

    def _prepare_old_account_lines(self):
        """Hook. :return: values of one proposal per balance and account"""
        # managers of balances need no right on journal items
        groups = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                self.env.company._get_client_balance_old_account_domain(),
                ["account_id", "partner_id", "client_balance_bank_id", "currency_id"],
                ["amount_residual_currency:sum"],
            )
        )
        amounts = defaultdict(float)
        for account, partner, bank, currency, amount in groups:
            client = partner.commercial_partner_id
            key = account, client, bank, currency
            amounts[key] = currency.round(amounts[key] - amount)
        return [
            {
                "account_id": account.id,
                "partner_id": client.id,
                "partner_bank_id": bank.id,
                "currency_id": currency.id,
                "amount": amount,
            }
            for (account, client, bank, currency), amount in sorted(
                amounts.items(), key=lambda item: (item[0][1].name or "", item[0][1].id)
            )
        ]


class ClientBalanceBatchLine(models.TransientModel):
    _inherit = "client.balance.batch.line"

    account_id = fields.Many2one("account.account", string="Lies on", readonly=True)

    def _check_amount(self):
        # what lies there goes as it is, also where a client owes
        if self.kind != "old_account":
            super()._check_amount()

    def _run_old_account(self):
        """Bring what is open on this line's account to the chosen one.

        Amount, value and the day on which the client's money arrived stay as they are.
        """
        posting = self.env["client.balance.posting"]
        settlements = self._get_old_account_settlements()
        if not settlements:
            raise UserError(
                self.env._(
                    "Nothing of %(client)s lies on %(account)s any more. Open the list"
                    " again.",
                    client=self.partner_id.display_name,
                    # managers of balances need no right on accounts
                    account=self.account_id.sudo().display_name,
                )
            )
        pairs = [
            (item, values)
            for settlement in settlements
            for item, values in self._prepare_old_account_items(settlement)
        ]
        posting._post_items(
            "transfer",
            self._prepare_old_account_move_vals([item for item, _values in pairs]),
            [values for _item, values in pairs],
        )

    def _get_old_account_target(self):
        """:return: the account that the settings have chosen for this currency"""
        # the setting is the root company's, which a branch's user may not see
        company_sudo = self.batch_id.company_id.sudo()
        return company_sudo._get_client_balance_account(self.currency_id)

    def _get_old_account_settlements(self):
        """:return: settlements whose money is open on this line's account"""
        # managers of balances need no right on journal items
        Settlement = self.env["client.balance.settlement"].sudo()
        if self.account_id == self._get_old_account_target():
            # chosen again since the list was made
            return Settlement
        balance = self.env["client.balance"]._get_balance(
            self.batch_id.company_id,
            self.partner_id,
            self.partner_bank_id,
            self.currency_id,
        )
        # what pays something on the account itself need not leave it
        matching_sudo = self.env["client.balance.matching"].sudo()
        matching_sudo._match(balance)
        return Settlement.search(
            [
                *matching_sudo._get_open_lines_domain(balance),
                ("move_line_id.account_id", "=", self.account_id.id),
                ("move_line_id.amount_residual_currency", "!=", 0),
            ],
            order="date, id",
        )

    def _get_old_account_label(self):
        return self.env._(
            "From account %(old)s to %(new)s",
            # managers of balances need no right on accounts
            old=self.account_id.sudo().code,
            new=self._get_old_account_target().sudo().code,
        )

    def _prepare_old_account_move_vals(self, items):
        """Hook. :return: values of the entry"""
        company = self.batch_id.company_id
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": self.env["client.balance.posting"]._get_journal(company).id,
            "date": self.batch_id.date,
            "ref": self._get_old_account_label(),
            "line_ids": [Command.create(vals) for vals in items],
        }

    def _prepare_old_account_items(self, settlement):
        """Hook. :return: [(values of an item, values of its settlement)], both sides"""
        line = settlement.move_line_id
        key = (
            self.batch_id.company_id,
            self.partner_id,
            self.partner_bank_id,
            self.currency_id,
        )
        values = {
            # the client reads it: our accounts are none of the client's business
            "description": False,
            "is_advance": settlement.is_advance,
            # as in a transfer: money grows no younger on another account
            "advance_date": settlement.advance_date or settlement.date,
        }
        return [
            (
                {
                    **self.env["client.balance.posting"]._prepare_balance_item(
                        key,
                        -sign * line.amount_residual_currency,
                        -sign * line.amount_residual,
                        self._get_old_account_label(),
                    ),
                    "account_id": account.id,
                },
                dict(values),
            )
            for account, sign in (
                (self.account_id, -1),
                (self._get_old_account_target(), 1),
            )
        ]
