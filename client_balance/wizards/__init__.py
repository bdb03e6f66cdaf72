from . import (
    account_payment_register,
    account_payment_register_checks,
    client_balance_dialog,
    client_balance_dialog_balance,
    client_balance_dialog_entry,
    client_balance_dialog_payment,
    client_balance_exchange,
    client_balance_refund,
    client_balance_top_up,
    client_balance_transfer,
)
