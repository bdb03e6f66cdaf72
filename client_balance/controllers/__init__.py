from . import client_balance_export, portal
