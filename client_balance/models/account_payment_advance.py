from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.sql import column_exists, create_column

from .client_balance_gate import Caller

OFFICER_GROUP = "client_balance.group_client_balance_officer"


class AccountPayment(models.Model):
    """A payment without an invoice that goes to the client's balance at once."""

    _inherit = "account.payment"

    client_balance_advance = fields.Boolean(
        string="Advance to balance",
        copy=False,
        groups=OFFICER_GROUP,
        help="The client pays in advance: the money goes to the client's balance and"
        " can be spent on any invoice.",
    )
    client_balance_advance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="To the balance of",
        compute="_compute_client_balance_advance_bank_id",
        store=True,
        readonly=False,
        domain="[('partner_id.commercial_partner_id', '=', partner_id)]",
        copy=False,
        groups=OFFICER_GROUP,
        help="The client's bank account. Empty: the balance without a bank account.",
    )

    @api.depends("partner_id", "client_balance_advance")
    def _compute_client_balance_advance_bank_id(self):
        for payment in self:
            payment.client_balance_advance_bank_id = (
                payment.client_balance_advance
                and payment.partner_id._get_client_balance_bank()
            )

    def _auto_init(self):
        # empty in every payment that was there before: Odoo would write all of them
        column = "client_balance_advance_bank_id"
        if not column_exists(self.env.cr, self._table, column):
            create_column(self.env.cr, self._table, column, "int4")
        return super()._auto_init()

    # -- CRUD --------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("client_balance_advance") for vals in vals_list):
            self.env["client.balance.application"]._check_officer()
        payments = super().create(vals_list)
        payments._set_client_balance_destination()
        return payments

    def write(self, vals):
        if not vals.keys() & self._get_client_balance_advance_fields():
            return super().write(vals)
        if "client_balance_advance" in vals:
            self._check_client_balance_advance_draft()
        before = self._filter_client_balance_advances()
        res = super().write(vals)
        self._set_client_balance_destination()
        if "client_balance_advance" in vals:
            (before - self._filter_client_balance_advances())._unset_advance()
        return res

    def copy_data(self, default=None):
        """The copy of an advance is one as well, not just its account."""
        vals_list = super().copy_data(default)
        for payment, vals in zip(self, vals_list, strict=True):
            # whoever copies the payment need not see the checkbox and the bank account
            payment_sudo = payment.sudo()
            if not payment_sudo.client_balance_advance:
                continue
            vals.setdefault("client_balance_advance", True)
            if vals.get("partner_id") == payment.partner_id.id:
                vals.setdefault(
                    "client_balance_advance_bank_id",
                    payment_sudo.client_balance_advance_bank_id.id,
                )
        return vals_list

    @api.model
    def _get_client_balance_advance_fields(self):
        """Hook. :return: fields that decide to which account an advance goes"""
        return {
            "client_balance_advance",
            "client_balance_advance_bank_id",
            "currency_id",
            "journal_id",
            "partner_id",
            "payment_type",
        }

    def _get_client_balance_fixed_fields(self):
        return super()._get_client_balance_fixed_fields() | {
            "client_balance_advance",
            "client_balance_advance_bank_id",
        }

    def _filter_client_balance_advances(self):
        """:return: those of these payments that are advances to a balance"""
        # whoever may see the payment need not see the checkbox
        return self.filtered(lambda payment: payment.sudo().client_balance_advance)

    def _check_client_balance_advance_draft(self):
        self.env["client.balance.application"]._check_officer()
        for payment in self:
            if payment.state != "draft" and not payment._get_client_balance_part():
                raise UserError(
                    self.env._(
                        "Payment %(payment)s is posted. Reset it to draft to change"
                        " whether it is an advance, or use “To client balance”.",
                        payment=payment.display_name,
                    )
                )

    # -- Where the money goes ----------------------------------------------------------

    def _set_client_balance_destination(self):
        """Drafts that are advances go to the balance account, under our pass."""
        for payment in self._filter_client_balance_advances():
            if (
                payment.state != "draft"
                or not payment._is_customer_receipt()
                # posted before: its entry stays as it is
                or payment._get_client_balance_part()
            ):
                continue
            # the account is a setting, read for people without rights on accounts
            account = payment.company_id.sudo()._get_client_balance_account(
                payment.currency_id
            )
            advance = payment.with_context(**payment._prepare_advance_context())
            if advance.destination_account_id != account:
                advance.destination_account_id = account

    def _is_customer_receipt(self):
        return self.payment_type == "inbound" and self.partner_type == "customer"

    def _unset_advance(self):
        """The box was cleared: the money is an ordinary receipt again."""
        for payment in self.filtered(lambda payment: payment.state == "draft"):
            partner = payment.partner_id.with_company(payment.company_id)
            payment.destination_account_id = partner.property_account_receivable_id

    def _prepare_advance_context(self):
        """:return: context that lets an officer post this advance"""
        self.ensure_one()
        # whoever may post the payment need not see the chosen bank account
        bank_sudo = self.sudo().client_balance_advance_bank_id
        return {
            "client_balance_caller": Caller(
                "top_up",
                # of the day of its entry: core may post it later than it is dated
                is_advance=True,
                description=self.memo
                or self.env._("Advance of %(client)s", client=self.partner_id.name),
            ),
            "client_balance_payment_bank_id": bank_sudo.id,
        }

    def action_post(self):
        advances = self._filter_client_balance_advances()
        for payment in advances:
            payment._check_client_balance_advance()
            payment._set_client_balance_destination()
            payment._check_client_balance_advance_entry()
            if not payment.outstanding_account_id:
                # without it there may be no entry that carries the money
                payment.outstanding_account_id = payment._get_outstanding_account(
                    payment.payment_type
                )
            super(
                AccountPayment,
                payment.with_context(**payment._prepare_advance_context()),
            ).action_post()
        others = self - advances
        return super(AccountPayment, others).action_post() if others else None

    def _check_client_balance_advance(self):
        """:raise UserError: for what cannot be an advance of a client"""
        self.ensure_one()
        if not self.env.su and not self.env.user.has_group(OFFICER_GROUP):
            raise AccessError(
                self.env._(
                    "You may not put payments on client balances. Ask an administrator"
                    " for the access right “Client balance: Use balances”."
                )
            )
        if not self._is_customer_receipt():
            raise UserError(
                self.env._(
                    "Payment %(payment)s is no receipt from a customer. Clear “Advance"
                    " to balance”, or choose “Receive” and a customer.",
                    payment=self.display_name,
                )
            )
        if not self.partner_id:
            raise UserError(
                self.env._("Choose the client who pays the advance, then confirm.")
            )
        self.env["client.balance.posting"]._check_amount(
            self.amount, self.currency_id, self.partner_id
        )
        # see above
        bank_sudo = self.sudo().client_balance_advance_bank_id
        bank_sudo._check_client_balance_client(self.partner_id)

    def _check_client_balance_advance_entry(self):
        """Our pass covers the whole entry: officers post what the payment says only.

        :raise AccessError: for an entry that was changed by hand
        """
        self.ensure_one()
        if self.env.su or self.env["client.balance.gate"]._may_post():
            return
        # officers post payments without a right on their items
        liquidity, counterpart, others = self.sudo()._seek_for_lines()
        sums = [
            sum(lines.mapped("amount_currency")) for lines in (liquidity, counterpart)
        ]
        same = (
            counterpart.account_id == self.sudo().destination_account_id
            and counterpart.partner_id.commercial_partner_id
            == self.partner_id.commercial_partner_id
            and (liquidity | counterpart).currency_id == self.currency_id
            and self.currency_id.compare_amounts(sums[0], self.amount) == 0
            and self.currency_id.compare_amounts(sums[1], -self.amount) == 0
        )
        if self.move_id and (others or not same):
            raise AccessError(
                self.env._(
                    "The journal entry of payment %(payment)s was changed by hand and"
                    " is no longer just the advance of %(client)s. Only an accountant"
                    " may post it: delete the payment and register it anew, or ask your"
                    " accountant.",
                    payment=self.display_name,
                    client=self.partner_id.display_name,
                )
            )
