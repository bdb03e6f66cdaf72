from . import test_act, test_example
