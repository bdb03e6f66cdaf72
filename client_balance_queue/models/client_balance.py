from odoo import models

from .queue import create_slots, let_pass, queueing


class ClientBalance(models.Model):
    """Whoever loses a race for a balance queues up, see ``queue``."""

    _inherit = "client.balance"

    def init(self):
        super().init()
        create_slots(self.env.cr)

    def _find_or_open(self, keys):
        with queueing(self.env.cr, {key.partner_id for key in keys}):
            return super()._find_or_open(keys)

    def _claim(self, key):
        with queueing(self.env.cr, [key.partner_id]):
            let_pass(self.env.cr, key.partner_id)
            return super()._claim(key)
