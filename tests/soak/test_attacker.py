"""The random attacker finds what he is for: each mend is taken out, and he comes in."""

import pytest

from tests.random_attacker import Attacker
from tests.soak.test_mutants import broken
from tests.test_random_attacker import TestRandomAttacker as Case

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
        "            lambda move: not (move.origin_payment_id or move.statement_line_id)\n"
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


@pytest.fixture
def case():
    Case.setUpClass()
    test = Case("test_nobody_with_the_least_rights_moves_money_that_is_not_his")
    try:
        test.setUp()
        with test.env.cr.savepoint() as savepoint:
            yield test
            savepoint.rollback()
    finally:
        test.doCleanups()
        Case.tearDownClass()
        Case.doClassCleanups()


@pytest.mark.parametrize("hole", HOLES)
def test_the_attacker_finds_a_mend_that_is_taken_out(case, hole):
    attacker = Attacker(case, SEED)
    with broken(*HOLES[hole]):
        for number in range(TRIES):
            if wrong := attacker.attack():
                print(f"\n{hole}: try {number + 1}\n{wrong}")
                return
    pytest.fail(f"{hole}: not found in {TRIES} tries")
