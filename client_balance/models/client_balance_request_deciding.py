from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .client_balance_approval import Approval


class ClientBalanceRequest(models.Model):
    """Another manager agrees or refuses, or whoever asked takes it back."""

    _inherit = "client.balance.request"

    def action_approve(self):
        """Do what was asked for. For managers, never for whoever asked.

        :return: the settlements
        :raise UserError: why it cannot be done now; the request stays as it is
        """
        settlements = self.env["client.balance.settlement"]
        for request in self:
            request._check_may_decide()
            request._claim()
            request._check_records()
            settlements |= request.with_context(
                client_balance_approval=Approval(request.id)
            )._perform()
            request._decide("approved")
            made = request.settlement_ids.filtered(lambda row: not row.reversal_of_id)
            if made:
                # documents belong to whoever uploaded them, not to who approves
                request.sudo()._bind_documents(made[:1])
        return settlements.with_env(self.env)

    def action_refuse(self, reason):
        """Refuse what was asked for. For managers, never for whoever asked.

        :param str reason: told to the person who asked
        :raise UserError: without a reason, or when it is decided already
        """
        if reason:
            self.env["client.balance.posting"]._check_kind(
                self._fields["refusal_reason"], reason
            )
        reason = str(reason or "").strip()
        if not reason:
            raise UserError(
                self.env._(
                    "Write why you refuse, so that the person who asked knows what to"
                    " change."
                )
            )
        for request in self:
            request._check_may_decide()
            request._claim()
            request._decide("refused", refusal_reason=reason)

    def action_cancel(self):
        """Take a request back. For whoever asked.

        :raise UserError: for others, or when it is decided already
        """
        for request in self:
            request.check_access("read")
            if request.requested_by_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(request)s was requested by %(user)s. Refuse it instead.",
                        request=request.display_name,
                        user=request.requested_by_id.name,
                    )
                )
            request._claim()
            request._decide("cancelled")

    @api.readonly
    def action_open_settlements(self):
        """Open what the request has made."""
        self.ensure_one()
        return self.settlement_ids._get_records_action(name=self.env._("Settlements"))

    def action_refuse_dialog(self):
        """Open the dialog that asks for the reason of the refusal."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse"),
            "res_model": "client.balance.request.refuse",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_request_id": self.id},
        }

    def _check_may_decide(self):
        """:raise UserError: for whoever asked, also for administrators"""
        self.ensure_one()
        self.env["client.balance.posting"]._check_manager()
        self.check_access("read")
        if self.requested_by_id == self.env.user:
            raise UserError(
                self.env._(
                    "You requested “%(request)s” yourself. Another manager has to"
                    " decide.",
                    request=self.display_name,
                )
            )

    def _claim(self):
        """Only one decision: the loser of a race is retried and finds it decided."""
        self.ensure_one()
        self.flush_recordset()
        claimed = self.env.execute_query(
            SQL(
                "UPDATE client_balance_request SET state = state"
                " WHERE id = %s AND state = 'requested' RETURNING id",
                self.id,
            )
        )
        if not claimed:
            self.invalidate_recordset()
            raise UserError(
                self.env._(
                    "“%(request)s” was decided already by %(user)s. Nothing was"
                    " changed.",
                    request=self.display_name,
                    user=self.decided_by_id.name or self.requested_by_id.name,
                )
            )

    def _decide(self, state, **values):
        # requests are written by these methods only, nobody has a right to
        request_sudo = self.sudo()
        request_sudo.write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                **values,
            }
        )
        request_sudo.activity_unlink(["mail.mail_activity_data_todo"])
        if values.get("refusal_reason"):
            request_sudo.message_post(
                body=values["refusal_reason"],
                author_id=self.env.user.partner_id.id,
                partner_ids=self.requested_by_id.partner_id.ids,
            )
