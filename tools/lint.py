"""`make lint` and `make format`: the checkers, at locked versions.

``.pre-commit-config.yaml`` runs the same checks by name, on the files of a commit.
"""

import os
import shutil
import subprocess
from typing import NamedTuple

from tools import node, python_env
from tools.common import (
    ADDON,
    ADDONS,
    ROOT,
    SATELLITES,
    Problem,
    digest,
    locked,
    say,
    step,
)

PRETTIER_FILES = "**/*.{css,js,json,mjs,scss,xml,yaml,yml}"

#: Rules of pylint-odoo that are not ours (its configuration can only take all).
NOT_ODOOLINT = (
    "consider-merging-classes-inherited",  # one file per subject: they stay short
    "missing-return",  # computes and checks return nothing, nor do their overrides
    "missing-readme",  # the project's README.md speaks for its only addon
)
#: The satellites and the documentation's extension are held to the same rules.
OTHERS = (
    *(addon.name for addon in SATELLITES),
    "docs/examples/client_balance_example",
)
NODE_MODULES = ROOT / "node_modules"


class Check(NamedTuple):
    command: tuple
    fix: tuple = ()
    needs: str = "lint"  #: the environment it runs in: "lint" or "node"
    addon: bool = False  #: whether it checks the addon only


def checks():
    """Every check by its name; files are added behind the command by pre-commit."""
    addon = ADDON.name
    prettier = ("prettier", "--log-level=warn")
    return {
        "ruff": Check(
            ("ruff", "check", "--quiet", "."), ("ruff", "check", "--fix", ".")
        ),
        "ruff-format": Check(
            ("ruff", "format", "--quiet", "--diff", "."), ("ruff", "format", ".")
        ),
        "pylint-odoo": Check(
            ("pylint", f"--disable={','.join(NOT_ODOOLINT)}", addon, *OTHERS),
            addon=True,
        ),
        "oca-checks": Check(("oca-checks-odoo-module", addon, *OTHERS), addon=True),
        "oca-checks-po": Check(
            (
                # Odoo writes these files, and wraps lines in its own way.
                *("oca-checks-po", "--disable=po-pretty-format"),
                *(str(file) for addon in ADDONS for file in addon.glob("i18n/*.po")),
            ),
            addon=True,
        ),
        "texts": Check(("python", "-m", "tools.texts"), addon=True),
        "prettier": Check(
            (*prettier, "--check", PRETTIER_FILES),
            (*prettier, "--write", PRETTIER_FILES),
            needs="node",
        ),
        "eslint": Check(
            ("eslint", "--no-warn-ignored", "."),
            ("eslint", "--no-warn-ignored", "--fix", "."),
            needs="node",
        ),
    }


def environment(needs):
    folder = python_env.make("lint")
    paths = [folder / "bin"]
    env = dict(os.environ)
    if needs == "node":
        node_modules()
        env = node.environment()
        paths.append(NODE_MODULES / ".bin")
    env["PATH"] = os.pathsep.join([*map(str, paths), env["PATH"]])
    # Their parsers are noisy about Python's own news.
    env["PYTHONWARNINGS"] = "ignore"
    return env


def node_modules():
    """The packages of package-lock.json, where eslint and editors look for them."""
    stamp = NODE_MODULES / ".complete"
    key = digest(ROOT / "package-lock.json")
    with locked(f"npm-{digest(ROOT)}"):
        if stamp.exists() and stamp.read_text() == key:
            return
        step("Installing prettier and eslint")
        shutil.rmtree(NODE_MODULES, ignore_errors=True)
        node.install(ROOT)
        stamp.write_text(key)


def applicable(names):
    known = checks()
    unknown = set(names) - set(known)
    if unknown:
        raise Problem(f"No such check: {', '.join(unknown)}; have {', '.join(known)}")
    for name in names or known:
        check = known[name]
        if check.addon and not (ADDON / "__manifest__.py").exists():
            continue
        if name == "oca-checks-po" and not list(ADDON.glob("i18n/*.po")):
            continue
        yield name, check


def run(arguments=()):
    """`make lint`: all checks, or those that are named."""
    failed = []
    for name, check in applicable(list(arguments)):
        env = environment(check.needs)
        done = subprocess.run(check.command, cwd=ROOT, env=env)
        say(f"== {name}: {'FAILED' if done.returncode else 'ok'}")
        if done.returncode:
            failed.append(name)
    if failed:
        raise Problem(
            f"Lint failed: {', '.join(failed)} (`make format` mends what a tool can)."
        )


def fix(_arguments=()):
    """`make format`: let the tools mend what they can."""
    for name, check in applicable([]):
        if check.fix:
            step(name)
            subprocess.run(check.fix, cwd=ROOT, env=environment(check.needs))
