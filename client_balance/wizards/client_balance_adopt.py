from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.account_account import ADOPTION, ALLOWED_TYPES
from ..models.client_balance_approval import SecondPersonNeeded
from ..models.client_balance_gate import Key


class ClientBalanceAdopt(models.TransientModel):
    """Makes a used account a balance account: its posted items become settlements."""

    _name = "client.balance.adopt"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Adopt an account for client balances"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    account_id = fields.Many2one(
        "account.account",
        required=True,
        check_company=True,
        domain=lambda self: [
            ("is_client_balance", "=", False),
            ("account_type", "in", ALLOWED_TYPES),
        ],
    )
    use_for_new = fields.Selection(
        [
            ("no", "Nothing"),
            ("company", "Company currency"),
            ("foreign", "Foreign currencies"),
        ],
        string="New entries in",
        default="no",
        required=True,
        help="For which new settlements this account is used from now on.",
    )
    item_count = fields.Integer(
        string="Posted journal items", compute="_compute_item_count"
    )
    item_ids = fields.One2many(
        "client.balance.adopt.item",
        "adopt_id",
        string="Journal items without a client",
        compute="_compute_problems",
        store=True,
        readonly=False,
    )
    key_ids = fields.One2many(
        "client.balance.adopt.key",
        "adopt_id",
        string="Balances below zero",
        compute="_compute_problems",
        store=True,
        readonly=False,
    )

    match_ids = fields.One2many(
        "client.balance.adopt.match",
        "adopt_id",
        string="Matches across clients",
        compute="_compute_problems",
        store=True,
        readonly=False,
    )

    @api.depends("account_id")
    def _compute_item_count(self):
        for adopt in self:
            adopt.item_count = self.env["account.move.line"].search_count(
                adopt._get_items_domain()
            )

    @api.depends("account_id")
    def _compute_problems(self):
        for adopt in self:
            adopt.item_ids = [
                Command.clear(),
                *(Command.create(vals) for vals in adopt._prepare_items_vals()),
            ]
            adopt.key_ids = [
                Command.clear(),
                *(Command.create(vals) for vals in adopt._prepare_keys_vals()),
            ]
            adopt.match_ids = [
                Command.clear(),
                *(Command.create(vals) for vals in adopt._prepare_matches_vals()),
            ]

    def _get_items_domain(self):
        """Return the domain of the posted items that would become settlements."""
        return self.account_id._get_client_balance_items_domain() & Domain(
            "amount_currency", "!=", 0
        )

    def _prepare_items_vals(self):
        """Return what is shown of each item that has no client yet."""
        items = self.env["account.move.line"].search(
            self._get_items_domain() & Domain("partner_id", "=", False)
        )
        return [{"move_line_id": item.id} for item in items]

    def _prepare_matches_vals(self):
        """Return what is shown of each match of two clients, banks or currencies."""
        # items without a client are listed, and get one, before that
        return [
            {"partial_id": partial.id}
            for partial in self.account_id._get_client_balance_strays()
            if partial.debit_move_id.partner_id and partial.credit_move_id.partner_id
        ]

    # Balances that would go below zero

    def _prepare_keys_vals(self):
        """Return what is shown of each balance that some day goes below its limit."""
        vals_list = []
        for key, days in self._get_days_by_key().items():
            currency = self.env["res.currency"].browse(key.currency_id)
            amount, lowest, first_day = 0.0, 0.0, False
            for day in sorted(days):
                amount = currency.round(amount + days[day])
                if currency.compare_amounts(amount, 0.0) < 0 and not first_day:
                    first_day = day
                lowest = min(lowest, amount)
            if first_day:
                vals_list.append(
                    {
                        "partner_id": key.partner_id,
                        "partner_bank_id": key.bank_id,
                        "currency_id": key.currency_id,
                        "company_id": key.company_id,
                        "lowest": lowest,
                        "first_day": first_day,
                    }
                )
        return vals_list

    def _get_days_by_key(self):
        """Return {key: {day: change}} of the items together with the ledger."""
        days_by_key = defaultdict(lambda: defaultdict(float))
        for company, partner, bank, currency, day, amount in self.env[
            "account.move.line"
        ]._read_group(
            self._get_items_domain() & Domain("partner_id", "!=", False),
            [
                "company_id",
                "partner_id",
                "client_balance_bank_id",
                "currency_id",
                "date:day",
            ],
            ["amount_currency:sum"],
        ):
            key = Key(
                company.root_id.id,
                partner.commercial_partner_id.id,
                bank.id,
                currency.id,
            )
            days = days_by_key[key]
            days[day] = currency.round(days[day] - amount)
        self._add_ledger_days(days_by_key)
        return days_by_key

    def _add_ledger_days(self, days_by_key):
        """Add what the ledger already knows about the same balances."""
        for company, partner, bank, currency, day, amount in self.env[
            "client.balance.settlement"
        ]._read_group(
            [("partner_id", "in", [key.partner_id for key in days_by_key])],
            ["company_id", "partner_id", "partner_bank_id", "currency_id", "date:day"],
            ["amount:sum"],
        ):
            key = Key(company.id, partner.id, bank.id, currency.id)
            if key in days_by_key:
                days = days_by_key[key]
                days[day] = currency.round(days[day] + amount)

    # Adoption

    def action_adopt(self):
        """Repair what was listed, flag the account and replay its posted items.

        :return: the action that follows
        :raise UserError: when something listed is still to be repaired
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._adopt()
        except SecondPersonNeeded:
            return self._request()._get_records_action()
        return self._notify()

    def _request(self):
        """:return: the request that another manager approves"""
        amounts = self.env["account.move.line"]._read_group(
            self._get_items_domain() & Domain("partner_id", "!=", False),
            ["partner_id", "currency_id"],
            ["amount_currency:sum"],
        )
        amounts += [
            (item.partner_id, item.currency_id, item.amount_currency)
            for item in self.item_ids
        ]
        partner, currency, _amount = max(amounts, key=lambda row: abs(row[2]))
        return self.env["client.balance.request"]._request(
            "adoption",
            {
                "company_id": self.company_id.id,
                "account_id": self.account_id.id,
                "use_for_new": self.use_for_new,
                "_clients": {
                    str(item.move_line_id.id): item.partner_id.id
                    for item in self.item_ids
                },
                "_limits": {
                    str(list(key._get_key())): key.overdraft_limit
                    for key in self.key_ids
                },
            },
            {
                "company_id": self.company_id.id,
                "partner_id": partner.commercial_partner_id.id,
                "currency_id": currency.id,
                "amount": -sum(row[2] for row in amounts if row[1] == currency),
                "date": fields.Date.context_today(self),
                "description": self.account_id.display_name,
                "external_ref": f"adoption:{self.account_id.id}",
            },
        )

    def _adopt(self):
        self._check_may_adopt()
        self._repair_items()
        self._check_matches()
        limits = self._check_keys()
        account = self.account_id.with_context(client_balance_adoption=ADOPTION)
        account.write({"reconcile": True, "is_client_balance": True})
        self._grant_limits(limits)
        self.env["client.balance.gate"]._replay(self.account_id)
        self._use_for_new_entries()

    def _check_may_adopt(self):
        if not self.env.user.has_group("client_balance.group_client_balance_manager"):
            raise UserError(
                self.env._(
                    "Only an administrator of client balances can adopt an account. "
                    "Ask for the group Client balance / Administrator."
                )
            )
        # Whether others share the account decides, also where the user has no access.
        hidden = self.account_id.sudo().company_ids - self.env.user.company_ids
        if hidden:
            raise UserError(
                self.env._(
                    "%(account)s is also an account of %(companies)s, where you have "
                    "no access. Ask somebody who may work in all of its companies.",
                    account=self.account_id.display_name,
                    companies=", ".join(hidden.mapped("name")),
                )
            )

    def _repair_items(self):
        """Give the items without a client the client that was filled in."""
        open_items = self.item_ids.filtered(lambda item: not item.partner_id)
        if open_items:
            raise UserError(
                self.env._(
                    "%(count)s journal items of %(account)s have no client, for "
                    "example “%(item)s” of %(entry)s. Fill in the client of each.",
                    count=len(open_items),
                    account=self.account_id.display_name,
                    item=open_items[0].name or "",
                    entry=open_items[0].move_id.name,
                )
            )
        # no others than those that were listed, whatever stands in a row by now
        listed = {vals["move_line_id"] for vals in self._prepare_items_vals()}
        for partner, items in self.item_ids.grouped("partner_id").items():
            items.move_line_id.filtered(
                lambda line: line.id in listed
            ).partner_id = partner
        self.env["account.move.line"].flush_model()

    def action_unreconcile(self):
        """Undo the matches that are listed, with the rights of whoever asks.

        :return: the action that shows this dialog again
        """
        self.ensure_one()
        # no others than those that were listed, whatever stands in a row by now
        strays = self.account_id._get_client_balance_strays()
        (self.match_ids.partial_id & strays).unlink()
        return self._get_records_action(
            name=self.env._("Adopt an account"), target="new"
        )

    def _check_matches(self):
        """Refuse money of one client that pays another one, after the repair."""
        for partial in self.account_id._get_client_balance_strays():
            raise UserError(
                self.env._(
                    "“%(debit)s” and “%(credit)s” are matched on %(account)s, and"
                    " they are of different clients, bank accounts or currencies."
                    " Unreconcile them, or correct the client of one of them, and try"
                    " again.",
                    debit=partial.debit_move_id.move_id.name,
                    credit=partial.credit_move_id.move_id.name,
                    account=self.account_id.display_name,
                )
            )

    def _check_keys(self):
        """Refuse balances below zero without a limit, as they are after the repair.

        :return: {key: limit to grant}, only where one is needed
        """
        limits = {key._get_key(): key.overdraft_limit for key in self.key_ids}
        needed = {}
        for vals in self._prepare_keys_vals():
            key = Key(
                vals["company_id"],
                vals["partner_id"],
                vals["partner_bank_id"],
                vals["currency_id"],
            )
            currency = self.env["res.currency"].browse(key.currency_id)
            granted, typed = self._get_granted_limit(key), limits.get(key, 0.0)
            if currency.compare_amounts(vals["lowest"], -max(typed, granted)) < 0:
                raise UserError(self._describe_key(vals, currency))
            if currency.compare_amounts(typed, granted) > 0:
                needed[key] = typed
        return needed

    def _get_granted_limit(self, key):
        balance = self.env["client.balance"]._find({key}).get(key)
        return balance.overdraft_limit if balance else 0.0

    def _describe_key(self, vals, currency):
        bank = self.env["res.partner.bank"].browse(vals["partner_bank_id"])
        return self.env._(
            "The balance of %(client)s (%(bank)s) would fall to %(amount)s on %(date)s "
            "or later. Correct the entries of this client, or grant it a limit in the "
            "list.",
            client=self.env["res.partner"].browse(vals["partner_id"]).display_name,
            bank=bank.acc_number or self.env._("no bank account"),
            amount=currency.format(vals["lowest"]),
            date=fields.Date.to_string(vals["first_day"]),
        )

    def _grant_limits(self, limits):
        # Balances that do not exist yet are opened by the ledger itself.
        balances_sudo = self.env["client.balance"].sudo()._ensure(limits)
        for key, limit in limits.items():
            balances_sudo[key].with_env(self.env).overdraft_limit = limit

    def _use_for_new_entries(self):
        names = {
            "company": "client_balance_account_id",
            "foreign": "client_balance_foreign_account_id",
        }
        if name := names.get(self.use_for_new):
            # Managers of balances need not be administrators of the company.
            self.company_id.sudo()[name] = self.account_id

    def _notify(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(account)s is a balance account now.",
                    account=self.account_id.display_name,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
