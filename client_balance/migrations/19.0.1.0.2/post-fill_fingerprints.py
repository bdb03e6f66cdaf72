"""Settlements keep what their entry is: ``models/client_balance_fingerprint.py``."""

from odoo.tools import SQL

from odoo.addons.client_balance.models.client_balance_fingerprint import (
    get_fingerprint_sql,
)


def migrate(cr, version):
    cr.execute(
        SQL(
            """
            UPDATE client_balance_settlement settlement
               SET fingerprint = entry.fingerprint
              FROM (%s) entry
             WHERE entry.move_id = settlement.move_id AND settlement.is_live
            """,
            get_fingerprint_sql(),
        )
    )
