"""Random operations and their oracle: a short run, the long one is `make soak`.

``OPERATIONS`` sets the length, ``SEED`` another course (an integer). What fails is
printed as a list of calls, with the seed that makes the same run again. A long run is
made of parts: in one transaction PostgreSQL would keep, and read, all that was undone.
``SHARE`` says which parts: ``1/2`` every second one, the others run beside these.
"""

import math
import os
from collections import Counter
from pathlib import Path

import freezegun

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

from tests.random_operations import TODAY, RandomCase, run

OPERATIONS = int(os.environ.get("OPERATIONS", "40"))
SEED = os.environ.get("SEED")
SHARE = os.environ.get("SHARE", "1/1")
#: Operations of one part.
PART = 500
total = Counter()


class RandomPart(RandomCase, ClientBalanceCommon):
    seed = None
    operations = OPERATIONS

    @classmethod
    def setUpClass(cls):
        # Hypothesis measures its own time
        freezegun.configure(extend_ignore_list=["hypothesis"])
        cls.startClassPatcher(freezegun.freeze_time(TODAY))
        super().setUpClass()

    def _run(self):
        done = run(self, self.operations, seed=self.seed)
        self.assertGreaterEqual(done.total(), self.operations // 3)
        total.update(done)
        print(f"{total.total():6} operations in all: {dict(sorted(total.items()))}")
        if file := os.environ.get("COUNT"):
            Path(file).write_text(str(total.total()))


def make_part(number, operations):
    """:return: a test class whose seed is ``SEED`` and ``number`` more"""
    return type(
        f"TestRandomOperations{number or ''}",
        (RandomPart,),
        {
            "__module__": __name__,
            "seed": int(SEED or 0) + number if SEED or number else None,
            "operations": operations,
            "test_random_operations_agree_with_the_oracle": RandomPart._run,
        },
    )


PARTS = math.ceil(OPERATIONS / PART)
first, step = (int(figure) for figure in SHARE.split("/"))
globals().update(
    (part.__name__, part)
    for part in (
        make_part(number, math.ceil(OPERATIONS / PARTS))
        for number in range(first - 1, PARTS, step)
    )
)
