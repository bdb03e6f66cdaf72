import operator

from lxml import etree

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .client_balance_report_columns import BALANCE, CURRENCY, PARTNER_PREFIX

GROUP = "client_balance.group_client_balance_own"

COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
    "in": lambda zero, values: zero in values,
    "not in": lambda zero, values: zero not in values,
}


def _takes_zero(domain: Domain) -> bool:
    """:return: whether a balance of zero meets ``domain``, a condition on a balance

    Who is not in the report has no balance, which is zero.
    """
    conditions = list(domain.iter_conditions())
    return len(conditions) == 1 and all(
        condition.operator in COMPARE
        and COMPARE[condition.operator](0, condition.value)
        for condition in conditions
    )


class ResPartner(models.Model):
    """The columns of the client report, in the ordinary list of customers.

    Custom fields again, related to the client's row of the report. They show what the
    reader may see there, and nothing to anybody else.
    """

    _inherit = "res.partner"

    client_balance_report_id = fields.Many2one(
        "client.balance.report",
        string="Row in the client report",
        compute="_compute_client_balance_report_id",
        search="_search_client_balance_report_id",
        # Not every partner has a row. But where core's related fields may find none,
        # they take "> 0" for a question that no value answers with yes, too.
        required=True,
        export_string_translation=False,
    )

    def _get_client_balance_report(self):
        # related fields are read as superuser; the report obeys the reader's rights
        return self.env["client.balance.report"].sudo(False)

    def _get_client_balance_report_domain(self):
        return Domain("company_id", "=", self.env.company.root_id.id)

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_client_balance_report_id(self):
        report = self._get_client_balance_report()
        rows = report
        if report.has_access("read"):
            rows = report.search(
                self._get_client_balance_report_domain()
                & Domain("partner_id", "in", self.commercial_partner_id.ids)
            )
        by_client = {row.partner_id.id: row.id for row in rows}
        for partner in self:
            partner.client_balance_report_id = by_client.get(
                partner.commercial_partner_id.id
            )

    def _search_client_balance_report_id(self, comparison, value):
        if comparison not in ("any", "any!", "in"):
            return NotImplemented
        domain = Domain("id", "in", value) if comparison == "in" else Domain(value)
        takes_none = (
            set(value) == {False} if comparison == "in" else _takes_zero(domain)
        )
        if not self._get_client_balance_report().has_access("read"):
            return Domain(takes_none)
        found = Domain("commercial_partner_id", "in", self._select_clients(domain))
        if takes_none:
            rows = self._select_clients(Domain.TRUE)
            found |= ~Domain("commercial_partner_id", "in", rows)
        return found

    def _select_clients(self, domain):
        """:return: SQL of the clients whose row of the report meets ``domain``"""
        report = self._get_client_balance_report()
        query = report._search(self._get_client_balance_report_domain() & domain)
        return query.subselect(SQL.identifier(report._table, "partner_id"))

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in self.env["client.balance.report"]._get_partner_columns():
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        report = self._get_client_balance_report()
        rows = report._search(self._get_client_balance_report_domain())
        rows.add_where(
            SQL(
                "%s = %s",
                SQL.identifier(report._table, "partner_id"),
                SQL.identifier(alias, "commercial_partner_id"),
            )
        )
        name = field_name.removeprefix(PARTNER_PREFIX)
        amount = rows.subselect(SQL.identifier(report._table, BALANCE % name))
        return SQL("COALESCE(%s, 0) %s %s", amount, direction, nulls)

    # Screens ------------------------------------------------------------------------

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        res = super().fields_get(allfields, attributes)
        report = self.env["client.balance.report"]
        for name, currency in report._get_partner_columns().items():
            if name in res and "string" in res[name]:
                res[name]["string"] = report._get_column_label(currency)
        return res

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        if view_type not in ("list", "search"):
            return key
        report = self.env["client.balance.report"]
        return (*key, tuple(name for _cur, name in report._get_visible_columns()))

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and view == self.env.ref("base.view_partner_tree"):
            self._add_client_balances_to_list(arch)
        elif view_type == "search":
            self._add_client_balances_to_search(arch)
        return arch, view

    def _iterate_client_balance_columns(self, arch):
        """Yield (currency, column, its currency) of what ``arch`` does not have yet."""
        present = set(arch.xpath("//field/@name"))
        report = self.env["client.balance.report"]
        for currency, column in report._get_visible_columns():
            suffix = column.removeprefix(BALANCE % "")
            name = PARTNER_PREFIX + suffix
            if name in self._fields and name not in present:
                yield currency, name, PARTNER_PREFIX + (CURRENCY % suffix)[2:]

    def _add_client_balances_to_list(self, arch):
        for _currency, name, currency_field in self._iterate_client_balance_columns(
            arch
        ):
            arch.append(
                etree.Element(
                    "field", name=currency_field, column_invisible="1", groups=GROUP
                )
            )
            arch.append(
                etree.Element("field", name=name, optional="hide", groups=GROUP)
            )

    def _add_client_balances_to_search(self, arch):
        groups = arch.xpath("/search/group")
        anchor = groups[0] if groups else None
        nodes = []
        report = self.env["client.balance.report"]
        for currency, name, _field in self._iterate_client_balance_columns(arch):
            for suffix, comparison, label in report._get_column_filters(currency):
                nodes.append(
                    etree.Element(
                        "filter",
                        name=f"{name}_{suffix}",
                        string=label,
                        domain=f"[('{name}', '{comparison}', 0)]",
                        groups=GROUP,
                    )
                )
        if not nodes:
            return
        nodes.insert(0, etree.Element("separator"))
        for node in nodes:
            if anchor is None:
                arch.append(node)
            else:
                anchor.addprevious(node)
