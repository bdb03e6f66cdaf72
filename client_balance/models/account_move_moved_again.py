from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Transfers and exchanges move the day of the money along: it must be that money.

    While such an entry was a draft, its money may have paid something else.
    """

    _inherit = "account.move"

    def _post(self, soft=True):
        if not self.env["client.balance.gate"]._get_caller():
            # whoever may post the entry need not see the ledger
            for move in self.sudo()._filter_client_balance_moved_again():
                move._check_client_balance_moved_again()
        return super()._post(soft)

    def _filter_client_balance_moved_again(self):
        """:return: those of these drafts by which our dialogs moved money"""
        if not self.env["account.account"]._get_client_balance_account_ids():
            return self.browse()
        return self.filtered(
            lambda move: (
                move.move_type == "entry"
                and move.state == "draft"
                and not {"transfer", "exchange"}.isdisjoint(
                    move.line_ids.mapped("client_balance_type")
                )
            )
        )

    def _check_client_balance_moved_again(self):
        """:raise UserError: which entry has to be made anew, and whose money it is"""
        self.ensure_one()
        lines = self.line_ids.filtered("client_balance_type").sorted("id")
        taken = lines.filtered(lambda line: line.amount_currency > 0)
        given = {line._get_client_balance_key() for line in lines - taken}
        said = self._get_client_balance_said_kinds(taken)
        by_key = taken.grouped(lambda line: line._get_client_balance_key())
        for key, items in by_key.items():
            found = self._get_client_balance_kinds_now(key, items)
            if key in given or self._join_kinds(said, items) != found:
                raise UserError(
                    self.env._(
                        "The money of %(client)s that %(entry)s moved may be other"
                        " money by now. Delete the entry, and move it anew.",
                        client=items.partner_id.commercial_partner_id.display_name,
                        entry=self.display_name,
                    )
                )

    def _get_client_balance_said_kinds(self, lines):
        """:return: {item id: (is advance, its day)}, as the ledger said at first"""
        rows = self.env["client.balance.settlement"].search(
            [
                ("move_line_ref", "in", lines.ids),
                ("settlement_type", "in", ("transfer", "exchange")),
            ],
            order="id",
        )
        return {row.move_line_ref: (row.is_advance, row.advance_date) for row in rows}

    def _join_kinds(self, said, items):
        """:return: {kind: units} of what these items take"""
        pairs = [
            (said.get(item.id, (False, False)), item.amount_currency) for item in items
        ]
        return self._sum_kinds(pairs, items.currency_id)

    def _get_client_balance_kinds_now(self, key, items):
        """:return: {kind: units} of the money that these items would take now"""
        balance = self.env["client.balance"]._get_balance(*key)
        amount = items.currency_id.round(sum(items.mapped("amount_currency")))
        pairs = [
            ((source.is_advance, source.advance_date), source.amount)
            for source in (balance and balance._get_sources(amount, self.date)) or ()
        ]
        return self._sum_kinds(pairs, items.currency_id)

    def _sum_kinds(self, pairs, currency):
        """:return: {kind: units}, in the smallest units of the currency"""
        totals = {}
        for kind, amount in pairs:
            totals[kind] = totals.get(kind, 0.0) + amount
        return {
            kind: round(total / currency.rounding) for kind, total in totals.items()
        }
