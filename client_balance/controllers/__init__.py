from . import portal
from . import client_balance_export
