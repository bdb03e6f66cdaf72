import tempfile

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.xlsx import Workbook

#: Rows that are in memory at once.
BATCH = 2000


class ClientBalanceReport(models.Model):
    """The client report as a spreadsheet: one query, a batch of rows in memory."""

    _inherit = "client.balance.report"

    def _write_xlsx(self, domain, names, order=None):
        """Write the clients of ``domain`` as the user may see them.

        :param names: fields of this model, in the order of the columns
        :return: the open file, read from its beginning
        """
        self.browse().check_access("read")
        names = self._get_export_fields(names)
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller reads and closes it)
        with Workbook(file, constant_memory=True) as book:
            columns = self._get_titles(names)
            sheet = book.add_table(self._get_sheet_name(), columns, frozen=1)
            for line, values in enumerate(self._iterate_rows(domain, names, order), 1):
                for index, (value, places) in enumerate(values):
                    book.write_cell(sheet, line, index, value, places)
        file.seek(0)
        return file

    def _get_export_fields(self, names):
        """:return: those of ``names`` that the user may export"""
        allowed = self.fields_get(attributes=["exportable", "type"])
        names = [
            name
            for name in dict.fromkeys(names)
            if name in allowed and allowed[name].get("exportable", True)
        ]
        if len(self.env.companies.currency_id) > 1:
            names = [*dict.fromkeys([*names[:1], "company_currency_id", *names])]
        return names or ["name"]

    def _get_sheet_name(self):
        return self.env._("Client report")

    def _get_titles(self, names):
        """:return: list of (title, width) of the columns"""
        described = self.fields_get(names, ["string", "currency_field"])
        currency = self.env.companies.currency_id
        titles = []
        for name in names:
            title = described[name]["string"]
            in_company_currency = (
                described[name].get("currency_field") == "company_currency_id"
            )
            if in_company_currency and len(currency) == 1:
                title = f"{title} ({currency.name})"
            titles.append((title, 36 if name == "name" else 20))
        return titles

    # Rows -------------------------------------------------------------------------

    def _iterate_rows(self, domain, names, order):
        """Yield a list of cells per client: (value, decimals of an amount)."""
        domain = Domain(domain or [])
        order = self._get_stable_order(order or self._order)
        planned = self._with_plan({*names, *self._get_domain_names(domain)})
        query = planned._search(domain, order=order)
        stored = [name for name in names if self._fields[name].type != "many2many"]
        columns = dict.fromkeys(["partner_id", "company_currency_id", *stored])
        terms = [planned._field_to_sql(self._table, name, query) for name in columns]
        for batch in self._fetch_batches(query.select(*terms)):
            yield from self._get_cells(
                [dict(zip(columns, row, strict=True)) for row in batch], names
            )

    def _fetch_batches(self, query):
        """Yield lists of rows. PostgreSQL keeps the rest of them, not Python."""
        run = self.env.execute_query
        # all rows will be fetched: plan for that, not for the first ones
        run(SQL("SET LOCAL cursor_tuple_fraction = 1"))
        run(SQL("DECLARE client_balance_export NO SCROLL CURSOR FOR %s", query))
        while batch := run(SQL("FETCH %s FROM client_balance_export", BATCH)):
            yield batch
        run(SQL("CLOSE client_balance_export"))

    def _get_cells(self, rows, names):
        """:return: the cells of a batch of rows"""
        texts = {
            name: self._get_texts(name, rows)
            for name in names
            if self._fields[name].relational
        }
        places = self._get_places(names)
        home = {
            currency.id: currency.decimal_places
            for currency in self.env["res.currency"].browse(
                {row["company_currency_id"] for row in rows}
            )
        }
        for row in rows:
            cells = []
            for name in names:
                value, digits = row.get(name), 0
                if name in texts:
                    key = "partner_id" if name == "category_ids" else name
                    value = texts[name].get(row[key])
                elif self._fields[name].type == "monetary":
                    digits = places.get(name, home[row["company_currency_id"]])
                    value = float(value or 0)
                elif self._fields[name].type == "boolean":
                    value = self.env._("Yes") if value else self.env._("No")
                cells.append((value, digits))
            yield cells

    def _get_places(self, names):
        """:return: {column of a currency: its decimals}"""
        # decimals of currencies are no secret
        currencies_sudo = self.env["res.currency"].sudo()
        return {
            name: currencies_sudo.browse(currency_id).decimal_places
            for currency_id, name in self._get_columns().items()
            if name in names
        }

    def _get_texts(self, name, rows):
        """:return: {id: what a cell says} for a relational field of a batch"""
        if name == "category_ids":
            clients = self.env["res.partner"].browse(
                {row["partner_id"] for row in rows}
            )
            # the tags of a client that the user may see in this report
            return {
                client.id: ", ".join(client.category_id.mapped("display_name"))
                for client in clients.sudo()
            }
        comodel = self.env[self._fields[name].comodel_name]
        records_sudo = comodel.browse({row[name] for row in rows if row[name]}).sudo()
        return {record.id: record.display_name for record in records_sudo}

    def _get_file_name(self):
        day = self._get_report_date() or fields.Date.context_today(self)
        return f"{self._get_sheet_name()} {fields.Date.to_string(day)}.xlsx"
