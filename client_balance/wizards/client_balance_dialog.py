from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceDialog(models.AbstractModel):
    """What the dialogs of money have in common: whose it is, how much, when.

    A dialog prepares a journal entry. The gate makes the settlements of it and decides
    whether the money is there.
    """

    _name = "client.balance.dialog"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Dialog of client balances"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one("res.partner", string="Client", required=True)
    currency_id = fields.Many2one("res.currency")
    company_currency_id = fields.Many2one(
        string="Company currency", related="company_id.currency_id"
    )
    date = fields.Date(
        string="Accounting date", required=True, default=fields.Date.context_today
    )
    amount = fields.Monetary()
    description = fields.Char()
    token = fields.Char(
        default=lambda self: uuid4().hex,
        readonly=True,
        help="Makes a second click on the same dialog harmless.",
    )

    needs_approval = fields.Boolean(
        string="Needs approval",
        compute="_compute_needs_approval",
        help="Another manager has to approve this: confirming makes a request.",
    )

    @api.depends("amount", "currency_id", "date", "company_id", "partner_id")
    def _compute_needs_approval(self):
        for dialog in self:
            dialog.needs_approval = dialog._needs_second_person()

    def _get_entry_company(self, root):
        """:return: the company that posts: the current branch of ``root``, else another
        one in which the user works"""
        companies = self.env.company | self.env.companies | self.env.user.company_ids
        return companies.filtered(lambda company: company.root_id == root)[:1] or root

    # Confirmation ---------------------------------------------------------------------

    def action_confirm(self):
        """Post what the dialog shows.

        :return: the action that follows
        :raise UserError: what is wrong, or that the money is not there any more
        """
        self.ensure_one()
        self._check_rights()
        # entries of our dialogs are posted as superuser
        self.env["client.balance.posting"]._check_own_company(self.company_id)
        # First of all, so that the loser of a race has not worked in vain.
        self._touch()
        settlements = self._get_done()
        if not settlements:
            self._check()
            if self._needs_second_person():
                return self._request()._get_records_action()
            settlements = self._post()
        return self._get_next_action(settlements)

    def _check_rights(self):
        """Hook. :raise AccessError: for people who may not do this"""
        self.env["client.balance.posting"]._check_manager()

    def _touch(self):
        """Claim the balances that will move."""
        self.env["client.balance"]._touch(*self._get_keys())

    def _get_keys(self):
        """Hook. :return: [(company, client, bank account, currency)] that will move"""
        raise NotImplementedError

    def _get_external_ref(self):
        return f"{self._name}:{self.token}"

    def _get_done(self):
        """:return: the settlement of an earlier click on the same dialog"""
        return self.env["client.balance.settlement"].search(
            [
                ("external_ref", "=", self._get_external_ref()),
                ("company_id", "=", self.company_id.root_id.id),
            ]
        )

    def _check(self):
        """Hook. :raise UserError: says what is wrong and what to do"""
        self._check_amount()

    def _check_amount(self):
        currency = self.currency_id
        self.env["client.balance.posting"]._check_amount(
            self.amount, currency, self.partner_id
        )
        if currency.compare_amounts(self.amount, 0.0) < 0:
            raise UserError(
                self.env._(
                    "The amount for %(client)s is negative. Type how much moves, as an"
                    " amount above zero.",
                    client=self.partner_id.display_name,
                )
            )

    def _post(self):
        """Hook. :return: the settlements that were made"""
        raise NotImplementedError

    # A second person ------------------------------------------------------------------

    def _get_amounts(self):
        """Hook. :return: [(client, currency, amount: + given, − taken)] of the dialog,
        as far as nothing but its person says so
        """
        return []

    def _needs_second_person(self):
        """:return: whether confirming makes a request instead of an entry"""
        return self.env["client.balance.approval"]._is_needed(
            self.company_id, self._get_amounts(), self.date
        )

    def _get_request_fields(self):
        """Hook. :return: names of the fields from which the dialog is opened again"""
        return ["company_id", "partner_id", "date", "amount", "description", "token"]

    def _request(self):
        """:return: the request that another manager approves"""
        values = self._convert_to_write(
            {name: self[name] for name in self._get_request_fields()}
        )
        key = self._get_keys()[0]
        return self.env["client.balance.request"]._request(
            self._get_settlement_type(),
            values,
            {
                "company_id": self.company_id.id,
                "partner_id": key[1].id,
                "partner_bank_id": key[2].id,
                "currency_id": self.currency_id.id,
                "amount": -self.amount,
                "date": self.date,
                "description": self.description,
                "external_ref": self._get_external_ref(),
            },
        )

    def _get_next_action(self, settlements):
        """Hook. :return: what the screen does after the confirmation"""
        return {"type": "ir.actions.act_window_close"}
