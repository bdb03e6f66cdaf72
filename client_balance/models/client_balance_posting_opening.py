from odoo import models
from odoo.fields import Command

from .client_balance_gate import Caller


class ClientBalancePosting(models.AbstractModel):
    """Many opening balances in few entries, each of which can be undone alone.

    One entry per settlement would make a go-live with thousands of clients take
    minutes and fill the journal; an opening entry has one item per balance instead.
    """

    _inherit = "client.balance.posting"

    def _post_entries(self, vals_list):
        openings = [vals for vals in vals_list if self._is_shared_opening(vals)]
        if len(openings) < 2:
            return super()._post_entries(vals_list)
        rest = [vals for vals in vals_list if not self._is_shared_opening(vals)]
        opened = iter(self._post_openings(openings))
        others = iter(super()._post_entries(rest))
        return self.env["account.move.line"].browse(
            [
                next(opened if self._is_shared_opening(vals) else others).id
                for vals in vals_list
            ]
        )

    def _is_shared_opening(self, vals):
        """Hook. :return: whether a settlement may share its entry with others"""
        return vals.get("settlement_type") == "opening" and not vals.get(
            "counterpart_account_id"
        )

    def _get_opening_chunk(self):
        """Hook. :return: how many settlements one opening entry has at most"""
        return 500

    def _post_openings(self, vals_list):
        """Post opening balances: an entry per day, currency and account.

        :return: the items on the balance accounts, in the order of ``vals_list``
        """
        checked = self._check_many(vals_list)
        counterparts = {}
        for vals in checked:
            if not vals.get("reason_id"):
                company = self._get_company(vals)
                if company not in counterparts:
                    counterparts[company] = self._get_counterpart(vals).id
                vals["counterpart_account_id"] = counterparts[company]
        groups = self._group_openings(checked)
        Move_sudo = self._get_entries_sudo().with_context(skip_analytic_sync=True)
        moves_sudo = Move_sudo.create(
            [self._prepare_opening_vals(group) for group in groups]
        )
        items, by_line = {}, {}
        for move, group in zip(moves_sudo, groups, strict=True):
            lines = move.line_ids.filtered("account_id.is_client_balance").sorted("id")
            for line, vals in zip(lines, group, strict=True):
                items[id(vals)] = line.id
                by_line[line.id] = self._prepare_values(vals)
        caller = self.env["client.balance.gate"]._make_pass("opening", by_line=by_line)
        moves_sudo.with_context(client_balance_caller=caller)._post(soft=False)
        for move, group in zip(moves_sudo, groups, strict=True):
            if move.date != group[0]["date"] and group[0]["_date_given"]:
                self._refuse_locked(move.company_id, group[0]["date"])
        return self.env["account.move.line"].browse(
            [items[id(vals)] for vals in checked]
        )

    def _group_openings(self, checked):
        """:return: lists of values that go into one entry each"""
        groups = {}
        for vals in checked:
            key = (
                vals["company_id"],
                vals["date"],
                vals["currency_id"],
                self._get_counterpart(vals).id,
                vals["_date_given"],
            )
            groups.setdefault(key, []).append(vals)
        size = self._get_opening_chunk()
        return [
            group[start : start + size]
            for group in groups.values()
            for start in range(0, len(group), size)
        ]

    def _prepare_opening_vals(self, group):
        """Hook. :return: values of the entry of several opening balances"""
        entries = [self._prepare_entry_vals(vals) for vals in group]
        # money of clients is never distributed to analytic accounts
        items = [
            Command.create({**vals["line_ids"][0][2], "analytic_distribution": False})
            for vals in entries
        ]
        others = [vals["line_ids"][1][2] for vals in entries]
        label = self.env._("Opening balances of clients")
        company = self._get_company(group[0])
        currency = self.env["res.currency"].browse(group[0]["currency_id"])
        amount = currency._sum_client_balance(v["amount_currency"] for v in others)
        value = company.currency_id._sum_client_balance(v["balance"] for v in others)
        # a branch's user may not see its root company: it gets the name only
        currency._check_client_balance_amount(amount, company.sudo())
        company.currency_id._check_client_balance_amount(value, company.sudo())
        counterpart = {
            **others[0],
            "name": label,
            "partner_id": False,
            "amount_currency": amount,
            "balance": value,
        }
        return {
            **entries[0],
            "ref": label,
            "line_ids": [*items, Command.create(counterpart)],
        }

    # Undo -----------------------------------------------------------------------------

    def _reverse_settlements(self, settlements, dates):
        """Reverse settlements: with their entry, or alone where others share it.

        :param dates: {entry: the day on which it should be reversed}
        """
        parts = settlements.filtered(lambda row: row._shares_its_entry())
        # as for posting: the manager was checked, journals need no right
        moves_sudo = (settlements - parts).sudo().move_id
        if moves_sudo:
            self._reverse_moves(moves_sudo, dates)
        for settlement in parts:
            self._reverse_part(settlement, dates[settlement.sudo().move_id])

    def _reverse_part(self, settlement, date):
        """Undo one item of an opening entry by an entry of its own."""
        # managers of balances need no right on journal entries
        settlement = settlement.sudo()
        line_sudo = settlement.move_line_id
        values = {
            **settlement._prepare_inherited_vals(),
            "reversal_of_id": settlement.id,
            "description": self.env._("Reversal of %(name)s", name=settlement.name),
        }
        caller = Caller("reversal", values=values)
        Move_sudo = self._get_entries_sudo().with_context(client_balance_caller=caller)
        move_sudo = Move_sudo.create(self._prepare_part_vals(settlement, date))
        move_sudo._post(soft=False)
        # its own money first, and what that had paid looks for another source
        line_sudo.remove_move_reconcile()
        own = move_sudo.line_ids.filtered(
            lambda item: item.account_id == line_sudo.account_id
        )
        if line_sudo.account_id.reconcile:
            (line_sudo | own).reconcile()

    def _prepare_part_vals(self, settlement, date):
        """Hook. :return: values of the entry that undoes one opening balance"""
        # managers of balances need no right on journals
        line_sudo = settlement.sudo().move_line_id
        move_sudo = line_sudo.move_id
        label = self.env._("Reversal of %(name)s", name=settlement.name)
        item = {
            "name": label,
            "account_id": line_sudo.account_id.id,
            "partner_id": line_sudo.partner_id.id,
            "currency_id": line_sudo.currency_id.id,
            "client_balance_bank_id": line_sudo.client_balance_bank_id.id,
            "amount_currency": -line_sudo.amount_currency,
            "balance": -line_sudo.balance,
            "tax_ids": [Command.clear()],
        }
        counterpart = {
            **item,
            "account_id": settlement.counterpart_account_id.id,
            "client_balance_bank_id": False,
            "amount_currency": line_sudo.amount_currency,
            "balance": line_sudo.balance,
        }
        return {
            "move_type": "entry",
            "company_id": move_sudo.company_id.id,
            "journal_id": move_sudo.journal_id.id,
            "date": self._get_open_date(move_sudo.company_id, date),
            "ref": label,
            "line_ids": [Command.create(item), Command.create(counterpart)],
        }
