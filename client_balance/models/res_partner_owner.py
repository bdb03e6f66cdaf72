from contextlib import contextmanager, nullcontext

from odoo import api, models
from odoo.exceptions import UserError

from .client_balance_gate import Key


class ResPartner(models.Model):
    """Whose the balances are when clients move, are archived or deleted."""

    _inherit = "res.partner"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._check_no_client_balance_money()
        # the last of them is computed, but a program can write it
        moves = {"parent_id", "is_company", "commercial_partner_id"} & vals.keys()
        with self._moving_client_balances() if moves else nullcontext():
            res = super().write(vals)
        if moves or vals.get("company_id"):
            # whoever gives a client away may not see it any more
            self.sudo().commercial_partner_id._check_client_balance_company()
        return res

    @contextmanager
    def _moving_client_balances(self):
        """The money of clients who get another owner inside the block goes along."""
        with self.env["client.balance.gate"]._collecting() as touched:
            lines_sudo = self._get_client_balance_items()
            touched.touch(lines_sudo, lines_sudo.env)
            balances_sudo = self._get_owned_client_balances()
            moved_before, touched.moves_owner = touched.moves_owner, True
            try:
                yield
            finally:
                touched.moves_owner = moved_before
            self.env["client.balance.merge"]._move_keys(
                {
                    balance: Key(
                        balance.company_id.id,
                        balance.partner_id.commercial_partner_id.id,
                        balance.partner_bank_id.id,
                        balance.currency_id.id,
                    )
                    # core writes the owner on the way: what was added up is gone
                    for balance in balances_sudo.exists()
                    if balance.partner_id != balance.partner_id.commercial_partner_id
                }
            )
            self._get_client_balance_banks()._check_client_balance_owners()

    def _get_client_balance_banks(self):
        """:return: bank accounts of these and of their contacts, archived or not"""
        # as below: whoever changes the client need not see its bank accounts
        Bank_sudo = self.env["res.partner.bank"].sudo().with_context(active_test=False)
        return Bank_sudo.search([("partner_id", "child_of", self.ids)])

    def _get_client_balance_items(self):
        """:return: posted items on balance accounts of these or of their contacts"""
        account_ids = self.env["account.account"]._get_client_balance_account_ids()
        # the ledger follows whoever changes the client, whatever he may read
        Line_sudo = self.env["account.move.line"].sudo()
        if not account_ids or not self.ids:
            return Line_sudo
        return Line_sudo.search(
            [
                ("account_id", "in", list(account_ids)),
                ("parent_state", "=", "posted"),
                ("partner_id", "child_of", self.ids),
            ]
        )

    def _get_owned_client_balances(self):
        # as above
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
