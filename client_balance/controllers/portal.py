import io

from werkzeug.exceptions import Forbidden
from werkzeug.urls import url_encode

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..tools.xlsx import XLSX_TYPE, Workbook
from .files import send_file


class ClientBalancePortal(CustomerPortal):
    """The client's own balances: pages, spreadsheet and statement. All of it reads."""

    def _get_portal_balance_model(self):
        """Return the reader of the user's own balances.

        Portal users have no right on the ledger; it is read as superuser, only through
        domains on their own client and companies (``client.balance.portal``). Employees
        use their own rights.
        """
        portal = request.env["client.balance.portal"]
        if request.env.user._is_portal():
            # portal users have no right on the ledger: only through its own domains
            return portal.sudo()
        for model in ("client.balance.settlement", "account.move.line"):
            if not request.env[model].has_access("read"):
                raise Forbidden(
                    request.env._(
                        "You may not see balances of clients. Ask an administrator for"
                        " the access right “Client balance”."
                    )
                )
        return portal

    def _check_portal_user(self):
        """:raise Forbidden: for employees, who spend a client's money in the office"""
        if not request.env.user._is_portal():
            raise Forbidden(
                request.env._(
                    "This page is for clients. In the office, open the invoice or the"
                    " client's card instead."
                )
            )

    def _get_portal_settlement_domain(self):
        """Hook. :return: domain of the settlements that the current user may follow"""
        return self._get_portal_balance_model()._get_portal_settlement_domain()

    # Home ---------------------------------------------------------------------------

    @http.route()
    def home(self, **kw):
        response = super().home(**kw)
        if hasattr(response, "qcontext"):
            response.qcontext["client_balance_card"] = self._get_portal_balance_card()
        return response

    def _get_portal_balance_card(self):
        """Hook. :return: the totals on the card of the home page, empty for no card"""
        try:
            portal = self._get_portal_balance_model()
        except Forbidden:
            return []
        balances = portal._get_balances()
        return portal._get_summary(balances) if balances else []

    # Page ---------------------------------------------------------------------------

    @http.route(
        ["/my/balance", "/my/balance/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_balance(self, page=1, **kw):
        """The balances of the user's client, what is left to pay, and the ledger."""
        values = self._prepare_portal_layout_values()
        values.update(self._prepare_my_balance_values(page, **kw))
        return request.render("client_balance.portal_my_balance", values)

    def _prepare_my_balance_values(self, page, notice=None, **kw):
        """Hook. :return: values of the page ``client_balance.portal_my_balance``"""
        portal = self._get_portal_balance_model()
        balances = portal._get_balances()
        filters = portal._get_filters(balances, kw)
        chosen = portal._get_filtered_balances(balances, filters)
        domain = portal._get_ledger_domain(chosen, filters)
        arguments = self._get_portal_balance_arguments(filters)
        pager = portal_pager(
            url="/my/balance",
            url_args=arguments,
            total=portal.env["client.balance.settlement"].search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        sortings = portal._get_sortings()
        rows = portal._get_rows(
            chosen,
            filters,
            domain,
            sortings[filters["sortby"]]["order"],
            offset=pager["offset"],
            limit=self._items_per_page,
        )
        return {
            "page_name": "client_balance",
            "summary": portal._get_summary(balances),
            "banks": self._get_portal_balance_banks(portal, balances),
            "currencies": balances.currency_id.sorted("name").mapped("name"),
            "sortings": sortings,
            "filters": filters,
            "is_filtered": bool(set(arguments) - {"sortby"}),
            "rows": rows,
            "many_companies": len(balances.company_id) > 1,
            "pager": pager,
            "arguments": url_encode(arguments),
            "notice": self._get_portal_balance_notices().get(notice),
        }

    def _get_portal_balance_banks(self, portal, balances):
        """:return: [(value of the filter, label)]"""
        banks = [
            (str(bank.id), portal._get_bank_label(bank))
            for bank in balances.partner_bank_id
        ]
        if any(not balance.partner_bank_id for balance in balances):
            banks.append(("none", portal._get_bank_label(balances.partner_bank_id[:0])))
        return banks

    def _get_portal_balance_arguments(self, filters):
        """:return: the filters as parameters of an address, without the idle ones"""
        idle = {"sortby": "date"}
        return {
            name: "1" if value is True else str(value)
            for name, value in filters.items()
            if value and idle.get(name) != value
        }

    def _get_portal_balance_notices(self):
        """Hook. :return: {code in the address: sentence on the page}"""
        return {
            "too_long": request.env._(
                "This statement is too long for one file. Choose a shorter period, one"
                " bank account or one currency."
            ),
            "no_pdf": request.env._(
                "The PDF cannot be made right now. Download the spreadsheet, or ask us"
                " for the statement."
            ),
        }

    # Downloads ------------------------------------------------------------------------

    @http.route(
        "/my/balance/export/xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_balance_xlsx(self, **kw):
        """The ledger as filtered on the page, all of its pages."""
        portal = self._get_portal_balance_model()
        balances = portal._get_balances()
        filters = portal._get_filters(balances, kw)
        chosen = portal._get_filtered_balances(balances, filters)
        domain = portal._get_ledger_domain(chosen, filters)
        limit = self._get_portal_balance_row_limit("xlsx")
        order = portal._get_sortings()[filters["sortby"]]["order"]
        rows = portal._get_rows(chosen, filters, domain, order, limit=limit + 1)
        if len(rows) > limit:
            return self._redirect_portal_balance(filters, "too_long")
        return self._make_portal_balance_file(
            self._make_portal_balance_xlsx(rows), XLSX_TYPE, "xlsx"
        )

    @http.route(
        "/my/balance/export/pdf",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_balance_pdf(self, **kw):
        """The statement of the period: opening balance, movements, closing balance."""
        portal = self._get_portal_balance_model()
        balances = portal._get_balances()
        filters = portal._get_filters(balances, kw)
        chosen = portal._get_filtered_balances(balances, filters)
        domain = portal._get_ledger_domain(chosen, filters, search=False)
        limit = self._get_portal_balance_row_limit("pdf")
        Settlement = portal.env["client.balance.settlement"]
        if Settlement.search_count(domain, limit=limit + 1) > limit:
            return self._redirect_portal_balance(filters, "too_long")
        # the report reads with the same rights as ``portal``
        report = portal.env["ir.actions.report"]
        if report.get_wkhtmltopdf_state() == "install":
            return self._redirect_portal_balance(filters, "no_pdf")
        content, extension = report._render_qweb_pdf(
            "client_balance.action_report_portal_statement",
            portal._get_portal_partner().ids,
            data=self._get_portal_balance_arguments(filters),
        )
        mimetype = "application/pdf" if extension == "pdf" else "text/html"
        return self._make_portal_balance_file(content, mimetype, extension)

    def _get_portal_balance_row_limit(self, extension):
        """Hook. :return: how many settlements one file may have"""
        return {"xlsx": 100_000, "pdf": 3_000}[extension]

    def _redirect_portal_balance(self, filters, notice):
        arguments = self._get_portal_balance_arguments(filters)
        query = url_encode({**arguments, "notice": notice})
        return request.redirect(f"/my/balance?{query}")

    def _make_portal_balance_file(self, content, mimetype, extension):
        name = request.env._("Client balance")
        return send_file(content, f"{name}.{extension}", mimetype)

    # Spreadsheet ----------------------------------------------------------------------

    def _get_portal_balance_columns(self):
        """Hook. :return: [(title, width, function of a row)]"""
        return [
            (request.env._("Date"), 12, lambda row: row["date"]),
            (
                request.env._("Document"),
                24,
                lambda row: ", ".join(doc["name"] for doc in row["documents"]),
            ),
            (request.env._("Type"), 22, lambda row: row["type"]),
            (request.env._("Description"), 40, lambda row: row["description"]),
            (request.env._("Company"), 24, lambda row: row["company"]),
            (request.env._("Bank account"), 32, lambda row: row["bank"]),
            (request.env._("Currency"), 10, lambda row: row["currency"].name),
            (request.env._("Amount"), 16, lambda row: row["amount"]),
            (request.env._("Balance"), 16, lambda row: row["running"]),
        ]

    def _make_portal_balance_xlsx(self, rows):
        output = io.BytesIO()
        with Workbook(output, date_format="dd.mm.yyyy", in_memory=True) as book:
            columns = self._get_portal_balance_columns()
            titles = [(title, width) for title, width, _get in columns]
            sheet = book.add_table(request.env._("Client balance"), titles, bottom=1)
            for line, row in enumerate(rows, 1):
                for index, (_title, _width, get) in enumerate(columns):
                    places = row["currency"].decimal_places
                    book.write_cell(sheet, line, index, get(row), places)
            sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        return output.getvalue()
