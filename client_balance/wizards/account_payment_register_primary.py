from odoo import models


class AccountPaymentRegister(models.TransientModel):
    """What the payment dialog offers is never older than the balance."""

    _name = "account.payment.register"
    _inherit = ["account.payment.register", "client.balance.primary"]
