import io

from odoo import fields, http
from odoo.http import request

from ..tools.xlsx import Workbook
from .files import send_file


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
        with Workbook(output, in_memory=True) as book:
            columns = [(infos[name]["string"], 22) for name in names]
            sheet = book.add_table(title, columns)
            example = self._get_example()
            for column, name in enumerate(names):
                places = 2 if name == "amount" else 0
                book.write_cell(sheet, 1, column, example[name], places)
        return send_file(output.getvalue(), f"{title}.xlsx")

    def _get_example(self):
        """Hook. :return: {field: value} of the example row"""
        first = fields.Date.context_today(request.env.user).replace(day=1)
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
