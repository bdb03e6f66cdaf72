from odoo import api, fields, models
from odoo.tools import SQL


class ClientBalanceAdvance(models.Model):
    """The register of advances: what came, and what became of it.

    No VAT is posted here. A row is an event of an advance: received, closed by a
    document, refunded, moved to another client. It is a view on the ledger and on
    Odoo's reconciliation, so it follows whatever is undone or matched by hand. The sum
    of a period's rows is the turnover, of all rows up to a day what is unused then.
    """

    _name = "client.balance.advance"
    _description = "Advance of a client"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "advance_name"
    # what must be in the database before the query runs
    _depends = {
        "account.move": ["name"],
        "account.move.line": ["balance"],
        "account.partial.reconcile": [
            "amount",
            "credit_move_id",
            "debit_amount_currency",
            "debit_move_id",
        ],
        "client.balance.settlement": [
            "advance_date",
            "amount",
            "date",
            "invoice_ids",
            "is_advance",
            "is_live",
            "move_line_ref",
            "partner_id",
            "reversal_of_id",
            "reversed_by_id",
            "settlement_type",
        ],
    }

    date = fields.Date(readonly=True, help="When it happened.")
    advance_date = fields.Date(
        string="Bank day",
        readonly=True,
        help="The day on which the money first arrived: the first event for VAT.",
    )
    event = fields.Selection(
        [
            ("received", "Received"),
            ("closed", "Closed by a document"),
            ("refunded", "Refunded"),
            ("moved", "Moved to another client"),
            ("moved_in", "Received from another client"),
            ("internal", "Transferred between own bank accounts"),
            ("exchanged", "Exchanged"),
            ("other", "Other"),
        ],
        readonly=True,
    )
    needs_adjustment = fields.Boolean(
        string="Adjustment needed",
        readonly=True,
        help="The tax invoice of the advance needs an adjustment.",
    )
    advance_id = fields.Many2one("client.balance.settlement", readonly=True)
    advance_name = fields.Char(string="Advance document", readonly=True)
    settlement_id = fields.Many2one("client.balance.settlement", readonly=True)
    document = fields.Char(
        readonly=True, help="What closed the advance, or brought the money."
    )
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    partner_bank_id = fields.Many2one(
        "res.partner.bank", string="Bank account", readonly=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one(
        string="Company currency", related="company_id.currency_id"
    )
    received = fields.Monetary(readonly=True)
    closed = fields.Monetary(readonly=True)
    refunded = fields.Monetary(readonly=True)
    moved = fields.Monetary(string="Moved away", readonly=True)
    other = fields.Monetary(readonly=True)
    unused = fields.Monetary(
        readonly=True, help="Received less closed, refunded and moved."
    )
    unused_company = fields.Monetary(
        string="Unused in company currency",
        readonly=True,
        currency_field="company_currency_id",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT event.id, event.date, event.advance_date, event.event,
                   event.needs_adjustment, event.advance_id, event.settlement_id,
                   advance.name AS advance_name, event.document,
                   advance.company_id, advance.partner_id, advance.partner_bank_id,
                   advance.currency_id,
                   CASE WHEN event.event IN ('received', 'moved_in')
                        THEN event.amount ELSE 0 END AS received,
                   CASE WHEN event.event = 'closed'
                        THEN -event.amount ELSE 0 END AS closed,
                   CASE WHEN event.event = 'refunded'
                        THEN -event.amount ELSE 0 END AS refunded,
                   CASE WHEN event.event = 'moved'
                        THEN -event.amount ELSE 0 END AS moved,
                   CASE WHEN event.event IN ('other', 'exchanged', 'internal')
                        THEN -event.amount ELSE 0 END AS other,
                   event.amount AS unused, event.value AS unused_company
              FROM (%(received)s UNION ALL %(used)s) event
              JOIN client_balance_settlement advance ON advance.id = event.advance_id
            """,
            received=self._get_received_sql(),
            used=self._get_used_sql(),
        )

    def _get_received_sql(self):
        """Hook. :return: SQL of the credits that are advances

        A reversal on the same day takes the advance out of the register, one on a later
        day shows on that day: what was printed for a closed period stays true.
        """
        return SQL(
            """
            SELECT settlement.id * 2 AS id, settlement.date,
                   COALESCE(settlement.advance_date, settlement.date) AS advance_date,
                   CASE WHEN origin.settlement_type = 'transfer'
                             AND %(other_client)s THEN 'moved_in'
                        WHEN origin.settlement_type = 'exchange' THEN 'exchanged'
                        WHEN origin.settlement_type = 'transfer' THEN 'internal'
                        ELSE 'received' END AS event,
                   false AS needs_adjustment, origin.id AS advance_id,
                   settlement.id AS settlement_id,
                   COALESCE(settlement.payment_name, settlement.move_name) AS document,
                   settlement.amount, COALESCE(-line.balance, 0) AS value
              FROM client_balance_settlement settlement
              JOIN client_balance_settlement origin
                ON origin.id = COALESCE(settlement.reversal_of_id, settlement.id)
         LEFT JOIN client_balance_settlement pair
                ON pair.id = COALESCE(settlement.reversal_of_id,
                                      settlement.reversed_by_id)
         LEFT JOIN account_move_line line ON line.id = settlement.move_line_id
             WHERE origin.is_advance AND origin.amount > 0
               AND (pair.id IS NULL OR pair.date <> settlement.date)
            """,
            other_client=self._get_other_client_sql(SQL.identifier("origin")),
        )

    def _get_used_sql(self):
        """Hook. :return: SQL of what used an advance, as the reconciliation says"""
        return SQL(
            """
            SELECT partial.id * 2 + 1 AS id,
                   GREATEST(spend.date, credit.date) AS date,
                   COALESCE(credit.advance_date, credit.date) AS advance_date,
                   CASE WHEN spend.settlement_type = 'refund' THEN 'refunded'
                        WHEN spend.settlement_type = 'transfer'
                             AND %(other_client)s THEN 'moved'
                        WHEN spend.settlement_type = 'transfer' THEN 'internal'
                        WHEN spend.settlement_type = 'exchange' THEN 'exchanged'
                        WHEN spend.settlement_type = 'write_off' THEN 'closed'
                        ELSE 'other' END AS event,
                   spend.settlement_type = 'refund'
                       OR (spend.settlement_type = 'transfer' AND %(other_client)s)
                       AS needs_adjustment,
                   credit.id AS advance_id, spend.id AS settlement_id,
                   COALESCE(invoices.names, spend.payment_name, spend.move_name)
                       AS document,
                   -partial.debit_amount_currency AS amount, -partial.amount AS value
              FROM account_partial_reconcile partial
              JOIN client_balance_settlement credit
                ON credit.move_line_ref = partial.credit_move_id AND credit.is_live
               AND credit.is_advance AND credit.amount > 0
               AND credit.reversed_by_id IS NULL
              JOIN client_balance_settlement spend
                ON spend.move_line_ref = partial.debit_move_id AND spend.is_live
         LEFT JOIN LATERAL (
                   SELECT string_agg(invoice.name, ', ' ORDER BY invoice.id) AS names
                     FROM client_balance_settlement_invoice_rel rel
                     JOIN account_move invoice ON invoice.id = rel.invoice_id
                    WHERE rel.settlement_id = spend.id
                   ) invoices ON true
             WHERE partial.debit_amount_currency <> 0
            """,
            other_client=self._get_other_client_sql(SQL.identifier("spend")),
        )

    def _get_other_client_sql(self, settlement):
        """:return: SQL, whether the entry of a transfer names two clients"""
        return SQL(
            """
            EXISTS (SELECT 1 FROM client_balance_settlement other
                     WHERE other.move_id = %(settlement)s.move_id
                       AND other.partner_id <> %(settlement)s.partner_id)
            """,
            settlement=settlement,
        )

    @api.readonly
    def action_open_document(self):
        """Open the settlement that this event is."""
        self.ensure_one()
        return self.settlement_id._get_records_action()
