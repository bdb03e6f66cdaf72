"""`make lock`: write the lock files anew after a change of requirements/*.in."""

import json
import subprocess

from tools import node, python_env
from tools.common import ROOT, run, step


def update(_arguments=()):
    for source in sorted(python_env.LOCKS.glob("*.in")):
        step(f"Locking {source.name}")
        run(
            [
                *(python_env.uv(), "pip", "compile", "--quiet", "--universal"),
                *("--generate-hashes", "--no-emit-index-url"),
                # One file serves every Python that the project supports.
                *("--python-version", "3.11", "--custom-compile-command", "make lock"),
                *(source.name, "-o", f"{source.stem}.lock"),
            ],
            cwd=python_env.LOCKS,
            env=python_env.uv_environment(),
            log="python.log",
            failure=f"{source.name} cannot be satisfied",
        )
    for folder in (ROOT, ROOT / "tools" / "chromium"):
        step(f"Locking {folder.name}/package.json")
        subprocess.run(
            ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"]
            + ["--omit-lockfile-registry-resolved"],
            cwd=folder,
            env=node.environment(),
            check=True,
        )
        drop_addresses(folder / "package-lock.json")


def drop_addresses(path):
    """Take out the web pages that ask for donations: npm does not need them."""
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
    text = json.dumps(lock, indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
