from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceStatement(models.Model):
    """From the draft to the client's answer."""

    _inherit = "client.balance.statement"

    # Sending --------------------------------------------------------------------------

    def action_send(self):
        """Freeze these drafts and send them by e-mail with the PDF. For officers.

        :raise UserError: which client has no e-mail address
        """
        self._check_recipients()
        self.action_mark_sent()
        for act in self:
            act._send_mail()
        return True

    def action_mark_sent(self):
        """Freeze these drafts: they were handed over on paper. For officers."""
        self.check_access("write")
        self._check_state("draft")
        self._fill()
        for act in self:
            act._portal_ensure_token()
            act._unlocked().write(
                {
                    "state": "sent",
                    "sent_on": fields.Datetime.now(),
                    "parties_data": act._prepare_parties(),
                }
            )
        return True

    def action_send_again(self):
        """Open the e-mail of a sent act in the composer."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the act"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": self._get_mail_template().id,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
            },
        }

    def _get_mail_template(self):
        """Hook. :return: the template of the e-mail to the client"""
        return self.env.ref("client_balance.mail_template_client_balance_statement")

    def _send_mail(self):
        """Hook. Put the e-mail of a sent act with its PDF into the queue."""
        self.ensure_one()
        self._get_mail_template().send_mail(
            self.id,
            email_layout_xmlid="mail.mail_notification_light",
            email_values=self._prepare_mail_values(),
        )

    def _prepare_mail_values(self):
        """Hook. :return: values of the e-mail beyond its template"""
        return {}

    def _check_recipients(self):
        for act in self:
            if not act.partner_id.email:
                raise UserError(
                    self.env._(
                        "%(client)s has no e-mail address. Enter it on the client card,"
                        " or use “Mark as sent” if the act goes on paper.",
                        client=act.partner_id.display_name,
                    )
                )

    def _check_state(self, *states):
        """:raise UserError: when an act is in another state than ``states``"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for act in self:
            if act.state not in states:
                raise UserError(
                    self.env._(
                        "The act %(act)s is in state “%(state)s”, so this is not"
                        " possible any more. Reload the page.",
                        act=act.display_name,
                        state=labels[act.state],
                    )
                )

    def _check_client_half(self):
        """:raise UserError: when the client's half may not be filled in (any more)"""
        self._check_state("sent")

    # The answer -----------------------------------------------------------------------

    def _agree(self, vals, with_differences=False):
        """Record the client's consent, on paper or in the portal.

        :param vals: who signed, when and how, see ``_get_guarded_fields``
        """
        self.ensure_one()
        self._check_state("sent")
        self._check_signature(vals.get("signature"))
        if not with_differences:
            self._mirror()
        self._unlocked().write(
            {
                **vals,
                "state": "differences" if with_differences else "agreed",
                "answered_on": fields.Datetime.now(),
                "has_client_half": True,
            }
        )
        self._tell_responsible()

    def _mirror(self):
        """Make the client's half the mirror of ours: their debit is our credit."""
        self.ensure_one()
        # our own half is not the client's to write, but this is its consent
        act_sudo = self.sudo()._unlocked()
        act_sudo.line_ids.filtered(lambda line: not line.kind).unlink()
        for line in act_sudo.line_ids:
            line.write(line._prepare_mirror())
        act_sudo.client_opening_balance = self.currency_id.round(
            -self.opening_balance - self.purchase_opening_balance
        )

    def action_mirror(self):
        """Office: start the client's half as equal to ours, to type in what differs."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("sent")
        self._mirror()
        self._unlocked().has_client_half = True

    def _answer_with_differences(self, values, opening, added, vals):
        """Record the client's half as the client filled it in.

        :param values: {line id: dict of the client's fields}, lines of this act only
        :param opening: float, the client's opening balance (debit − credit)
        :param added: [dict] documents that we do not have
        :param vals: who signed, as for ``_agree``
        """
        self.ensure_one()
        self._check_state("sent")
        # clients have no right to write acts; only their own half is written here
        act_sudo = self.sudo()._unlocked()
        for line in act_sudo.line_ids:
            line.write({**line._prepare_mirror(), **values.get(line.id, {})})
        act_sudo.line_ids.create(
            [
                {
                    "statement_id": self.id,
                    "sequence": 100_000 + number,
                    **{n: row[n] for n in act_sudo.line_ids._get_client_fields()},
                }
                for number, row in enumerate(added)
            ]
        )
        act_sudo.client_opening_balance = opening
        self._agree(vals, with_differences=True)

    def _refuse(self, vals):
        """Record that the client refused, with ``vals["answer"]`` as the reason."""
        self.ensure_one()
        self._check_state("sent")
        self._unlocked().write(
            {**vals, "state": "refused", "answered_on": fields.Datetime.now()}
        )
        self._tell_responsible()

    def action_agree(self):
        """Office: open the dialog that keeps the signed paper or .p7s file."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("sent")
        return self._get_answer_action(self.env._("Signed by the client"), "agreed")

    def action_refuse(self):
        """Office: open the dialog that records the client's refusal."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("sent")
        return self._get_answer_action(self.env._("Refused by the client"), "refused")

    def _get_answer_action(self, name, outcome):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "client.balance.statement.answer",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_statement_id": self.id,
                "default_outcome": outcome,
                "default_signed_by": self.client_signatory,
                "default_signed_position": self.client_position,
            },
        }

    def _tell_responsible(self):
        """Give the responsible accountant an activity with the client's answer."""
        # the answer may come from a client, who has no rights on activities
        for act_sudo in self.sudo():
            user = act_sudo._get_responsible()
            told = act_sudo.with_context(lang=user.lang)
            labels = dict(told._fields["state"]._description_selection(told.env))
            told.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=told.env._(
                    "%(client)s: %(state)s",
                    client=told.partner_id.display_name,
                    state=labels[told.state],
                ),
                note=escape(told.answer or "").replace("\n", Markup("<br/>")),
            )

    def _get_responsible(self):
        """Hook. :return: the user who is told of the answer"""
        self.ensure_one()
        user = self.user_id
        if (
            not user
            or not user.active
            or user.share
            or user.id == self.env.ref("base.user_root").id
        ):
            user = self.company_id._get_client_balance_responsible(self.partner_id)
        return user

    # Revoke and re-issue --------------------------------------------------------------

    def action_revoke(self):
        """Withdraw these sent or answered acts. For officers."""
        self.check_access("write")
        self._check_state("sent", "agreed", "differences", "refused")
        self._unlocked().write({"state": "revoked"})
        return True

    def action_reissue(self):
        """Revoke the act and open a draft of its next version. For officers."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("sent", "agreed", "differences", "refused", "revoked")
        if self.next_ids:
            raise UserError(
                self.env._(
                    "The act %(act)s already has a next version: %(next)s. Use it.",
                    act=self.display_name,
                    next=self.next_ids[0].display_name,
                )
            )
        if self.state != "revoked":
            self.action_revoke()
        new = self._unlocked().copy(self._prepare_next_version_vals())
        # the sentinel is not for the screens
        new = new.with_context(client_balance_statement=False)
        new._post_version_difference()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": new.id,
            "view_mode": "form",
        }

    def _prepare_next_version_vals(self):
        """Hook. :return: values of the next version of this act"""
        self.ensure_one()
        return {
            "name": self.name,
            "version": self.version + 1,
            "previous_id": self.id,
            "date": fields.Date.context_today(self),
            "user_id": self.env.user.id,
        }

    def _post_version_difference(self):
        self.ensure_one()
        self.message_post(
            body=self.env._(
                "New version of %(act)s.", act=self.previous_id.display_name
            )
            + Markup("<br/>")
            + (self.version_difference or self.env._("Nothing differs."))
        )

    @api.depends("previous_id", "line_ids", "opening_balance")
    @api.depends_context("lang")
    def _compute_version_difference(self):
        for act in self:
            texts = act._get_version_differences() if act.previous_id else []
            act.version_difference = (
                Markup("<ul>%s</ul>")
                % Markup("").join(Markup("<li>%s</li>") % text for text in texts)
                if texts
                else False
            )

    def _get_version_differences(self):
        """:return: sentences that say how this version differs from the previous one"""
        self.ensure_one()
        # lines are compared by their entries, which clients may not see
        old_sudo, new_sudo = self.previous_id.sudo(), self.sudo()
        texts = []
        for name in (
            "opening_balance",
            "purchase_opening_balance",
            "closing_balance",
            "purchase_closing_balance",
        ):
            if self.currency_id.compare_amounts(old_sudo[name], new_sudo[name]):
                texts.append(
                    self.env._(
                        "%(field)s: %(old)s → %(new)s",
                        field=self._fields[name]._description_string(self.env),
                        old=self.currency_id.format(old_sudo[name]),
                        new=self.currency_id.format(new_sudo[name]),
                    )
                )
        old_lines = old_sudo._get_compared_lines()
        new_lines = new_sudo._get_compared_lines()
        for key, line in old_lines.items():
            if key not in new_lines:
                texts.append(
                    self.env._("Left out: %(line)s", line=line._get_difference_text())
                )
        for key, line in new_lines.items():
            if key not in old_lines:
                texts.append(
                    self.env._("Added: %(line)s", line=line._get_difference_text())
                )
        return texts

    def _get_compared_lines(self):
        """:return: {what makes a line the same in two versions: line}"""
        return {
            (
                line.section,
                line.number,
                line.date,
                line.kind,
                line.debit,
                line.credit,
                line.move_id.id,
            ): line
            for line in self.line_ids.filtered("kind")
        }
