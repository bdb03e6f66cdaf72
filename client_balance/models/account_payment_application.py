from odoo import api, fields, models


class AccountPayment(models.Model):
    """Payments whose money met no invoice may go to the client's balance."""

    _inherit = "account.payment"

    client_balance_has_open_credit = fields.Boolean(
        compute="_compute_client_balance_has_open_credit",
        groups="client_balance.group_client_balance_officer",
    )

    @api.depends("move_id.line_ids.amount_residual_currency", "move_id.state")
    def _compute_client_balance_has_open_credit(self):
        for payment in self:
            # the button only needs to know whether something is open
            payment.client_balance_has_open_credit = any(
                line.parent_state == "posted"
                and line.account_id.account_type == "asset_receivable"
                and line.partner_id
                and line.amount_residual_currency < 0
                for line in payment.sudo().move_id.line_ids
            )

    def action_to_client_balance(self):
        """Open the dialog that puts what is left of these payments on the balance."""
        return self.move_id.action_to_client_balance()
