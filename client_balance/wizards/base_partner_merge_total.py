from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """The remaining client keeps one row per company in the client report."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _log_merge_operation(self, src_partners, dst_partner):
        res = super()._log_merge_operation(src_partners, dst_partner)
        totals = self.env["client.balance.total"]
        totals._find_clients((dst_partner | dst_partner.commercial_partner_id).ids)
        totals._refresh(dst_partner.commercial_partner_id.ids)
        return res
