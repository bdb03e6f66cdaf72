from . import account_merge_wizard
from . import client_balance_adopt
from . import client_balance_adopt_item
from . import client_balance_adopt_key
