from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    client_balance_ids = fields.One2many(
        "client.balance",
        "partner_id",
        string="Client balances",
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

    def _get_client_balance_bank(self, invoice=None):
        """The bank account whose balance a new settlement uses.

        The one named on the invoice, else the default of the client card, else the
        first by sequence, else none.

        :return: a ``res.partner.bank``, possibly empty
        """
        partner = self.commercial_partner_id
        bank = invoice.client_balance_bank_id[:1] if invoice else None
        # people who register payments may have no right on the client card's field
        return (
            bank
            or partner.sudo().client_balance_bank_id.filtered("active").sudo(False)
            or partner.bank_ids.filtered("active").sorted(
                lambda bank: (bank.sequence, bank.id)
            )[:1]
        )
