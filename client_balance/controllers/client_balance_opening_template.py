import io

import xlsxwriter

from odoo import fields, http
from odoo.http import content_disposition, request


class ClientBalanceOpeningTemplate(http.Controller):
    """The file that the import of opening balances offers, in the user's language."""

    @http.route(
        "/client_balance/opening_template.xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def opening_template(self):
        """Send an empty table with the columns that the import understands."""
        Settlement = request.env["client.balance.settlement"]
        Settlement.check_access("create")
        names = Settlement._get_opening_columns()
        infos = Settlement.fields_get(names, ["string"])
        title = request.env._("Opening balances")
        output = io.BytesIO()
        with xlsxwriter.Workbook(output, {"in_memory": True}) as workbook:
            sheet = workbook.add_worksheet()
            bold = workbook.add_format({"bold": True})
            date = workbook.add_format({"num_format": "yyyy-mm-dd"})
            sheet.set_column(0, len(names), 22)
            for column, name in enumerate(names):
                sheet.write(0, column, infos[name]["string"], bold)
                value = self._get_example()[name]
                if name in ("date", "advance_date"):
                    sheet.write_datetime(1, column, value, date)
                else:
                    sheet.write(1, column, value)
        return request.make_response(
            output.getvalue(),
            headers=[
                (
                    "Content-Type",
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ),
                (
                    "Content-Disposition",
                    content_disposition(f"{title}.xlsx"),
                ),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _get_example(self):
        """Hook. :return: {field: value} of the example row"""
        today = fields.Date.context_today(request.env.user)
        first = fields.Datetime.to_datetime(today.replace(day=1))
        return {
            "partner_id": request.env._("Name, company ID or tax ID of the client"),
            "partner_bank_id": "UA213223130000026007233566001",
            "currency_id": request.env.company.currency_id.name,
            "amount": 159.0,
            "date": first,
            "description": request.env._("Opening balance"),
            "external_ref": "OPEN-0001",
            "is_advance": 1,
            "advance_date": first,
        }
