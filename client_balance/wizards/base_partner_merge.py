from odoo import models
from odoo.exceptions import UserError

from ..models.client_balance_gate import Key


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging clients or bank accounts moves their balances and adds them up.

    Core repoints rows by SQL, past every hook. Therefore the keys move before, and the
    gate looks at all touched items when the merge is over.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        with self.env["client.balance.gate"]._collecting() as touched:
            partners = self.env["res.partner"].browse(partner_ids).exists()
            lines_sudo = partners._get_client_balance_items()
            touched.touch(lines_sudo, lines_sudo.env)
            return super()._merge(partner_ids, dst_partner, extra_checks)

    def _merge_bank_accounts(self, src_partners, dst_partner):
        # archived bank accounts keep the history of balances: they come along
        src_partners = src_partners.with_context(active_test=False)
        dst_partner = dst_partner.with_context(active_test=False)
        self.env["client.balance.merge"]._move_keys(
            self._get_client_balance_keys(src_partners, dst_partner)
        )
        return super()._merge_bank_accounts(src_partners, dst_partner)

    def _log_merge_operation(self, src_partners, dst_partner):
        # core repoints the parents by SQL and leaves the owner of the contacts stale
        contacts = self.env["res.partner"].search([("id", "child_of", dst_partner.ids)])
        self.env.add_to_compute(contacts._fields["commercial_partner_id"], contacts)
        return super()._log_merge_operation(src_partners, dst_partner)

    def _get_client_balance_keys(self, src_partners, dst_partner):
        """:return: {balance: Key after the merge}"""
        # as core does it: the first account of a number stays, also among the merged
        kept, merged = {}, src_partners.bank_ids
        for account in dst_partner.bank_ids | merged:
            kept.setdefault(account.sanitized_acc_number, account.id)
        # the money follows, whatever the user who merges may see
        Balance_sudo = self.env["client.balance"].sudo().with_context(active_test=False)
        owner = dst_partner.commercial_partner_id
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
