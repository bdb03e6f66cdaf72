from odoo import models
from odoo.fields import Command


class AccountMove(models.Model):
    """What took foreign money and was reset is valued anew when it is posted again.

    At the rate of the advance an entry carries the value of the very money that it
    uses. While it was a draft that money may have paid something else.
    """

    _inherit = "account.move"

    def _post(self, soft=True):
        valued = self._filter_client_balance_valued_again()
        if not valued:
            return super()._post(soft)
        posted, others = self.browse(), self - valued
        if others:
            posted = super(AccountMove, others)._post(soft)
        # one after the other: each uses what the one before has left
        for move in valued.sorted(lambda move: (move.date, move.id)):
            pairs = move._update_client_balance_values()
            posted |= super(AccountMove, move)._post(soft)
            move._match_client_balance_pairs_again(pairs)
        return posted

    def _filter_client_balance_valued_again(self):
        """:return: those of these drafts whose value may be that of other money"""
        gate = self.env["client.balance.gate"]
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids or gate._get_caller():
            # a caller of ours has just worked it out
            return self.browse()
        # the items count, whatever the user may read
        return (
            self.sudo()
            .filtered(lambda move: bool(move._get_client_balance_taken_lines()))
            .with_env(self.env)
        )

    def _get_client_balance_taken_lines(self):
        """:return: the items by which our dialogs took foreign money from a balance"""
        if self.move_type != "entry" or self.state != "draft" or self.statement_line_id:
            return self.env["account.move.line"]
        return self.line_ids.filtered(
            lambda line: (
                line.account_id.is_client_balance
                # what people typed or changed by hand is their own value
                and line.client_balance_type not in (False, "reversal")
                and line.currency_id != line.company_currency_id
                and line.currency_id.compare_amounts(line.amount_currency, 0.0) > 0
            )
        ).sorted("id")

    # The value ------------------------------------------------------------------------

    def _update_client_balance_values(self):
        """Give the items the value of the money that they would use now.

        :return: pairs of items that this has taken apart
        """
        self.ensure_one()
        # whoever may post the entry need not see what it uses
        move_sudo = self.sudo()
        changes = {}
        for line, value in move_sudo._get_client_balance_values_now().items():
            change = line.company_currency_id.round(value - line.balance)
            if not line.company_currency_id.is_zero(change):
                changes[line] = change
        others, rest = move_sudo._get_client_balance_other_changes(changes)
        pairs = others and move_sudo.line_ids.union(*others)._get_client_balance_pairs()
        commands = [
            Command.update(line.id, {"balance": line.balance + change})
            for line, change in {**changes, **others}.items()
        ]
        if not move_sudo.company_currency_id.is_zero(rest):
            commands.append(move_sudo._prepare_client_balance_difference(rest))
        if commands:
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

        None of a refund and of an exchange: what leaves the bank and what the client
        gets stay worth what they are, the company gains or loses.
        """
        kind, lines = line.client_balance_type, self.line_ids
        if kind in ("refund", "exchange"):
            return lines.browse()
        if kind == "transfer":
            # each part of the money goes from one item to the next one
            parts = lines.filtered("account_id.is_client_balance").sorted("id")
            place = parts.ids.index(line.id) + 1
            lines = parts[place : place + 1]
        elif self.origin_payment_id:
            lines = self.origin_payment_id._seek_for_lines()[1]
        return lines.filtered(
            lambda item: (
                item.currency_id == line.currency_id
                and item.currency_id.compare_amounts(item.amount_currency, 0.0) < 0
                and (kind == "transfer" or not item.account_id.is_client_balance)
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
