from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Context value that carries what a query needs. Made by the model itself only.
PLAN = "client_balance_report_plan"
#: Rows to skip from which on a page is found first and read afterwards.
DEEP = 1000


class ClientBalanceReport(models.Model):
    """How the client report answers: at once for a page, in bulk for all."""

    _inherit = "client.balance.report"

    # The plan ---------------------------------------------------------------------

    def _get_plan(self):
        """What the running query joins.

        :return: set of "client" and of names of ``_get_bulks``
        """
        plan = self.env.context.get(PLAN)
        return plan if isinstance(plan, frozenset) else frozenset()

    def _with_plan(self, names, inner=False):
        """:return: ``self`` planned for a query that sorts, filters or sums ``names``

        :param inner: whether the rows come in the order of the clients' names
        """
        plan = {self._get_bulk_of(name) for name in names} - {None}
        if inner and not plan:
            plan.add("client")
        return self.with_context(**{PLAN: frozenset(plan)})

    def _get_bulk_of(self, name):
        """:return: name of the grouped subquery that has this field, or None"""
        if self._get_report_date():
            return "later" if name in self._get_columns().values() else None
        source, _aggregate = self._get_live_values().get(name, (None, None))
        return source and f"all_{source}"

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        if isinstance(self.env.context.get(PLAN), frozenset):
            return super()._search(domain, offset, limit, order, **kwargs)
        order = self._get_stable_order(order)
        names = self._get_domain_names(domain)
        sorted_by = [term.split()[0] for term in (order or "").split(",") if term]
        planned = self._with_plan(
            {*names, *sorted_by}, inner=sorted_by[:1] in (["name"], ["partner_id"])
        )
        return super(ClientBalanceReport, planned)._search(
            domain, offset, limit, order, **kwargs
        )

    def _get_domain_names(self, domain):
        """:return: names of the fields of this model that ``domain`` asks"""
        return {
            condition.field_expr.split(".")[0]
            for condition in Domain(domain or []).iter_conditions()
        }

    def _get_stable_order(self, order):
        """Add the id, in the direction of the index, so that no row is paged twice.

        Many clients have the same balance: zero.
        """
        if not order:
            return order
        terms = [term.strip() for term in order.split(",") if term.strip()]
        if any(term.split()[0] == "id" for term in terms):
            return order
        descends = "desc" in terms[0].lower().split()[1:]
        return ", ".join([*terms, "id desc" if descends else "id"])

    @api.model
    @api.readonly
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        # the rows of another day, read in the same transaction, are other values
        self.invalidate_model(flush=False)
        if field_names:
            field_names = [
                *dict.fromkeys([*field_names, *self._get_asked(field_names)])
            ]
        if not offset or offset < DEEP or not limit:
            return super().search_fetch(domain, field_names, offset, limit, order)
        # far down the list the values of all skipped rows would be worked out as well
        records = super().search_fetch(domain, [], offset, limit, order)
        records.fetch(field_names)
        return records

    def _get_asked(self, names):
        """What is asked of each row besides ``names``: by record rules, for the rights,
        and by amounts, for their currencies.

        A field that is missing in the cache brings all others along, each of which is
        a subquery per row.
        """
        asked = {"company_id", "partner_id", "user_id"}
        # an unknown name is refused by Odoo itself
        for field in filter(None, map(self._fields.get, names)):
            if field.type == "monetary":
                asked.add(field.get_currency_field(self))
        return asked

    # Sums -------------------------------------------------------------------------

    def _plan_groups(self, domain, groupby, aggregates):
        names = self._get_domain_names(domain)
        specs = {spec.split(":")[0].split(".")[0] for spec in (*groupby, *aggregates)}
        return self._with_plan(names | specs)

    def _read_group(self, domain, groupby=(), aggregates=(), *args, **kwargs):
        planned = self._plan_groups(domain, groupby, aggregates)
        rows = super(ClientBalanceReport, planned)._read_group(
            domain, groupby, aggregates, *args, **kwargs
        )
        return self._without_plan(rows)

    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        groupby = [spec for group in grouping_sets for spec in group]
        planned = self._plan_groups(domain, groupby, aggregates)
        result = super(ClientBalanceReport, planned)._read_grouping_sets(
            domain, grouping_sets, aggregates, order
        )
        return [self._without_plan(rows) for rows in result]

    def _without_plan(self, rows):
        """The records in an answer must not carry the plan of their query."""
        return [
            tuple(
                value.with_env(self.env)
                if isinstance(value, models.BaseModel)
                else value
                for value in row
            )
            for row in rows
        ]

    def _read_group_select(self, aggregate_spec, query):
        # The currency of a column is a constant: gathering it row by row would sort
        # the whole table once per column.
        name, _sep, function = aggregate_spec.partition(":")
        currency_id = self._get_column_currencies().get(name)
        if currency_id and function == "array_agg_distinct":
            return SQL("ARRAY[MAX(%s::int)]", currency_id)
        field = self._fields.get(name)
        if (
            function in ("sum", "sum_currency")
            and field
            and field.type == "monetary"
            and field.currency_field == "company_currency_id"
            and len(self.env.companies.currency_id) > 1
        ):
            return self._get_sum_sql(
                self._field_to_sql(self._table, name, query),
                self._field_to_sql(self._table, "company_currency_id", query),
            )
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _get_sum_sql(self, amount, currency):
        """:return: SQL of a sum that is NULL where the currencies differ"""
        return SQL(
            "CASE WHEN MIN(%s) = MAX(%s) THEN SUM(%s) END", currency, currency, amount
        )

    # As of a date -----------------------------------------------------------------

    def _get_report_date(self):
        """:return: the day whose end is shown, or None for now"""
        day = self.env.context.get("client_balance_date")
        try:
            return fields.Date.to_date(day or None)
        except (TypeError, ValueError):
            return None

    def _get_balance_select(self, plan):
        """:return: {field: SQL} of the columns of the currencies"""
        day = self._get_report_date()
        select = {}
        for currency_id, name in self._get_columns().items():
            amount = SQL.identifier("total", name)
            if day and "later" in plan:
                later = SQL.identifier("later", name)
                amount = SQL("%s - COALESCE(%s, 0)", amount, later)
            elif day:
                later = self._get_later_sql(currency_id, day)
                amount = SQL("%s - COALESCE(%s, 0)", amount, later)
            select[name] = amount
        for name, currency_id in self._get_column_currencies().items():
            select[name] = SQL("%s::int", currency_id)
        return select

    def _get_later_sql(self, currency_id, day):
        """:return: SQL of what moved one balance of one row after ``day``"""
        return SQL(
            """(SELECT SUM(settlement.amount)
                  FROM client_balance b
                  JOIN client_balance_settlement settlement
                    ON settlement.balance_id = b.id AND settlement.date > %(day)s
                 WHERE b.partner_id = total.partner_id
                   AND b.company_id = total.company_id
                   AND b.currency_id = %(currency)s)""",
            day=day,
            currency=currency_id,
        )

    def _get_balance_bulks(self):
        """:return: {"later": query of what moved all balances after the day}"""
        day, columns = self._get_report_date(), self._get_columns()
        if not day or not columns:
            return {}
        sums = SQL(", ").join(
            SQL(
                "SUM(moved.amount) FILTER (WHERE b.currency_id = %s) AS %s",
                currency_id,
                SQL.identifier(name),
            )
            for currency_id, name in columns.items()
        )
        return {
            "later": SQL(
                """SELECT b.company_id, b.partner_id, %(sums)s
                     FROM (SELECT balance_id, SUM(amount) AS amount
                             FROM client_balance_settlement WHERE date > %(day)s
                         GROUP BY balance_id) moved
                     JOIN client_balance b ON b.id = moved.balance_id
                    GROUP BY 1, 2""",
                sums=sums,
                day=day,
            )
        }
