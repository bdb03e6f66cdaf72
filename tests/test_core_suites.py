"""What `make test` runs beside these tests passes, each in a database of its own.

`make test` starts them beside the other tests, and these tests wait for them; else
they are run here.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools import testing
from tools.common import ROOT


def outcome(job):
    """The exit code and the output of a job."""
    folder = os.environ.get("CLIENT_BALANCE_JOBS")
    if not folder:
        done = subprocess.run(
            [sys.executable, ROOT / "tools" / "dev.py", job],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**os.environ, "ARGS": "", "K": ""},
        )
        return done.returncode, done.stdout
    finished = Path(folder, f"{job}.done")
    while not finished.exists():
        time.sleep(0.5)
    return int(finished.read_text()), Path(folder, f"{job}.log").read_text()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("job", [job for row in testing.JOBS for job in row])
def test_core_suite_passes_with_the_addon(job):
    code, text = outcome(job)
    print(text[-20000:])
    assert code == 0, f"`make {job}` failed, its output is above"
