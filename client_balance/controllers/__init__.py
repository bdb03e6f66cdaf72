from . import client_balance_export, client_balance_statement, portal, portal_statement
