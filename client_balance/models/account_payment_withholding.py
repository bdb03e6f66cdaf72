from odoo import models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    """Payments from which the client withholds tax, by another module of Odoo."""

    _inherit = "account.payment"

    def _synchronize_to_moves(self, changed_fields):
        if changed_fields & set(self._get_trigger_fields_to_synchronize()):
            self._check_client_balance_withheld()
        return super()._synchronize_to_moves(changed_fields)

    def _check_client_balance_withheld(self):
        """The items of the tax are made anew on each change, those of a balance stay.

        Both together would count the tax twice.
        """
        if "withholding_line_ids" not in self._fields:
            return
        for payment in self:
            lines = payment._get_client_balance_kept_lines()
            if (
                lines
                and payment.move_id.state == "draft"
                # the lines of the payment may be gone, their items are still there
                and (payment.withholding_line_ids or lines.tax_ids or lines.tax_line_id)
            ):
                raise UserError(
                    self.env._(
                        "Tax is withheld from the payment %(payment)s, and a part of it"
                        " belongs to the balance of %(client)s, so it cannot change."
                        " Delete this payment and register a new one.",
                        payment=payment.move_id.name or payment.display_name,
                        client=payment.partner_id.commercial_partner_id.display_name,
                    )
                )
