from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Last day of each span of age; the last span has no end.
SPANS = (("amount_30", 30), ("amount_60", 60), ("amount_90", 90), ("amount_180", 180))
OLDEST = "amount_older"


class ClientBalanceAgeing(models.Model):
    """Money lying on clients' balances, by age: one row per open item.

    The age counts from the day on which the client's money first arrived, through
    transfers and exchanges. Spends without a source (below a limit, or matched by hand)
    are negative rows, so that the sum of all rows is the balance.
    """

    _name = "client.balance.ageing"
    _description = "Unspent credits by age"
    _auto = False
    _order = "origin_date, id"
    _rec_name = "settlement_id"
    _depends = {
        "account.move.line": ["amount_residual_currency"],
        "client.balance.settlement": ["advance_date", "date", "is_live"],
        "client.balance.suspension": ["company_id", "date_from", "date_to"],
        "res.company": [
            "client_balance_limitation_days",
            "client_balance_limitation_warning",
        ],
        "res.partner": ["user_id"],
    }

    settlement_id = fields.Many2one("client.balance.settlement", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    partner_bank_id = fields.Many2one(
        "res.partner.bank", string="Bank account", readonly=True
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    origin_date = fields.Date(
        string="Money of", readonly=True, help="The day on which the money arrived."
    )
    days = fields.Integer(string="Age in days", readonly=True, aggregator="max")
    age = fields.Selection(
        [
            ("1_30", "0–30 days"),
            ("2_60", "31–60 days"),
            ("3_90", "61–90 days"),
            ("4_180", "91–180 days"),
            ("5_older", "Over 180 days"),
        ],
        readonly=True,
    )
    amount = fields.Monetary(string="Unspent", readonly=True)
    amount_30 = fields.Monetary(string="0–30", readonly=True)
    amount_60 = fields.Monetary(string="31–60", readonly=True)
    amount_90 = fields.Monetary(string="61–90", readonly=True)
    amount_180 = fields.Monetary(string="91–180", readonly=True)
    amount_older = fields.Monetary(string="Over 180", readonly=True)
    limitation_left = fields.Integer(
        string="Days of the limitation period left",
        readonly=True,
        aggregator="min",
        help="Counted from the arrival of the money, without suspended periods.",
    )
    limitation_state = fields.Selection(
        [
            ("running", "Running"),
            ("ending", "Ends soon"),
            ("over", "Days have run out"),
        ],
        string="Limitation period",
        readonly=True,
    )
    limitation_date = fields.Date(
        string="Limitation period ends",
        compute="_compute_limitation_date",
        help="Empty while the period is suspended without an end. An estimate for your"
        " own planning: interruptions are not known here.",
    )
    settlement_type = fields.Selection(
        related="settlement_id.settlement_type", string="Type"
    )
    description = fields.Char(related="settlement_id.description")

    @api.depends("origin_date", "company_id")
    def _compute_limitation_date(self):
        # whoever sees the balance sees how long it may lie there
        suspensions_sudo = self.env["client.balance.suspension"].sudo()
        periods = suspensions_sudo.search(
            [("company_id", "in", self.company_id.ids)], order="date_from"
        ).grouped("company_id")
        for row in self:
            company_sudo = row.company_id.sudo()
            try:
                row.limitation_date = row.origin_date and self._get_end(
                    row.origin_date,
                    company_sudo.client_balance_limitation_days,
                    periods.get(row.company_id, ()),
                )
            except OverflowError:
                # after the last day that a calendar has
                row.limitation_date = False

    def _get_end(self, start, days, periods):
        """:return: the last day of a period of ``days``, or False where it has none"""
        if not days:
            return False
        end = start + timedelta(days=days)
        for period in periods:
            first = max(period.date_from, start + timedelta(days=1))
            if period.date_from > end:
                break
            if not period.date_to:
                return False
            end += timedelta(days=max(0, (period.date_to - first).days + 1))
        return end

    # Query --------------------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT row.*, %(spans)s, %(age)s AS age,
                   CASE WHEN row.limitation_left IS NULL THEN NULL
                        WHEN row.limitation_left < 0 THEN 'over'
                        WHEN row.limitation_left <= row.warning THEN 'ending'
                        ELSE 'running' END AS limitation_state
              FROM (%(rows)s) row
            """,
            spans=self._get_spans_sql(),
            age=self._get_age_sql(),
            rows=self._get_rows_sql(fields.Date.context_today(self)),
        )

    def _get_rows_sql(self, today):
        """Hook. :return: SQL of the open items"""
        return SQL(
            """
            SELECT settlement.id, settlement.id AS settlement_id,
                   settlement.company_id, settlement.partner_id, client.user_id,
                   settlement.partner_bank_id, settlement.currency_id,
                   origin.date AS origin_date, %(today)s - origin.date AS days,
                   -item.amount_residual_currency AS amount,
                   company.client_balance_limitation_warning AS warning,
                   NULLIF(company.client_balance_limitation_days, 0)
                       - (%(today)s - origin.date)
                       + %(suspended)s AS limitation_left
              FROM client_balance_settlement settlement
              JOIN account_move_line item ON item.id = settlement.move_line_ref
              JOIN res_company company ON company.id = settlement.company_id
         LEFT JOIN res_partner client ON client.id = settlement.partner_id
        CROSS JOIN LATERAL (SELECT COALESCE(settlement.advance_date, settlement.date)
                       AS date) origin
             WHERE settlement.is_live AND item.amount_residual_currency <> 0
            """,
            today=SQL("%s::date", today),
            suspended=self._get_suspended_sql(today),
        )

    def _get_suspended_sql(self, today):
        """:return: SQL of the days since the origin on which the period did not run"""
        return SQL(
            """
            COALESCE((
                SELECT SUM(GREATEST(0,
                           LEAST(COALESCE(period.date_to, %(today)s), %(today)s)
                           - GREATEST(period.date_from, origin.date + 1) + 1))
                  FROM client_balance_suspension period
                 WHERE period.company_id = settlement.company_id), 0)::int
            """,
            today=SQL("%s::date", today),
        )

    def _get_spans_sql(self):
        columns, above = [], SQL("TRUE")
        for name, last in SPANS:
            within = SQL("%s AND row.days <= %s", above, last)
            columns.append(self._get_span_sql(within, name))
            above = SQL("row.days > %s", last)
        columns.append(self._get_span_sql(above, OLDEST))
        return SQL(", ").join(columns)

    def _get_span_sql(self, within, name):
        return SQL(
            "CASE WHEN %s THEN row.amount ELSE 0 END AS %s",
            within,
            SQL.identifier(name),
        )

    def _get_age_sql(self):
        values = [value for value, _label in self._fields["age"].selection]
        cases = SQL(" ").join(
            SQL("WHEN row.days <= %s THEN %s", last, value)
            for value, (_name, last) in zip(values, SPANS, strict=False)
        )
        return SQL("CASE %s ELSE %s END", cases, values[-1])

    def _read_group_select(self, aggregate_spec, query):
        # Amounts of different currencies have no sum, converted or not.
        name, _sep, function = aggregate_spec.partition(":")
        if function in ("sum", "sum_currency") and name.startswith("amount"):
            return self.env["client.balance.report"]._get_sum_sql(
                self._field_to_sql(self._table, name, query),
                self._field_to_sql(self._table, "currency_id", query),
            )
        return super()._read_group_select(aggregate_spec, query)

    # Screens ------------------------------------------------------------------------

    @api.readonly
    def action_open_settlement(self):
        """Open the settlement that put this money on the balance."""
        self.ensure_one()
        if not self.settlement_id:
            raise UserError(
                self.env._("This money was spent meanwhile. Refresh the list.")
            )
        return self.settlement_id._get_records_action()
