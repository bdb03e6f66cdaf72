import base64
import logging

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.mimetypes import guess_mimetype

_logger = logging.getLogger(__name__)

#: of a signature, as base64
SIGNATURE_LENGTH = 2_000_000


class ClientBalanceStatement(models.Model):
    """What the client signs an act with, and the paper that is kept of it."""

    _inherit = "client.balance.statement"

    def _check_signature(self, signature):
        """A picture of a hand, which no program draws anew each time it is shown.

        :raise UserError: for what is no raster image, by its content, or too big
        """
        if not signature:
            return
        if len(signature) > SIGNATURE_LENGTH:
            raise UserError(self.env._("The picture of the signature is too big."))
        try:
            content = base64.b64decode(signature, validate=True)
        except (TypeError, ValueError):
            content = b""
        if guess_mimetype(content) not in ("image/png", "image/jpeg"):
            raise UserError(
                self.env._(
                    "The signature is not a picture. Draw it in the box, or choose a"
                    " PNG or JPEG file."
                )
            )

    def _keep_signed_pdf(self):
        """Keep the PDF with the client's signature on the record."""
        self.ensure_one()
        # called for a client, who may neither make files nor read the report's data
        act_sudo = self.sudo()
        report_sudo = act_sudo.env["ir.actions.report"]
        if report_sudo.get_wkhtmltopdf_state() == "install":
            _logger.warning("No wkhtmltopdf: the signed %s is not kept", self.name)
            return
        content, extension = report_sudo._render_qweb_pdf(
            "client_balance.action_report_client_balance_statement", act_sudo.ids
        )
        attachment = act_sudo.env["ir.attachment"].create(
            {
                "name": f"{act_sudo._get_report_base_filename()}.{extension}",
                "raw": content,
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        act_sudo._unlocked().signed_attachment_id = attachment
        act_sudo.message_post(
            body=self.env._(
                "Signed by %(name)s in the portal.", name=act_sudo.signed_by
            ),
            attachment_ids=attachment.ids,
            author_id=act_sudo.partner_id.id,
        )
