from . import (
    client_balance_dialog,
    client_balance_entry_dialog,
    client_balance_transfer,
)
