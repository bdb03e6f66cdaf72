from . import (
    client_balance_export,
    portal,
    portal_invoice,
    portal_notice,
    portal_top_up,
)
