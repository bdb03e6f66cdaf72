from datetime import date
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from .client_balance_approval import Approval

#: operation -> the dialog that a request opens again when it is approved
DIALOGS = {
    "refund": "client.balance.refund",
    "transfer": "client.balance.transfer",
    "exchange": "client.balance.exchange",
}


class ClientBalanceRequest(models.Model):
    """What one manager wants to do and another one must agree to.

    It keeps the values of the caller and moves nothing. Approving it does what was
    asked for, with today's books: whether the money is there is judged then.
    """

    _name = "client.balance.request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Request for a second person"
    _order = "id desc"
    _rec_names_search = ["partner_id", "description"]
    # nobody may write a request, those who see it may discuss it
    _mail_post_access = "read"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    operation = fields.Selection(
        [
            ("manual", "Settlement"),
            ("correction", "Correction"),
            ("refund", "Refund"),
            ("transfer", "Transfer to another client"),
            ("exchange", "Exchange"),
        ],
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Client",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Bank account",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    amount = fields.Monetary(
        readonly=True, help="Positive: in the client's favour. Negative: takes from it."
    )
    date = fields.Date(string="Accounting date", required=True, readonly=True)
    description = fields.Char(readonly=True)
    vals = fields.Json(
        string="Values", readonly=True, help="The values that the caller gave."
    )
    settlement_id = fields.Many2one(
        "client.balance.settlement",
        string="Settlement to replace",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Documents")
    external_ref = fields.Char(readonly=True)
    state = fields.Selection(
        [
            ("requested", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="requested",
        index=True,
        tracking=True,
    )
    requested_by_id = fields.Many2one(
        "res.users", string="Requested by", required=True, readonly=True
    )
    decided_by_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, tracking=True
    )
    decided_on = fields.Datetime(string="Decided on", readonly=True)
    refusal_reason = fields.Char(string="Reason of refusal", readonly=True)
    settlement_ids = fields.One2many(
        "client.balance.settlement", "request_id", string="Settlements", readonly=True
    )
    may_decide = fields.Boolean(string="May decide", compute="_compute_may_decide")
    is_own = fields.Boolean(string="Is own", compute="_compute_may_decide")

    _waiting_ref_uniq = models.UniqueIndex(
        "(company_id, external_ref) WHERE state = 'requested'",
        "This was requested already and waits for a second person.",
    )

    @api.depends("operation", "partner_id", "amount")
    def _compute_display_name(self):
        labels = dict(self._fields["operation"]._description_selection(self.env))
        for request in self:
            request.display_name = (
                f"{labels.get(request.operation, '')}, {request.partner_id.name or ''},"
                f" {request._format(request.amount)}"
            )

    @api.depends("state", "requested_by_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        for request in self:
            request.is_own = request.requested_by_id == self.env.user
            request.may_decide = (
                request.state == "requested"
                and not request.is_own
                and self.env.user.has_group(
                    "client_balance.group_client_balance_manager"
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Requests are kept: they tell who agreed to what. Cancel or refuse the"
                " request instead."
            )
        )

    def _format(self, amount):
        self.ensure_one()
        currency = self.currency_id
        return currency.format(amount) if currency else ""

    # Asking ---------------------------------------------------------------------------

    @api.model
    def request_settlement(self, vals):
        """Ask for a manual or opening settlement. For managers and integrations.

        :param vals: as for ``client.balance.settlement.create``
        :return: the request; the same ``external_ref`` again returns the same one
        :raise UserError: what is wrong, or that the money is not there
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        vals = self._complete(vals)
        checked = posting._check_vals(vals)
        return self._request(
            "manual", vals, {**self._prepare_head(checked), "amount": checked["amount"]}
        )

    @api.model
    def request_correction(self, settlement_id, vals):
        """Ask for the correction of a settlement. For managers and integrations.

        :param int settlement_id: the settlement to reverse and replace
        :param vals: the values that change, as for ``action_correct``
        :return: the request
        :raise UserError: what is wrong, or that the money is not there
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        settlement = self.env["client.balance.settlement"].browse(settlement_id)
        settlement.check_access("read")
        settlement._check_reversible()
        settlement._check_correctable()
        vals = {"external_ref": f"request:{uuid4().hex}", **vals}
        checked = posting._check_vals({**settlement._prepare_correction_vals(), **vals})
        head = self._prepare_head(checked)
        return self._request(
            "correction", vals, {**head, "settlement_id": settlement.id}
        )

    @api.model
    def _complete(self, vals):
        """What is left out means "as of now", also when it is approved later."""
        return {
            "company_id": self.env.company.id,
            "date": fields.Date.to_string(fields.Date.context_today(self)),
            "external_ref": f"request:{uuid4().hex}",
            **{name: value for name, value in vals.items() if value is not None},
        }

    @api.model
    def _prepare_head(self, vals):
        """Hook. :return: what a request shows, from complete values"""
        return {
            "company_id": vals["company_id"],
            "partner_id": vals["partner_id"],
            "partner_bank_id": vals.get("partner_bank_id") or False,
            "currency_id": vals["currency_id"],
            "amount": vals["amount"],
            "date": vals["date"],
            "description": vals.get("description") or False,
            "external_ref": str(vals["external_ref"]),
            "attachment_ids": [Command.set(self._get_documents(vals).ids)],
        }

    @api.model
    def _get_documents(self, vals):
        """:return: the documents in ``vals``, which the user may read"""
        document_ids = [
            document_id
            for command in vals.get("attachment_ids") or ()
            for document_id in (command[2] if command[0] == 6 else command[1:2])
        ]
        documents = self.env["ir.attachment"].browse(document_ids)
        documents.check_access("read")
        return documents

    def _bind_documents(self, record):
        """Whoever sees ``record`` sees these documents, not the uploader alone."""
        # the uploader owns them, and may no longer be the one who acts
        documents_sudo = self.attachment_ids.sudo().filtered(
            lambda document: not document.res_id or document.res_model == self._name
        )
        documents_sudo.write({"res_model": record._name, "res_id": record.id})
        record.invalidate_recordset(["attachment_ids"])

    @api.model
    def _request(self, operation, vals, head):
        """Keep ``vals`` until another manager agrees.

        :param head: what the request shows: client, amount, date …
        :return: the request
        """
        posting = self.env["client.balance.posting"]
        posting._check_manager()
        company = self.env["res.company"].browse(head["company_id"])
        posting._check_own_company(company)
        vals = self._to_json(vals)
        known = self._find_waiting(company.root_id, head["external_ref"])
        if known:
            if known.vals != vals:
                posting._refuse_reference(head["external_ref"])
            return known
        self._check_approvers(company)
        # requests are written by these methods only, nobody has a right to
        request_sudo = self.sudo().create(
            {
                **head,
                "company_id": company.root_id.id,
                "operation": operation,
                "vals": vals,
                "requested_by_id": self.env.uid,
            }
        )
        request = request_sudo.with_env(self.env)
        request._try_out()
        request_sudo._bind_documents(request)
        request._announce()
        return request

    @api.model
    def _to_json(self, vals):
        return {
            name: fields.Date.to_string(value)
            if isinstance(value, date)
            else [list(command) for command in value]
            if isinstance(value, list | tuple)
            else value
            for name, value in vals.items()
        }

    def _find_waiting(self, root, external_ref):
        return self.search(
            [
                ("company_id", "=", root.id),
                ("external_ref", "=", external_ref),
                ("state", "=", "requested"),
            ]
        )

    def _check_approvers(self, company):
        approval = self.env["client.balance.approval"]
        if not approval._get_approvers(company, self.env.user):
            raise UserError(
                self.env._(
                    "Nobody else in %(company)s may approve this. Ask an administrator"
                    " to give a second person the access right “Client balance:"
                    " Administrator”.",
                    company=company.root_id.display_name,
                )
            )

    def _try_out(self):
        """Nobody should approve in vain: refuse now what would be refused anyway."""
        if self.operation in DIALOGS:
            return  # the dialog has checked itself
        with self.env.cr.savepoint() as savepoint:
            self.with_context(client_balance_approval=Approval(self.id))._perform()
            savepoint.rollback()

    def _announce(self):
        """Tell those who may approve."""
        # activities of others are written for them
        request_sudo = self.sudo()
        for user in self.env["client.balance.approval"]._get_approvers(
            self.company_id, self.requested_by_id
        ):
            request_sudo.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=self.env._("Approve: %(name)s", name=self.display_name),
            )

    # Deciding -------------------------------------------------------------------------

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
            if request.settlement_ids:
                # documents belong to whoever uploaded them, not to who approves
                request.sudo()._bind_documents(request.settlement_ids[:1])
        return settlements.with_env(self.env)

    def action_refuse(self, reason):
        """Refuse what was asked for. For managers, never for whoever asked.

        :param str reason: told to the person who asked
        :raise UserError: without a reason, or when it is decided already
        """
        if not (reason or "").strip():
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

    # Doing ----------------------------------------------------------------------------

    def _perform(self):
        """Hook. Do what was asked for, with the rights of whoever approves.

        :return: the settlements
        """
        self.ensure_one()
        vals = dict(self.vals)
        if self.operation == "manual":
            return self.env["client.balance.settlement"].create([vals])
        if self.operation == "correction":
            return self.settlement_id.action_correct(vals)
        dialog = self.env[DIALOGS[self.operation]].create(vals)
        dialog._check_rights()
        dialog._touch()
        dialog._check()
        return dialog._post()

    def _check_records(self):
        """:raise UserError: if something that was named is gone, by a merge perhaps"""
        model = self.env[DIALOGS.get(self.operation, "client.balance.settlement")]
        for name, value in self.vals.items():
            field = model._fields.get(name)
            if not value or not field or field.type != "many2one":
                continue
            if not self.env[field.comodel_name].browse(value).exists():
                raise UserError(
                    self.env._(
                        "“%(field)s” of “%(request)s” no longer exists: it was merged"
                        " or deleted. Refuse this request and ask for it anew.",
                        field=field._description_string(self.env),
                        request=self.display_name,
                    )
                )
