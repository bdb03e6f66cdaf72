from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    client_balance_ids = fields.One2many(
        "client.balance",
        "partner_id",
        string="Client balances",
        search="_search_client_balance_ids",
        groups="client_balance.group_client_balance_own",
    )
    client_balance_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Default bank account for the balance",
        domain="[('partner_id', '=', id)]",
        ondelete="set null",
        copy=False,
        groups="client_balance.group_client_balance_own",
        help="New overpayments go to the balance of this bank account. Changing it"
        " moves no money.",
    )

    @api.model
    def _search_client_balance_ids(self, operator, value):
        """Ask what the reader may see: core looks for ids, and for any, as superuser"""
        if operator != "in":
            # "not in" is its opposite, and "any" obeys the rules by itself
            same = Domain("client_balance_ids", operator, value)
            return NotImplemented if operator == "not in" else same
        found = Domain.FALSE
        if ids := [balance_id for balance_id in value if balance_id]:
            found = Domain("client_balance_ids", "any", [("id", "in", ids)])
        if len(ids) < len(value):
            found |= Domain("client_balance_ids", "not any", Domain.TRUE)
        return found

    def _get_client_balance_client(self):
        """:return: the client that these partners are, or belong to, now"""
        # the stored client of a contact may be older than where that client stands
        return self.commercial_partner_id.commercial_partner_id

    def _get_client_balance_bank(self, invoice=None):
        """The bank account whose balance a new settlement uses.

        The one named on the invoice, else the default of the client card (unless it has
        become another client's), else the first by sequence, else none.

        :return: a ``res.partner.bank``, possibly empty
        """
        partner = self.commercial_partner_id
        bank = invoice.client_balance_bank_id[:1] if invoice else None
        # people who register payments may have no right on the client card's field
        default = partner.sudo().client_balance_bank_id.filtered("active").sudo(False)
        return (
            bank
            or partner._filter_client_balance_own(default)
            or partner.bank_ids.filtered("active").sorted(
                lambda bank: (bank.sequence, bank.id)
            )[:1]
        )

    def _filter_client_balance_own(self, banks):
        """:return: those of ``banks`` that belong to this client or to its contacts"""
        return banks.filtered(
            lambda bank: bank.partner_id.commercial_partner_id == self
        )
