from odoo import models
from odoo.fields import Command


class ClientBalanceEntryDialog(models.AbstractModel):
    """A dialog that posts an entry in the journal of client balances.

    The entry has one item per source of the money, so that the day on which the
    client's money arrived, and whether it is an advance, move along with it.
    """

    _name = "client.balance.entry.dialog"
    _inherit = ["client.balance.source.dialog"]
    _description = "Dialog that moves money between client balances"

    def _get_settlement_type(self):
        """Hook. :return: the type of the settlements of this dialog"""
        raise NotImplementedError

    def _post(self):
        posting = self.env["client.balance.posting"]
        lines = self._prepare_lines()
        # Managers of balances need no right on journals: the dialog checked the rest.
        move_sudo = self._with_pass(self.env["account.move"].sudo()).create(
            self._prepare_move_vals([item_vals for item_vals, _values in lines])
        )
        by_line = {
            item.id: values
            for item, (_vals, values) in zip(
                move_sudo.line_ids.sorted("id"), lines, strict=True
            )
        }
        self._with_pass(move_sudo, by_line=by_line)._post(soft=False)
        if move_sudo.date != self.date:
            posting._refuse_locked(move_sudo, self.date)
        items = move_sudo.line_ids.filtered("account_id.is_client_balance")
        return posting._get_settlements(items.sorted("id"))

    def _with_pass(self, records, **values):
        caller = self.env["client.balance.approval"]._issue_pass(
            self._get_settlement_type(), **values
        )
        return records.with_context(client_balance_caller=caller)

    def _prepare_move_vals(self, items):
        """Hook. :return: values of the journal entry"""
        journal = self.env["client.balance.posting"]._get_journal(self.company_id)
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": journal.id,
            "date": self.date,
            "ref": self._get_label(),
            "line_ids": [Command.create(vals) for vals in items],
        }

    def _prepare_lines(self):
        """Hook. :return: [(values of the item, values of its settlement)]"""
        raise NotImplementedError

    def _get_label(self):
        """Hook. :return: the label of the entry, without the person's own words"""
        raise NotImplementedError

    def _prepare_balance_item_vals(self, key, amount, value):
        """Hook. :return: values of an item; ``amount`` is + in the client's favour"""
        company, partner, bank, currency = key
        # the account is a setting, read for people without rights on accounts
        account = company.sudo()._get_client_balance_account(currency)
        return {
            "name": self.description or self._get_label(),
            "account_id": account.id,
            "partner_id": partner.id,
            "currency_id": currency.id,
            "amount_currency": -amount,
            "balance": -value if amount > 0 else value,
            "client_balance_bank_id": bank.id,
            "client_balance_type": self._get_settlement_type(),
            "tax_ids": [Command.clear()],
        }

    def _get_source_groups(self):
        """Sources of the same day and kind travel in one item.

        :return: [[Source, …], …], the oldest first
        """
        groups = []
        for source in self.balance_id._get_sources(self.amount, self.date):
            kind = source.is_advance, source.advance_date
            if groups and groups[-1][0] == kind:
                groups[-1][1].append(source)
            else:
                groups.append((kind, [source]))
        return [sources for _kind, sources in groups]

    def _prepare_settlement_values(self, source, first=False):
        """Hook. :return: values of the settlements of one source, both legs"""
        values = {
            "description": self.description or self._get_label(),
            "is_advance": source.is_advance,
            "advance_date": source.advance_date,
        }
        if first:
            values["external_ref"] = self._get_external_ref()
        return values
