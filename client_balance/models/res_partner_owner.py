from contextlib import nullcontext

from odoo import api, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """Whose the balances are when clients move, are archived or deleted."""

    _inherit = "res.partner"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_no_client_balance_money()
        # the last of them is computed, but a program can write it
        moves = {"parent_id", "is_company", "commercial_partner_id"} & vals.keys()
        merge = self.env["client.balance.merge"]
        with merge._changing_owners(self) if moves else nullcontext():
            res = super().write(vals)
        if vals.get("company_id"):
            # whoever gives a client away may not see it any more
            self.sudo().commercial_partner_id._check_client_balance_company()
        return res

    def unlink(self):
        # the contacts of a contact are left without their company
        with self.env["client.balance.merge"]._changing_owners(self):
            return super().unlink()

    def _get_owned_client_balances(self):
        # the ledger is guarded for everybody, whatever he may see
        Balance_sudo = self.env["client.balance"].sudo().with_context(active_test=False)
        return Balance_sudo.search([("partner_id", "child_of", self.ids)])

    def _check_no_client_balance_money(self):
        """:raise UserError: which of these clients still have money"""
        merge = self.env["client.balance.merge"]
        holders = merge._get_holders([("partner_id", "in", self.ids)])
        if holders:
            raise UserError(
                self.env._(
                    "%(client)s still has a balance and cannot be archived:\n"
                    "%(balances)s\nRefund the money, pay invoices with it, or transfer"
                    " it to another client first.",
                    client=holders.partner_id[0].display_name,
                    balances=merge._describe(holders),
                )
            )

    def _check_client_balance_company(self):
        """Nobody could use the money that a client leaves behind in a company.

        :raise UserError: which money, and where
        """
        merge = self.env["client.balance.merge"]
        stranded = merge._get_holders(
            [("partner_id", "in", self.ids), ("partner_id.company_id", "!=", False)]
        ).filtered(
            lambda balance: (
                balance.partner_id.company_id.root_id != balance.company_id.root_id
            )
        )
        if stranded:
            raise UserError(
                self.env._(
                    "%(client)s cannot belong to %(other)s alone, because there is"
                    " money in %(company)s:\n%(balances)s\nRefund or spend it there"
                    " first, or leave the company of the client empty.",
                    client=stranded.partner_id[0].display_name,
                    other=stranded.partner_id[0].company_id.display_name,
                    company=stranded.company_id[0].display_name,
                    balances=merge._describe(stranded),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_client_balance(self):
        balances_sudo = self._get_owned_client_balances()
        # a row that a dialog has claimed, and nothing more, is no history
        empty_sudo = balances_sudo.filtered(lambda row: not row.settlement_count)
        self.env["client.balance.merge"]._drop_empty(empty_sudo)
        for balance in (balances_sudo - empty_sudo).filtered(
            lambda row: row.partner_id in self
        ):
            raise UserError(
                self.env._(
                    "%(client)s has settlements and cannot be deleted: the ledger keeps"
                    " its clients. Archive the client instead.",
                    client=balance.partner_id.display_name,
                )
            )
        # the bank accounts of a contact are deleted together with it
        for bank in self.with_context(active_test=False).bank_ids:
            for balance in bank._get_used_client_balances():
                raise UserError(
                    self.env._(
                        "%(contact)s holds bank account %(bank)s, on which there are"
                        " settlements of %(client)s, and cannot be deleted. Make"
                        " %(client)s the holder of this bank account first, or archive"
                        " %(contact)s.",
                        contact=bank.partner_id.display_name,
                        bank=bank.acc_number,
                        client=balance.partner_id.display_name,
                    )
                )
