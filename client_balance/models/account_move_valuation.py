from odoo import models
from odoo.fields import Command

from .client_balance_fingerprint import get_fingerprint
from .client_balance_gate import Caller


class AccountMove(models.Model):
    """A payment that took foreign money and was reset is valued anew when it is posted.

    At the rate of the advance an entry carries the value of the very money that it
    uses. While it was a draft that money may have paid something else.
    """

    _inherit = "account.move"

    def _post(self, soft=True):
        posted, others = self.browse(), self
        # one after the other: each uses what the one before has left
        for move in self._filter_client_balance_valued_again():
            others -= move
            pairs, valued = [], move
            # whoever may post the entry need not see what it uses
            changes = move.sudo()._get_client_balance_changes()
            if changes:
                # an entry that stands as it was has its pass, with whatever value
                caller = move._prepare_client_balance_repeat_pass()
                valued = move.with_context(client_balance_caller=caller)
                pairs = move._update_client_balance_values(changes)
            posted |= super(AccountMove, valued)._post(soft).with_env(self.env)
            move._match_client_balance_pairs_again(pairs)
        return (posted | super(AccountMove, others)._post(soft)) if others else posted

    def _filter_client_balance_valued_again(self):
        """:return: those of these drafts that may be worth other money by now"""
        gate = self.env["client.balance.gate"]
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids or gate._get_caller():
            # a caller of ours has just worked it out
            return self.browse()
        # the items count, whatever the user may read
        valued_sudo = self.sudo().filtered(
            lambda move: (
                move._get_client_balance_taken_lines()
                and move._get_client_balance_stood()
            )
        )
        return valued_sudo.with_env(self.env).sorted(lambda move: (move.date, move.id))

    def _get_client_balance_taken_lines(self):
        """:return: the items by which a payment takes foreign money from a balance"""
        if self.state != "draft" or not self._get_client_balance_payment():
            return self.env["account.move.line"]
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.is_client_balance
                and line.currency_id != line.company_currency_id
                and line.currency_id.compare_amounts(line.amount_currency, 0.0) > 0
            )
        ).sorted("id")

    def _get_client_balance_stood(self):
        """:return: settlements that stood for this entry as it is, or none: what people
        typed or changed by hand is their own value
        """
        rows = self.env["client.balance.settlement"].search(
            [
                ("move_line_ref", "in", self.line_ids.ids),
                ("reversal_of_id", "=", False),
            ],
            order="id",
        )
        stood = rows.browse({row.move_line_ref: row.id for row in rows}.values())
        fingerprint = get_fingerprint(self)
        same = all(row.fingerprint == fingerprint for row in stood)
        return stood if same else rows.browse()

    def _prepare_client_balance_repeat_pass(self):
        """:return: the pass of an entry that is posted again, with another value"""
        # whoever may post the payment need not see the ledger
        rows_sudo = self.sudo()._get_client_balance_stood()
        by_line = {
            row.move_line_ref: {"settlement_type": row.settlement_type}
            for row in rows_sudo
        }
        return Caller(rows_sudo[:1].settlement_type, by_line=by_line)

    # The value ------------------------------------------------------------------------

    def _get_client_balance_changes(self):
        """:return: {item that takes money: by how much its value changes}"""
        changes = {}
        for line, value in self._get_client_balance_values_now().items():
            change = line.company_currency_id.round(value - line.balance)
            if not line.company_currency_id.is_zero(change):
                changes[line] = change
        return changes

    def _update_client_balance_values(self, changes):
        """Give the items the value of the money that they would use now.

        :param changes: see ``_get_client_balance_changes``
        :return: pairs of items that this has taken apart
        """
        self.ensure_one()
        # as above
        move_sudo = self.sudo()
        others, rest = move_sudo._get_client_balance_other_changes(changes)
        pairs = others and move_sudo.line_ids.union(*others)._get_client_balance_pairs()
        commands = [
            Command.update(line.id, {"balance": line.balance + change})
            for line, change in {**changes, **others}.items()
        ]
        if not move_sudo.company_currency_id.is_zero(rest):
            commands.append(move_sudo._prepare_client_balance_difference(rest))
        move_sudo.with_context(skip_invoice_sync=True).write({"line_ids": commands})
        return pairs or []

    def _get_client_balance_values_now(self):
        """:return: {item that takes money: its value}"""
        if self.origin_payment_id._pays_other_currency_from_client_balance():
            return {}
        values = {}
        taken = self._get_client_balance_taken_lines()
        by_key = taken.grouped(lambda line: line._get_client_balance_key())
        for key, lines in by_key.items():
            balance = self.env["client.balance"]._get_balance(*key)
            if balance and balance._is_valued_at_advance():
                amounts = lines.mapped("amount_currency")
                found = balance._get_company_values(amounts, self.date)
                values.update(zip(lines, found, strict=True))
        return values

    # The other side -------------------------------------------------------------------

    def _get_client_balance_other_changes(self, changes):
        """The entry stays balanced: what the money pays is worth more or less.

        :param changes: {item that takes money: by how much its value changes}
        :return: ({other item: by how much it changes}, what is left for the exchange
            difference, as a debit)
        """
        others, rest = {}, 0.0
        for line, change in changes.items():
            lines = self._get_client_balance_counterparts(line)
            left = -change
            total = sum(lines.mapped("amount_currency"))
            for item in lines:
                part = left
                if item != lines[-1]:
                    share = -change * item.amount_currency / total
                    part = item.company_currency_id.round(share)
                others[item] = others.get(item, 0.0) + part
                left -= part
            rest += left
        return others, self.company_currency_id.round(rest)

    def _get_client_balance_counterparts(self, line):
        """Hook. :return: the items whose value follows that of ``line``

        None of a refund: what leaves the bank is worth what it is, the company gains
        or loses.
        """
        payment = self._get_client_balance_payment()
        if payment.payment_type == "outbound":
            return self.env["account.move.line"]
        return payment._seek_for_lines()[1].filtered(
            lambda item: (
                item.currency_id == line.currency_id
                and item.currency_id.compare_amounts(item.amount_currency, 0.0) < 0
                and not item.account_id.is_client_balance
            )
        )

    def _prepare_client_balance_difference(self, debit):
        """:return: command that adds ``debit`` to the entry's exchange difference"""
        company = self.company_id
        gain, loss = (
            company._get_client_balance_difference_account(s) for s in (1, -1)
        )
        item = self.line_ids.filtered(lambda line: line.account_id in (gain | loss))[:1]
        debit = company.currency_id.round(item.balance + debit)
        if item and company.currency_id.is_zero(debit):
            return Command.delete(item.id)
        currency = item.currency_id or self.line_ids.currency_id[:1]
        vals = {
            "account_id": (loss if debit > 0 else gain).id,
            "amount_currency": debit if currency == company.currency_id else 0.0,
            "balance": debit,
        }
        if item:
            return Command.update(item.id, vals)
        partner = self.line_ids.partner_id.commercial_partner_id[:1]
        return Command.create(
            {
                **vals,
                "name": self.env._("Exchange difference"),
                "partner_id": partner.id,
                "currency_id": currency.id,
                "tax_ids": [Command.clear()],
            }
        )

    # What the other side pays ---------------------------------------------------------

    def _match_client_balance_pairs_again(self, pairs):
        """Core takes apart what changes its value: nobody asked for that."""
        if self.state != "posted":
            return
        for pair in pairs:
            # as for the value
            items_sudo = pair.sudo()
            # by another value what paid several currencies may be used up earlier
            if not any(items_sudo.mapped("reconciled")):
                items_sudo.reconcile()
