from . import test_beside_sale
