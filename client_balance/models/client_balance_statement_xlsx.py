import io

import xlsxwriter

from odoo import models


class ClientBalanceStatement(models.Model):
    """The act as a spreadsheet: the same two halves, with numbers that add up."""

    _inherit = "client.balance.statement"

    def _make_xlsx(self):
        """:return: bytes of a workbook with one sheet per language of the act"""
        self.ensure_one()
        output = io.BytesIO()
        # no text of a document is a formula, a number or a link
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(output, options) as workbook:
            formats = self._get_xlsx_formats(workbook)
            for lang in self._get_print_languages():
                sheet = workbook.add_worksheet(lang[:2].upper())
                self._write_xlsx_sheet(sheet, self._get_print_data(lang), formats)
        return output.getvalue()

    def _get_xlsx_formats(self, workbook):
        """:return: {kind: format of a cell}"""
        places = self.currency_id.decimal_places
        number = "#,##0" + ("." + "0" * places if places else "")
        return {
            "title": workbook.add_format({"bold": True, "font_size": 13}),
            "text": workbook.add_format({"valign": "top"}),
            "head": workbook.add_format(
                {"bold": True, "border": 1, "text_wrap": True, "align": "center"}
            ),
            "bold": workbook.add_format({"bold": True, "border": 1}),
            "cell": workbook.add_format(
                {"border": 1, "text_wrap": True, "valign": "top", "quote_prefix": True}
            ),
            "date": workbook.add_format(
                {"border": 1, "num_format": "dd.mm.yyyy", "valign": "top"}
            ),
            "money": workbook.add_format(
                {"border": 1, "num_format": number, "valign": "top"}
            ),
            "total": workbook.add_format(
                {"border": 1, "num_format": number, "bold": True}
            ),
        }

    def _write_xlsx_sheet(self, sheet, data, formats):
        act = data["act"]
        for column, width in enumerate((11, 40, 15, 15) * 2):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        texts = act._get_xlsx_texts(data)
        for line, text in enumerate(texts):
            sheet.write_string(line, 0, text, formats["title" if not line else "text"])
        line = len(texts) + 1
        for index, section in enumerate(data["sections"]):
            line = act._write_xlsx_section(
                sheet,
                line,
                data,
                section,
                formats,
                is_first=not index,
                is_last=index == len(data["sections"]) - 1,
            )
        for text in data["conclusions"]:
            sheet.write_string(line, 0, text, formats["text"])
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

    def _write_xlsx_section(
        self, sheet, line, data, section, formats, is_first, is_last
    ):
        """:return: the first line under the table of this section"""
        if section["title"]:
            sheet.write_string(line, 0, section["title"], formats["title"])
            line += 1
        line = self._write_xlsx_head(sheet, line, data, formats)
        totals = data["client_totals"] or {}
        labels = self._get_xlsx_labels()
        rows = [
            (labels["opening"], section["opening"], totals.get("opening"), is_first)
        ]
        self._write_xlsx_balance(sheet, line, rows[0], formats)
        line += 1
        for item in section["lines"]:
            self._write_xlsx_line(sheet, line, item, bool(totals), formats)
            line += 1
        for column, amount in (
            (2, section["debit"]),
            (3, section["credit"]),
            (6, totals.get("debit") if is_last else None),
            (7, totals.get("credit") if is_last else None),
        ):
            if amount is not None:
                sheet.write_number(line, column, amount, formats["total"])
        for column in (0, 4):
            sheet.write_string(line, column, labels["turnover"], formats["bold"])
        line += 1
        closing = labels["closing"], section["closing"], totals.get("closing"), is_last
        self._write_xlsx_balance(sheet, line, closing, formats)
        line += 1
        if is_last:
            sheet.write_string(line, 0, labels["difference"], formats["bold"])
            if totals:
                sheet.write_number(line, 2, self.difference, formats["total"])
            line += 1
        return line + 1

    def _get_xlsx_labels(self):
        return {
            "opening": self.env._("Opening balance"),
            "turnover": self.env._("Turnover for the period"),
            "closing": self.env._("Closing balance"),
            "difference": self.env._("Difference"),
        }

    def _write_xlsx_head(self, sheet, line, data, formats):
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
            sheet.merge_range(line, column, line, column + 3, text, formats["head"])
            for index, head in enumerate(heads):
                sheet.write_string(line + 1, column + index, head, formats["head"])
        sheet.repeat_rows(line, line + 1)
        return line + 2

    def _write_xlsx_balance(self, sheet, line, row, formats):
        label, ours, theirs, is_shown = row
        sheet.write_string(line, 0, label, formats["bold"])
        sheet.write_string(line, 4, label, formats["bold"])
        sheet.write_number(line, 2 if ours >= 0 else 3, abs(ours), formats["total"])
        if theirs is not None and is_shown:
            column = 6 if theirs > 0 else 7
            sheet.write_number(line, column, abs(theirs), formats["total"])

    def _write_xlsx_line(self, sheet, line, item, is_answered, formats):
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
            if day:
                sheet.write_datetime(line, column, day, formats["date"])
            sheet.write_string(
                line, column + 1, (text or "")[: sheet.xls_strmax], formats["cell"]
            )
            for index, amount in ((2, debit), (3, credit)):
                if amount:
                    sheet.write_number(line, column + index, amount, formats["money"])
