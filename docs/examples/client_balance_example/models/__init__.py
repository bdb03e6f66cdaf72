from . import (
    client_balance_posting,
    client_balance_settlement,
    client_balance_statement,
    res_company,
    res_partner,
)
