import io

from odoo import models

from ..tools.xlsx import Workbook

#: How cells look.
TITLE = {"bold": True, "font_size": 13}
TEXT = {"valign": "top"}
HEAD = {"bold": True, "border": 1, "text_wrap": True, "align": "center"}
BOLD = {"bold": True, "border": 1}
CELL = {"border": 1, "valign": "top"}
WRAPPED = {**CELL, "text_wrap": True}


class ClientBalanceStatement(models.Model):
    """The act as a spreadsheet: the same two halves, with numbers that add up."""

    _inherit = "client.balance.statement"

    def _make_xlsx(self):
        """:return: bytes of a workbook with one sheet per language of the act"""
        self.ensure_one()
        output = io.BytesIO()
        with Workbook(output, date_format="dd.mm.yyyy", in_memory=True) as book:
            for lang in self._get_print_languages():
                sheet = book.add_worksheet(lang[:2].upper())
                self._write_xlsx_sheet(book, sheet, self._get_print_data(lang))
        return output.getvalue()

    def _write_xlsx_sheet(self, book, sheet, data):
        act = data["act"]
        for column, width in enumerate((11, 40, 15, 15) * 2):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        texts = act._get_xlsx_texts(data)
        for line, text in enumerate(texts):
            book.write_cell(sheet, line, 0, text, **(TEXT if line else TITLE))
        line = len(texts) + 1
        for index, section in enumerate(data["sections"]):
            line = act._write_xlsx_section(
                book,
                sheet,
                line,
                data,
                section,
                is_first=not index,
                is_last=index == len(data["sections"]) - 1,
            )
        for text in data["conclusions"]:
            book.write_cell(sheet, line, 0, text, **TEXT)
            line += 1

    def _get_xlsx_texts(self, data):
        """Hook. :return: what stands above the table, the title first"""
        day = data["day"]
        return [
            self.env._(
                "Act of reconciliation of mutual settlements No. %(number)s",
                number=self.display_name,
            ),
            f"{day(self.date)}  {self.place or ''}".strip(),
            self.env._(
                "Period: %(date_from)s – %(date_to)s",
                date_from=day(self.date_from),
                date_to=day(self.date_to),
            ),
            " · ".join(
                filter(None, [data["company"]["name"], data["company"]["details"]])
            ),
            " · ".join(
                filter(None, [data["client"]["name"], data["client"]["details"]])
            ),
        ]

    def _write_xlsx_section(self, book, sheet, line, data, section, is_first, is_last):
        """:return: the first line under the table of this section"""
        if section["title"]:
            book.write_cell(sheet, line, 0, section["title"], **TITLE)
            line += 1
        line = self._write_xlsx_head(book, sheet, line, data)
        totals = data["client_totals"] or {}
        labels = self._get_xlsx_labels()
        rows = [
            (labels["opening"], section["opening"], totals.get("opening"), is_first)
        ]
        self._write_xlsx_balance(book, sheet, line, rows[0])
        line += 1
        for item in section["lines"]:
            self._write_xlsx_line(book, sheet, line, item, bool(totals))
            line += 1
        for column, amount in (
            (2, section["debit"]),
            (3, section["credit"]),
            (6, totals.get("debit") if is_last else None),
            (7, totals.get("credit") if is_last else None),
        ):
            self._write_xlsx_amount(book, sheet, line, column, amount, **BOLD)
        for column in (0, 4):
            book.write_cell(sheet, line, column, labels["turnover"], **BOLD)
        line += 1
        closing = labels["closing"], section["closing"], totals.get("closing"), is_last
        self._write_xlsx_balance(book, sheet, line, closing)
        line += 1
        if is_last:
            book.write_cell(sheet, line, 0, labels["difference"], **BOLD)
            if totals:
                self._write_xlsx_amount(book, sheet, line, 2, self.difference, **BOLD)
            line += 1
        return line + 1

    def _get_xlsx_labels(self):
        return {
            "opening": self.env._("Opening balance"),
            "turnover": self.env._("Turnover for the period"),
            "closing": self.env._("Closing balance"),
            "difference": self.env._("Difference"),
        }

    def _write_xlsx_head(self, book, sheet, line, data):
        heads = [
            self.env._("Date"),
            self.env._("Document"),
            self.env._("Debit"),
            self.env._("Credit"),
        ]
        for column, party in ((0, data["company"]), (4, data["client"])):
            text = self.env._(
                "By the books of %(party)s, %(currency)s",
                party=party["name"],
                currency=self.currency_id.name,
            )
            style = book.get_style(**HEAD)
            sheet.merge_range(line, column, line, column + 3, text, style)
            for index, head in enumerate(heads):
                book.write_cell(sheet, line + 1, column + index, head, **HEAD)
        sheet.repeat_rows(line, line + 1)
        return line + 2

    def _write_xlsx_amount(self, book, sheet, line, column, amount, **style):
        places = self.currency_id.decimal_places
        book.write_cell(sheet, line, column, amount, places, **style)

    def _write_xlsx_balance(self, book, sheet, line, row):
        label, ours, theirs, is_shown = row
        book.write_cell(sheet, line, 0, label, **BOLD)
        book.write_cell(sheet, line, 4, label, **BOLD)
        column = 2 if ours >= 0 else 3
        self._write_xlsx_amount(book, sheet, line, column, abs(ours), **BOLD)
        if theirs is not None and is_shown:
            column = 6 if theirs > 0 else 7
            self._write_xlsx_amount(book, sheet, line, column, abs(theirs), **BOLD)

    def _write_xlsx_line(self, book, sheet, line, item, is_answered):
        halves = []
        if item.kind:
            halves.append((0, item.date, item.label, item.debit, item.credit))
        if is_answered and (item.client_debit or item.client_credit):
            halves.append(
                (
                    4,
                    item.client_date or item.date,
                    item._get_client_label(),
                    item.client_debit,
                    item.client_credit,
                )
            )
        for column, day, text, debit, credit in halves:
            book.write_cell(sheet, line, column, day, **CELL)
            book.write_cell(sheet, line, column + 1, text, **WRAPPED)
            for index, amount in ((2, debit), (3, credit)):
                if amount:
                    self._write_xlsx_amount(
                        book, sheet, line, column + index, amount, **CELL
                    )
