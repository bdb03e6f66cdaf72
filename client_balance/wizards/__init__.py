from . import client_balance_deposit
from . import client_balance_pay
from . import client_balance_pay_line
