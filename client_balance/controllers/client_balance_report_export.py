import json

import psycopg2

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .client_balance_export import NONSENSE
from .files import send_file


class ClientBalanceReportExport(http.Controller):
    """Export of the client report, for everybody who may see it.

    Core's export needs a right that most accountants do not have, because it opens
    every table, and holds the whole answer in memory.
    """

    @http.route(
        "/client_balance/report/export",
        type="http",
        auth="user",
        methods=["POST"],
        readonly=True,
    )
    def export(self, data, **kwargs):
        """Send the clients of a domain as xlsx.

        :param str data: JSON with ``domain``, ``fields``, ``order``, ``date`` (the day
            whose end is shown, or false) and ``company_ids``
        :param kwargs: what the web client's download helper adds
        """
        params = self._read(data)
        posting = request.env["client.balance.posting"]
        companies = posting._browse_asked("res.company", params.get("company_ids"))
        report = request.env["client.balance.report"].with_context(
            client_balance_date=params.get("date") or False,
            allowed_company_ids=(companies or request.env.companies).ids,
        )
        with self._write(report, params) as file:
            return send_file(file.read(), report._get_file_name())

    def _write(self, report, params):
        """:return: the open file
        :raise UserError: for what is no question to the report"""
        try:
            with request.env.cr.savepoint():
                return report._write_xlsx(
                    params.get("domain"),
                    params.get("fields") or [],
                    params.get("order"),
                )
        except (*NONSENSE, psycopg2.DataError) as error:
            raise self._get_refusal() from error

    def _get_refusal(self):
        return UserError(request.env._("This is no export of the client report."))

    def _read(self, data):
        """:raise UserError: for what is no request of ours"""
        try:
            params = json.loads(data)
            assert isinstance(params, dict)
        except (AssertionError, TypeError, ValueError) as error:
            raise self._get_refusal() from error
        return params
