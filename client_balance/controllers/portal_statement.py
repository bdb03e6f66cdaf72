from odoo import fields, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..tools.amounts import parse_amount
from ..tools.xlsx import XLSX_TYPE
from .files import send_file

MODEL = "client.balance.statement"
REPORT = "client_balance.action_report_client_balance_statement"
#: what a client may type in
TEXT_LENGTH, NAME_LENGTH, ANSWER_LENGTH = 200, 100, 4000
ADDED_ROWS = 20
MAX_AMOUNT = 10**13


class StatementPortal(CustomerPortal):
    """Acts of reconciliation: the client reads, downloads, signs or contradicts them.

    A link with the act's token works without a login, as core's links to documents do.
    """

    # Home and list --------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "statement_count" in counters:
            Statement = request.env[MODEL]
            values["statement_count"] = (
                Statement.search_count(self._get_statement_domain())
                if Statement.has_access("read")
                else 0
            )
        return values

    def _get_statement_domain(self):
        """Hook. :return: domain of the acts in the user's list"""
        client = request.env.user.partner_id.commercial_partner_id
        return [
            ("partner_id", "=", client.id),
            ("state", "not in", ("draft", "revoked")),
        ]

    @http.route(
        ["/my/balance/statement", "/my/balance/statement/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_statements(self, page=1, **kw):
        """The acts of the user's client, newest first."""
        Statement = request.env[MODEL]
        domain = self._get_statement_domain()
        can_read = Statement.has_access("read")
        pager = portal_pager(
            url="/my/balance/statement",
            total=Statement.search_count(domain) if can_read else 0,
            page=page,
            step=self._items_per_page,
        )
        acts = Statement
        if can_read:
            acts = Statement.search(
                domain, limit=self._items_per_page, offset=pager["offset"]
            )
        values = self._prepare_portal_layout_values()
        values.update(page_name="client_balance_statement", acts=acts, pager=pager)
        return request.render("client_balance.portal_my_statements", values)

    # One act --------------------------------------------------------------------------

    def _get_statement(self, statement_id, access_token=None):
        """:return: the act as superuser, or None when the visitor may not see it"""
        if not isinstance(access_token, str) or not access_token.isascii():
            access_token = None
        try:
            act_sudo = self._document_check_access(
                MODEL, statement_id, access_token=access_token
            )
        except (AccessError, MissingError):
            return None
        # a draft is nobody's business yet, also not of who holds its token
        return act_sudo if act_sudo.state != "draft" else None

    def _is_client(self):
        """Who may see an act and does not work here is its client, or was given the
        link. The office records what the client answered with the buttons of the act.

        :return: whether the visitor answers for the client
        """
        return not request.env.user._is_internal()

    @http.route(
        "/my/balance/statement/<int:statement_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_my_statement(
        self, statement_id, access_token=None, report_type=None, notice=None, **kw
    ):
        """The page of an act; with ``report_type`` "pdf" or "xlsx", the file."""
        act_sudo = self._get_statement(statement_id, access_token)
        if not act_sudo:
            return request.redirect("/my")
        if report_type == "pdf":
            return self._send_statement_pdf(act_sudo)
        if report_type == "xlsx":
            return self._send_statement_file(
                act_sudo, act_sudo._make_xlsx(), XLSX_TYPE, "xlsx"
            )
        lang = act_sudo._get_languages().get(
            (request.env.lang or "en")[:2], request.env.lang
        )
        places = act_sudo.currency_id.decimal_places
        values = self._prepare_portal_layout_values()
        values.update(
            page_name="client_balance_statement",
            act=act_sudo,
            data=act_sudo._get_print_data(lang),
            token=access_token or "",
            url=f"/my/balance/statement/{act_sudo.id}",
            query=f"?access_token={act_sudo.access_token}" if access_token else "?",
            is_waiting=act_sudo.state == "sent" and self._is_client(),
            notice=self._get_statement_notice(notice),
            added_rows=range(3),
            # what stands in an input, which this controller reads again
            plain=lambda amount: f"{amount:.{places}f}" if amount else "",
        )
        return request.render("client_balance.portal_my_statement", values)

    def _get_statement_notice(self, code):
        """:return: {"kind", "text"} of the notice on the page, or None"""
        text = self._get_statement_notices().get(code)
        kind = "success" if code in ("signed", "refused", "answered") else "warning"
        return text and {"kind": kind, "text": text}

    def _get_statement_notices(self):
        """Hook. :return: {code in the address: sentence on the page}"""
        return {
            "signed": request.env._("Thank you. You have signed the act."),
            "refused": request.env._(
                "Your refusal and its reason were passed on to us."
            ),
            "answered": request.env._("Thank you. We will look at what differs."),
            "office": self._get_office_sentence(),
            "closed": request.env._("This act was already answered, or was revoked."),
            "no_reason": request.env._("Write why you refuse the act."),
            "no_name": request.env._("Enter your name."),
            "bad_amount": request.env._(
                "One of the amounts is no positive number. Nothing was saved."
            ),
            "bad_date": request.env._(
                "One of the dates is not a date. Nothing was saved."
            ),
            "no_pdf": request.env._(
                "The PDF cannot be made right now. Download the spreadsheet."
            ),
        }

    def _get_office_sentence(self):
        return request.env._(
            "Only the client answers here. Record what the client has answered with the"
            " buttons of the act in the office."
        )

    # Files ----------------------------------------------------------------------------

    def _send_statement_pdf(self, act_sudo):
        """The signed PDF that was kept, or the act as it stands."""
        attachment = act_sudo.signed_attachment_id
        if act_sudo.signature and attachment.mimetype == "application/pdf":
            return self._send_statement_file(
                act_sudo, attachment.raw, "application/pdf", "pdf"
            )
        report = act_sudo.env["ir.actions.report"]
        if report.get_wkhtmltopdf_state() == "install":
            return self._redirect_statement(act_sudo, "no_pdf")
        content, extension = report._render_qweb_pdf(REPORT, act_sudo.ids)
        mimetype = "application/pdf" if extension == "pdf" else "text/html"
        return self._send_statement_file(act_sudo, content, mimetype, extension)

    def _send_statement_file(self, act_sudo, content, mimetype, extension):
        name = f"{act_sudo._get_report_base_filename()}.{extension}"
        return send_file(content, name, mimetype)

    def _redirect_statement(self, act_sudo, notice, access_token=None):
        token = f"&access_token={act_sudo.access_token}" if access_token else ""
        return request.redirect(
            f"/my/balance/statement/{act_sudo.id}?notice={notice}{token}"
        )

    # The answer -----------------------------------------------------------------------

    @http.route(
        "/my/balance/statement/<int:statement_id>/sign",
        type="jsonrpc",
        auth="public",
        website=True,
    )
    def portal_statement_sign(
        self, statement_id, access_token=None, name=None, signature=None
    ):
        """Agree: what Odoo's signature form sends."""
        access_token = access_token or request.httprequest.args.get("access_token")
        act_sudo = self._get_statement(statement_id, access_token)
        if not act_sudo:
            return {"error": request.env._("This act is not available.")}
        if not self._is_client():
            return {"error": self._get_office_sentence()}
        name = self._clean_text(name, NAME_LENGTH)
        if not name:
            return {"error": request.env._("Enter your name.")}
        if not isinstance(signature, str) or not signature:
            return {"error": request.env._("Sign in the box first.")}
        try:
            with request.env.cr.savepoint():
                act_sudo._agree(
                    {
                        "signature": signature,
                        "signed_by": name,
                        "signed_on": fields.Date.context_today(act_sudo),
                    }
                )
                act_sudo.flush_recordset()
        except UserError as error:
            return {"error": str(error)}
        act_sudo._keep_signed_pdf()
        token = f"&access_token={act_sudo.access_token}" if access_token else ""
        return {
            "force_refresh": True,
            "redirect_url": f"/my/balance/statement/{act_sudo.id}?notice=signed{token}",
        }

    @http.route(
        "/my/balance/statement/<int:statement_id>/refuse",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_statement_refuse(
        self, statement_id, access_token=None, reason=None, **kw
    ):
        """Refuse the act and say why."""
        act_sudo = self._get_statement(statement_id, access_token)
        if not act_sudo:
            return request.redirect("/my")
        if not self._is_client():
            return self._redirect_statement(act_sudo, "office", access_token)
        reason = self._clean_text(reason, ANSWER_LENGTH)
        if not reason:
            return self._redirect_statement(act_sudo, "no_reason", access_token)
        if act_sudo.state != "sent":
            return self._redirect_statement(act_sudo, "closed", access_token)
        act_sudo._refuse({"answer": reason})
        return self._redirect_statement(act_sudo, "refused", access_token)

    @http.route(
        "/my/balance/statement/<int:statement_id>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_statement_answer(self, statement_id, access_token=None, **values):
        """Answer with differences: the client's own half, and nothing else."""
        act_sudo = self._get_statement(statement_id, access_token)
        if not act_sudo:
            return request.redirect("/my")
        if not self._is_client():
            return self._redirect_statement(act_sudo, "office", access_token)
        if act_sudo.state != "sent":
            return self._redirect_statement(act_sudo, "closed", access_token)
        name = self._clean_text(values.get("name"), NAME_LENGTH)
        if not name:
            return self._redirect_statement(act_sudo, "no_name", access_token)
        try:
            half = self._parse_client_half(act_sudo, values)
        except ValueError as error:
            return self._redirect_statement(act_sudo, str(error), access_token)
        act_sudo._answer_with_differences(
            *half,
            {
                "signed_by": name,
                "signed_on": fields.Date.context_today(act_sudo),
                "answer": self._clean_text(values.get("answer"), ANSWER_LENGTH),
            },
        )
        return self._redirect_statement(act_sudo, "answered", access_token)

    def _parse_client_half(self, act_sudo, values):
        """Read the form. Only the act's own lines are looked at.

        :return: ({line id: dict}, opening, [dict]), see ``_answer_with_differences``
        :raise ValueError: the code of the notice that says what is wrong
        """
        lines = {
            line.id: self._parse_client_row(act_sudo, values, str(line.id))
            for line in act_sudo.line_ids
            if f"debit_{line.id}" in values or f"credit_{line.id}" in values
        }
        added = []
        for number in range(ADDED_ROWS):
            row = self._parse_client_row(act_sudo, values, f"new{number}")
            if row["client_debit"] or row["client_credit"]:
                added.append(row)
        opening = -act_sudo.opening_balance - act_sudo.purchase_opening_balance
        if "debit_opening" in values or "credit_opening" in values:
            row = self._parse_client_row(act_sudo, values, "opening")
            opening = row["client_debit"] - row["client_credit"]
        return lines, act_sudo.currency_id.round(opening), added

    def _parse_client_row(self, act_sudo, values, key):
        day = self._clean_text(values.get(f"date_{key}"), 10)
        try:
            day = fields.Date.to_date(day) if day else False
        except ValueError as error:
            raise ValueError("bad_date") from error
        row = {
            "client_document": self._clean_text(
                values.get(f"document_{key}"), TEXT_LENGTH
            ),
            "client_debit": self._parse_amount(act_sudo, values.get(f"debit_{key}")),
            "client_credit": self._parse_amount(act_sudo, values.get(f"credit_{key}")),
            "client_date": day,
        }
        return row

    def _parse_amount(self, act_sudo, text):
        """:return: float ≥ 0, rounded; :raise ValueError: what else was typed"""
        if text is None or (isinstance(text, str) and not text.strip()):
            return 0.0
        try:
            amount = parse_amount(text)
        except ValueError as error:
            raise ValueError("bad_amount") from error
        if not 0 <= amount <= MAX_AMOUNT:
            raise ValueError("bad_amount")
        return act_sudo.currency_id.round(amount)

    def _clean_text(self, text, length):
        """PostgreSQL refuses NUL, and nobody signs with a page of text."""
        if not isinstance(text, str):
            return False
        return text.replace("\x00", "").strip()[:length] or False
