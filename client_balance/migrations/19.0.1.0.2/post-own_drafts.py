"""What our dialogs have posted is reversed, and never reset."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["client.balance.upgrade"]._cancel_own_drafts()
