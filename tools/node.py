"""Node.js and npm packages, at the versions of their lock files."""

import os
from pathlib import Path

from tools import python_env
from tools.common import run

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def environment():
    """Variables with which ``node`` and ``npm`` are the project's."""
    folder = python_env.make("node")
    env = {**os.environ, "PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}"}
    if CERTIFICATES.exists():
        # Node.js trusts its own list only, which knows no company's proxy.
        env.setdefault("NODE_EXTRA_CA_CERTS", str(CERTIFICATES))
    return env


def install(folder):
    """``npm ci`` in a folder with a lock file."""
    run(
        ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=http"],
        cwd=folder,
        env=environment(),
        log="npm.log",
        failure="The npm packages cannot be installed: check the network, then run "
        "again",
    )
