from odoo import api, fields, models, tools
from odoo.tools import SQL

#: Documents that make up "invoiced".
DOCUMENTS = ("out_invoice", "out_refund", "out_receipt")


class ClientBalanceReport(models.Model):
    """The client report: one row per client and company, for the screens.

    Balances come from ``client.balance.total``, everything else is asked live. A page
    asks by a subquery per value, which PostgreSQL runs for the shown rows only; a
    sort, filter or sum over such a value joins one grouped subquery instead: see
    ``_get_plan``.
    """

    _name = "client.balance.report"
    _description = "Client report"
    _auto = False
    _order = "name, id"
    _rec_names_search = ["name", "vat", "company_registry"]
    # what must be in the database before the query runs
    _depends = {
        "account.account": ["account_type"],
        "account.move": [
            "amount_residual_signed",
            "amount_total_signed",
            "company_id",
            "move_type",
            "partner_id",
            "state",
        ],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "company_id",
            "date_maturity",
            "parent_state",
            "partner_id",
        ],
        "account.payment": [
            "company_id",
            "date",
            "partner_id",
            "partner_type",
            "payment_type",
            "state",
        ],
        "client.balance": ["amount", "company_id", "currency_id", "partner_id"],
        "client.balance.settlement": ["amount", "balance_id", "date"],
        "res.company": ["currency_id"],
        "res.partner": [
            "active",
            "commercial_partner_id",
            "company_registry",
            "complete_name",
            "country_id",
            "user_id",
            "vat",
        ],
    }

    name = fields.Char(string="Client name", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Client", readonly=True)
    partner_active = fields.Boolean(string="Active client", readonly=True)
    vat = fields.Char(string="Tax ID", readonly=True)
    company_registry = fields.Char(string="Company ID", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    category_ids = fields.Many2many(related="partner_id.category_id", string="Tags")
    invoiced = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="Posted invoices less credit notes, in the currency of the company.",
    )
    paid = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="What is paid of these invoices and credit notes, also from the balance.",
    )
    due = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="Open receivable items, less credits that are not matched yet.",
    )
    overdue = fields.Monetary(
        readonly=True,
        currency_field="company_currency_id",
        help="Open receivable items whose due date has passed.",
    )
    last_payment_date = fields.Date(string="Last payment", readonly=True)

    @api.model
    @tools.ormcache()
    def _get_branches(self):
        """:return: pairs (branch id, root company id); companies never move"""
        # everybody's report adds branches up, whoever may see the branches
        companies_sudo = self.env["res.company"].sudo()
        branches = companies_sudo.with_context(active_test=False).search(
            [("parent_id", "!=", False)]
        )
        return tuple((branch.id, branch.root_id.id) for branch in branches)

    @property
    def _table_query(self):
        plan = self._get_plan()
        columns = SQL(", ").join(
            SQL("%s AS %s", sql, SQL.identifier(name))
            for name, sql in self._get_select(plan).items()
        )
        return SQL("SELECT %s FROM %s", columns, self._get_from(plan))

    def _get_select(self, plan):
        """Hook. :return: {column: SQL}"""
        return {
            "id": SQL("total.id"),
            "company_id": SQL("total.company_id"),
            "company_currency_id": SQL("company.currency_id"),
            "partner_id": SQL("total.partner_id"),
            "name": SQL("client.complete_name"),
            "partner_active": SQL("client.active"),
            "vat": SQL("client.vat"),
            "company_registry": SQL("client.company_registry"),
            "user_id": SQL("client.user_id"),
            "country_id": SQL("client.country_id"),
            **self._get_live_select(plan),
            **self._get_balance_select(plan),
        }

    def _get_from(self, plan):
        """Hook. :return: SQL of the tables, joined one to one

        The join with clients is an inner one where they drive the order; as an outer
        join it costs nothing where nothing is asked of them.
        """
        joins = [
            SQL("client_balance_total total"),
            SQL("LEFT JOIN res_company company ON company.id = total.company_id"),
            SQL(
                "%s JOIN res_partner client ON client.id = total.partner_id",
                SQL("INNER" if "client" in plan else "LEFT"),
            ),
        ]
        for name, query in self._get_bulks().items():
            if name in plan:
                joins.append(
                    SQL(
                        "LEFT JOIN (%s) %s ON %s.company_id = total.company_id"
                        " AND %s.partner_id = total.partner_id",
                        query,
                        *[SQL.identifier(name)] * 3,
                    )
                )
        return SQL(" ").join(joins)

    # Live values ------------------------------------------------------------------

    def _get_live_values(self):
        """Hook. :return: {field: (source, aggregate as SQL)}"""
        today = fields.Date.context_today(self)
        return {
            "invoiced": ("document", SQL("SUM(document.amount_total_signed)")),
            "paid": (
                "document",
                SQL(
                    "SUM(document.amount_total_signed"
                    " - document.amount_residual_signed)"
                ),
            ),
            "due": ("item", SQL("SUM(item.amount_residual)")),
            "overdue": (
                "item",
                SQL(
                    "SUM(item.amount_residual) FILTER (WHERE item.amount_residual > 0"
                    " AND item.date_maturity < %s)",
                    today,
                ),
            ),
            "last_payment_date": ("payment", SQL("MAX(payment.date)")),
        }

    def _get_live_sources(self):
        """Hook. :return: {source: (table, condition)}"""
        return {
            "document": (
                SQL("account_move document"),
                SQL(
                    "document.state = 'posted' AND document.move_type IN %s", DOCUMENTS
                ),
            ),
            "item": (
                SQL("account_move_line item"),
                SQL(
                    "item.amount_residual <> 0 AND item.parent_state = 'posted'"
                    " AND item.account_id IN (SELECT id FROM account_account"
                    " WHERE account_type = 'asset_receivable')"
                ),
            ),
            "payment": (
                SQL("account_payment payment"),
                SQL(
                    "payment.partner_type = 'customer'"
                    " AND payment.payment_type = 'inbound'"
                    " AND payment.state IN ('in_process', 'paid')"
                ),
            ),
        }

    def _get_live_select(self, plan):
        """:return: {field: SQL}; nothing on a past day, which these do not know"""
        values = self._get_live_values()
        if self._get_report_date():
            return {
                name: SQL("NULL::date")
                if self._fields[name].type == "date"
                else SQL("0::numeric")
                for name in values
            }
        select = {}
        for name, (source, aggregate) in values.items():
            if f"all_{source}" in plan:
                sql = SQL.identifier(f"all_{source}", name)
            else:
                sql = self._get_scalar_sql(source, aggregate)
            if self._fields[name].type == "monetary":
                sql = SQL("COALESCE(%s, 0)", sql)
            select[name] = sql
        return select

    def _get_scalar_sql(self, source, aggregate):
        """:return: SQL of one value of one row"""
        table, condition = self._get_live_sources()[source]
        return SQL(
            """(SELECT %(aggregate)s FROM %(table)s
                 WHERE %(alias)s.partner_id IN (
                       SELECT contact.id FROM res_partner contact
                        WHERE contact.commercial_partner_id = total.partner_id)
                   AND %(root)s = total.company_id AND %(condition)s)""",
            aggregate=aggregate,
            table=table,
            alias=SQL.identifier(source),
            root=self.env["client.balance.total"]._get_root_sql(source),
            condition=condition,
        )

    def _get_bulks(self):
        """Hook. :return: {name in the plan and alias: grouped query}"""
        values = self._get_live_values()
        bulks = {}
        for source, (table, condition) in self._get_live_sources().items():
            aggregates = SQL(", ").join(
                SQL("%s AS %s", aggregate, SQL.identifier(name))
                for name, (of, aggregate) in values.items()
                if of == source
            )
            bulks[f"all_{source}"] = SQL(
                """SELECT %(root)s AS company_id,
                          contact.commercial_partner_id AS partner_id, %(aggregates)s
                     FROM %(table)s
                     JOIN res_partner contact ON contact.id = %(alias)s.partner_id
                    WHERE %(condition)s GROUP BY 1, 2""",
                root=self.env["client.balance.total"]._get_root_sql(source),
                aggregates=aggregates,
                table=table,
                alias=SQL.identifier(source),
                condition=condition,
            )
        return {**bulks, **self._get_balance_bulks()}
