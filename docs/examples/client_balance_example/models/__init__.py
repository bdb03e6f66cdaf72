from . import (
    client_balance_posting,
    client_balance_settlement,
    res_company,
    res_partner,
)
