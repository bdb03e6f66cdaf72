from odoo import models


class ResPartner(models.Model):
    """The client report follows clients that move under another company."""

    _inherit = "res.partner"

    def write(self, vals):
        res = super().write(vals)
        if {"parent_id", "is_company", "commercial_partner_id"} & vals.keys():
            partner_ids = (self | self.commercial_partner_id).ids
            self.env["client.balance.total"]._find_clients(partner_ids)
        return res
