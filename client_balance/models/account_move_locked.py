from odoo import models
from odoo.tools import format_date


class AccountMove(models.Model):
    """Core posts a draft of a locked period on an open day, and does not say so."""

    _inherit = "account.move"

    def _post(self, soft=True):
        days = {move: move.date for move in self._filter_client_balance_entries()}
        posted = super()._post(soft)
        for move in posted:
            day = days.get(move)
            if day and move.date != day and move._is_client_balance_day_locked(day):
                move._log_client_balance_day(day)
        return posted

    def _filter_client_balance_entries(self):
        """:return: those of these entries that have an item on a balance account"""
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if not account_ids:
            return self.browse()
        # whoever may post an entry need not be allowed to read its items
        return self.filtered(
            lambda move: not account_ids.isdisjoint(move.sudo().line_ids.account_id.ids)
        )

    def _is_client_balance_day_locked(self, day):
        """:return: whether it was for a lock that core took another day than ``day``"""
        self.ensure_one()
        return bool(self._get_violated_lock_dates(day, self._affect_tax_report()))

    def _log_client_balance_day(self, day):
        """Say on the payment, or else on the entry, where the balance has moved."""
        self.ensure_one()
        document = self.origin_payment_id or self
        document._message_log(
            body=self.env._(
                "Posted on %(date)s, since %(day)s is in a locked period. The client"
                " balance changes on %(date)s as well.",
                date=format_date(self.env, self.date),
                day=format_date(self.env, day),
            )
        )
