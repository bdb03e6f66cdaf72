from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

#: what a document says; superusers may move it, to whoever may see it next
CONTENT = {"raw", "datas", "db_datas", "store_fname", "mimetype", "name", "type", "url"}
PLACE = {"res_model", "res_id", "res_field", "public", "access_token"}


class IrAttachment(models.Model):
    """What was signed, and what a second person has looked at, stays as it was."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if set(vals) & (CONTENT if self.env.su else CONTENT | PLACE):
            self._check_no_client_balance_evidence()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_client_balance_evidence(self):
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):
            self._check_no_client_balance_evidence()

    def _check_no_client_balance_evidence(self):
        """:raise UserError: for documents of signed acts and of requests"""
        # whoever changes a file need not see what it belongs to
        files_sudo = self.sudo()
        act, request = (
            files_sudo.env["client.balance.statement"],
            files_sudo.env["client.balance.request"],
        )
        kept = act.search([("signed_attachment_id", "in", self.ids)])
        kept = kept.signed_attachment_id & files_sudo
        shown = request.search([("attachment_ids", "in", self.ids)])
        kept |= shown.attachment_ids & files_sudo
        kept |= files_sudo.filtered(
            lambda file: file.res_model == act._name and file.res_field == "signature"
        )
        if kept:
            raise UserError(
                self.env._(
                    "“%(document)s” was signed, or shown to a second person, and is"
                    " kept as it is. Add another document instead.",
                    document=kept[0].name,
                )
            )
