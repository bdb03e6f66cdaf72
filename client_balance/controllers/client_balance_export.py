import contextlib
import csv
import io
import json
from datetime import date, datetime

import psycopg2

from odoo import fields, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from ..tools.xlsx import XLSX_TYPE, Workbook
from .files import send_file

#: what Python says of a domain that is none
NONSENSE = (AttributeError, KeyError, TypeError, ValueError)
#: rows that are read at once
BATCH = 1000
#: what makes a spreadsheet take a text for a formula
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class ClientBalanceExport(http.Controller):
    """Export of the ledger, for everybody who may see it.

    Core's export needs a right that most accountants do not have, because it opens
    every table. This one gives exactly the rows of the ledger that the user may read.
    """

    @http.route(
        "/client_balance/export",
        type="http",
        auth="user",
        methods=["POST"],
        readonly=True,
    )
    def export(self, data, **kwargs):
        """Send the settlements of ``domain`` as a file.

        :param str data: JSON with ``format`` ("xlsx" or "csv") and ``domain``,
            nothing else: the order is that of the ledger
        :param kwargs: what the web client's download helper adds
        """
        Settlement = request.env["client.balance.settlement"]
        Settlement.check_access("read")
        params = self._read(data)
        writer = self._get_writers()[params["format"]]
        settlements = self._search(params.get("domain"))
        columns = self._get_columns()
        content, mimetype = writer(columns, self._get_rows(settlements, columns))
        name = f"{self._get_file_name(settlements)}.{params['format']}"
        return send_file(content, name, mimetype)

    def _search(self, domain):
        """:return: the settlements of ``domain`` that the user may read
        :raise UserError: for what is no domain"""
        try:
            with request.env.cr.savepoint():
                return request.env["client.balance.settlement"].search(
                    Domain(domain or [])
                )
        except (*NONSENSE, psycopg2.DataError) as error:
            raise UserError(
                request.env._("This is no search for settlements: open the list again.")
            ) from error

    def _read(self, data):
        """:raise UserError: for what is no request of ours"""
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            params = json.loads(data)
            if params.get("format") in self._get_writers():
                return params
        raise UserError(
            request.env._("A ledger is exported as xlsx or csv. Choose one of them.")
        )

    def _get_writers(self):
        """Hook. :return: {format: method that makes (content, mimetype)}"""
        return {"xlsx": self._write_xlsx, "csv": self._write_csv}

    def _get_file_name(self, settlements):
        clients = settlements.partner_id
        name = request.env._("Settlements")
        if len(clients) == 1:
            name = f"{name} {clients.name}"
        day = fields.Date.to_string(fields.Date.context_today(settlements))
        return f"{name} {day}".replace("/", "-")

    def _get_columns(self):
        """Hook. :return: list of (title, function that gives a settlement's value)"""
        types = dict(
            request.env["client.balance.settlement"]
            ._fields["settlement_type"]
            ._description_selection(request.env)
        )
        columns = [
            (request.env._("Accounting date"), lambda row: row.date),
            (request.env._("Number"), lambda row: row.name),
            (request.env._("Client"), lambda row: row.partner_id.name),
            (request.env._("Type"), lambda row: types[row.settlement_type]),
            (request.env._("Description"), lambda row: row.description),
            (request.env._("Reason"), lambda row: row.reason_id.name),
            (request.env._("Bank account"), lambda row: row.partner_bank_id.acc_number),
            (request.env._("Currency"), lambda row: row.currency_id.name),
            (request.env._("Amount"), lambda row: row.amount),
            (request.env._("Running balance"), lambda row: row.running_balance),
            (request.env._("Payment"), lambda row: row.payment_name),
            (request.env._("Entry number"), lambda row: row.move_name),
            (request.env._("Made by"), lambda row: row.create_uid.name),
            (
                request.env._("Recorded on"),
                lambda row: self._get_local_time(row.create_date),
            ),
            (request.env._("Reversal link"), lambda row: row.pair_name),
        ]
        if request.env["account.move"].has_access("read"):
            columns.insert(
                10,
                (
                    request.env._("Invoice"),
                    lambda row: ", ".join(row.invoice_ids.mapped("name")),
                ),
            )
        return columns

    def _get_local_time(self, moment):
        record = request.env["client.balance.settlement"]
        return fields.Datetime.context_timestamp(record, moment).replace(tzinfo=None)

    def _get_rows(self, settlements, columns):
        for start in range(0, len(settlements), BATCH):
            batch = settlements[start : start + BATCH].with_prefetch()
            for row in batch:
                yield (
                    row.currency_id.decimal_places,
                    [self._get_value(value(row)) for _title, value in columns],
                )
            batch.invalidate_recordset()

    def _get_value(self, value):
        return None if value is False or value == "" else value

    def _write_xlsx(self, columns, rows):
        stream = io.BytesIO()
        with Workbook(stream, in_memory=True, constant_memory=True) as book:
            titles = [(title, 18) for title, _value in columns]
            sheet = book.add_table(request.env._("Client balance"), titles)
            for line, (places, values) in enumerate(rows, 1):
                for index, value in enumerate(values):
                    book.write_cell(sheet, line, index, value, places)
        return stream.getvalue(), XLSX_TYPE

    def _write_csv(self, columns, rows):
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow([title for title, _value in columns])
        for places, values in rows:
            writer.writerow([self._get_csv_text(value, places) for value in values])
        # the mark at the beginning lets spreadsheets recognise Cyrillic
        return stream.getvalue().encode("utf-8-sig"), "text/csv;charset=utf-8"

    def _get_csv_text(self, value, places):
        if value is None:
            return ""
        if isinstance(value, datetime):
            return value.isoformat(" ", "minutes")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, int | float):
            return f"{value:.{places}f}"
        if value.startswith(FORMULA_STARTS):
            return f"'{value}"
        return value
