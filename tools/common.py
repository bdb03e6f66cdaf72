"""Folders, messages, locks and processes that every other part of the tooling uses.

Only the standard library is used in this package: it runs before anything else is
installed.
"""

import ast
import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "client_balance"
#: The addons around it: every other folder with a manifest.
SATELLITES = tuple(
    manifest.parent
    for manifest in sorted(ROOT.glob("*/__manifest__.py"))
    if manifest.parent != ADDON
)
ADDONS = (ADDON, *SATELLITES)

#: Everything that is downloaded or built. Several checkouts may share one folder.
SHARED_CACHE = os.environ.get("CLIENT_BALANCE_CACHE")
CACHE = Path(SHARED_CACHE).resolve() if SHARED_CACHE else ROOT / ".cache"

#: Tells this checkout from others that share the cache and the database clusters.
CHECKOUT = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]

#: What belongs to this checkout alone: configurations, pid files, logs.
RUN = CACHE / "run" / CHECKOUT
LOGS = CACHE / "log"


class Problem(Exception):
    """Something the user can mend; its text is one sentence that says how."""


def explain(error):
    """What the machine refused, as a sentence that says what to do.

    :param error: the OSError
    """
    name = os.fsdecode(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full ({name or CACHE}): make room, then run again."
    if isinstance(error, FileNotFoundError) and name and os.sep not in name:
        return (
            f"The program {name} is missing on this machine: install it (`make doctor` "
            "names the packages), then run again."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{name or CACHE} may not be written: run as the user to whom it belongs, "
            "or set CLIENT_BALANCE_CACHE to a folder of your own."
        )
    return f"{error}: mend that, then run again."


# --- messages -----------------------------------------------------------------------


def say(text=""):
    """Print on stderr: stdout belongs to the odoo or pytest that is run."""
    print(text, file=sys.stderr, flush=True)


def step(text):
    say(f"== {text}")


def warn(text):
    say(f"!! {text}")


# --- stamps and locks ---------------------------------------------------------------


def digest(*parts) -> str:
    """A short key of texts and of the contents of files."""
    total = hashlib.sha256()
    for part in parts:
        is_file = isinstance(part, Path) and part.is_file()
        data = part.read_bytes() if is_file else str(part).encode()
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()[:12]


def read_manifest(addon):
    """The manifest of an addon, as a dict."""
    path = addon / "__manifest__.py"
    if not path.exists():
        raise Problem(f"There is no addon {addon.name}/ in this checkout yet.")
    try:
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        return {"auto_install": False, **manifest, "depends": [*manifest["depends"]]}
    except (SyntaxError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{path} cannot be read: {error}") from error


def satellites_to_install():
    """What brings every satellite: its name, or where it installs itself, its base."""
    names = set()
    for addon in SATELLITES:
        manifest = read_manifest(addon)
        names |= set(manifest["depends"]) if manifest["auto_install"] else {addon.name}
    return sorted(names - {ADDON.name})


def tree_digest(folder, ignore=("__pycache__",)):
    """A short key of all files below a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not set(ignore) & set(path.parts):
            total.update(str(path.relative_to(folder)).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]


@contextlib.contextmanager
def locked(name):
    """Let one process at a time do the thing called *name*; others wait for it."""
    folder = CACHE / "lock"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            step(f"Waiting for another run that works on: {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def building(folder, title):
    """Yield a folder to fill, once: complete or absent, whatever interrupts it.

    Yields ``None`` when another process has made it already. A folder without its
    stamp is what an interrupted run left behind: it is removed and made again.
    """
    with locked(f"build-{folder.parent.name}-{folder.name}"[:120]):
        if is_built(folder):
            yield None
            return
        if folder.exists():
            warn(f"{folder} is half-finished, it is made again")
            discard(folder)
        step(title)
        folder.mkdir(parents=True)
        yield folder
        (folder / ".complete").touch()


def discard(folder):
    """Remove a folder into which something of a killed run may be writing still."""
    rubbish = folder.with_name(f".{folder.name}.{os.getpid()}")
    folder.rename(rubbish)
    for _ in range(10):
        shutil.rmtree(rubbish, ignore_errors=True)
        if not rubbish.exists():
            return
        time.sleep(0.5)
    shutil.rmtree(rubbish)  # says what is in the way


def is_built(folder):
    return (folder / ".complete").exists()


# --- processes ----------------------------------------------------------------------


class Ticker:
    """Shows that a long step is alive: a live line in a terminal, else now and then."""

    def __init__(self, every=15):
        self.start = self.last = time.monotonic()
        self.live = sys.stderr.isatty()
        self.every = 0.2 if self.live else every

    def tick(self, text):
        now = time.monotonic()
        if now - self.last < self.every:
            return
        self.last = now
        line = f"   {now - self.start:4.0f} s  {text}"
        if self.live:
            sys.stderr.write(f"\r\x1b[K{line[:100]}")
            sys.stderr.flush()
        else:
            say(line)

    def done(self):
        if self.live:
            sys.stderr.write("\r\x1b[K")


MODULE_LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
#: About the form of descriptions of Odoo's own modules: nobody here is to act on it.
REMARK = re.compile(r"^<string>:\d+: \(\w+/\d\)")
ODOO_LOG = re.compile(r"^\d{4}-\d\d-\d\d \S+ \d+ [A-Z]+ \S+ (.*)")


def progress_text(line):
    """What to show of a line of output: the module that Odoo loads, or the line.

    ``None`` for a line of Odoo's log that says nothing of the progress.
    """
    found = MODULE_LOADING.search(line)
    if found:
        return f"module {found[2]} of {found[3]}: {found[1]}"
    found = ODOO_LOG.match(line)
    if not found:
        return None if REMARK.match(line) else line.strip()
    return found[1].partition(": ")[2] if "asset bundle" in line else None


def die_with_parent():
    """For ``preexec_fn``: what a killed run leaves behind would disturb the next."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def run(command, *, failure, log=None, env=None, cwd=None, stdin=None):
    """Run a command quietly, with a sign of life; its output goes to a log file.

    :param failure: the sentence for the user when it fails; the end of the output
        is shown before it.
    """
    command = [str(part) for part in command]
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / (log or f"{Path(command[0]).name}-{os.getpid()}.log")
    ticker = Ticker()
    tail, shown = [], ""
    with log.open("a", encoding="utf-8") as out:
        out.write(f"$ {shlex.join(command)}\n")
        try:
            process = subprocess.Popen(
                command,
                stdin=stdin or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                text=True,
                errors="replace",
                preexec_fn=die_with_parent,  # noqa: PLW1509  there are no threads
            )
        except OSError as error:
            raise Problem(f"{failure} ({error})") from error
        try:
            for line in process.stdout:
                out.write(line)
                tail = [*tail[-24:], line]
                shown = progress_text(line) or shown
                if shown:
                    ticker.tick(shown)
        finally:
            ticker.done()
            if process.poll() is None and sys.exc_info()[0]:
                process.terminate()
            process.wait()
    if process.returncode:
        say("".join(f"   | {line}" for line in tail).rstrip())
        raise Problem(f"{failure} (whole output: {log})")
    return log


def output(command, **options):
    """The standard output of a short command, or ``None`` when it fails."""
    options.setdefault("stderr", subprocess.DEVNULL)
    try:
        return subprocess.run(
            [str(part) for part in command],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def write_if_changed(path, text):
    """Write a generated file, atomically: another run may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
