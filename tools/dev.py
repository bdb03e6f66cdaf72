#!/usr/bin/env python3
"""The project's commands; `make help` lists them, `bin/odoo` is one of them."""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from tools import (
    clean,
    cluster,
    comparing,
    demo,
    doctor,
    lint,
    load,
    locks,
    oca,
    package,
    runtime,
    serving,
    testing,
    translations,
)
from tools.common import Problem, explain, say

COMMANDS = {
    "clean": clean.clean,
    "cluster": cluster.start,
    "cluster-load": load.run,
    "demo": demo.start,
    "doctor": doctor.report,
    "doors": testing.write_doors,
    "format": lint.fix,
    "i18n": translations.export,
    "lint": lint.run,
    "lock": locks.update,
    "mutants": testing.run_mutants,
    "odoo": runtime.run_odoo,
    "python": runtime.run_python,
    "shell": demo.shell,
    "soak": testing.run_soak,
    "soak-random": testing.run_soak_random,
    "setup": testing.set_up,
    "stop": serving.stop,
    "test": testing.run_all,
    "test-core": testing.run_core,
    "test-beside": testing.run_beside,
    "test-shop": testing.run_shop,
    "test-oca": oca.run_tests,
    "test-others": comparing.run,
    "test-second": testing.run_second,
    "test-stress": testing.run_stress,
    "wheel": package.run_build,
}


def main(arguments):
    # Whatever the user's umask, others (PostgreSQL run by root) must read the cache.
    os.umask(0o022)
    if not arguments or arguments[0] not in COMMANDS:
        say(f"usage: dev.py {'|'.join(COMMANDS)}")
        return 2
    try:
        return COMMANDS[arguments[0]](arguments[1:]) or 0
    except Problem as problem:
        say(f"\n** {problem}")
        return 1
    except OSError as error:
        say(f"\n** {explain(error)}")
        return 1
    except KeyboardInterrupt:
        say("\n** Interrupted; run it again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
