from odoo import fields, models


class ClientBalancePortalReport(models.AbstractModel):
    """The statement that a client downloads for itself.

    It reads with the rights it is called with. Portal users have none on the ledger, so
    the general report routes give them nothing: only the controller, which has chosen
    the user's own balances, calls it as superuser.
    """

    _name = "report.client_balance.portal_statement"
    _description = "Statement of the client balance"

    def _get_report_values(self, docids, data=None):
        portal = self.env["client.balance.portal"]
        balances = portal._get_balances()
        filters = portal._get_filters(balances, data or {})
        chosen = portal._get_filtered_balances(balances, filters)
        sections = portal._get_statement(chosen, filters)
        return {
            "partner": portal._get_portal_partner(),
            "companies": [
                {
                    "company": company,
                    "sections": [s for s in sections if s["company"] == company],
                }
                for company in chosen.company_id or portal._get_portal_companies()[:1]
            ],
            "filters": filters,
            "printed": fields.Datetime.now(),
        }
