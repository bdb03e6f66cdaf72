from odoo import api, models
from odoo.exceptions import UserError

#: What a match says of its items. Core never changes it: it unmatches.
MATCHED_FIELDS = {
    "debit_move_id",
    "credit_move_id",
    "amount",
    "debit_amount_currency",
    "credit_amount_currency",
}


class AccountPartialReconcile(models.Model):
    """A match of a balance is undone, never changed: else its money came not back."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_client_balance_exchange(
            {vals.get("exchange_move_id") for vals in vals_list}
        )
        return super().create(vals_list)

    def write(self, vals):
        if names := MATCHED_FIELDS & vals.keys():
            self._check_client_balance_unchanged(vals, names)
        self._check_client_balance_exchange({vals.get("exchange_move_id")})
        return super().write(vals)

    def _check_client_balance_unchanged(self, vals, names):
        """:raise UserError: which match has to be undone instead"""
        will_change = self.env["account.move"]._field_will_change
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        # whoever changes the match need not see its items
        for partial in self.sudo():
            items = partial.debit_move_id | partial.credit_move_id
            if (
                account_ids.isdisjoint(items.account_id.ids)
                and not partial._get_client_balance_applications()
            ):
                continue
            if any(will_change(partial, vals, name) for name in names):
                raise UserError(
                    self.env._(
                        "“%(debit)s” and “%(credit)s” are matched by a client balance,"
                        " and this match is not changed. Unreconcile them, and the"
                        " money returns to where it came from.",
                        debit=partial.debit_move_id.move_id.name or "",
                        credit=partial.credit_move_id.move_id.name or "",
                    )
                )

    def _check_client_balance_exchange(self, move_ids):
        """Core reverses the exchange difference together with its match.

        :param move_ids: ids of the entries that matches name as their difference
        :raise UserError: which of them moved a balance, and is no such thing
        """
        # whoever matches need not see every item
        moves_sudo = self.env["account.move"].sudo().browse(move_ids - {None, False})
        for line in moves_sudo._get_client_balance_posted_lines():
            if not line.currency_id.is_zero(line.amount_currency):
                raise UserError(
                    self.env._(
                        "Journal entry %(entry)s moved the balance of %(client)s, so it"
                        " is no exchange difference of another match.",
                        entry=line.move_id.name or "",
                        client=line.partner_id.display_name,
                    )
                )
