from odoo import fields, models


class ResCompany(models.Model):
    """What stands in acts of reconciliation, and how often they are made."""

    _inherit = "res.company"

    client_balance_statement_place = fields.Char(
        string="Place of acts", help="Empty: the company's city."
    )
    client_balance_statement_signatory = fields.Char(string="Signatory of acts")
    client_balance_statement_position = fields.Char(string="Position of the signatory")
    client_balance_statement_schedule = fields.Selection(
        [("monthly", "Every month"), ("quarterly", "Every quarter")],
        string="Acts of reconciliation are made",
        help="Empty: only when somebody makes them. A client may have its own"
        " schedule.",
    )
    client_balance_statement_send = fields.Boolean(
        string="Send scheduled acts",
        help="Scheduled acts are sent at once. Otherwise they wait as drafts.",
    )

    def _get_company_root_delegated_field_names(self):
        return [
            *super()._get_company_root_delegated_field_names(),
            "client_balance_statement_place",
            "client_balance_statement_signatory",
            "client_balance_statement_position",
            "client_balance_statement_schedule",
            "client_balance_statement_send",
        ]
