from odoo import models


class AccountMove(models.Model):
    """Who has something receivable is a client, and stands in the client report."""

    _inherit = "account.move"

    def write(self, vals):
        res = super().write(vals)
        if vals.get("state") == "posted":
            # the report counts clients, whatever the poster may read
            lines_sudo = self.sudo().line_ids.filtered(
                lambda line: (
                    line.partner_id
                    and line.account_id.account_type == "asset_receivable"
                )
            )
            self.env["client.balance.total"]._add_clients(
                {
                    (
                        line.company_id.root_id.id,
                        line.partner_id.commercial_partner_id.id,
                    )
                    for line in lines_sudo
                }
            )
        return res
