from . import test_gate
from . import test_integrity
from . import test_posting
from . import test_settlement_screen
from . import test_client_card
from . import test_client_card_export
