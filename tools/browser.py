"""A Chromium for the browser tests."""

import os
import shutil

from tools.common import CACHE, Problem, output, write_if_changed

#: As Odoo looks for them.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def find():
    """The path of a browser that runs, or ``None``."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if not version(chosen):
            raise Problem(f"CHROMIUM={chosen} does not run; give a Chromium or Chrome.")
        return chosen
    for name in NAMES:
        path = shutil.which(name)
        # Ubuntu's chromium is a stub that asks for a snap.
        if path and version(path):
            return path
    return None


def version(path):
    return (output([path, "--version"]) or "").strip()


def set_up():
    """Return the folder in which Odoo finds ``google-chrome``, and the browser."""
    browser = find()
    if not browser:
        raise Problem(
            "No Chromium for the browser tests: `apt-get install chromium` as root, or "
            "set CHROMIUM to the path of one"
        )
    folder = CACHE / "bin"
    # The first name that Odoo tries, so that it takes the very browser found here.
    wrapper = folder / "google-chrome"
    write_if_changed(wrapper, f'#!/bin/sh\nexec "{browser}" "$@"\n')
    wrapper.chmod(0o755)
    return folder, browser
