from . import client_balance_export, client_balance_report_export, portal
from . import client_balance_export, client_balance_opening_template, portal
from . import (
    client_balance_export,
    portal,
    portal_invoice,
    portal_notice,
    portal_top_up,
)
from . import client_balance_export, client_balance_statement, portal, portal_statement
