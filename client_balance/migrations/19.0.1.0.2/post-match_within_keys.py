"""A match stays within a client, bank account and currency."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["client.balance.upgrade"]._match_within_keys()
