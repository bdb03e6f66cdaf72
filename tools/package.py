"""`make wheel`: each addon as a Python package, `odoo_addon_client_balance` …"""

import os
import sys
import tempfile
from pathlib import Path

from tools import python_env
from tools.common import ADDONS, ROOT, Problem, run, say

BUILD = "import sys, whool.buildapi; whool.buildapi.build_wheel(sys.argv[1])"


def build(folder, addon):
    """Build the wheel of an addon into ``folder`` and return its path."""
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as draft:
        run(
            [python_env.make("lint") / "bin/python", "-c", BUILD, draft],
            cwd=addon,
            # It must not read what another Python has installed.
            env={**os.environ, "PYTHONPATH": ""},
            log="wheel.log",
            failure="The wheel cannot be built",
        )
        wheels = list(Path(draft).glob("*.whl"))
        if len(wheels) != 1:
            raise Problem(f"whool has built {len(wheels)} wheels instead of one.")
        return wheels[0].replace(folder / wheels[0].name)


def install(wheel, folder):
    """Install a wheel, and nothing else, into a new virtual environment.

    :return: the folder that its Python imports from
    """
    installer = python_env.uv()
    options = {"env": python_env.uv_environment(), "log": "wheel.log"}
    run(
        [installer, "venv", "--python", sys.executable, folder],
        failure="Python's venv does not work",
        **options,
    )
    run(
        # Odoo itself is on no package index, so that its version cannot be asked for.
        *(
            [installer, "pip", "install", "--no-deps", "--no-index"]
            + ["--python", folder / "bin/python", wheel],
        ),
        failure="The wheel cannot be installed",
        **options,
    )
    return next(folder.glob("lib/python*/site-packages"))


def run_build(_arguments=()):
    for addon in ADDONS:
        say(f"Built {build(ROOT / 'dist', addon).relative_to(ROOT)}")
