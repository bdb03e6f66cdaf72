from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """The exchange difference of a match goes when the match goes, and only then."""

    _inherit = "account.move"

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_client_balance_exchange_stays()
        return super()._reverse_moves(default_values_list, cancel)

    def _check_client_balance_exchange_stays(self):
        """Core reverses such an entry when its match is undone, also a reversed one.

        It has removed the match by then, so that this does not stand in its way.

        :raise UserError: which entry of a balance has to be undone instead
        """
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids:
            return
        # whoever reverses the entry need not see what was matched
        partials_sudo = (
            self.env["account.partial.reconcile"]
            .sudo()
            .search([("exchange_move_id", "in", self.ids)], order="id")
        )
        for partial in partials_sudo:
            # the spend, where both sides stand on a balance account
            for move in (partial.debit_move_id + partial.credit_move_id).move_id:
                line = move.line_ids.filtered(
                    lambda item: item.account_id.id in account_ids
                )[:1]
                if line:
                    partial.exchange_move_id._refuse_client_balance_exchange(line)

    def _refuse_client_balance_exchange(self, line):
        raise UserError(
            self.env._(
                "Exchange difference %(exchange)s belongs to %(entry)s, which moved the"
                " balance of %(client)s, and is reversed together with it. Unreconcile,"
                " reset or reverse %(entry)s instead.",
                exchange=self.display_name,
                entry=line.move_id.display_name,
                client=line.partner_id.commercial_partner_id.display_name,
            )
        )
