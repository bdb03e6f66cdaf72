"""The random attacker finds what he is for: each mend is taken out, and he comes in."""

from odoo.tests import tagged

from tests.random_attacker import Attacker, RandomAttackerCase
from tests.soak.test_mutants import broken

#: As `make soak` runs it; a hole is found much earlier.
TRIES = 3000
SEED = 1
HOLES = {
    "a pass vouches for whatever its entry becomes": (
        "return caller if left == fingerprint else None",
        "return caller",
    ),
    "the stored client of an invoice is believed": (
        "return document, copy, [line.partner_id for line in lines.sudo()]",
        "return [], copy or [line.partner_id for line in lines.sudo()], []",
    ),
    "links say what an entry of ours is": (
        "standing = self & rows_sudo.move_id.with_env(self.env)\n",
        "standing = self & rows_sudo.move_id.with_env(self.env)\n"
        "        standing = standing.filtered(\n"
        "            lambda move: not move.origin_payment_id\n"
        "        )\n",
    ),
    "items of two clients are matched": (
        "if account_ids.isdisjoint(accounts.ids):\n                continue",
        "continue",
    ),
    "a match is rewritten": (
        "if not account_ids or not changed:\n            return",
        "return",
    ),
}


@tagged("post_install", "-at_install")
class TestHoles(RandomAttackerCase):
    def test_the_attacker_finds_each_mend_that_is_taken_out(self):
        attacker = Attacker(self, SEED)
        for hole, mutant in HOLES.items():
            with self.subTest(hole), broken(*mutant):
                number, wrong = self._find(attacker)
                print(f"\n{hole}: try {number}\n{wrong}")
                self.assertTrue(wrong, f"not found in {TRIES} tries")

    def _find(self, attacker):
        """:return: (number of tries, what was found)"""
        for number in range(1, TRIES + 1):
            if wrong := attacker.attack():
                return number, wrong
        return TRIES, None
