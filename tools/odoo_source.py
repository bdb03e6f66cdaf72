"""Where Odoo 19 comes from.

In this order: ``ODOO_SRC``; an ``odoo`` 19 that the Python in use can import; what an
earlier run unpacked; the pinned Debian package, fetched with a private apt
configuration (no root, nothing installed); any other ``odoo-19`` package with a
warning.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tools.common import (
    CACHE,
    Problem,
    building,
    die_with_parent,
    is_built,
    output,
    run,
    step,
    warn,
)

VERSION = "19.0.0+dfsg-1"
SHA256 = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"

#: Fonts and scripts that the Debian package links to. FontAwesome must be version 4.
HELPERS = (
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-font-awesome=5.0.10+really4.7.0~dfsg-4.1",
    "fonts-dejavu-core",
)

#: The package lives in Debian's development suite; FontAwesome 4 in an older one.
SUITES = ("sid", "bookworm")

KEYRINGS = (
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    Path("/usr/share/keyrings/debian-archive-keyring.pgp"),
)

#: Translations into other languages are two thirds of the package.
LEFT_OUT = ("*/i18n/[!ur]*.po", "*/i18n/r[!u]*.po", "*/i18n/u[!k]*.po")

OWN_CHECKOUT = (
    "get Odoo yourself with `git clone --depth 1 --branch 19.0 "
    "https://github.com/odoo/odoo` and run again with ODOO_SRC=/path/to/that/odoo"
)


class Source(NamedTuple):
    """An Odoo that can be used."""

    python_path: Path  #: the folder that holds the package ``odoo``
    addons: tuple  #: folders of addons, beside the one inside the package
    key: str  #: changes when another Odoo is used

    @property
    def core_addons(self):
        return self.python_path / "odoo" / "addons"


def find(download=True):
    """Return the :class:`Source`, getting it first when need be."""
    chosen = os.environ.get("ODOO_SRC")
    if chosen:
        return from_folder(Path(chosen).expanduser().resolve())
    return importable() or unpacked() or (from_apt() if download else None)


def series(package):
    """The series ("19.0") of the package ``odoo`` in a folder, ``None`` if none."""
    try:
        text = (package / "release.py").read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^version_info = \((?:'saas[~-])?(\d+)'?, (\d+)", text, re.M)
    return f"{found[1]}.{found[2]}" if found else None


def from_folder(folder):
    """A checkout of Odoo, or an unpacked package."""
    for base in (folder, folder / "usr/lib/python3/dist-packages"):
        found = series(base / "odoo")
        if found == "19.0":
            addons = (base / "addons",) if (base / "odoo-bin").exists() else ()
            return Source(base, addons, f"{base}")
        if found:
            raise Problem(f"ODOO_SRC={folder} holds Odoo {found}; give one of 19.0.")
    raise Problem(f"ODOO_SRC={folder} holds no Odoo; give the folder with odoo-bin.")


def importable():
    """An Odoo 19 that is installed in the Python that runs this."""
    spec = importlib.util.find_spec("odoo")
    for place in (spec and spec.submodule_search_locations) or ():
        package = Path(place).resolve()
        if series(package) == "19.0":
            return Source(package.parent, (), f"{package}")
    return None


def unpacked():
    """What an earlier run unpacked: the pinned one before any other."""
    folder = CACHE / "odoo"
    pinned = folder / VERSION
    others = sorted(folder.glob("19.0*")) if folder.exists() else []
    for root in (pinned, *others):
        if is_built(root):
            return from_unpacked(root)
    return None


def from_unpacked(root):
    return Source(root / "usr/lib/python3/dist-packages", (), root.name)


# --- the Debian package -------------------------------------------------------------


def archive():
    """The address of a Debian archive: the machine's own, or a setting."""
    if not shutil.which("apt-get"):
        raise Problem(f"This machine has no apt, so {OWN_CHECKOUT}")
    chosen = os.environ.get("DEBIAN_ARCHIVE")
    if chosen:
        return chosen
    listed = output(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN)"]
        + ["Created-By: Packages"],
    )
    for line in (listed or "").splitlines():
        address, _, origin = line.partition(" ")
        if origin == "Debian" and "security" not in address:
            return address
    # A machine that has never updated its lists knows no origin: the name must do.
    for line in (listed or "").splitlines():
        address = line.split()[0]
        if address.rstrip("/").endswith("/debian"):
            return address
    raise Problem(
        "No Debian archive is among this machine's apt sources (Odoo 19 is taken "
        "from there): set DEBIAN_ARCHIVE to the address of one, or " + OWN_CHECKOUT
    )


