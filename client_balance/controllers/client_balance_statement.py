from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .files import send_file


class ClientBalanceStatementDownload(http.Controller):
    @http.route(
        "/client_balance/statement/<int:statement_id>/xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def client_balance_statement_xlsx(self, statement_id):
        """The act as a spreadsheet, for those in the office who may read it."""
        posting = request.env["client.balance.posting"]
        try:
            act = posting._browse_asked("client.balance.statement", [statement_id])
            content = act._make_xlsx()
        except UserError as error:
            raise request.not_found() from error
        return send_file(content, f"{act._get_report_base_filename()}.xlsx")
