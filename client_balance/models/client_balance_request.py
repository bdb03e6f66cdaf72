from odoo import api, fields, models
from odoo.exceptions import UserError


class ClientBalanceRequest(models.Model):
    """What one manager wants to do and another one must agree to.

    It keeps the values of the caller and moves nothing. Approving it does what was
    asked for, with today's books: whether the money is there is judged then.
    """

    _name = "client.balance.request"
    _inherit = ["mail.thread", "mail.activity.mixin", "client.balance.primary"]
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
            ("together", "Settlements together"),
            ("reversal", "Reversal"),
            ("limit", "Limit below zero"),
            ("adoption", "Adoption of an account"),
            ("provider", "Refund through the provider"),
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

    @api.model
    def _get_decision_fields(self):
        """Hook. :return: what may be written on a request: the answer, not the ask"""
        return {
            "state",
            "decided_by_id",
            "decided_on",
            "refusal_reason",
            *self.env["mail.thread"]._fields,
            *self.env["mail.activity.mixin"]._fields,
        }

    def write(self, vals):
        """What is approved is what was asked for, whoever writes.

        :raise UserError: for everything but the decision
        """
        self.check_access("write")
        if set(vals) - self._get_decision_fields():
            raise UserError(
                self.env._(
                    "A request is not changed: it tells what was agreed to. Cancel or"
                    " refuse it, and ask anew."
                )
            )
        return super().write(vals)

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
