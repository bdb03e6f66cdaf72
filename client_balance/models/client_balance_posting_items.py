from odoo import models


class ClientBalancePosting(models.AbstractModel):
    """Entries whose items, and what their settlements say, were prepared one by one."""

    _inherit = "client.balance.posting"

    def _post_items(self, settlement_type, move_vals, values_list):
        """Create and post one entry between balances. For dialogs that checked it.

        :param move_vals: values of the entry, with its date and its items
        :param values_list: per item, in their order, values of its settlement
        :return: the settlements, in the order of the items
        :raise UserError: where the date is locked, or the money is not there
        """
        move_sudo = self._get_entries_sudo().create(move_vals)
        by_line = {
            item.id: values
            for item, values in zip(
                move_sudo.line_ids.sorted("id"), values_list, strict=True
            )
        }
        gate = self.env["client.balance.gate"]
        caller = gate._make_pass(settlement_type, by_line=by_line)
        move_sudo.with_context(client_balance_caller=caller)._post(soft=False)
        if move_sudo.date != move_vals["date"]:
            self._refuse_locked(move_sudo.company_id, move_vals["date"])
        items = move_sudo.line_ids.filtered("account_id.is_client_balance")
        return self._get_settlements(items.sorted("id"))
