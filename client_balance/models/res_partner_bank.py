from odoo import models
from odoo.exceptions import UserError


class ResPartnerBank(models.Model):
    """A bank account that holds money stays where it is."""

    _inherit = "res.partner.bank"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_no_client_balance_money()
        if vals.get("partner_id"):
            self._check_client_balance_owner(
                self.env["res.partner"].browse(vals["partner_id"])
            )
        return super().write(vals)

    def _check_no_client_balance_money(self):
        """:raise UserError: which of these bank accounts still hold money"""
        merge = self.env["client.balance.merge"]
        holders = merge._get_holders([("partner_bank_id", "in", self.ids)])
        if holders:
            raise UserError(
                self.env._(
                    "Bank account %(bank)s still holds a balance and cannot be"
                    " archived:\n%(balances)s\nTransfer the money to another bank"
                    " account of the client first.",
                    bank=holders.partner_bank_id[0].acc_number,
                    balances=merge._describe(holders),
                )
            )

    def _check_client_balance_owner(self, partner):
        """:raise UserError: if a balance would name a stranger's bank account"""
        owner = partner.commercial_partner_id
        for balance in self._get_used_client_balances().filtered(
            lambda balance: balance.partner_id != owner
        ):
            raise UserError(
                self.env._(
                    "Bank account %(bank)s cannot be given to %(new)s: %(old)s has"
                    " settlements on it (now %(amount)s). Transfer the money to another"
                    " bank account of %(old)s, archive this one, and add the number to"
                    " %(new)s.",
                    bank=balance.partner_bank_id.acc_number,
                    new=owner.display_name,
                    old=balance.partner_id.display_name,
                    amount=balance._format(balance.amount),
                )
            )

    def _check_client_balance_owners(self):
        """:raise UserError: if a contact left with the money of its client"""
        for balance in self._get_used_client_balances():
            bank, client = balance.partner_bank_id, balance.partner_id
            if bank.partner_id.commercial_partner_id != client:
                raise UserError(
                    self.env._(
                        "%(contact)s cannot leave %(client)s with bank account"
                        " %(bank)s: %(client)s has settlements on it (now %(amount)s)."
                        " First make %(client)s the holder of this bank account. The"
                        " money stays with %(client)s: transfer the part of %(contact)s"
                        " to %(contact)s afterwards.",
                        contact=bank.partner_id.display_name,
                        client=client.display_name,
                        bank=bank.acc_number,
                        amount=balance._format(balance.amount),
                    )
                )

    def _get_used_client_balances(self):
        """:return: balances on which money ever moved"""
        # the owner is guarded for everybody, whatever he may see
        Balance_sudo = self.env["client.balance"].sudo().with_context(active_test=False)
        return Balance_sudo.search(
            [("partner_bank_id", "in", self.ids), ("settlement_count", ">", 0)]
        )

    def _check_client_balance_client(self, client, active=True, document=None):
        """The one check of whose bank account a balance names, or money goes to.

        :param client: the client, or one of its contacts
        :param active: whether archived ones are refused as well
        :param document: what the sentence names besides
        :raise UserError: which of these bank accounts is not the client's
        """
        client = client.commercial_partner_id
        for bank in self - client._filter_client_balance_own(self):
            text = self.env._(
                "Bank account %(bank)s does not belong to %(client)s. Choose a bank"
                " account of this client.",
                bank=bank.acc_number,
                client=client.display_name,
            )
            name = document and document.display_name
            raise UserError(f"{text}\n{name}" if name else text)
        for bank in self.filtered(lambda bank: active and not bank.active):
            raise UserError(
                self.env._(
                    "Bank account %(bank)s of %(client)s is archived. Choose another"
                    " one, or restore it.",
                    bank=bank.acc_number,
                    client=client.display_name,
                )
            )
