from . import (
    account_account,
    account_move_line,
    account_partial_reconcile,
    account_payment,
    client_balance,
    client_balance_gate,
    client_balance_matching,
    core_tests,
)
