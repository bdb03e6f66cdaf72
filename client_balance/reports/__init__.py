from . import client_balance_portal_report
