from odoo import api, fields, models


class ClientBalanceStatement(models.Model):
    """A field on the act that is not on its paper: it may change after sending."""

    _inherit = "client.balance.statement"

    loyalty_note = fields.Char()

    @api.model
    def _get_open_fields(self):
        return super()._get_open_fields() | {"loyalty_note"}
