from datetime import date, datetime

import xlsxwriter

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Workbook(xlsxwriter.Workbook):
    """A spreadsheet in which no text is a formula, a number or a link."""

    def __init__(self, file, date_format="yyyy-mm-dd", **options):
        texts = ("strings_to_formulas", "strings_to_numbers", "strings_to_urls")
        super().__init__(file, {**dict.fromkeys(texts, False), **options})
        self.date_format = date_format
        self.styles = {}

    def get_style(self, **properties):
        """:return: the format of a cell with these properties, made once"""
        key = tuple(sorted(properties.items()))
        if key not in self.styles:
            self.styles[key] = self.add_format(properties)
        return self.styles[key]

    def add_table(self, name, columns, frozen=0, **title_style):
        """:param columns: list of (title, width)
        :param frozen: number of columns that stay in sight
        :return: a new sheet with the titles in its first row
        """
        # what spreadsheets take
        sheet = self.add_worksheet(name[:31])
        for index, (title, width) in enumerate(columns):
            sheet.set_column(index, index, width)
            self.write_cell(sheet, 0, index, title, bold=True, **title_style)
        sheet.freeze_panes(1, frozen)
        return sheet

    def write_cell(self, sheet, row, column, value, places=0, **style):
        """Write a date, a time, a number or a text, and nothing for what is empty.

        :param places: decimal places of a number
        """
        if value is None or value is False or value == "":
            return
        if isinstance(value, datetime):
            style["num_format"] = f"{self.date_format} hh:mm"
            sheet.write_datetime(row, column, value, self.get_style(**style))
        elif isinstance(value, date):
            style["num_format"] = self.date_format
            sheet.write_datetime(row, column, value, self.get_style(**style))
        elif isinstance(value, int | float):
            style["num_format"] = "#,##0" + (f".{'0' * places}" if places else "")
            sheet.write_number(row, column, value, self.get_style(**style))
        else:
            # stays text also when somebody edits the cell
            style["quote_prefix"] = True
            sheet.write_string(
                row, column, value[: sheet.xls_strmax], self.get_style(**style)
            )
