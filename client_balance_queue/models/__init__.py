from . import client_balance, client_balance_gate
