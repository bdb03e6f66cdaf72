"""The addon as a package: what is built is complete, installs, and Odoo finds it."""

import ast
import os
import re
import subprocess
import sys
import zipfile

import pytest

from tools import package
from tools.common import ADDON, ROOT

FIND = """
import sys
from odoo.modules.module import Manifest, initialize_sys_path
from odoo.tools import config

config.parse_config([], setup_logging=False)
initialize_sys_path()
manifest = Manifest.for_addon("client_balance")
print(manifest.path, manifest.version, manifest["installable"], manifest.icon)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return package.build(tmp_path_factory.mktemp("wheel"))


def manifest():
    return ast.literal_eval((ADDON / "__manifest__.py").read_text("utf-8"))


def test_the_wheel_has_every_file_of_the_addon_and_no_other(wheel):
    listing = subprocess.run(
        ["git", "ls-files", "-z", "."], cwd=ADDON, capture_output=True, check=True
    )
    tracked = {name for name in listing.stdout.decode().split("\0") if name}
    prefix = "odoo/addons/client_balance/"
    packed = {
        name.removeprefix(prefix)
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith(prefix) and not name.endswith("/")
    }
    # The recipe of the wheel itself is no part of it.
    assert tracked - packed <= {"pyproject.toml"}
    assert not {name for name in packed if name.endswith(".pyc")}


def test_odoo_finds_the_installed_wheel(wheel, tmp_path):
    site = package.install(wheel, tmp_path / "venv")
    found = subprocess.run(
        [sys.executable, "-c", FIND],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "ODOO_RC": os.devnull},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    path, version, installable, icon = found.stdout.split()
    assert path == str(site / "odoo/addons/client_balance")
    assert version == manifest()["version"]
    assert installable == "True"
    assert icon == "/client_balance/static/description/icon.png"


def test_the_wheel_tells_name_version_and_licence(wheel):
    assert wheel.name == (
        f"odoo_addon_client_balance-{manifest()['version']}-py3-none-any.whl"
    )
    (metadata,) = [
        zipfile.ZipFile(wheel).read(name).decode()
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".dist-info/METADATA")
    ]
    assert "License: LGPL-3" in metadata
    assert "Framework :: Odoo :: 19.0" in metadata


def test_the_manifest_names_every_data_file():
    """Views that nobody loads are found here."""
    stated = manifest()
    named = {*stated["data"], *stated["demo"]}
    there = {
        str(path.relative_to(ADDON))
        for folder in ("data", "demo", "reports", "security", "views", "wizards")
        for path in (ADDON / folder).rglob("*")
        if path.suffix in (".xml", ".csv")
    }
    assert there == named


def test_the_version_is_semantic_and_in_the_changelog():
    version = manifest()["version"]
    assert re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", version)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    first = re.search(r"^## (\S+)", changelog, re.M).group(1)
    assert first == version, "the newest entry of CHANGELOG.md is another version"


def test_the_compose_file_mounts_the_addon_where_the_image_looks():
    """As far as it can be told without Docker."""
    folder = ROOT / "docs" / "examples"
    text = (folder / "compose.yaml").read_text("utf-8")
    source, target, mode = re.search(r"- (\.\./\S+):(/\S+):(\w+)", text).groups()
    assert (folder / source).resolve() == ADDON
    assert (target, mode) == ("/mnt/extra-addons/client_balance", "ro")
    assert re.search(r"image: odoo:19\b", text)
