from . import (
    client_balance_export,
    client_balance_opening_template,
    client_balance_report_export,
    client_balance_statement,
    portal,
    portal_invoice,
    portal_notice,
    portal_statement,
    portal_top_up,
)
