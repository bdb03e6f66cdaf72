from odoo import api, fields, models


class ClientBalanceStatement(models.Model):
    """The e-mail with an act obeys what the company and the client want."""

    _inherit = "client.balance.statement"

    client_balance_unsubscribe_url = fields.Char(
        string="Link that stops the e-mails",
        compute="_compute_client_balance_unsubscribe_url",
        groups="client_balance.group_client_balance_officer",
    )

    @api.depends("partner_id", "company_id")
    def _compute_client_balance_unsubscribe_url(self):
        notice = self.env["client.balance.notice"]
        for act in self:
            act.client_balance_unsubscribe_url = notice._get_unsubscribe_url(
                act.partner_id, act.company_id
            )

    def _send_mail(self):
        """A client who wants no e-mails finds the act in the portal."""
        self.ensure_one()
        if self.env["client.balance.notice"]._is_wanted("statement", self):
            return super()._send_mail()
        self.message_post(
            body=self.env._(
                "No e-mail was sent: the company sends none with acts, or the client"
                " wants none. The act is in the portal."
            )
        )
        return None

    def _prepare_mail_values(self):
        notice = self.env["client.balance.notice"]
        headers = notice._get_headers(self.client_balance_unsubscribe_url)
        return {**super()._prepare_mail_values(), "headers": headers}
