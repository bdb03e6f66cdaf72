from odoo.tools.sql import drop_index

#: Other indexes begin with the same column and serve its questions as well.
INDEXES = (
    ("client_balance", "company_id"),
    ("client_balance_settlement", "company_id"),
)


def migrate(cr, version):
    """Odoo keeps the index of a field that asks for none any more."""
    for table, column in INDEXES:
        drop_index(cr, f"{table}__{column}_index", table)
