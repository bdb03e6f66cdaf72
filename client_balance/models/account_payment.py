from odoo import api, fields, models
from odoo.exceptions import UserError

VIEWER_GROUP = "client_balance.group_client_balance_own"


class AccountPayment(models.Model):
    """Show what a payment moved on a client balance and keep it through edits."""

    _inherit = "account.payment"

    client_balance_credited = fields.Monetary(
        string="Credited to the balance",
        compute="_compute_client_balance_amounts",
        compute_sudo=True,  # shown to people who may not read journal items
        groups=VIEWER_GROUP,
    )
    client_balance_spent = fields.Monetary(
        string="Paid from the balance",
        compute="_compute_client_balance_amounts",
        compute_sudo=True,  # see above
        groups=VIEWER_GROUP,
    )
    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        compute="_compute_client_balance_amounts",
        compute_sudo=True,  # see above
        groups=VIEWER_GROUP,
    )

    @api.depends(
        "currency_id",
        "move_id.state",
        "move_id.line_ids.account_id",
        "move_id.line_ids.amount_currency",
        "move_id.line_ids.client_balance_bank_id",
    )
    def _compute_client_balance_amounts(self):
        for payment in self:
            lines = payment._get_client_balance_lines()
            amounts = lines.mapped("amount_currency")
            payment.client_balance_credited = -sum(a for a in amounts if a < 0)
            payment.client_balance_spent = sum(a for a in amounts if a > 0)
            payment.client_balance_bank_id = lines.client_balance_bank_id[:1]

    # -- CRUD --------------------------------------------------------------------------

    def write(self, vals):
        if vals.get("state") == "rejected":
            self._check_client_balance_reject()
        return super().write(vals)

    # -- helpers -----------------------------------------------------------------------

    def _get_client_balance_lines(self):
        """Return the journal items that move, or will move, a client balance."""
        return self.move_id.line_ids.filtered(
            lambda line: line.account_id.is_client_balance
            and line.parent_state != "cancel"
            and not line.currency_id.is_zero(line.amount_currency)
        )

    def _check_client_balance_reject(self):
        """Rejecting leaves the entry posted, and with it the money on the balance."""
        for payment in self:
            lines = payment._get_client_balance_lines()
            if lines and payment.move_id.state == "posted":
                raise UserError(
                    self.env._(
                        "The payment %(payment)s has changed the balance of %(client)s "
                        "and its journal entry would stay. Reset it to draft or cancel "
                        "it instead: the balance is then corrected.",
                        payment=payment.display_name,
                        client=lines.partner_id.commercial_partner_id[
                            :1
                        ].display_name,
                    )
                )

    # -- a draft payment that is edited ------------------------------------------------

    def _synchronize_to_moves(self, changed_fields):
        """Keep the balance part, which core would merge with other write-offs."""
        if changed_fields & self._get_client_balance_guarded_fields():
            self._check_client_balance_edit()
        payments = self.with_context(client_balance_keep_lines=True)
        return super(AccountPayment, payments)._synchronize_to_moves(changed_fields)

    @api.model
    def _get_client_balance_guarded_fields(self):
        return {"partner_id", "currency_id", "journal_id", "payment_type", "company_id"}

    def _check_client_balance_edit(self):
        """Refuse edits after which the balance part would belong to other money."""
        for payment in self:
            if payment.move_id.state != "draft":
                continue
            lines = payment._get_client_balance_kept_lines().filtered(
                "account_id.is_client_balance"
            )
            if not lines:
                continue
            client = lines.partner_id.commercial_partner_id
            if (
                client != payment.partner_id.commercial_partner_id
                or lines.currency_id != payment.currency_id
                or payment.payment_type != "inbound"
            ):
                raise UserError(
                    self.env._(
                        "A part of the payment %(payment)s belongs to the balance of "
                        "%(client)s in %(currency)s, so its client, currency and "
                        "direction cannot change. Delete this payment and register a "
                        "new one.",
                        payment=payment.move_id.name or payment.display_name,
                        client=client[:1].display_name,
                        currency=lines.currency_id[:1].name,
                    )
                )

    def _get_client_balance_kept_lines(self):
        """Return the write-off items of an entry that has a balance part, or none."""
        self.ensure_one()
        liquidity, counterpart, write_off = self._seek_for_lines()
        if (
            liquidity
            and counterpart
            and write_off.filtered("account_id.is_client_balance")
        ):
            return write_off
        return self.env["account.move.line"]

    def _prepare_move_line_default_vals(
        self, write_off_line_vals=None, force_balance=None
    ):
        if self.env.context.get("client_balance_keep_lines") and self.move_id:
            if lines := self._get_client_balance_kept_lines():
                write_off_line_vals = [
                    self._prepare_client_balance_kept_line_vals(line) for line in lines
                ]
        return super()._prepare_move_line_default_vals(
            write_off_line_vals=write_off_line_vals, force_balance=force_balance
        )

    def _prepare_client_balance_kept_line_vals(self, line):
        """Return the values of one write-off item as it was before the edit."""
        vals = line.copy_data()[0]
        vals.pop("move_id", None)
        vals["partner_id"] = self.partner_id.id
        if line.account_id.is_client_balance and self.date != self.move_id.date:
            vals["balance"] = self._get_client_balance_company_amount(line)
        return vals

    def _get_client_balance_company_amount(self, line):
        """Return the value of a balance item on the payment's new date.

        An overrider may value money that leaves a foreign balance differently.
        """
        return line.currency_id._convert(
            line.amount_currency,
            self.company_id.currency_id,
            self.company_id,
            self.date,
        )
