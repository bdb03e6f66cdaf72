from . import client_balance_settlement_add
