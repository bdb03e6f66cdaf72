from . import test_gate
from . import test_integrity
from . import test_payment_draft
from . import test_payment_register
from . import test_posting
from . import test_transfer
from . import test_settlement_screen
from . import test_tours
