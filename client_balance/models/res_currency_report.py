from odoo import api, models


class ResCurrency(models.Model):
    """Currencies in use are columns of the client report."""

    _inherit = "res.currency"

    @api.model_create_multi
    def create(self, vals_list):
        currencies = super().create(vals_list)
        self.env["client.balance.report"]._update_columns()
        return currencies

    def write(self, vals):
        report = self.env["client.balance.report"]
        watched = {"active", "name"} & vals.keys()
        before = watched and [name for _cur, name in report._get_visible_columns()]
        res = super().write(vals)
        if "name" in vals:
            self.env.registry.clear_cache()
        if watched:
            report._update_columns()
            if before != [name for _cur, name in report._get_visible_columns()]:
                report._signal_columns()
        return res
