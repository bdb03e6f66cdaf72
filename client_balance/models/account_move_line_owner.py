from odoo import models
from odoo.exceptions import AccessError


class AccountMoveLine(models.Model):
    """The partner of a posted receivable item says who owes, and whose credit it is."""

    _inherit = "account.move.line"

    def _get_client_balance_client(self):
        """:return: the client whose item this is, see the method of the entry"""
        return self.move_id._get_client_balance_client(self)

    def _get_client_balance_clients(self):
        """:return: the clients of these items, without those of unclear owners"""
        return self.env["res.partner"].union(
            *[line._get_client_balance_client() for line in self]
        )

    def write(self, vals):
        if "partner_id" in vals:
            self._check_client_balance_partner(vals["partner_id"])
        return super().write(vals)

    def _check_client_balance_partner(self, partner_id):
        """:raise AccessError: for people who may not give a posted item to another"""
        if self.env.su or self.env.user.has_group("account.group_account_user"):
            return
        # as the ORM will read it, whatever a program has sent
        partner_id = self._fields["partner_id"].convert_to_cache(partner_id, self)
        # the guard must see every item and client, whatever the user may read
        partner_sudo = self.env["res.partner"].sudo().browse(partner_id)
        client = partner_sudo._get_client_balance_client()
        for line_sudo in self.sudo():
            if (
                # the state on the item is a copy, which a program can write
                line_sudo.move_id.state == "posted"
                and line_sudo.account_id.account_type == "asset_receivable"
                and line_sudo.partner_id._get_client_balance_client() != client
            ):
                raise AccessError(
                    self.env._(
                        "The partner of a posted receivable item of %(entry)s says"
                        " whose it is. Only an accountant may give it to another"
                        " client: reset the entry to draft and choose the client there,"
                        " or ask your accountant.",
                        entry=line_sudo.move_id.display_name,
                    )
                )
