from uuid import uuid4

from odoo import fields, models
from odoo.exceptions import UserError


class ClientBalanceDialog(models.AbstractModel):
    """What the dialogs of money have in common: whose it is, how much, when.

    A dialog prepares a journal entry. The gate makes the settlements of it and decides
    whether the money is there.
    """

    _name = "client.balance.dialog"
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

    def _get_entry_company(self, root):
        """:return: the company that posts: the current branch of ``root``, else it"""
        return self.env.company if self.env.company.root_id == root else root

    # Confirmation ---------------------------------------------------------------------

    def action_confirm(self):
        """Post what the dialog shows.

        :return: the action that follows
        :raise UserError: what is wrong, or that the money is not there any more
        """
        self.ensure_one()
        self._check_rights()
        # First of all, so that the loser of a race has not worked in vain.
        self._touch()
        settlements = self._get_done()
        if not settlements:
            self._check()
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

    def _get_next_action(self, settlements):
        """Hook. :return: what the screen does after the confirmation"""
        return {"type": "ir.actions.act_window_close"}
