import logging

from odoo import api, fields, models
from odoo.tools import hash_sign
from odoo.tools.misc import verify_hash_signed

_logger = logging.getLogger(__name__)

#: Scope of the signed link by which a client stops the notices.
UNSUBSCRIBE_SCOPE = "client_balance_notice"


class ClientBalanceNotice(models.Model):
    """E-mails to clients about their balance, waiting and sent.

    Whatever happens to an e-mail never disturbs what it tells about: a notice is only
    queued, and a scheduled action sends it.
    """

    _name = "client.balance.notice"
    _description = "Notice about a client balance"
    _order = "id desc"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("credit", "Balance credited"),
            ("spend", "Balance used"),
        ],
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    recipient_id = fields.Many2one(
        "res.partner", compute="_compute_recipient_id", compute_sudo=True
    )
    res_model = fields.Char(string="About", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    settlement_id = fields.Many2one(
        "client.balance.settlement",
        compute="_compute_settlement_id",
        compute_sudo=True,  # shown in the e-mail, which the scheduled action writes
    )
    state = fields.Selection(
        [
            ("queued", "Waiting"),
            ("sent", "Sent"),
            ("skipped", "Not needed"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="queued",
    )
    error = fields.Char(readonly=True)
    url = fields.Char(compute="_compute_urls")
    unsubscribe_url = fields.Char(compute="_compute_urls")

    # the scheduled action: what is waiting
    _queue = models.Index("(id) WHERE state = 'queued'")

    @api.depends("partner_id")
    def _compute_recipient_id(self):
        for notice in self:
            notice.recipient_id = notice.partner_id._get_client_balance_recipient()

    @api.depends("res_model", "res_id")
    def _compute_settlement_id(self):
        settlements = self.env["client.balance.settlement"]
        for notice in self:
            known = notice.res_model == settlements._name
            notice.settlement_id = settlements.browse(notice.res_id if known else None)

    @api.depends("partner_id", "company_id")
    def _compute_urls(self):
        for notice in self:
            notice.url = f"{notice.company_id.get_base_url()}/my/balance"
            notice.unsubscribe_url = self._get_unsubscribe_url(
                notice.partner_id, notice.company_id
            )

    # Queue ----------------------------------------------------------------------------

    @api.model
    def _send(self, kind, records):
        """Queue one e-mail per record to its client, where both sides want it.

        :param kind: "credit" or "spend"
        :param records: records with ``partner_id`` and ``company_id``
        :return: the notices that were queued
        """
        vals_list = [
            self._prepare_notice_vals(kind, record)
            for record in records
            if self._is_wanted(kind, record)
        ]
        # whoever moves a balance need not be allowed to see notices
        notices_sudo = self.sudo().create(vals_list)
        if notices_sudo:
            self._get_cron()._trigger()
        return notices_sudo

    def _is_wanted(self, kind, record):
        """Hook. :return: whether the client of ``record`` gets a notice of ``kind``"""
        # the settings are the root company's, which the user need not see
        company_sudo = record.company_id.sudo().root_id
        client = record.partner_id
        return (
            bool(company_sudo[f"client_balance_notice_{kind}"])
            and client.active
            and not client._is_client_balance_muted(company_sudo)
        )

    def _prepare_notice_vals(self, kind, record):
        """Hook. :return: values of a notice"""
        return {
            "kind": kind,
            "company_id": record.company_id.root_id.id,
            "partner_id": record.partner_id.commercial_partner_id.id,
            "res_model": record._name,
            "res_id": record.id,
        }

    def _get_cron(self):
        # triggering needs no right, the scheduled action itself is protected
        return self.sudo().env.ref("client_balance.client_balance_notice_cron")

    @api.model
    def _cron_send(self, limit=200):
        """Send what is waiting. One that fails is marked, and stops no other."""
        waiting = self.search([("state", "=", "queued")], order="id", limit=limit)
        for notice in waiting:
            notice._deliver()
            remaining = self.search_count([("state", "=", "queued")])
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    # Delivery -------------------------------------------------------------------------

    def _deliver(self):
        """Send this notice, or say why not."""
        self.ensure_one()
        if not self._is_due():
            self.state = "skipped"
            return
        try:
            with self.env.cr.savepoint():
                self._send_mail()
            self.state = "sent"
        except Exception as error:
            # an e-mail is no reason to stop the others
            _logger.exception("Notice %s could not be sent", self.id)
            self.write({"state": "failed", "error": str(error)[:500]})

    def _is_due(self):
        """:return: whether what the notice tells is still so, and still wanted"""
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record or not self._is_wanted(self.kind, record):
            return False
        if not self.recipient_id.email:
            return False
        return not (
            self.settlement_id.reversed_by_id or self.settlement_id.reversal_of_id
        )

    def _send_mail(self):
        self._get_template().send_mail(
            self.id,
            email_layout_xmlid="mail.mail_notification_light",
            email_values={"headers": self._get_headers(self.unsubscribe_url)},
        )

    def _get_template(self):
        """Hook. :return: the mail template of this notice"""
        return self.env.ref(f"client_balance.mail_template_notice_{self.kind}")

    # Unsubscription -------------------------------------------------------------------

    @api.model
    def _get_headers(self, unsubscribe_url):
        """:return: headers of an e-mail by which mail programs offer to stop it"""
        return repr(
            {
                "List-Unsubscribe": f"<{unsubscribe_url}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            }
        )

    @api.model
    def _get_unsubscribe_url(self, partner, company):
        """:return: address that stops the e-mails of one company to one client"""
        values = {
            "partner": partner.commercial_partner_id.id,
            "company": company.root_id.id,
        }
        # the secret is no secret of the user's
        token = hash_sign(self.sudo().env, UNSUBSCRIBE_SCOPE, values)
        return f"{company.get_base_url()}/my/balance/notices?token={token}"

    @api.model
    def _read_unsubscription(self, token):
        """:return: (client, company) of a token, both empty if it is not ours"""
        nobody = self.env["res.partner"], self.env["res.company"]
        try:
            # the secret is no secret of the user's
            values = verify_hash_signed(self.sudo().env, UNSUBSCRIBE_SCOPE, token)
        except (ValueError, TypeError, AttributeError):
            return nobody
        if not values:
            return nobody
        # whoever holds the link is not logged in
        partner_sudo = self.env["res.partner"].sudo().browse(values["partner"])
        company_sudo = self.env["res.company"].sudo().browse(values["company"])
        return partner_sudo.exists(), company_sudo.exists()
