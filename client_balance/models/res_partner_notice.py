from odoo import fields, models


class ResPartner(models.Model):
    """Clients who want no e-mails about their balance."""

    _inherit = "res.partner"

    client_balance_muted = fields.Boolean(
        string="No e-mails about the balance",
        company_dependent=True,
        copy=False,
        groups="client_balance.group_client_balance_own",
        help="The client gets no notices about its balance from this company. The link"
        " in each of them sets this.",
    )

    def _is_client_balance_muted(self, company):
        """:return: whether the client wants no notices from ``company``"""
        # a notice is caused by people who may not see the client card's field
        partner_sudo = self.sudo().commercial_partner_id
        return partner_sudo.with_company(company.root_id).client_balance_muted

    def _set_client_balance_muted(self, company, muted):
        """Remember what the client wants. The caller has checked who asks."""
        # the client itself asks, through a signed link
        partner_sudo = self.sudo().commercial_partner_id
        partner_sudo.with_company(company.root_id).client_balance_muted = muted

    def _get_client_balance_recipient(self):
        """:return: whoever gets notices: the address for invoices, else the client"""
        client = self.commercial_partner_id
        invoicing = self.browse(client.address_get(["invoice"])["invoice"])
        return invoicing if invoicing.email else client