def private_apt():
    """An environment in which apt reads Debian and touches nothing of the system."""
    keyring = next((path for path in KEYRINGS if path.exists()), None)
    if not keyring:
        raise Problem(
            "Debian's signing keys are missing: `apt-get install "
            "debian-archive-keyring` as root, or " + OWN_CHECKOUT
        )
    base = CACHE / "apt"
    for folder in ("lists/partial", "cache/archives/partial", "state"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    (base / "status").touch()
    address = archive()
    lines = [
        f"{kind} [signed-by={keyring}] {address} {suite} main\n"
        for suite in SUITES
        for kind in ("deb", "deb-src")
        if kind == "deb" or suite == SUITES[-1]
    ]
    (base / "sources.list").write_text("".join(lines))
    # Without `Sandbox::User ""` apt run by root becomes a user that may not write here.
    (base / "apt.conf").write_text(
        f"""\
Dir::Etc::sourcelist "{base}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{base}/state";
Dir::State::Lists "{base}/lists";
Dir::State::status "{base}/status";
Dir::Cache "{base}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "";
"""
    )
    return {**os.environ, "APT_CONFIG": str(base / "apt.conf"), "LC_ALL": "C.UTF-8"}


def update_lists(env):
    step("Reading Debian's list of packages (about 25 MB)")
    run(
        ["apt-get", "update", "--error-on=any"],
        env=env,
        log="apt.log",
        failure="Debian's archive cannot be read: check the network, then run again",
    )


def from_apt():
    """Download and unpack Odoo and what it links to."""
    debs = CACHE / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    with building(CACHE / "odoo" / VERSION, "Getting Odoo 19") as root:
        if root:
            files = download(debs)
            if files is None:
                return any_version(debs)
            unpack(files, root)
    return unpacked()


def any_version(debs):
    """Debian has moved on: take its present odoo-19, which nobody tested with this."""
    env = private_apt()
    policy = output(["apt-cache", "policy", "odoo-19"], env=env) or ""
    found = re.search(r"Candidate: (\S+)", policy)
    if not found or found[1] == "(none)":
        raise Problem("Debian has no odoo-19 any more: " + OWN_CHECKOUT)
    warn(f"Odoo package {VERSION} is gone; {found[1]} is used, it is not tested here")
    with building(CACHE / "odoo" / found[1], f"Getting Odoo {found[1]}") as root:
        if root:
            fetch(env, debs, [f"odoo-19={found[1]}", *HELPERS])
            unpack(newest(debs, ["odoo-19", *HELPERS]), root)
    return from_unpacked(CACHE / "odoo" / found[1])


def download(debs):
    """Return the .deb files, or ``None`` when the pinned one exists no more."""
    wanted = ["odoo-19", *HELPERS]
    files = newest(debs, wanted)
    if files is None or not right_sum(files[0]):
        env = private_apt()
        update_lists(env)
        versions = output(["apt-cache", "madison", "odoo-19"], env=env) or ""
        if f"| {VERSION} |" not in versions.replace("  ", " "):
            return None
        fetch(env, debs, [f"odoo-19={VERSION}", *HELPERS])
        files = newest(debs, wanted)
    if not right_sum(files[0]):
        files[0].unlink()
        raise Problem("The Odoo package came damaged; it was removed, run again.")
    return files


def fetch(env, debs, packages):
    step("Downloading Odoo and its fonts (about 130 MB)")
    run(
        ["apt-get", "download", *packages],
        env=env,
        cwd=debs,
        log="apt.log",
        failure="Odoo cannot be downloaded: check the network, then run again",
    )


def newest(debs, packages):
    """The downloaded file of each package, ``None`` if one is missing."""
    files = []
    for package in packages:
        found = sorted(debs.glob(f"{package.partition('=')[0]}_*.deb"))
        if not found:
            return None
        files.append(max(found, key=lambda path: path.stat().st_mtime))
    return files


def right_sum(path):
    total = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            total.update(chunk)
    return total.hexdigest() == SHA256


def unpack(files, root):
    step("Unpacking Odoo (about 450 MB)")
    exclude = [f"--exclude={pattern}" for pattern in LEFT_OUT]
    for path in files:
        reader = subprocess.Popen(
            ["dpkg-deb", "--fsys-tarfile", path],
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,  # noqa: PLW1509  there are no threads
        )
        writer = ["tar", "-x", "-C", root, "--no-same-owner", "--wildcards", *exclude]
        done = subprocess.run(writer, stdin=reader.stdout, preexec_fn=die_with_parent)
        reader.stdout.close()
        if reader.wait() or done.returncode:
            path.unlink()
            raise Problem(f"{path.name} cannot be unpacked (disk full?); run again.")
    # Debian removes this script from the mail addon but not its mention in a bundle:
    # without a file in its place no page with that bundle loads.
    stub = from_unpacked(root).core_addons / (
        "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    )
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text("/* left out of the Debian package */\n")
