from . import (
    account_payment_register,
    account_payment_register_checks,
    client_balance_dialog,
    client_balance_entry_dialog,
    client_balance_transfer,
)
