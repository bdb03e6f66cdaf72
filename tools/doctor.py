"""`make doctor`: what is there, what is missing, and what to do about it."""

import os
import shutil
import sys
from pathlib import Path

from tools import browser, odoo_source, pdf, postgres, python_env, system
from tools.common import CACHE, LOGS, Problem, output

GIGABYTE = 1 << 30


def first_line(command):
    return (output(command) or "").strip().partition("\n")[0]


def free_space():
    folder = CACHE
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def rows():
    """Each prerequisite: its name, what was found (empty: missing), the remedy."""
    version = ".".join(map(str, sys.version_info[:3]))
    supported = sys.version_info[:2] in python_env.SUPPORTED
    yield (
        "Python 3.11 - 3.13",
        f"{version} ({sys.executable})" if supported else "",
        "run with PYTHON=/path/to/python3.12",
    )
    has_venv = output([sys.executable, "-c", "import ensurepip, venv"]) is not None
    yield "Python's venv", "ok" if has_venv else "", system.advice(["python3-venv"])
    for name in ("git", "make", "tar", "dpkg-deb", "apt-get"):
        yield name, first_line([name, "--version"]), system.advice([name])
    keyring = next((str(path) for path in odoo_source.KEYRINGS if path.exists()), "")
    yield "Debian's keys", keyring, system.advice(["debian-archive-keyring"])
    space = free_space()
    enough = f"{space / GIGABYTE:.0f} GB free" if space > 4 * GIGABYTE else ""
    yield "4 GB of disk", enough, f"make room, or set CLIENT_BALANCE_CACHE ({CACHE})"
    yield "Odoo 19", *found_odoo()
    yield "PostgreSQL", *found_postgres()
    chromium = browser.find()
    yield (
        "browser",
        f"{browser.version(chromium)} ({chromium})" if chromium else "",
        "make test gets one, or: " + system.advice(["chromium"]),
    )
    yield "wkhtmltopdf (patched)", found_pdf(), "make demo or make test gets it"
    yield (
        "font with Cyrillic",
        first_line(["fc-list", ":lang=uk", "family"]),
        system.advice(["fonts-dejavu-core"]) + " (else the one of Odoo is used)",
    )


def found_odoo():
    remedy = "make demo or make test gets it, or set ODOO_SRC"
    try:
        source = odoo_source.find(download=False)
    except Problem as problem:
        return "", str(problem)
    return (f"{source.key} ({source.python_path})" if source else ""), remedy


def found_postgres():
    remedy = "make demo or make test gets it, or set PG_BIN"
    environments = sorted(
        CACHE.glob("python/odoo-*"), key=lambda path: path.stat().st_mtime
    )
    environment = environments[-1] if environments else Path("/nonexistent")
    try:
        binaries = postgres.find_binaries(environment)
    except Problem as problem:
        return "", remedy if not os.environ.get("PG_BIN") else str(problem)
    running = [one.name for one in postgres.existing() if postgres.is_running(one)]
    version = first_line([binaries / "postgres", "--version"])
    return f"{version}, running: {', '.join(running) or 'none'}", remedy


def found_pdf():
    folder = pdf.find()
    if folder is None:
        return ""
    return pdf.version(folder / "wkhtmltopdf" if folder else "wkhtmltopdf")


def report(_arguments=()):
    """Print the table; missing prerequisites make it fail."""
    missing = 0
    for name, found, remedy in rows():
        mark = "ok     " if found else "missing"
        missing += not found
        print(f"  {mark}  {name:<22} {found if found else remedy}")
    print(f"\n  Everything is kept in {CACHE}, logs in {LOGS}")
    return 1 if missing else 0
