from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS

from .client_balance_gate import Caller


class PaymentTransaction(models.Model):
    """Online payments that top up a client's balance.

    The transaction remembers the client at the time of the payment: whoever paid may
    be moved to another client before the provider confirms.
    """

    _inherit = "payment.transaction"

    client_balance_partner_id = fields.Many2one(
        "res.partner",
        string="Client whose balance is topped up",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        groups=NO_ACCESS,
    )
    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Client's bank account",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        groups=NO_ACCESS,
    )

    def _is_client_balance_top_up(self):
        """:return: whether this, or the payment that it undoes, tops up a balance"""
        self.ensure_one()
        # our fields are read for people who may not see them
        return bool(self.sudo().client_balance_partner_id)

    # Who may touch them ---------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        transactions = super().create(vals_list)
        transactions._check_client_balance_access()
        transactions._check_client_balance_invoices()
        return transactions

    def write(self, vals):
        self._check_client_balance_access()
        res = super().write(vals)
        self._check_client_balance_access()
        if not self.env.su or "invoice_ids" in vals:
            self._check_client_balance_invoices()
        return res

    def _check_client_balance_invoices(self):
        """A confirmed payment posts its draft invoices as superuser.

        Payment pages make transactions as superuser too, for whoever opens the link:
        what counts is who stands in front of the page.
        """
        # whoever writes the transaction need not see all of its invoices
        self.sudo().invoice_ids.sudo(False)._check_client_balance_autopost()

    def _check_client_balance_access(self):
        """Billing clerks may write transactions, but not mint or drain a balance.

        Core's own flows write as superuser.
        """
        if self.env.su or self.env.user.has_group(
            "client_balance.group_client_balance_manager"
        ):
            return
        # our fields are read for people who may not see them
        for tx_sudo in self.sudo():
            if (
                tx_sudo.client_balance_partner_id
                or tx_sudo.source_transaction_id.client_balance_partner_id
            ):
                raise AccessError(
                    self.env._(
                        "Online payment %(reference)s belongs to a client balance. Only"
                        " a manager of client balances may change it.",
                        reference=tx_sudo.reference,
                    )
                )

    def _create_child_transaction(
        self, amount, is_refund=False, **custom_create_values
    ):
        """Captures and refunds of a top-up know whose balance it was."""
        if self._is_client_balance_top_up():
            source_sudo = self.sudo()  # see _is_client_balance_top_up
            custom_create_values.setdefault(
                "client_balance_partner_id", source_sudo.client_balance_partner_id.id
            )
            custom_create_values.setdefault(
                "client_balance_bank_id", source_sudo.client_balance_bank_id.id
            )
        return super()._create_child_transaction(
            amount, is_refund=is_refund, **custom_create_values
        )

    # Posting --------------------------------------------------------------------------

    def _create_payment(self, **extra_create_values):
        """The confirmed money goes to the balance, once."""
        self.ensure_one()
        if not self._is_client_balance_top_up() or self.operation == "refund":
            return super()._create_payment(**extra_create_values)
        client = self.client_balance_partner_id.commercial_partner_id
        vals = {**extra_create_values, "partner_id": client.id}
        account = self._get_client_balance_top_up_account()
        if not account:
            payment = super()._create_payment(**vals)
            self._warn_of_client_balance_top_up(payment)
            return payment
        bank = self._get_client_balance_top_up_bank()
        self.env["client.balance"]._touch(
            (self.company_id, client, bank, self.currency_id)
        )
        transaction = self.with_context(**self._prepare_top_up_context(bank))
        return super(PaymentTransaction, transaction)._create_payment(
            **vals, destination_account_id=account.id
        )

    def _prepare_top_up_context(self, bank):
        """:return: context under which the payment is created and posted"""
        client = self.client_balance_partner_id
        env = self.with_context(lang=client.lang or self.env.lang).env
        context = {
            "client_balance_caller": Caller(
                "top_up",
                # the client reads it in the portal
                description=env._("Online payment %(ref)s", ref=self.reference),
                # the last defence: the same payment twice is one settlement
                external_ref=f"payment.transaction:{self.id}",
                # of the day of its entry: core may post it later, where today is locked
                is_advance=True,
            ),
            "client_balance_payment_bank_id": bank.id,
        }
        if not self._get_client_balance_method_line().payment_account_id:
            # without an outstanding account there may be no entry for the money
            context["force_payment_move"] = True
        return context

    def _get_client_balance_method_line(self):
        """:return: the payment method of the provider's journal, as core finds it"""
        provider = self.provider_id
        return provider.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == provider
        )

    def _get_client_balance_top_up_account(self):
        """:return: the balance account, empty where the settings name none that fits"""
        try:
            return self.company_id._get_client_balance_account(self.currency_id)
        except UserError:
            # the money has arrived: it must not be lost for want of a setting
            return self.env["account.account"]

    def _get_client_balance_top_up_bank(self):
        """:return: the chosen bank account, unless it changed hands meanwhile"""
        client = self.client_balance_partner_id.commercial_partner_id
        bank = client._filter_client_balance_own(self.client_balance_bank_id)
        if bank and not bank.active:
            return client._get_client_balance_bank()
        return bank

    def _warn_of_client_balance_top_up(self, payment):
        """The money stays an open credit of the client until somebody looks at it."""
        payment = payment._in_language_of_responsible()
        payment._schedule_client_balance_activity(
            payment.env._("Put an online top-up on the client balance"),
            payment.env._(
                "%(client)s topped up the balance online, but %(company)s has no"
                " balance account for %(currency)s. Set it, then put the payment on the"
                " balance.",
                client=payment.partner_id.display_name,
                company=self.company_id.display_name,
                currency=self.currency_id.name,
            ),
        )
