from . import account_account
from . import client_balance
from . import client_balance_gate
from . import client_balance_matching
from . import core_tests
