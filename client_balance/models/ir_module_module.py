from odoo import models


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def _load_module_terms(self, modules, langs, overwrite=False):
        res = super()._load_module_terms(modules, langs, overwrite=overwrite)
        if "client_balance" in modules:
            setup = self.env["client.balance.setup"]
            # Every company gets its names, whoever loads the language.
            companies_sudo = self.env["res.company"].sudo()
            for company in companies_sudo.search([("parent_id", "=", False)]):
                setup._translate(company, langs)
        return res
