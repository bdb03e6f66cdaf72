from odoo import api, models
from odoo.exceptions import UserError

from ..qr_svg import draw_qr_svg


class ClientBalancePortal(models.AbstractModel):
    """A client tops up its own balance, online or by bank transfer."""

    _inherit = "client.balance.portal"

    # The form -------------------------------------------------------------------------

    @api.model
    def _get_top_up_companies(self):
        """Hook. :return: root companies whose balances the user may top up"""
        # the setting is the company's, which a client need not see
        return self._get_portal_companies().filtered(
            lambda company: company.sudo().client_balance_portal_top_up
        )

    @api.model
    def _get_top_up_banks(self):
        """Hook. :return: bank accounts of the client, in its own order"""
        banks = self._get_portal_partner().bank_ids.filtered("active")
        return banks.sorted(lambda bank: (bank.sequence, bank.id))

    @api.model
    def _get_top_up_currencies(self, company):
        """Hook. :return: currencies in which the client may pay to ``company``"""
        journals = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(company),
                ("type", "=", "bank"),
            ]
        )
        balances = self._get_balances().filtered(lambda b: b.company_id == company)
        currencies = company.currency_id | journals.currency_id | balances.currency_id
        return currencies.filtered("active").sorted(
            lambda currency: (currency != company.currency_id, currency.name)
        )

    @api.model
    def _get_top_up(self, values):
        """Turn what came with the address into a top-up that can be trusted.

        Whatever is not one of the offered values counts as not given.

        :return: dict with what can be chosen, what is chosen, ``amount`` (0.0 until a
            good one is typed) and ``error``, a sentence for the client
        """
        values = {name: v for name, v in values.items() if isinstance(v, str)}
        companies = self._get_top_up_companies()
        company = self._choose(companies, values.get("company"))
        banks, currencies = (
            self._get_top_up_banks(),
            self._get_top_up_currencies(company),
        )
        top_up = {
            "companies": companies,
            "company": company,
            "currencies": currencies,
            "currency": self._choose(currencies, values.get("currency")),
            "banks": banks,
            "bank": self._choose_bank(banks, values.get("bank")),
            "amount_text": values.get("amount", "")[:40],
            "amount": 0.0,
            "error": "",
        }
        if "amount" in values:
            try:
                amount = self._parse_amount(values["amount"], top_up["currency"])
                top_up["amount"] = amount
            except UserError as error:
                top_up["error"] = str(error)
        return top_up

    @api.model
    def _choose(self, records, text):
        """:return: the one of ``records`` whose id is ``text``, else the first"""
        return records.filtered(lambda record: str(record.id) == text) or records[:1]

    @api.model
    def _choose_bank(self, banks, text):
        """:return: the bank account that was chosen, empty for none"""
        if text == "none":
            return banks[:0]
        default = self._get_portal_partner()._get_client_balance_bank()
        return banks.filtered(lambda bank: str(bank.id) == text) or (banks & default)

    # Bank transfer --------------------------------------------------------------------

    @api.model
    def _get_transfer(self, top_up):
        """What the client writes into a transfer to us.

        :return: dict of texts, ``qr`` an image or None; None where we have no account
        """
        account = self._get_own_bank_account(top_up["company"], top_up["currency"])
        if not account:
            return None
        client = self._get_portal_partner()
        purpose = self._get_transfer_purpose(top_up)
        request = (top_up["amount"], purpose, "", top_up["currency"], client)
        return {
            "holder": account.acc_holder_name or account.partner_id.name,
            "code": account._get_nbu_code() or account.partner_id.vat,
            "number": account.acc_number,
            "bank": account.bank_name,
            "bic": account.bank_bic,
            "purpose": purpose,
            "qr": self._get_transfer_qr(account, request),
            "link": account._get_nbu_link(*request[:2], top_up["currency"]),
        }

    @api.model
    def _get_transfer_qr(self, account, request):
        """:return: image of the first QR code that fits the account, or None"""
        values = account._build_qr_code_vals(*request)
        params = values and account._get_qr_code_generation_params(**values)
        if not params or params.get("barcode_type") != "QR":
            return None
        return draw_qr_svg(params["value"])

    @api.model
    def _get_own_bank_account(self, company, currency):
        """Hook. :return: our bank account for transfers in ``currency``, or empty"""
        journals = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(company),
                ("type", "=", "bank"),
                ("bank_account_id", "!=", False),
            ]
        )
        return journals.filtered(
            lambda journal: (journal.currency_id or company.currency_id) == currency
        )[:1].bank_account_id

    @api.model
    def _get_transfer_purpose(self, top_up):
        """Hook. :return: payment purpose: the reference first, banks cut the end off"""
        reference = self.env["client.balance"]._get_payment_reference(
            self._get_portal_partner(), top_up["bank"], top_up["currency"]
        )
        return self.env._("%(reference)s Advance payment", reference=reference)
