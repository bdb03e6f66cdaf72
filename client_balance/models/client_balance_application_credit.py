from odoo import models
from odoo.exceptions import UserError

from .client_balance_gate import Caller


class ClientBalanceApplication(models.AbstractModel):
    """An open credit put on the balance."""

    _inherit = "client.balance.application"

    def _check_open_credits(self, lines):
        """:raise UserError: which item is no open credit of a client"""
        self._check_officer()
        lines.check_access("read")
        # the officer may read the items; accounts and partners need no own right
        for line in lines.sudo():
            if (
                # the state on the item is a copy, which a program can write
                line.move_id.state != "posted"
                or line.account_id.account_type != "asset_receivable"
                or line.account_id.is_client_balance
                or not line.partner_id
                or line.currency_id.compare_amounts(line.amount_residual_currency, 0)
                >= 0
            ):
                raise UserError(
                    self.env._(
                        "%(item)s is not an open credit of a client. Only confirmed"
                        " credit notes and payments with money left can be put on the"
                        " balance.",
                        item=line.move_id.display_name,
                    )
                )
            line.move_id._check_client_balance_client(line)

    def _check_open_credits_together(self, lines):
        """:raise UserError: as ``_check_open_credits``, and for mixed owners"""
        self._check_open_credits(lines)
        if not self._belong_together(lines):
            raise UserError(
                self.env._(
                    "Put credits of one client, one currency and one company on the"
                    " balance at a time."
                )
            )

    def _belong_together(self, lines):
        """:return: whether one dialog can put these credits on one balance"""
        clients = lines._get_client_balance_clients()
        return max(map(len, (clients, lines.currency_id, lines.company_id))) <= 1

    def _put_on_balance(
        self, line, amount, bank, date, is_advance=False, external_ref=False
    ):
        """Put an open receivable credit on the client's balance.

        :param line: an open credit item of a credit note, a payment or an entry
        :param amount: positive, at most what is open, in the currency of the item
        :param bank: bank account of the client, may be empty
        :param date: accounting date of the entry
        :param is_advance: whether the money is an advance of the client
        :param external_ref: the same reference twice is one settlement
        :return: the posted entry
        """
        partner = line._get_client_balance_client()
        self._touch_keys([(line.company_id, partner, bank, line.currency_id)])
        self._check_open_credits(line)
        bank._check_client_balance_client(partner)
        # as for every caller: the officer was checked, journals need no right
        line_sudo = line.sudo()
        currency = line_sudo.currency_id
        amount = self._round_amounts({bank: amount}, currency)[bank]
        left = -line_sudo.amount_residual_currency
        if currency.compare_amounts(amount, left) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s is more than the %(left)s left of %(credit)s. Put at"
                    " most what is left on the balance.",
                    amount=currency.format(amount),
                    left=currency.format(left),
                    credit=line_sudo.move_id.display_name,
                )
            )
        caller = Caller(
            "credit_note",
            settles=tuple(line_sudo.ids),
            invoice_ids=line_sudo.move_id.filtered(
                lambda move: move.is_invoice(include_receipts=True)
            )._ids,
            is_advance=is_advance,
            advance_date=is_advance and line_sudo.date,
            external_ref=external_ref,
        )
        shares = [(line_sudo, amount)]
        label = self.env._("To client balance: %(credit)s", credit=line_sudo.move_name)
        vals = self._prepare_entry_vals(
            line_sudo.company_id,
            partner,
            currency,
            date,
            label,
            {bank: amount},
            shares,
        )
        return self._post_application(vals, caller, shares, date)
