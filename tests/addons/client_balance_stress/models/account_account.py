from odoo import api, fields, models

OURS = ("asset_receivable", "liability_payable", "liability_current")


class AccountAccount(models.Model):
    _inherit = "account.account"

    is_client_balance = fields.Boolean(
        compute="_compute_is_client_balance", store=True, readonly=True
    )

    @api.depends("account_type")
    def _compute_is_client_balance(self):
        for account in self:
            account.is_client_balance = account.account_type in OURS

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self.env.registry.clear_cache()
        return accounts

    def write(self, vals):
        vals = {name: vals[name] for name in vals if name != "is_client_balance"}
        res = super().write(vals)
        if "account_type" in vals:
            self.env.registry.clear_cache()
        return res

    def _get_client_balance_problem(self):
        return False

    def _check_client_balance_change(self, flagged):
        return

    def _check_client_balance_not_needed(self):
        return
