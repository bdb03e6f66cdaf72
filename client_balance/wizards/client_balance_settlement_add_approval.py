from odoo import api, fields, models


class ClientBalanceSettlementAdd(models.TransientModel):
    """Above the amount of the company the dialog makes a request."""

    _inherit = "client.balance.settlement.add"

    needs_approval = fields.Boolean(
        string="Needs approval",
        compute="_compute_needs_approval",
        help="Another manager has to approve this: confirming makes a request.",
    )

    @api.depends(lambda self: [*self._get_value_fields(), "settlement_id"])
    def _compute_needs_approval(self):
        for wizard in self:
            wizard.needs_approval = wizard._needs_second_person()

    def _needs_second_person(self):
        """:return: whether confirming makes a request instead of a settlement"""
        if not (self.currency_id and self.company_id):
            return False
        if self.settlement_id and set(self._get_changes()) <= {"description"}:
            return False
        old = self.settlement_id
        return self.env["client.balance.approval"]._is_needed(
            self.company_id,
            [
                (old.partner_id, old.currency_id, -old.amount),
                (self.partner_id, self.currency_id, self._get_signed_amount()),
            ],
            self.date,
        )

    def _request(self):
        """:return: the request that another manager approves"""
        Request = self.env["client.balance.request"]
        if self.settlement_id:
            vals = {**self._get_changes(), "external_ref": self.external_ref}
            return Request.request_correction(self.settlement_id.id, vals)
        return Request.request_settlement(
            {**self._prepare_settlement_vals(), "external_ref": self.external_ref}
        )
