from odoo import fields, models
from odoo.tools import SQL


class ClientBalanceMatch(models.Model):
    """Which credit paid which spend, as Odoo's reconciliation says.

    A view on the matching, not a ledger: it follows when people match by hand.
    """

    _name = "client.balance.match"
    _description = "Credit used by a spend"
    _auto = False
    _order = "credit_date, id"
    # what must be in the database before the query runs
    _depends = {
        "account.partial.reconcile": [
            "credit_move_id",
            "debit_amount_currency",
            "debit_move_id",
        ],
        "client.balance.settlement": ["date", "is_live", "move_line_ref"],
    }

    credit_id = fields.Many2one("client.balance.settlement", readonly=True)
    spend_id = fields.Many2one("client.balance.settlement", readonly=True)
    credit_date = fields.Date(string="Date of the credit", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(string="Amount used", readonly=True)
    credit_type = fields.Selection(related="credit_id.settlement_type", string="Type")
    credit_description = fields.Char(
        related="credit_id.description", string="Description"
    )
    credit_amount = fields.Monetary(related="credit_id.amount", string="Of")
    spend_date = fields.Date(related="spend_id.date", string="Date of the spend")
    spend_type = fields.Selection(
        related="spend_id.settlement_type", string="Type of the spend"
    )
    invoice_ids = fields.Many2many(related="spend_id.invoice_ids", string="Invoice")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT partial.id, credit.id AS credit_id, spend.id AS spend_id,
                   credit.date AS credit_date, spend.partner_id, spend.company_id,
                   partial.debit_currency_id AS currency_id,
                   partial.debit_amount_currency AS amount
              FROM account_partial_reconcile partial
              JOIN client_balance_settlement credit
                ON credit.move_line_ref = partial.credit_move_id AND credit.is_live
              JOIN client_balance_settlement spend
                ON spend.move_line_ref = partial.debit_move_id AND spend.is_live
             WHERE partial.debit_amount_currency <> 0
            """
        )
