from odoo import api, models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    """Payments whose destination is a balance: refunds, top-ups and advances."""

    _inherit = "account.payment"

    def _is_client_balance_payment(self):
        """:return: whether the whole payment goes to, or comes from, a balance"""
        self.ensure_one()
        # people who handle payments may have no right on accounts
        return self.sudo().destination_account_id.is_client_balance

    @api.depends("journal_id", "partner_id", "partner_type")
    def _compute_destination_account_id(self):
        """A payment of a balance stays one while it is edited."""
        kept = {
            payment: payment.destination_account_id
            for payment in self
            if payment._is_client_balance_payment()
        }
        super()._compute_destination_account_id()
        for payment, account in kept.items():
            payment.destination_account_id = account

    def copy_data(self, default=None):
        """The copy of a refund or a top-up is an ordinary payment.

        Core copies the account, but nothing says whose bank account it is.
        """
        vals_list = super().copy_data(default)
        for payment, vals in zip(self, vals_list, strict=True):
            if payment._is_client_balance_payment():
                vals.pop("destination_account_id", None)
        return vals_list

    def _seek_for_lines(self):
        """The item on the balance account is the counterpart, not a write-off."""
        liquidity, counterpart, write_off = super()._seek_for_lines()
        if self._is_client_balance_payment() and not counterpart:
            counterpart = write_off.filtered(
                lambda line: line.account_id == self.destination_account_id
            )
            write_off -= counterpart
        return [liquidity, counterpart, write_off]

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
            if (
                payment.payment_type != "outbound"
                or not payment._is_client_balance_payment()
            ):
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
            owner = bank.partner_id.commercial_partner_id
            if bank and owner != payment.partner_id.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "Bank account %(bank)s does not belong to %(client)s. Choose a"
                        " bank account of this client.",
                        bank=bank.acc_number,
                        client=payment.partner_id.display_name,
                    )
                )
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

    def _check_client_balance_edit(self):
        """A draft refund or top-up keeps its client, currency and direction."""
        super()._check_client_balance_edit()
        for payment in self.filtered(lambda pay: pay.move_id.state == "draft"):
            if not payment._is_client_balance_payment():
                continue
            line = payment.move_id.line_ids.filtered("account_id.is_client_balance")
            if line and (
                payment.partner_type != "customer"
                or (payment.payment_type == "outbound") != (line.amount_currency > 0)
                or line.currency_id != payment.currency_id
                or line.partner_id.commercial_partner_id
                != payment.partner_id.commercial_partner_id
            ):
                raise UserError(
                    self.env._(
                        "The payment %(payment)s belongs to the balance of %(client)s"
                        " in %(currency)s, so its client, currency and direction cannot"
                        " change. Delete this payment and register a new one.",
                        payment=payment.move_id.name or payment.display_name,
                        client=line.partner_id.commercial_partner_id.display_name,
                        currency=line.currency_id.name,
                    )
                )
