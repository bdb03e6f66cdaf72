from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import clean_context


class ClientBalancePaymentDialog(models.AbstractModel):
    """A dialog that makes a payment whose destination is the balance account."""

    _name = "client.balance.payment.dialog"
    _inherit = ["client.balance.dialog"]
    _description = "Dialog that pays to or from a client balance"

    journal_id = fields.Many2one(
        "account.journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', available_journal_ids)]",
    )
    available_journal_ids = fields.Many2many(
        "account.journal", compute="_compute_available_journal_ids"
    )
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Payment Method",
        compute="_compute_payment_method_line_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'in', available_payment_method_line_ids)]",
    )
    available_payment_method_line_ids = fields.Many2many(
        "account.payment.method.line",
        compute="_compute_available_payment_method_line_ids",
    )

    @api.model
    def default_get(self, fields):
        """Say at once that payments need a right of their own."""
        if not self.env["account.payment"].has_access("create"):
            raise AccessError(
                self.env._(
                    "This makes a payment, and you may not register payments. Ask an"
                    " administrator for the access right “Invoicing”."
                )
            )
        return super().default_get(fields)

    def _get_payment_type(self):
        """Hook. :return: "inbound" or "outbound" """
        raise NotImplementedError

    def _get_settlement_type(self):
        """Hook. :return: the type of the settlement that the payment makes"""
        raise NotImplementedError

    @api.depends("company_id")
    def _compute_available_journal_ids(self):
        for dialog in self:
            dialog.available_journal_ids = self.env["account.journal"].search(
                dialog._get_journal_domain()
            )

    def _get_journal_domain(self):
        """Hook. :return: domain of the journals through which the money goes"""
        Journal = self.env["account.journal"]
        return Domain(Journal._check_company_domain(self.company_id)) & Domain(
            "type", "in", ("bank", "cash", "credit")
        )

    @api.depends("available_journal_ids", "currency_id")
    def _compute_journal_id(self):
        """A journal in the currency of the balance first, bank before cash."""
        for dialog in self:
            journals = dialog.available_journal_ids
            same = journals.filtered(
                lambda journal, dialog=dialog: (
                    (journal.currency_id or dialog.company_currency_id)
                    == dialog.currency_id
                )
            )
            dialog.journal_id = (
                (same or journals)
                .sorted(lambda journal: journal.type != "bank")[:1]
                ._origin
            )

    @api.depends("journal_id")
    def _compute_available_payment_method_line_ids(self):
        for dialog in self:
            dialog.available_payment_method_line_ids = (
                dialog.journal_id._get_available_payment_method_lines(
                    dialog._get_payment_type()
                )
                if dialog.journal_id
                else False
            )

    @api.depends("available_payment_method_line_ids")
    def _compute_payment_method_line_id(self):
        for dialog in self:
            lines = dialog.available_payment_method_line_ids
            if dialog.payment_method_line_id not in lines:
                dialog.payment_method_line_id = lines[:1]._origin

    # Confirmation ---------------------------------------------------------------------

    def _check(self):
        super()._check()
        if self.journal_id not in self.available_journal_ids:
            raise UserError(
                self.env._(
                    "Choose the bank or cash journal of %(company)s through which the"
                    " money of %(client)s goes.",
                    company=self.company_id.display_name,
                    client=self.partner_id.display_name,
                )
            )
        if self.payment_method_line_id not in self.available_payment_method_line_ids:
            raise UserError(
                self.env._(
                    "Choose a payment method of journal %(journal)s.",
                    journal=self.journal_id.display_name,
                )
            )

    def _post(self):
        payment = (
            self.env["account.payment"]
            .with_context(
                # the defaults in it come from whoever asks
                clean_context(self.env.context),
                **self._prepare_payment_context(),
            )
            .create(self._prepare_payment_vals())
        )
        payment.action_post()
        self._check_payment(payment)
        items = payment.move_id.line_ids.filtered("account_id.is_client_balance")
        return self.env["client.balance.posting"]._get_settlements(items)

    def _prepare_payment_context(self):
        [key] = self._get_keys()
        context = {
            "client_balance_caller": self.env["client.balance.gate"]._make_pass(
                self._get_settlement_type(), **self._prepare_caller_values()
            ),
            "client_balance_payment_bank_id": key[2].id,
        }
        # without an outstanding account there may be no entry that carries the money
        if not self.payment_method_line_id.payment_account_id:
            context["force_payment_move"] = True
        return context

    def _prepare_caller_values(self):
        """Hook. :return: values of the settlement that the payment makes"""
        return {
            "description": self.description or self._get_label(),
            "external_ref": self._get_external_ref(),
        }

    def _get_label(self):
        """Hook. :return: what the payment is for, without the person's own words"""
        raise NotImplementedError

    def _prepare_payment_vals(self):
        """Hook. :return: values of the payment"""
        # the account is a setting, read for people without rights on accounts
        account = self.company_id.sudo()._get_client_balance_account(self.currency_id)
        return {
            "company_id": self.company_id.id,
            "payment_type": self._get_payment_type(),
            "partner_type": "customer",
            "partner_id": self.partner_id.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "amount": self.amount,
            "date": self.date,
            "memo": self.description or self._get_label(),
            "journal_id": self.journal_id.id,
            "payment_method_line_id": self.payment_method_line_id.id,
            "destination_account_id": account.id,
            "write_off_line_vals": self._prepare_write_off_vals(),
        }

    def _prepare_write_off_vals(self):
        """Hook. :return: further items of the entry"""
        return []

    def _check_payment(self, payment):
        move = payment.move_id
        if move.state != "posted":
            raise UserError(
                self.env._(
                    "The payment of %(client)s makes no journal entry, so nothing moved"
                    " on the balance. Set an outstanding account on the payment method"
                    " %(method)s of journal %(journal)s.",
                    client=self.partner_id.display_name,
                    method=self.payment_method_line_id.name,
                    journal=self.journal_id.display_name,
                )
            )
        if move.date != self.date:
            self.env["client.balance.posting"]._refuse_locked(
                self.company_id, self.date, self.journal_id
            )

    def _get_next_action(self, settlements):
        """Open the payment, for those who may see it."""
        payment = settlements.payment_id
        if payment and payment.with_env(self.env).has_access("read"):
            return payment.with_env(self.env)._get_records_action()
        return super()._get_next_action(settlements)
