"""The addon as a package: what is built is complete, installs, and Odoo finds it."""

import os
import re
import subprocess
import sys
import zipfile

import pytest

from tools import package
from tools.common import ADDON, ADDONS, ROOT, read_manifest

FIND = """
import sys
from odoo.modules.module import Manifest, initialize_sys_path
from odoo.tools import config

config.parse_config([], setup_logging=False)
initialize_sys_path()
manifest = Manifest.for_addon(sys.argv[1])
print(manifest.path, manifest.version, manifest["installable"], manifest.icon)
"""


@pytest.fixture(scope="module", params=ADDONS, ids=lambda addon: addon.name)
def addon(request):
    return request.param


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, addon):
    return package.build(tmp_path_factory.mktemp("wheel"), addon)


def test_the_wheel_has_every_file_of_the_addon_and_no_other(wheel, addon):
    listing = subprocess.run(
        ["git", "ls-files", "-z", "."], cwd=addon, capture_output=True, check=True
    )
    tracked = {name for name in listing.stdout.decode().split("\0") if name}
    prefix = f"odoo/addons/{addon.name}/"
    packed = {
        name.removeprefix(prefix)
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith(prefix) and not name.endswith("/")
    }
    # The recipe of the wheel itself is no part of it.
    assert tracked - packed <= {"pyproject.toml"}
    assert not {name for name in packed if name.endswith(".pyc")}


def test_odoo_finds_the_installed_wheel(wheel, addon, tmp_path):
    site = package.install(wheel, tmp_path / "venv")
    found = subprocess.run(
        [sys.executable, "-c", FIND, addon.name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "ODOO_RC": os.devnull},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    path, version, installable, icon = found.stdout.split()
    assert path == str(site / "odoo/addons" / addon.name)
    assert version == read_manifest(addon)["version"]
    assert installable == "True"
    assert icon == f"/{addon.name}/static/description/icon.png"


def test_the_wheel_tells_name_version_and_licence(wheel, addon):
    version = read_manifest(addon)["version"]
    assert wheel.name == f"odoo_addon_{addon.name}-{version}-py3-none-any.whl"
    (metadata,) = [
        zipfile.ZipFile(wheel).read(name).decode()
        for name in zipfile.ZipFile(wheel).namelist()
        if name.endswith(".dist-info/METADATA")
    ]
    assert "License: LGPL-3" in metadata
    assert "Framework :: Odoo :: 19.0" in metadata


def test_the_manifest_names_every_data_file(addon):
    """Views that nobody loads are found here."""
    stated = read_manifest(addon)
    named = {*stated.get("data", ()), *stated.get("demo", ())}
    there = {
        str(path.relative_to(addon))
        for folder in ("data", "demo", "reports", "security", "views", "wizards")
        for path in (addon / folder).rglob("*")
        if path.suffix in (".xml", ".csv")
    }
    assert there == named


def test_the_version_is_semantic_and_in_the_changelog():
    version = read_manifest(ADDON)["version"]
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
