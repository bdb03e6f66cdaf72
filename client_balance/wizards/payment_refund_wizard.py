from odoo import api, fields, models


class PaymentRefundWizard(models.TransientModel):
    """Core's dialog says at once that a refund needs a second person."""

    _inherit = "payment.refund.wizard"

    client_balance_needs_approval = fields.Boolean(
        string="Needs approval",
        compute="_compute_client_balance_needs_approval",
        help="Another manager has to approve this: confirming makes a request.",
    )

    @api.depends("amount_to_refund", "transaction_id")
    def _compute_client_balance_needs_approval(self):
        for wizard in self:
            wizard.client_balance_needs_approval = bool(
                wizard.transaction_id
            ) and wizard.transaction_id._needs_client_balance_approval(
                wizard.amount_to_refund
            )
