from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.urls import url_encode

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.account_payment.controllers.portal import PortalAccount

from .portal import ClientBalancePortal


class ClientBalanceInvoicePortal(ClientBalancePortal, PortalAccount):
    """An invoice in the portal, paid from the balance of the client that owes it."""

    @http.route()
    def portal_my_invoice_detail(self, invoice_id, **kw):
        """Whoever has a link sees the paper, without what is left on the balance."""
        # read like the ledger: whose invoice it is decides, not who may read it
        invoice_sudo = request.env["account.move"].sudo().browse(invoice_id).exists()
        portal_sudo = request.env["client.balance.portal"].sudo()
        is_known = request.env.user._is_internal() or (
            invoice_sudo and portal_sudo._is_own_invoice(invoice_sudo)
        )
        if not is_known:
            request.update_context(client_balance_stranger=True)
        return super().portal_my_invoice_detail(invoice_id, **kw)

    def _invoice_get_page_view_values(
        self, invoice, access_token, balance=None, **kwargs
    ):
        values = super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        if request.env.user._is_portal():
            values.update(self._get_client_balance_invoice_values(invoice))
            notices = self._get_client_balance_invoice_notices()
            values["client_balance_notice"] = notices.get(balance)
        return values

    def _get_client_balance_invoice_values(self, invoice):
        """Hook. :return: what the invoice page shows of the user's balance"""
        portal = self._get_portal_balance_model()
        # read like the ledger: only where the invoice is the user's own
        invoice_sudo = invoice.sudo()
        return {
            "client_balance_offer": portal._get_payment_offer(invoice_sudo),
            "client_balance_paid": portal._get_paid_from_balance(invoice_sudo),
            "client_balance_problem": portal._get_client_problem(invoice_sudo),
        }

    def _get_client_balance_invoice_notices(self):
        """Hook. :return: {code in the address: sentence on the page}"""
        return {
            "paid": request.env._("Paid from your balance. Thank you."),
            "again": request.env._(
                "This was paid from your balance already. Nothing was taken twice."
            ),
        }

    @http.route(
        "/my/invoices/<int:invoice_id>/pay_from_balance",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_pay_from_balance(self, invoice_id, **kw):
        """Pay an own invoice from the own balance, once per page that was shown."""
        invoice_sudo = self._get_client_balance_invoice(invoice_id)
        portal = self._get_portal_balance_model()
        try:
            with request.env.cr.savepoint():
                paid = portal._pay_from_balance(invoice_sudo, kw)
        except UserError as error:
            return self._refuse_client_balance_payment(invoice_id, str(error))
        query = url_encode({"balance": "paid" if paid else "again"})
        return request.redirect(f"/my/invoices/{invoice_id}?{query}")

    def _get_client_balance_invoice(self, invoice_id):
        """:return: the invoice, as superuser, if it may be paid from the balance
        :raise NotFound: for invoices of others, which are not even confirmed to exist
        :raise Forbidden: where the company does not let clients pay so"""
        self._check_portal_user()
        try:
            # no access token: a balance needs a login
            invoice_sudo = self._document_check_access("account.move", invoice_id)
        except (AccessError, MissingError) as error:
            raise NotFound from error
        portal = self._get_portal_balance_model()
        if problem := portal._get_client_problem(invoice_sudo):
            raise Forbidden(problem)
        if not portal._is_own_invoice(invoice_sudo):
            raise NotFound
        if not portal._is_payment_allowed(invoice_sudo):
            raise Forbidden(
                request.env._(
                    "%(invoice)s cannot be paid from the balance here. Pay it another"
                    " way, or ask %(company)s.",
                    invoice=invoice_sudo.name,
                    company=invoice_sudo.company_id.name,
                )
            )
        return invoice_sudo

    def _refuse_client_balance_payment(self, invoice_id, message):
        """:return: the invoice page as it is now, with what was wrong"""
        request.env.invalidate_all()
        invoice_sudo = self._document_check_access("account.move", invoice_id)
        values = self._invoice_get_page_view_values(invoice_sudo, None)
        values["client_balance_error"] = message
        return request.render("account.portal_invoice_page", values, status=400)
