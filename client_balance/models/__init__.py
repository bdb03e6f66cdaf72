from . import account_account
from . import account_chart_template
from . import client_balance_reason
from . import client_balance_setup
from . import ir_module_module
from . import res_company
