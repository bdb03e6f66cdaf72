from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    client_balance_account_id = fields.Many2one("account.account")
    client_balance_foreign_account_id = fields.Many2one("account.account")
    client_balance_journal_id = fields.Many2one("account.journal")
    client_balance_clearing_account_id = fields.Many2one("account.account")
    client_balance_tab = fields.Boolean(default=True)

    def _get_client_balance_account(self, currency):
        root = self.root_id
        account = root.client_balance_account_id
        if currency != root.currency_id and root.client_balance_foreign_account_id:
            account = root.client_balance_foreign_account_id
        if not account:
            raise UserError("no account")
        return account

    def _client_balance_set_up(self):
        for company in self:
            A = self.env["account.account"].with_company(company)
            company.client_balance_account_id = A.create({"name": "Client balances", "code": "681900", "account_type": "liability_current", "reconcile": True, "is_client_balance": True, "company_ids": [(6, 0, company.ids)]})
            company.client_balance_clearing_account_id = A.create({"name": "Clearing", "code": "377900", "account_type": "asset_current", "reconcile": True, "company_ids": [(6, 0, company.ids)]})
            company.client_balance_journal_id = self.env["account.journal"].create({"name": "Client balance", "code": "CBAL", "type": "general", "company_id": company.id})
