from odoo import http
from odoo.http import request


class ClientBalanceNoticePortal(http.Controller):
    """The link in each e-mail about a balance."""

    @http.route(
        "/my/balance/notices",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        readonly=True,
        sitemap=False,
    )
    def notices(self, token=None, **kw):
        """Ask first: mail programs open links by themselves."""
        return self._render_notices(token)

    @http.route(
        "/my/balance/notices",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        # mail programs post it without a session; the signed token proves who asks
        csrf=False,
    )
    def set_notices(self, token=None, subscribe=None, **kw):
        """Stop the notices of one company to one client, or let them come again."""
        partner_sudo, company_sudo = self._read_token(token)
        if partner_sudo and company_sudo:
            partner_sudo._set_client_balance_muted(company_sudo, not subscribe)
        return self._render_notices(token)

    def _read_token(self, token):
        notice = request.env["client.balance.notice"]
        return notice._read_unsubscription(token if isinstance(token, str) else "")

    def _render_notices(self, token):
        partner_sudo, company_sudo = self._read_token(token)
        known = bool(partner_sudo and company_sudo)
        values = {
            "token": token if known else "",
            "client": partner_sudo.name if known else "",
            "company_name": company_sudo.name if known else "",
            "muted": known and partner_sudo._is_client_balance_muted(company_sudo),
        }
        return request.render(
            "client_balance.portal_notices", values, status=200 if known else 403
        )
