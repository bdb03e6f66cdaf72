"""Packages of the operating system: installed by root, else named in one sentence."""

import os
import shutil
from pathlib import Path

from tools.common import Problem, output, run, step


def is_debian():
    """Debian itself: Ubuntu's chromium, for one, is a stub that asks for a snap."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return "ID=debian" in lines


def can_install():
    return os.geteuid() == 0 and bool(shutil.which("apt-get"))


def advice(packages):
    return f"apt-get install --no-install-recommends {' '.join(packages)}"


def require(packages):
    """Install Debian packages, or tell the user the one line that does."""
    if not packages:
        return
    line = advice(packages)
    if not can_install():
        raise Problem(f"Missing on this machine. As root: `{line}`; then run again.")
    step(f"Installing {', '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    # New machines have no lists, old ones name files that are gone. Errors are those
    # of other people's archives on this machine: what counts is the next command.
    output(["apt-get", "update"], env=env)
    run(
        ["apt-get", "install", "-y", "--no-install-recommends", *packages],
        env=env,
        log="apt.log",
        failure=f"apt-get failed: check the network, or run `{line}` yourself",
    )
