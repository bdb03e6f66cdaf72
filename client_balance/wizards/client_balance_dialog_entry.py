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
        lines = self._prepare_lines()
        return self.env["client.balance.posting"]._post_items(
            self._get_settlement_type(),
            self._prepare_move_vals([item_vals for item_vals, _values in lines]),
            [values for _item_vals, values in lines],
        )

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
        return self.env["client.balance.posting"]._prepare_balance_item(
            key,
            amount,
            value if amount > 0 else -value,
            self.description or self._get_label(),
        )

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
