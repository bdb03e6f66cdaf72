import re

from odoo import api, models

#: What a client types: Latin or Cyrillic letters, any dash, spaces that banks insert.
_REFERENCE = re.compile(
    r"(?<!\w)[CС]\s*[BВ][\s\-–—_/]*(\d{1,10})[\s\-–—_/]+(\d{1,10})[\s\-–—_/]+(\d\d)(?!\d)",
    re.IGNORECASE,
)


class ClientBalance(models.Model):
    """The reference by which money of a bank transfer finds its balance.

    A client copies it into the purpose of the payment, banks pass it on, and a
    statement line that carries it belongs to that balance.
    """

    _inherit = "client.balance"

    @api.model
    def _get_payment_reference(self, partner, bank, currency):
        """What a client writes into the payment purpose to top up a balance.

        :param partner: the client, or one of its contacts
        :param bank: bank account of the client, may be empty
        :param currency: not part of the text: it is the one of the transfer
        :return: short text like ``CB-42-7-61``, the same each time
        """
        partner_id = partner.commercial_partner_id.id
        bank_id = bank.id if bank else 0
        check = self._get_payment_reference_check(partner_id, bank_id)
        return f"CB-{partner_id}-{bank_id}-{check}"

    @api.model
    def _get_payment_reference_check(self, partner_id, bank_id):
        """:return: two digits (ISO 7064 mod 97-10) that reveal a typing error"""
        return f"{98 - int(f'{partner_id}{bank_id:010d}00') % 97:02d}"

    @api.model
    def _find_by_payment_reference(self, text, company):
        """Whose balance a payment purpose names.

        :param text: any text that may contain a reference
        :param company: the company that received the money
        :return: (client, bank account): both empty where there is no reference, where
            it is mistyped, or where two references name different balances
        """
        found = {
            (int(partner_id), int(bank_id))
            for partner_id, bank_id, check in _REFERENCE.findall(text or "")
            if self._get_payment_reference_check(int(partner_id), int(bank_id)) == check
        }
        nobody = self.env["res.partner"], self.env["res.partner.bank"]
        if len(found) != 1:
            return nobody
        [(partner_id, bank_id)] = found
        partner = self.env["res.partner"].browse(partner_id).exists()
        partner = partner.commercial_partner_id
        if not partner.active or partner.company_id.root_id not in (
            company.root_id,
            self.env["res.company"],
        ):
            return nobody
        bank = self.env["res.partner.bank"].browse(bank_id or None).exists()
        if bank - partner._filter_client_balance_own(bank):
            return nobody
        if bank_id and not bank.active:
            # the client's old reference: the money goes where new money goes
            bank = partner._get_client_balance_bank()
        return partner, bank
