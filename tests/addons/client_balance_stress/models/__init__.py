from . import (
    account_account,
    account_payment,
    client_balance,
    client_balance_gate,
    client_balance_matching,
    core_tests,
)
