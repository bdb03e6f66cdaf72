from odoo import fields, models, tools, api


class AccountAccount(models.Model):
    _inherit = "account.account"

    is_client_balance = fields.Boolean(readonly=True, copy=False)

    @api.model
    @tools.ormcache()
    def _get_client_balance_account_ids(self):
        self.flush_model(["is_client_balance"])
        self.env.cr.execute("SELECT id FROM account_account WHERE is_client_balance")
        return frozenset(row[0] for row in self.env.cr.fetchall())

    def write(self, vals):
        res = super().write(vals)
        if "is_client_balance" in vals:
            self.env.registry.clear_cache()
        return res

    @api.model_create_multi
    def create(self, vals_list):
        res = super().create(vals_list)
        if any(v.get("is_client_balance") for v in vals_list):
            self.env.registry.clear_cache()
        return res
