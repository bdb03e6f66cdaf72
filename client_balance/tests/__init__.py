from . import test_gate
from . import test_integrity
from . import test_posting
from . import test_pay_from_balance
from . import test_credit_to_balance
from . import test_settlement_screen
from . import test_settlement_matching
from . import test_owner_changes
