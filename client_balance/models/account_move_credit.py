from odoo import api, fields, models


class AccountMove(models.Model):
    """What the client's money means for limits, for what is due, and on paper."""

    _inherit = "account.move"

    client_balance_net = fields.Monetary(
        string="To pay after the balance",
        compute="_compute_client_balance_net",
        groups="client_balance.group_client_balance_own",
        help="What is due, less what is available on the client's balance.",
    )

    @api.depends("amount_residual", "client_balance_available", "state")
    def _compute_client_balance_net(self):
        for move in self:
            # a form may be without one for a moment
            currency = move.currency_id or move.company_currency_id
            move.client_balance_net = currency.round(
                max(move.amount_residual - move.client_balance_available, 0.0)
            )

    def _build_credit_warning_message(
        self, record, current_amount=0.0, exclude_current=False, exclude_amount=0.0
    ):
        """A client's money counts against what it owes, and an overdraft adds to it."""
        balance = record.partner_id._get_client_balance_in(record.company_id)
        message = super()._build_credit_warning_message(
            record,
            current_amount=current_amount,
            exclude_current=exclude_current,
            exclude_amount=exclude_amount + balance,
        )
        if message and not record.company_id.currency_id.is_zero(balance):
            message += "\n" + self.env._("The client balance is already deducted.")
        return message

    def _get_client_balance_print_vals(self):
        """What the printed invoice says; the client reads it, not the user.

        :return: dict with ``paid`` and ``remaining`` in the invoice's currency, empty
            when there is nothing to say; strangers get no ``remaining``
        """
        self.ensure_one()
        if self.move_type not in ("out_invoice", "out_receipt"):
            return {}
        # the paper is the same whoever prints it
        move_sudo = self.sudo()
        paid = -sum(
            move_sudo.client_balance_settlement_ids.filtered(
                lambda row: (
                    row.amount < 0
                    and not (row.reversed_by_id or row.reversal_of_id)
                    and row.currency_id == move_sudo.currency_id
                    # one payment of several invoices cannot be divided
                    and row.invoice_ids == move_sudo
                )
            ).mapped("amount")
        )
        remaining = move_sudo.client_balance_available
        is_stranger = self.env.context.get("client_balance_stranger")
        if is_stranger:
            remaining = 0.0
        if self.currency_id.is_zero(paid) and self.currency_id.is_zero(remaining):
            return {}
        vals = {"paid": self.currency_id.round(paid)}
        return vals if is_stranger else {**vals, "remaining": remaining}
