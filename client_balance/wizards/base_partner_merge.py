from odoo import models
from odoo.exceptions import UserError

from ..models.client_balance_gate import Key


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging clients or bank accounts moves their balances and adds them up.

    Core repoints rows by SQL, past every hook. Therefore the keys move before, and all
    else follows when the merge is over.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists()
        with self.env["client.balance.merge"]._changing_owners(partners):
            return super()._merge(partner_ids, dst_partner, extra_checks)

    def _merge_bank_accounts(self, src_partners, dst_partner):
        # archived bank accounts keep the history of balances: they come along
        src_partners = src_partners.with_context(active_test=False)
        dst_partner = dst_partner.with_context(active_test=False)
        merge = self.env["client.balance.merge"]
        keys = self._get_client_balance_keys(src_partners, dst_partner)
        merge._check_owner_change(keys)
        merge._move_keys(keys)
        return super()._merge_bank_accounts(src_partners, dst_partner)

    def _get_client_balance_keys(self, src_partners, dst_partner):
        """:return: {balance: Key after the merge}"""
        # as core does it: the first account of a number stays, also among the merged
        kept, merged = {}, src_partners.bank_ids
        for account in dst_partner.bank_ids | merged:
            kept.setdefault(account.sanitized_acc_number, account.id)
        # the money follows, whatever the user who merges may see
        Balance_sudo = self.env["client.balance"].sudo().with_context(active_test=False)
        owner = self._get_client_balance_owner(src_partners, dst_partner)
        keys = {}
        for balance in Balance_sudo.search(
            [
                "|",
                ("partner_id", "in", src_partners.ids),
                ("partner_bank_id", "in", src_partners.bank_ids.ids),
            ]
        ):
            bank = balance.partner_bank_id
            if balance.partner_id in src_partners:
                partner = owner
            elif balance.partner_id != owner:
                self._refuse_client_balance(balance)
            else:
                partner = balance.partner_id
            keys[balance] = Key(
                balance.company_id.id,
                partner.id,
                kept[bank.sanitized_acc_number] if bank in merged else bank.id,
                balance.currency_id.id,
            )
        return keys

    def _get_client_balance_owner(self, src_partners, dst_partner):
        """:return: the client of what remains: it gets what it lacks from the others"""
        contacts = src_partners | dst_partner
        parent = dst_partner.parent_id or src_partners.parent_id[-1:]
        if any(contacts.mapped("is_company")) or not parent or parent in contacts:
            return dst_partner
        return parent.commercial_partner_id

    def _refuse_client_balance(self, balance):
        raise UserError(
            self.env._(
                "%(balance)s: this bank account would come to another client, but the"
                " balance stays with %(client)s. Transfer the money to another bank"
                " account first, and merge without this bank account.",
                balance=balance.display_name,
                client=balance.partner_id.display_name,
            )
        )
