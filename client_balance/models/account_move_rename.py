from odoo import models


class AccountMove(models.Model):
    """An entry that gets another number takes its settlements along."""

    _inherit = "account.move"

    def write(self, vals):
        if vals.get("name") in (None, False, "", "/"):
            return super().write(vals)
        with self.env["client.balance.gate"]._collecting() as touched:
            res = super().write(vals)
            touched.renamed_ids.update(self.ids)
        return res
