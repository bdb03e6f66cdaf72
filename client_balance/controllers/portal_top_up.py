from werkzeug.exceptions import BadRequest, Forbidden, NotFound
from werkzeug.urls import url_encode

from odoo import http
from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal

from .portal import ClientBalancePortal


class ClientBalanceTopUpPortal(ClientBalancePortal, PaymentPortal):
    """The client tops up its own balance through Odoo's payment providers."""

    def _prepare_my_balance_values(self, page, notice=None, **kw):
        values = super()._prepare_my_balance_values(page, notice=notice, **kw)
        values["may_top_up"] = request.env.user._is_portal() and bool(
            self._get_portal_balance_model()._get_top_up_companies()
        )
        return values

    def _get_top_up_model(self):
        """:return: the reader of the user's own balances
        :raise Forbidden: for employees, and where no company offers top-ups"""
        self._check_portal_user()
        portal = self._get_portal_balance_model()
        if not portal._get_top_up_companies():
            raise Forbidden(
                request.env._(
                    "Balances are not topped up here at present. Ask our accountant how"
                    " to pay in advance."
                )
            )
        return portal

    # Page -----------------------------------------------------------------------------

    @http.route(
        "/my/balance/top_up",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_top_up(self, **kw):
        """How much, in what currency, on which balance; then how to pay."""
        portal = self._get_top_up_model()
        top_up = portal._get_top_up(kw)
        values = {
            **self._prepare_portal_layout_values(),
            **self._prepare_top_up_values(portal, top_up),
        }
        status = 400 if top_up["error"] else 200
        return request.render("client_balance.portal_top_up", values, status=status)

    def _prepare_top_up_values(self, portal, top_up):
        """Hook. :return: values of the page ``client_balance.portal_top_up``"""
        values = {
            "page_name": "client_balance_top_up",
            "top_up": top_up,
            "bank_labels": {
                bank.id: portal._get_bank_label(bank) for bank in top_up["banks"]
            },
            "no_bank_label": portal._get_bank_label(top_up["banks"][:0]),
        }
        if top_up["amount"]:
            values["transfer"] = portal._get_transfer(top_up)
            values.update(self._prepare_top_up_payment_values(top_up))
        return values

    def _prepare_top_up_payment_values(self, top_up):
        """Hook. :return: values of core's payment form"""
        partner, company, currency = self._get_top_up_payer(top_up)
        report = {}
        providers_sudo, methods_sudo = self._get_top_up_providers(top_up, report)
        # as core's payment form: tokens are the payer's own, read as superuser
        tokens_sudo = request.env["payment.token"].sudo()
        tokens_sudo = tokens_sudo._get_available_tokens(providers_sudo.ids, partner.id)
        bank_id = top_up["bank"].id or 0
        return {
            "res_company": company,
            "company_mismatch": not self._can_partner_pay_in_company(partner, company),
            "expected_company": company,
            "reference_prefix": None,
            "amount": top_up["amount"],
            "currency": currency,
            "partner_id": partner.id,
            "providers_sudo": providers_sudo,
            "payment_methods_sudo": methods_sudo,
            "tokens_sudo": tokens_sudo,
            "availability_report": report,
            "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(
                providers_sudo
            ),
            "transaction_route": (
                f"/my/balance/top_up/transaction/{company.id}/{currency.id}/{bank_id}"
            ),
            "landing_route": "/my/balance/top_up/done",
            "access_token": self._sign_top_up(top_up),
        }

    def _get_top_up_payer(self, top_up):
        """:return: (the person who pays, the company, the currency)"""
        return request.env.user.partner_id, top_up["company"], top_up["currency"]

    def _get_top_up_providers(self, top_up, report=None):
        """Hook. :return: (providers, payment methods) that may be used, as superuser

        A bank transfer is offered beside them, with the reference of the balance.
        """
        partner, company, currency = self._get_top_up_payer(top_up)
        # as core's payment form: clients may not read providers
        providers_sudo = (
            request.env["payment.provider"]
            .sudo()
            ._get_compatible_providers(
                company.id,
                partner.id,
                top_up["amount"],
                currency_id=currency.id,
                report=report,
            )
            .filtered(lambda provider: provider.code != "custom")
        )
        methods_sudo = (
            request.env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers_sudo.ids, partner.id, currency_id=currency.id, report=report
            )
        )
        return providers_sudo, methods_sudo

    def _sign_top_up(self, top_up):
        """:return: what proves that the page offered exactly this top-up"""
        partner, company, currency = self._get_top_up_payer(top_up)
        return payment_utils.generate_access_token(
            "client_balance_top_up",
            partner.id,
            company.id,
            currency.id,
            top_up["bank"].id or 0,
            top_up["amount"],
        )

    # Transaction ----------------------------------------------------------------------

    @http.route(
        "/my/balance/top_up/transaction/<int:company_id>/<int:currency_id>/<int:bank_id>",
        type="jsonrpc",
        auth="user",
    )
    def portal_top_up_transaction(
        self, company_id, currency_id, bank_id, amount=None, access_token=None, **kwargs
    ):
        """Begin the payment of a top-up that the page offered.

        :param amount: as signed by the page
        :param kwargs: of core's payment form, see ``_create_transaction``
        :return: what the payment form needs to go on
        """
        portal = self._get_top_up_model()
        top_up = self._check_top_up(
            portal, company_id, currency_id, bank_id, amount, access_token
        )
        self._check_top_up_provider(top_up, kwargs)
        self._validate_transaction_kwargs(kwargs)
        for name in ("payment_method_id", "token_id", "tokenization_requested"):
            kwargs.setdefault(name, None)
        kwargs.update(is_validation=False, landing_route="/my/balance/top_up/done")
        transaction_sudo = self._create_transaction(
            amount=top_up["amount"],
            currency_id=top_up["currency"].id,
            partner_id=request.env.user.partner_id.id,
            reference_prefix=self._get_top_up_reference_prefix(),
            custom_create_values={
                "client_balance_partner_id": portal._get_portal_partner().id,
                "client_balance_bank_id": top_up["bank"].id,
            },
            **kwargs,
        )
        return transaction_sudo._get_processing_values()

    def _get_top_up_reference_prefix(self):
        """Hook. :return: what references of the payments begin with

        Never the reference of bank transfers: the provider's payout that names it
        would top up the balance a second time.
        """
        return payment_utils.singularize_reference_prefix(prefix="TU")

    def _check_top_up(
        self, portal, company_id, currency_id, bank_id, amount, access_token
    ):
        """:return: the top-up, built anew from what the user may choose
        :raise BadRequest: for what is no amount
        :raise Forbidden: for what the page did not offer"""
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            raise BadRequest
        top_up = portal._get_top_up(
            {
                "company": str(company_id),
                "currency": str(currency_id),
                "bank": str(bank_id or "none"),
            }
        )
        top_up["amount"] = float(amount)
        offered = (
            top_up["company"].id == company_id
            and top_up["currency"].id == currency_id
            and (top_up["bank"].id or 0) == bank_id
            and isinstance(access_token, str)
            and payment_utils.check_access_token(
                access_token,
                "client_balance_top_up",
                request.env.user.partner_id.id,
                company_id,
                currency_id,
                bank_id,
                top_up["amount"],
            )
        )
        if not offered:
            self._refuse_top_up()
        return top_up

    def _check_top_up_provider(self, top_up, kwargs):
        """Core takes any provider's id: a hidden test provider would mint money.

        :raise Forbidden: for providers, methods and cards that the page did not offer
        """
        providers_sudo, methods_sudo = self._get_top_up_providers(top_up)
        provider_id, flow = kwargs.get("provider_id"), kwargs.get("flow")
        if provider_id not in providers_sudo.ids:
            self._refuse_top_up()
        if flow == "token":
            # as core's payment form: tokens are the payer's own, read as superuser
            tokens_sudo = request.env["payment.token"].sudo()
            tokens_sudo = tokens_sudo._get_available_tokens(
                [provider_id], request.env.user.partner_id.id
            )
            if kwargs.get("token_id") not in tokens_sudo.ids:
                self._refuse_top_up()
        elif flow not in ("redirect", "direct") or (
            kwargs.get("payment_method_id") not in methods_sudo.ids
        ):
            self._refuse_top_up()

    def _refuse_top_up(self):
        raise Forbidden(
            request.env._(
                "This top-up cannot be paid as it stands: the page is out of date, or"
                " not all of it came from us. Open “Top up” again."
            )
        )

    # Result ---------------------------------------------------------------------------

    @http.route(
        "/my/balance/top_up/done",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        readonly=True,
    )
    def portal_top_up_done(self, **kw):
        """What became of the user's latest top-up."""
        self._check_portal_user()
        portal = self._get_portal_balance_model()
        transaction_sudo = portal.env["payment.transaction"].search(
            [
                ("client_balance_partner_id", "=", portal._get_portal_partner().id),
                ("partner_id", "=", request.env.user.partner_id.id),
                ("operation", "!=", "refund"),
            ],
            order="id desc",
            limit=1,
        )
        if not transaction_sudo:
            raise NotFound
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "client_balance_top_up",
            "transaction": transaction_sudo,
            "again": url_encode(self._get_top_up_arguments(transaction_sudo)),
        }
        return request.render("client_balance.portal_top_up_done", values)

    def _get_top_up_arguments(self, transaction_sudo):
        """:return: the parameters of the page that offers the same top-up again"""
        return {
            "amount": transaction_sudo.amount,
            "currency": transaction_sudo.currency_id.id,
            "company": transaction_sudo.company_id.root_id.id,
            "bank": transaction_sudo.client_balance_bank_id.id or "none",
        }
