"""Random requests of people with the least rights: a short run, `make soak` is long.

``TRIES`` sets the length, ``SEED`` another course. What is found is printed with both.
"""

import os

from odoo.tests import tagged

from tests.random_attacker import Attacker, RandomAttackerCase

TRIES = int(os.environ.get("TRIES", "3000" if os.environ.get("SOAK") else "120"))
SEED = int(os.environ.get("SEED", "1"))


@tagged("post_install", "-at_install")
class TestRandomAttacker(RandomAttackerCase):
    def test_nobody_with_the_least_rights_moves_money_that_is_not_his(self):
        attacker = Attacker(self, SEED)
        for number in range(TRIES):
            wrong = attacker.attack()
            self.assertFalse(wrong, f"SEED={SEED}, try {number + 1} of {TRIES}")
        print(f"{TRIES} tries, {attacker.accepted} requests accepted, nothing found")
        self.assertGreater(attacker.accepted, TRIES // 10)
