from odoo import fields, models
from odoo.exceptions import UserError

#: what a signed act comes as: a scan, or a file with a qualified signature
EXTENSIONS = ("pdf", "jpg", "jpeg", "png", "p7s", "p7m", "asice", "sce", "zip")


class ClientBalanceStatementAnswer(models.TransientModel):
    """The office records what the client answered on paper or by another system."""

    _name = "client.balance.statement.answer"
    _inherit = ["client.balance.asked", "client.balance.primary"]
    _description = "Client's answer to an act"

    statement_id = fields.Many2one(
        "client.balance.statement",
        string="Act",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    outcome = fields.Selection(
        [
            ("agreed", "Agreed"),
            ("differences", "Agreed with differences"),
            ("refused", "Refused"),
        ],
        required=True,
        default="agreed",
    )
    document = fields.Binary(string="Signed scan or .p7s", attachment=False)
    document_name = fields.Char()
    signed_by = fields.Char()
    signed_position = fields.Char(string="Position")
    signed_on = fields.Date(string="Date", default=fields.Date.context_today)
    answer = fields.Text(string="Note")

    def action_confirm(self):
        """Put the answer and its document on the act.

        :raise UserError: what is missing
        """
        self.ensure_one()
        act = self.statement_id
        act.check_access("write")
        if self.outcome == "refused":
            if not (self.answer or "").strip():
                raise UserError(
                    self.env._("Write down why the client refused the act.")
                )
            act._refuse({"answer": self.answer})
            return True
        self._check_signed()
        act._agree(
            {
                "signed_by": self.signed_by,
                "signed_position": self.signed_position,
                "signed_on": self.signed_on,
                "answer": self.answer,
                "signed_attachment_id": self._create_attachment().id,
            },
            with_differences=self.outcome == "differences",
        )
        return True

    def _check_signed(self):
        if not self.document or not self.signed_by or not self.signed_on:
            raise UserError(
                self.env._(
                    "Attach the signed scan or the .p7s file, and enter who signed the"
                    " act %(act)s and when.",
                    act=self.statement_id.display_name,
                )
            )
        extension = (self.document_name or "").rpartition(".")[2].lower()
        if extension not in EXTENSIONS:
            raise UserError(
                self.env._(
                    "%(file)s is no signed document. Attach one of these:"
                    " %(extensions)s.",
                    file=self.document_name or "?",
                    extensions=", ".join(EXTENSIONS),
                )
            )

    def _create_attachment(self):
        """:return: the attachment on the act's record"""
        return self.env["ir.attachment"].create(
            {
                "name": self.document_name,
                "datas": self.document,
                "res_model": self.statement_id._name,
                "res_id": self.statement_id.id,
            }
        )
