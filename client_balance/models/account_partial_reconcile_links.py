from odoo import api, models
from odoo.exceptions import UserError


class AccountPartialReconcile(models.Model):
    """What moved a balance is no exchange difference of another match."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_client_balance_exchange(
            {vals.get("exchange_move_id") for vals in vals_list}
        )
        return super().create(vals_list)

    def write(self, vals):
        self._check_client_balance_exchange({vals.get("exchange_move_id")})
        return super().write(vals)

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
