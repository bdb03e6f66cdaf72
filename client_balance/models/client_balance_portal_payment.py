import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.amounts import parse_amount

TOKEN = re.compile(r"[0-9]{1,12}-[0-9]{1,9}-[0-9]{1,20}-[0-9]{1,9}")
REFERENCE = "portal-payment:"


class ClientBalancePortal(models.AbstractModel):
    """A client pays its own invoice from its own balance."""

    _inherit = "client.balance.portal"

    # What is offered ------------------------------------------------------------------

    @api.model
    def _is_own_invoice(self, invoice):
        """:return: whether the user's client owes ``invoice`` in one of its companies

        A link with an access token shows an invoice to anybody. A balance never.
        """
        return (
            self.env.user._is_portal()
            and bool(invoice._filter_client_balance_of(self._get_portal_partner()))
            and invoice.company_id.root_id in self._get_portal_companies()
        )

    @api.model
    def _is_payment_allowed(self, invoice):
        """Hook. :return: whether the company lets clients pay from their balance"""
        # the setting is the root company's, which a client need not see
        root_sudo = invoice.company_id.sudo().root_id
        return self._is_own_invoice(invoice) and root_sudo.client_balance_portal_pay

    @api.model
    def _get_client_problem(self, invoice):
        """Why the client cannot pay from the balance what seems to be its invoice.

        :return: a sentence that names nobody else, or False
        """
        # the setting is read for clients, who have no right on companies
        root_sudo = invoice.company_id.sudo().root_id
        if (
            not root_sudo.client_balance_portal_pay
            or self._get_portal_partner()
            != invoice.partner_id._get_client_balance_client()
            or not self._get_due(invoice)
            or invoice._get_client_balance_client()
        ):
            return False
        return self.env._(
            "%(invoice)s cannot be paid from the balance until %(company)s has checked"
            " whose it is. Pay it another way, or ask %(company)s.",
            invoice=invoice.name,
            company=invoice.company_id.name,
        )

    @api.model
    def _has_pending_payment(self, invoice):
        """:return: whether an online payment of ``invoice`` is on its way"""
        return any(
            tx.state in ("pending", "authorized")
            and tx.provider_code not in ("none", "custom")
            for tx in invoice.transaction_ids
        )

    @api.model
    def _get_due(self, invoice):
        """:return: float, what can be paid on ``invoice`` now"""
        payable = (
            invoice.move_type in ("out_invoice", "out_receipt")
            and invoice.state == "posted"
        )
        if not payable:
            return 0.0
        lines = self.env["client.balance.application"]._get_due_lines(invoice)
        return invoice.currency_id.round(sum(lines.mapped("amount_residual_currency")))

    @api.model
    def _get_payment_offer(self, invoice):
        """What the invoice page offers to pay from the balance.

        :return: dict of plain values and the currency; None where nothing is offered
        """
        if not self._is_payment_allowed(invoice) or self._has_pending_payment(invoice):
            return None
        due, currency = self._get_due(invoice), invoice.currency_id
        balances = self._get_payment_balances(invoice)
        available = currency.round(sum(item["available"] for item in balances))
        if currency.is_zero(due) or not balances:
            return None
        return {
            "currency": currency,
            "due": due,
            "available": available,
            "amount": min(due, available),
            "balances": balances,
            "token": self._get_payment_token(invoice),
            "loses_discount": bool(
                invoice._filter_client_balance_discount(fields.Date.context_today(self))
            ),
        }

    @api.model
    def _get_payment_balances(self, invoice):
        """:return: balances with money, in the order in which they are used"""
        balances = invoice._get_client_balances()
        available = balances._get_available_on(fields.Date.context_today(self))
        return [
            {
                "bank": balance.partner_bank_id,
                "key": str(balance.partner_bank_id.id or "none"),
                "label": self._get_bank_label(balance.partner_bank_id),
                "available": available[balance.id],
            }
            for balance in invoice._sort_client_balances(balances)
            if balance.currency_id.compare_amounts(available[balance.id], 0) > 0
        ]

    @api.model
    def _get_payment_token(self, invoice):
        """What the page was made from: the same state has the same token.

        Two tabs show the same token, so that only the first of them pays. Whatever
        changes the invoice changes the token, so that an old page pays nothing.
        """
        settlements = invoice.client_balance_settlement_ids
        due = self._get_due(invoice)
        currency = invoice.currency_id
        units = round(due / currency.rounding)
        return f"{invoice.id}-{len(settlements)}-{units}-{currency.id}"

    @api.model
    def _get_paid_from_balance(self, invoice):
        """:return: what balances have paid on ``invoice`` so far, in its currency"""
        if not self._is_own_invoice(invoice):
            return 0.0
        return -sum(
            row.amount
            for row in invoice.client_balance_settlement_ids
            if row.settlement_type == "write_off"
            and not row.reversed_by_id
            and row.currency_id == invoice.currency_id
        )

    # Payment --------------------------------------------------------------------------

    @api.model
    def _pay_from_balance(self, invoice, values):
        """Pay ``invoice`` with what came from its page. For the controller.

        :param values: texts of the request: ``amount``, ``bank``, ``token``
        :return: whether money was taken now; False when the same request came before
        :raise UserError: what is wrong, in words for the client
        """
        token = values.get("token")
        if self._is_paid(invoice, token):
            return False
        offer = self._get_payment_offer(invoice)
        if not offer or offer["token"] != token:
            self._refuse_payment(invoice)
        amount = self._parse_amount(values.get("amount"), offer["currency"])
        amounts = self._get_payment_amounts(offer, values.get("bank"), amount)
        self.env["client.balance.application"]._pay_invoice(
            invoice,
            amounts,
            fields.Date.context_today(self),
            reference=f"{REFERENCE}{token}",
        )
        return True

    @api.model
    def _is_paid(self, invoice, token):
        """:return: whether ``token`` has paid ``invoice`` before"""
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            return False
        if token.split("-")[0] != str(invoice.id):
            return False
        return bool(
            self.env["client.balance.settlement"].search_count(
                self._get_portal_settlement_domain() & self._get_token_domain(token),
                limit=1,
            )
        )

    @api.model
    def _get_token_domain(self, token):
        # only digits and dashes: nothing that LIKE would read as a wildcard
        return fields.Domain("external_ref", "=like", f"{REFERENCE}{token}:%")

    @api.model
    def _refuse_payment(self, invoice):
        """:raise UserError: why the page cannot pay any more"""
        if self._has_pending_payment(invoice):
            raise UserError(
                self.env._(
                    "An online payment of this invoice is being processed. Wait until"
                    " it is done: nothing was taken from your balance."
                )
            )
        raise UserError(
            self.env._(
                "This page was out of date, so nothing was taken from your balance. See"
                " below what is left to pay, and confirm again."
            )
        )

    @api.model
    def _parse_amount(self, text, currency):
        """:return: float, above zero and not finer than ``currency``
        :raise UserError: what is wrong with what was typed"""
        try:
            amount = parse_amount(text)
        except ValueError:
            amount = -1.0
        if amount < 0:
            raise UserError(
                self.env._(
                    "“%(amount)s” is not an amount. Type a number above zero, for"
                    " example 1500.00.",
                    amount=(text if isinstance(text, str) else "")[:40],
                )
            )
        return self.env["client.balance.posting"]._check_amount(
            amount, currency, self._get_portal_partner()
        )

    @api.model
    def _get_payment_amounts(self, offer, bank_key, amount):
        """Spread ``amount`` over the balances that were offered.

        :param bank_key: of the one bank account that the client chose, else falsy
        :return: {bank account: amount}
        :raise UserError: when more is typed than is available or due
        """
        currency = offer["currency"]
        balances = [
            item for item in offer["balances"] if bank_key in (None, "", item["key"])
        ]
        available = currency.round(sum(item["available"] for item in balances))
        most = min(available, offer["due"])
        if currency.compare_amounts(amount, most) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s cannot be taken: %(available)s are available on your"
                    " balance and %(due)s are left to pay. Type at most %(most)s.",
                    amount=currency.format(amount),
                    available=currency.format(available),
                    due=currency.format(offer["due"]),
                    most=currency.format(most),
                )
            )
        amounts = {}
        for item in balances:
            share = currency.round(min(amount, item["available"]))
            if not currency.is_zero(share):
                amounts[item["bank"]] = share
                amount = currency.round(amount - share)
        return amounts
