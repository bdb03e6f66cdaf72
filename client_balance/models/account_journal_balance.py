from odoo import api, models
from odoo.exceptions import ValidationError


class AccountJournal(models.Model):
    """The journal of client balances is not archived while settlements go there."""

    _inherit = "account.journal"

    @api.constrains("active")
    def _check_client_balance_journal_active(self):
        archived = self.filtered(lambda journal: not journal.active)
        if not archived:
            return
        # the settings of every company count, whoever archives
        companies_sudo = (
            self.env["res.company"]
            .sudo()
            .search([("client_balance_journal_id", "in", archived.ids)], order="id")
        )
        for company in companies_sudo:
            raise ValidationError(
                self.env._(
                    "New settlements of %(company)s are posted in journal %(journal)s."
                    " Choose another journal in Invoicing → Configuration → Settings →"
                    " Client balance before you archive it.",
                    company=company.name,
                    journal=company.client_balance_journal_id.display_name,
                )
            )
