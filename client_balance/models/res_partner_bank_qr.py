import base64
import re

from odoo import api, models

from ..qr_svg import draw_qr_svg

METHOD = "nbu_qr"
IBAN = re.compile(r"UA\d{27}")
#: legal entity (ЄДРПОУ), or person (РНОКПП)
CODE = re.compile(r"\d{8}|\d{10}")
#: limits of the format, in characters and in bytes of the whole structure
NAME_LENGTH, PURPOSE_LENGTH, STRUCTURE_LENGTH = 70, 140, 331
#: numbers of the encodings in the structure, the wider one first
ENCODINGS = (("1", "utf-8"), ("2", "cp1251"))


class ResPartnerBank(models.Model):
    """QR code of a credit transfer in hryvnias, as the National Bank rules.

    Rules on QR codes for credit transfers, format 002: thirteen elements, a line each,
    in Base64URL behind the address of the National Bank. On a phone the same address
    opens the app of the client's bank.
    """

    _inherit = "res.partner.bank"

    @api.model
    def _get_available_qr_methods(self):
        methods = super()._get_available_qr_methods()
        methods.append((METHOD, self.env._("NBU QR code (Ukraine)"), 15))
        return methods

    def _get_error_messages_for_qr(self, qr_method, debtor_partner, currency):
        if qr_method != METHOD:
            return super()._get_error_messages_for_qr(
                qr_method, debtor_partner, currency
            )
        if currency.name != "UAH":
            return self.env._("The NBU QR code is for transfers in hryvnias only.")
        if not IBAN.fullmatch(self.sanitized_acc_number or ""):
            return self.env._("The NBU QR code needs a Ukrainian IBAN.")
        return None

    def _check_for_qr_code_errors(
        self,
        qr_method,
        amount,
        currency,
        debtor_partner,
        free_communication,
        structured_communication,
    ):
        if qr_method == METHOD and not self._get_nbu_code():
            return self.env._(
                "The NBU QR code needs the company's EDRPOU code of 8 digits, or the"
                " tax number of 10 digits: fill in the company ID of %(name)s.",
                name=self.partner_id.display_name,
            )
        return super()._check_for_qr_code_errors(
            qr_method,
            amount,
            currency,
            debtor_partner,
            free_communication,
            structured_communication,
        )

    def _get_qr_vals(
        self,
        qr_method,
        amount,
        currency,
        debtor_partner,
        free_communication,
        structured_communication,
    ):
        if qr_method == METHOD:
            purpose = structured_communication or free_communication
            return self._get_nbu_elements(amount, purpose)
        return super()._get_qr_vals(
            qr_method,
            amount,
            currency,
            debtor_partner,
            free_communication,
            structured_communication,
        )

    def _get_qr_code_generation_params(
        self,
        qr_method,
        amount,
        currency,
        debtor_partner,
        free_communication,
        structured_communication,
    ):
        if qr_method == METHOD:
            purpose = structured_communication or free_communication
            return {
                "barcode_type": "QR",
                "value": self._get_nbu_link(amount, purpose, currency),
                "width": 256,
                "height": 256,
                "quiet": 1,
                "barLevel": "M",
            }
        return super()._get_qr_code_generation_params(
            qr_method,
            amount,
            currency,
            debtor_partner,
            free_communication,
            structured_communication,
        )

    def _get_qr_code_base64(
        self,
        qr_method,
        amount,
        currency,
        debtor_partner,
        free_communication,
        structured_communication,
    ):
        if qr_method == METHOD:
            purpose = structured_communication or free_communication
            link = self._get_nbu_link(amount, purpose, currency)
            return draw_qr_svg(link)
        return super()._get_qr_code_base64(
            qr_method,
            amount,
            currency,
            debtor_partner,
            free_communication,
            structured_communication,
        )

    # The structure --------------------------------------------------------------------

    def _get_nbu_code(self):
        """:return: code of the recipient, False where the card names none"""
        partner = self.partner_id.commercial_partner_id
        for text in (partner.company_registry, partner.vat):
            if CODE.fullmatch((text or "").strip()):
                return text.strip()
        return False

    def _get_nbu_elements(self, amount, purpose):
        """:return: the elements of the structure, without the last empty one"""
        name = self.acc_holder_name or self.partner_id.name or ""
        return [
            "BCD",
            "002",
            ENCODINGS[0][0],
            "UCT",
            "",
            self._clean_nbu_text(name, NAME_LENGTH),
            self.sanitized_acc_number,
            f"UAH{amount:.2f}" if amount else "",
            self._get_nbu_code() or "",
            "",
            "",
            self._clean_nbu_text(purpose, PURPOSE_LENGTH),
        ]

    def _clean_nbu_text(self, text, length):
        """Each element is one line of the structure."""
        return " ".join((text or "").split())[:length]

    def _get_nbu_link(self, amount, purpose, currency):
        """The address in the QR code, which opens the app of a bank on a phone.

        :return: text, False where the account cannot have one
        """
        self.ensure_one()
        errors = self._get_error_messages_for_qr(METHOD, None, currency)
        if errors or not self._get_nbu_code():
            return False
        elements = self._get_nbu_elements(amount, purpose)
        for number, encoding in ENCODINGS:
            elements[2] = number
            structure = "\n".join([*elements, ""]).encode(encoding, "replace")
            if len(structure) <= STRUCTURE_LENGTH:
                break
        code = base64.urlsafe_b64encode(structure).decode().rstrip("=")
        return f"https://bank.gov.ua/qr/{code}"
