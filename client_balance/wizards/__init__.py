from . import (
    account_merge_wizard,
    account_payment_register,
    account_payment_register_checks,
    client_balance_adopt,
    client_balance_adopt_item,
    client_balance_adopt_key,
    client_balance_deposit,
    client_balance_dialog,
    client_balance_entry_dialog,
    client_balance_pay,
    client_balance_pay_line,
    client_balance_transfer,
)
