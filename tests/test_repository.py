"""What holds for every file of the project."""

import re
import subprocess

import pytest

from tools.common import ROOT

MARKERS = (b"<" * 7 + b" ", b">" * 7 + b" ")


def project_files():
    """The files that git knows; without git there is nothing to look at."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name]


def has_markers(content):
    return any(line.startswith(MARKERS) for line in content.splitlines())


def test_no_conflict_marker_is_left():
    left = [
        path
        for path in project_files()
        if path.is_file() and has_markers(path.read_bytes())
    ]
    assert not left


@pytest.mark.parametrize("marker", MARKERS)
def test_a_conflict_marker_is_found(marker):
    assert has_markers(b"a\n" + marker + b"main\nb\n")


def test_every_link_of_the_documentation_leads_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in project_files()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
        if not re.match(r"https?:|mailto:|#", target)
        and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert not broken


def test_pictures_of_the_documentation_are_small():
    large = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB"
        for path in (ROOT / "docs").rglob("*.png")
        if path.stat().st_size > 150 * 1024
    ]
    assert not large
