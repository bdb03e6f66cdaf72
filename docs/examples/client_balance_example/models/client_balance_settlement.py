from odoo import fields, models

from odoo.addons.client_balance.models.client_balance_gate import GATE


class ClientBalanceSettlement(models.Model):
    """A new type: it is shown, filtered, printed and exported like the others."""

    _inherit = "client.balance.settlement"

    settlement_type = fields.Selection(
        selection_add=[("loyalty", "Loyalty bonus"), ("entry",)],
        # The money stays when this addon goes; only the gate may write the type.
        ondelete={
            "loyalty": lambda settlements: settlements.with_context(
                client_balance_gate=GATE
            ).write({"settlement_type": "manual"})
        },
    )

    def _get_reversible_types(self):
        return super()._get_reversible_types() | {"loyalty"}
