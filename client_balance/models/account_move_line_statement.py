from odoo import api, models


class AccountMoveLine(models.Model):
    """Items that any bank reconciliation adds on a balance account."""

    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Reconciliation screens do not know the client's bank account: propose it.

        They add an item with an account and a partner. The bank account follows from
        the payment reference or the IBAN of the bank line; without them the item stays
        without one, as every other journal item.
        """
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        if account_ids:
            vals_list = [
                self._complete_client_balance_item(vals)
                if vals.get("account_id") in account_ids
                and "client_balance_bank_id" not in vals
                else vals
                for vals in vals_list
            ]
        return super().create(vals_list)

    def _complete_client_balance_item(self, vals):
        """:return: ``vals`` with the client and the bank account of the bank line"""
        # whoever reconciles may have no right on every bank line
        move_sudo = self.env["account.move"].sudo().browse(vals.get("move_id"))
        line_sudo = move_sudo.statement_line_id
        if not line_sudo:
            return vals
        receipt = self.env["client.balance.receipt"]
        proposal = receipt._get_proposals(line_sudo)[line_sudo]
        partner = self.env["res.partner"].browse(vals.get("partner_id") or None)
        partner = partner.commercial_partner_id
        if partner and partner != proposal.partner:
            return vals
        is_sure = proposal.evidence in ("reference", "iban")
        return {
            **vals,
            "partner_id": vals.get("partner_id") or proposal.partner.id,
            "client_balance_bank_id": is_sure and proposal.bank.id,
        }
