"""The Python environment that runs Odoo and the tests, exactly as locked."""

import os
import sys
from pathlib import Path

from tools.common import CACHE, ROOT, Problem, building, digest, is_built, output, run

SUPPORTED = ((3, 11), (3, 12), (3, 13))
UV = "uv==0.13.9"
LOCKS = ROOT / "requirements"


def check_python():
    if sys.version_info[:2] not in SUPPORTED:
        have = ".".join(map(str, sys.version_info[:2]))
        raise Problem(
            f"Python {have} is not one of 3.11, 3.12, 3.13: run again with "
            "PYTHON=/path/to/one/of/them (for instance PYTHON=python3.12 make test)"
        )


def interpreter():
    """The program that the environments are made of; ``PYTHON=…`` is not argued with.

    Debian and Ubuntu compile their Python with profiles. One that was compiled by hand
    (as pyenv does) needs almost twice the time: the system's, of the same version, is
    taken instead.
    """
    system = Path("/usr/bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    modules = "import ctypes, sqlite3, ssl, venv, xml.etree.ElementTree"
    if "PYTHON" not in os.environ and output([system, "-c", modules]) is not None:
        return system
    return Path(sys.executable)


def uv():
    """The installer: as exact as pip with hashes, and six times as fast."""
    folder = CACHE / "uv" / UV.partition("==")[2]
    if not is_built(folder):
        with building(folder, "Getting the installer of Python packages (uv)") as new:
            if new:
                run(
                    [sys.executable, "-m", "venv", new],
                    log="python.log",
                    failure="Python's venv does not work: `apt-get install "
                    "python3-venv` as root, then run again",
                )
                run(
                    [new / "bin/pip", "install", "--progress-bar=off", UV],
                    log="python.log",
                    failure="uv cannot be installed: check the network, then run again",
                )
    return folder / "bin" / "uv"


def uv_environment():
    """uv must trust what the system trusts, and keep its downloads in our folder."""
    return {
        **os.environ,
        "UV_SYSTEM_CERTS": "1",
        "UV_CACHE_DIR": str(CACHE / "uv" / "cache"),
        "UV_PYTHON_DOWNLOADS": "never",
    }


def make(lock, extra_key="", path_entries=()):
    """Return a virtual environment made of a lock file, built when it is missing.

    :param path_entries: folders that it can import from besides its own.
    """
    check_python()
    lock = LOCKS / f"{lock}.lock"
    version = ".".join(map(str, sys.version_info[:2]))
    python = interpreter()
    key = digest(lock, extra_key, *path_entries, str(python))
    folder = CACHE / "python" / f"{lock.stem}-{version}-{key}"
    if is_built(folder):
        return folder
    installer = uv()
    with building(folder, f"Installing Python packages ({lock.stem})") as new:
        if new:
            for command in (
                ["venv", "--allow-existing", "--python", python, new],
                ["pip", "sync", "--require-hashes"]
                + ["--python", new / "bin/python", lock],
            ):
                run(
                    [installer, *command],
                    env=uv_environment(),
                    log="python.log",
                    failure="The Python packages cannot be installed: check the "
                    "network, then run again",
                )
            site = new / f"lib/python{version}/site-packages"
            (site / "project.pth").write_text(
                "".join(f"{Path(entry)}\n" for entry in path_entries)
            )
    return folder


def odoo_environment(source):
    """The environment of Odoo: its packages, and the ``odoo`` command."""
    folder = make("odoo", source.key, [source.python_path])
    command = folder / "bin" / "odoo"
    if not command.exists():
        text = f"#!{folder}/bin/python\nimport odoo.cli\n\nodoo.cli.main()\n"
        draft = command.with_name(f"odoo.{os.getpid()}")
        draft.write_text(text)
        draft.chmod(0o755)
        draft.replace(command)
    return folder
