from odoo import models
from odoo.fields import Domain
from odoo.tools import formatLang


class ClientBalanceUpgrade(models.AbstractModel):
    """What an upgrade puts right of what an earlier version allowed."""

    _name = "client.balance.upgrade"
    _description = "Upgrade of client balances"

    def _match_within_keys(self):
        """Matches that leave a key are undone, and the items matched anew in theirs."""
        accounts = self.env["account.account"].with_context(active_test=False)
        accounts = accounts.search([("is_client_balance", "=", True)])
        partials = accounts._get_client_balance_strays()
        settlements = self.env["client.balance.settlement"].search(
            [
                ("is_live", "=", True),
                (
                    "move_line_ref",
                    "in",
                    (partials.debit_move_id | partials.credit_move_id).ids,
                ),
            ]
        )
        notes = {balance: [] for balance in settlements.balance_id.sorted("id")}
        for partial in partials:
            text = self._describe_match(partial)
            items = partial.debit_move_id | partial.credit_move_id
            for row in settlements.filtered(
                lambda row, items=items: row.move_line_ref in items.ids
            ):
                notes[row.balance_id].append(text)
        partials.unlink()
        for balance, texts in notes.items():
            self.env["client.balance.matching"]._match(balance)
            balance.message_post(
                body=self.env._(
                    "The upgrade undid matches with money of another client, bank"
                    " account or currency, and matched what was open within this"
                    " balance, oldest first: %(matches)s.",
                    matches="; ".join(dict.fromkeys(texts)),
                )
            )

    def _describe_match(self, partial):
        amount, currency = partial.debit_amount_currency, partial.debit_currency_id
        return self.env._(
            "%(amount)s of %(credit)s for %(debit)s",
            amount=formatLang(self.env, amount, currency_obj=currency),
            credit=partial.credit_move_id.move_id.name,
            debit=partial.debit_move_id.move_id.name,
        )

    def _cancel_own_drafts(self):
        """Entries that our dialogs had posted and somebody has reset stay so.

        Nobody could reset them now, and posted again they would be another movement.
        """
        settlements = self.env["client.balance.settlement"]
        rows = settlements.search(
            Domain("settlement_type", "in", list(settlements._get_own_types()))
            & Domain("is_live", "=", False)
            & Domain("move_id.state", "=", "draft")
        )
        drafts = rows.move_id.filtered(
            lambda move: (
                not (
                    move._get_client_balance_payment()
                    or move._get_client_balance_bank_line()
                )
            )
        )
        drafts.button_cancel()
        for move in drafts:
            move.message_post(
                body=self.env._(
                    "This entry was a settlement of a client and had been reset to"
                    " draft. Such entries are not posted again since this version, so"
                    " the upgrade has cancelled it: record the settlement anew."
                )
            )
