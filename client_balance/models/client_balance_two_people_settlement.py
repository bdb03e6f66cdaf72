from odoo import fields, models


class ClientBalanceSettlement(models.Model):
    """Settlements that two people have agreed to, and corrections."""

    _inherit = "client.balance.settlement"

    request_id = fields.Many2one(
        "client.balance.request",
        string="Approved by request",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    replaces_id = fields.Many2one(
        "client.balance.settlement",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The settlement that was reversed and corrected by this one.",
    )

    def _prepare_inherited_vals(self):
        return {**super()._prepare_inherited_vals(), "replaces_id": self.replaces_id.id}

    def _prepare_stood_vals(self):
        """Only just what was approved is approved, also when it is posted again."""
        return {**super()._prepare_stood_vals(), "request_id": self.request_id.id}

    def _prepare_altered_vals(self, fingerprint):
        return {**super()._prepare_altered_vals(fingerprint), "request_id": False}

    def action_correct(self, vals):
        """Above the amount of the company a correction needs a second person.

        :raise UserError: that it does; send ``request_correction`` instead
        """
        self.ensure_one()
        posting = self.env["client.balance.posting"]
        vals = posting._clean(vals)
        if not set(vals) <= self._get_writable_fields():
            posting._check_manager()
            self._check_corrected_alone(vals)
        return super().action_correct(vals)

    def _check_corrected_alone(self, vals):
        """The larger of both amounts counts: shrinking a large one is an edit too."""
        # also of a branch that the user may see only through its root
        company = self.sudo().move_id.company_id or self.company_id
        self.env["client.balance.approval"]._check_alone(
            company, self.partner_id, self.currency_id, self.amount, self.date
        )
