from lxml import etree

from odoo import api, models

from .client_balance_report_columns import BALANCE, CURRENCY


class ClientBalanceReport(models.Model):
    """Puts the columns of the currencies into the views of the client report."""

    _inherit = "client.balance.report"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        add = {
            "list": self._add_to_list,
            "kanban": self._add_to_kanban,
            "pivot": self._add_to_measures,
            "graph": self._add_to_graph,
            "search": self._add_to_search,
        }.get(view_type)
        if add:
            add(arch)
        return arch, view

    def _iterate_columns(self, arch):
        """Yield (currency, name, field with the currency) of what ``arch`` lacks.

        A customised view may name a column already.
        """
        present = set(arch.xpath("//field/@name"))
        for currency, name in self._get_visible_columns():
            if name not in present:
                yield currency, name, CURRENCY % name.removeprefix(BALANCE % "")

    def _insert(self, arch, anchor, nodes):
        """Put ``nodes`` in place of the node called ``anchor``, or at the end."""
        found = arch.xpath(f"//*[@name='{anchor}']")
        parent = found[0].getparent() if found else arch
        index = parent.index(found[0]) if found else len(parent)
        for offset, node in enumerate(nodes):
            parent.insert(index + offset, node)

    def _add_to_list(self, arch):
        nodes = []
        for currency, name, currency_field in self._iterate_columns(arch):
            label = self._get_column_label(currency.name)
            nodes += [
                # without it the column has neither symbol nor decimals
                etree.Element("field", name=currency_field, column_invisible="1"),
                etree.Element(
                    "field",
                    name=name,
                    sum=label,
                    optional="show",
                    # the currency at the end of the title must be seen
                    width="168px",
                    **{"decoration-danger": f"{name} < 0"},
                ),
            ]
        self._insert(arch, "last_payment_date", nodes)

    def _add_to_kanban(self, arch):
        found = arch.xpath("//div[@name='balances']")
        if not found:
            return
        for currency, name, currency_field in self._iterate_columns(arch):
            arch.insert(0, etree.Element("field", name=currency_field))
            line = etree.SubElement(
                found[0],
                "div",
                {
                    "class": "d-flex justify-content-between",
                    "t-if": f"record.{name}.raw_value",
                },
            )
            etree.SubElement(line, "span").text = currency.name
            amount = etree.SubElement(line, "span", dir="ltr")
            etree.SubElement(amount, "field", name=name)

    def _add_to_measures(self, arch):
        nodes = [
            etree.Element("field", name=name, type="measure")
            for _currency, name, _field in self._iterate_columns(arch)
        ]
        self._insert(arch, "invoiced", nodes)

    def _add_to_graph(self, arch):
        # one measure at a time: that of the company's currency comes first
        for _currency, name, _field in list(self._iterate_columns(arch))[:1]:
            arch.append(etree.Element("field", name=name, type="measure"))

    def _add_to_search(self, arch):
        found = arch.xpath("//separator[@name='balances']")
        if not found:
            return
        nodes = []
        for currency, name, _field in self._iterate_columns(arch):
            for suffix, operator, label in self._get_column_filters(currency):
                nodes.append(
                    etree.Element(
                        "filter",
                        name=f"{name}_{suffix}",
                        string=label,
                        domain=f"[('{name}', '{operator}', 0)]",
                    )
                )
        self._insert(arch, "balances", nodes)

    def _get_column_filters(self, currency):
        """Hook. :return: list of (name, operator, label)"""
        return [
            (
                "positive",
                ">",
                self.env._("Balance %(currency)s > 0", currency=currency.name),
            ),
            (
                "negative",
                "<",
                self.env._("Balance %(currency)s < 0", currency=currency.name),
            ),
        ]
