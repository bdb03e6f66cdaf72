"""Random operations and their oracle: a short run, the long one is `make soak`.

``OPERATIONS`` sets the length, ``SEED`` another course (an integer). What fails is
printed as a list of calls, with the seed that makes the same run again.
"""

import os

import freezegun

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

from tests.random_operations import TODAY, RandomCase, run

OPERATIONS = int(os.environ.get("OPERATIONS", "40"))
SEED = os.environ.get("SEED")


class TestRandomOperations(RandomCase, ClientBalanceCommon):
    @classmethod
    def setUpClass(cls):
        # Hypothesis measures its own time
        freezegun.configure(extend_ignore_list=["hypothesis"])
        cls.startClassPatcher(freezegun.freeze_time(TODAY))
        super().setUpClass()

    def test_random_operations_agree_with_the_oracle(self):
        done = run(self, OPERATIONS, seed=int(SEED) if SEED else None)
        self.assertGreaterEqual(sum(done.values()), OPERATIONS // 3)
