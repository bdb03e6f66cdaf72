from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_award_loyalty(self, amount, external_ref=False):
        """Put a loyalty bonus on the client's balance. For managers of balances.

        :param amount: in the company currency, above zero
        :param external_ref: the same reference again gives the bonus once
        :return: the settlement
        :raise UserError: as ``client.balance.settlement.create``
        """
        self.ensure_one()
        client = self.commercial_partner_id
        return self.env["client.balance.settlement"].create(
            {
                "partner_id": client.id,
                "partner_bank_id": client._get_client_balance_bank().id,
                "amount": amount,
                "settlement_type": "loyalty",
                "external_ref": external_ref,
            }
        )
