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
