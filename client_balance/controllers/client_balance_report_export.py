import json

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

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
        report = request.env["client.balance.report"].with_context(
            client_balance_date=params.get("date") or False,
            allowed_company_ids=params.get("company_ids") or request.env.companies.ids,
        )
        file = report._write_xlsx(
            params.get("domain"), params.get("fields") or [], params.get("order")
        )
        with file:
            return send_file(file.read(), report._get_file_name())

    def _read(self, data):
        """:raise UserError: for what is no request of ours"""
        try:
            params = json.loads(data)
            assert isinstance(params, dict)
        except (AssertionError, TypeError, ValueError) as error:
            raise UserError(
                request.env._("This is no export of the client report.")
            ) from error
        return params
