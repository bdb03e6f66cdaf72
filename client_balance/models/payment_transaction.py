from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS

from .client_balance_gate import Caller
from .payment_transaction_fact import Booking


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
    client_balance_is_typed = fields.Boolean(
        string="Typed by a person",
        readonly=True,
        copy=False,
        groups=NO_ACCESS,
        help="A person wrote what only the provider knows: it moves no balance.",
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
        transactions._mark_client_balance_typed(self._fields)
        transactions._check_client_balance_invoices()
        return transactions

    def write(self, vals):
        self._check_client_balance_access()
        res = super().write(vals)
        self._check_client_balance_access()
        self._mark_client_balance_typed(vals)
        if not self.env.su or "invoice_ids" in vals:
            self._check_client_balance_invoices()
        return res

    @api.model
    def _get_client_balance_fact_fields(self):
        """Hook. :return: fields that say what a provider did, with whose money"""
        return {
            "amount",
            "child_transaction_ids",
            "currency_id",
            "operation",
            "partner_id",
            "payment_id",
            "provider_id",
            "source_transaction_id",
            "state",
        }

    def _mark_client_balance_typed(self, names):
        """Billing clerks may write transactions: what they write is no evidence.

        Core's own flows, in which the provider speaks, write as superuser.
        """
        if not self.env.su and self._get_client_balance_fact_fields() & set(names):
            # nobody else may write our field
            self.sudo().client_balance_is_typed = True

    def _check_client_balance_invoices(self):
        """A confirmed payment posts its draft invoices as superuser.

        Payment pages make transactions as superuser too, for whoever opens the link:
        what counts is who stands in front of the page.
        """
        # whoever writes the transaction need not see all of its invoices
        self.sudo().invoice_ids.sudo(False)._check_client_balance_autopost()

    def _check_client_balance_access(self):
        """What happened to a top-up, its provider says: no person, also no manager."""
        if self.env.su:
            return
        # our fields are read for people who may not see them
        for tx_sudo in self.sudo():
            if (
                tx_sudo.client_balance_partner_id
                or tx_sudo.source_transaction_id.client_balance_partner_id
            ):
                raise AccessError(
                    self.env._(
                        "Online payment %(reference)s belongs to a client balance. What"
                        " happens to it, only its provider reports: refund it from its"
                        " payment, or record a settlement instead.",
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

    def _get_client_balance_owner(self):
        if not self._is_client_balance_top_up():
            return super()._get_client_balance_owner()
        client_sudo = self.sudo().client_balance_partner_id  # see above
        return client_sudo.with_env(self.env)._get_client_balance_client()

    def _prepare_client_balance_booking(self):
        """A confirmed top-up goes to the balance, once."""
        if not self._is_client_balance_top_up() or self.operation == "refund":
            return super()._prepare_client_balance_booking()
        client = self._get_client_balance_owner()
        bank = self._get_client_balance_top_up_bank(client)
        account = self.company_id._get_client_balance_account(self.currency_id)
        self.env["client.balance"]._touch(
            (self.company_id, client, bank, self.currency_id)
        )
        caller = Caller(
            "top_up",
            is_fact=True,
            # the client reads it in the portal
            description=self._in_language_of(client).env._(
                "Online payment %(ref)s", ref=self.reference
            ),
            external_ref=self._get_client_balance_ref(),
            # of the day of its entry: core may post it later, where today is locked
            is_advance=True,
        )
        return Booking(caller, {"destination_account_id": account.id}, bank)

    def _get_client_balance_top_up_bank(self, client):
        """:return: the chosen bank account, unless it changed hands meanwhile"""
        bank = client._filter_client_balance_own(self.client_balance_bank_id)
        if bank and not bank.active:
            return client._get_client_balance_bank()
        return bank
