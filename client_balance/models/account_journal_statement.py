from odoo import fields, models


class AccountJournal(models.Model):
    _inherit = "account.journal"

    client_balance_document_kind = fields.Selection(
        [
            ("sale", "Sale"),
            ("delivery_note", "Delivery note"),
            ("service_act", "Act of services rendered"),
        ],
        string="Document in acts of reconciliation",
        default="sale",
        groups="client_balance.group_client_balance_own",
        help="What an invoice of this journal is called in an act of reconciliation.",
    )
