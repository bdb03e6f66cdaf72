from odoo import models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    """Payments whose destination is a balance: refunds, top-ups and advances."""

    _inherit = "account.payment"

    def _is_client_balance_payment(self):
        """:return: whether the whole payment goes to, or comes from, a balance"""
        self.ensure_one()
        # people who handle payments may have no right on accounts
        return self.sudo().destination_account_id.is_client_balance

    def copy_data(self, default=None):
        """The copy of a refund or a top-up is an ordinary payment.

        Core copies the account, but nothing says whose bank account it is.
        """
        vals_list = super().copy_data(default)
        for payment, vals in zip(self, vals_list, strict=True):
            if payment._is_client_balance_payment():
                vals.pop("destination_account_id", None)
        return vals_list

    def _prepare_move_line_default_vals(
        self, write_off_line_vals=None, force_balance=None
    ):
        """Our dialogs name the client's bank account."""
        vals_list = super()._prepare_move_line_default_vals(
            write_off_line_vals=write_off_line_vals, force_balance=force_balance
        )
        caller = self.env["client.balance.gate"]._get_caller()
        if (
            caller
            and self._is_client_balance_payment()
            and "client_balance_payment_bank_id" in self.env.context
        ):
            for vals in vals_list:
                if vals["account_id"] == self.destination_account_id.id:
                    vals["client_balance_bank_id"] = self.env.context[
                        "client_balance_payment_bank_id"
                    ]
        return vals_list

    def action_post(self):
        self._check_client_balance_recipient()
        return super().action_post()

    def _check_client_balance_recipient(self):
        """Money leaves a balance only to a trusted bank account of its client."""
        for payment in self:
            clients = payment._get_client_balance_payers()
            if payment.payment_type != "outbound" or not clients:
                continue
            bank = payment.partner_bank_id
            if not bank and payment.journal_id.type != "cash":
                raise UserError(
                    self.env._(
                        "Choose the bank account of %(client)s that receives the"
                        " refund, or refund in cash.",
                        client=payment.partner_id.display_name,
                    )
                )
            for client in clients:
                bank._check_client_balance_client(client, active=False)
            if bank and not bank.allow_out_payment:
                raise UserError(
                    self.env._(
                        "Bank account %(bank)s of %(client)s is not trusted yet. Check"
                        " it with the client and turn on “Send Money” on it, then"
                        " refund again.",
                        bank=bank.acc_number,
                        client=payment.partner_id.display_name,
                    )
                )

    def _get_client_balance_payers(self):
        """:return: the clients from whose balances the money of this payment comes"""
        self.ensure_one()
        # people who handle payments may have no right on its items
        taken = self.sudo().move_id.line_ids.filtered(
            lambda line: line.account_id.is_client_balance and line.amount_currency > 0
        )
        clients = taken.partner_id.commercial_partner_id
        if self._is_client_balance_payment():
            clients |= self.partner_id.commercial_partner_id
        return clients.with_env(self.env)
