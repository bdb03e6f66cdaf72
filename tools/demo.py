"""`make demo`: a database to look at, and a server in the background."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from tools import databases, postgres, runtime
from tools.common import (
    ADDON,
    CHECKOUT,
    ROOT,
    RUN,
    SHARED_CACHE,
    Problem,
    Ticker,
    digest,
    locked,
    say,
    step,
    tree_digest,
)

#: With several checkouts in one cluster each has a demo database of its own.
DATABASE = f"demo_{CHECKOUT}" if SHARED_CACHE else "demo"
MODULES = ("client_balance", "l10n_ua", "payment_demo", "contacts")
FIRST_PORT = 8069

#: Fed to ``odoo shell`` once, after the installation: what demo files cannot do.
SCRIPT = ROOT / "tools" / "demo_company.py"
STATE = RUN / "demo.json"
LOG = RUN / "demo.log"

#: Who can log in: in Odoo's demo data or in the addon's.
LOGINS = (
    ("administrator", "admin", "admin"),
    ("accountant", "accountant", "accountant"),
    ("billing clerk", "clerk", "clerk"),
    ("salesperson", "salesperson", "salesperson"),
    ("portal client", "portal", "portal"),
)


# --- the database -------------------------------------------------------------------


def database(environment):
    """Create the demo database, or bring its addon up to date."""
    store = databases.Store(environment)
    marker = RUN / "demo-database"
    addon = digest(tree_digest(ADDON))
    full = digest(environment.source.key, MODULES, SCRIPT)
    wanted = f"{full} {addon}"
    have = marker.read_text() if marker.exists() else ""
    if store.exists(DATABASE):
        if have == wanted:
            return
        if have.split(" ")[0] == full:
            store.odoo(
                *("-d", DATABASE, "-u", ADDON.name, *databases.QUIET),
                title="The addon has changed: updating the demo database",
            )
            marker.write_text(wanted)
            return
        step("The demo database is of another version: creating it anew")
    draft = f"{DATABASE}_draft"
    store.drop(draft)
    store.install(
        draft,
        MODULES,
        "Creating the demo database (about a minute)",
        *("--with-demo", f"--load-language={databases.LANGUAGE}"),
    )
    if SCRIPT.exists():
        store.shell(draft, SCRIPT, "Filling in the Ukrainian company")
    store.shell(draft, databases.WARM, "Preparing the pages' scripts and styles")
    store.drop(DATABASE)
    store.rename(draft, DATABASE)
    marker.write_text(wanted)


# --- the server ---------------------------------------------------------------------


def is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As a server does: a port that was closed a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(chosen, free=is_free):
    """The port that the user wants, else the first free one from 8069 on.

    :param chosen: the text of ``PORT``, may be empty.
    """
    if not chosen:
        return next(port for port in range(FIRST_PORT, 65536) if free(port))
    if not (chosen.isdigit() and 0 < int(chosen) < 65536):
        raise Problem(f"PORT={chosen} is no port: give a number, as in PORT=8080.")
    if not free(int(chosen)):
        raise Problem(f"Port {chosen} is taken: give another, as in PORT=8080.")
    return int(chosen)


def running():
    """The state of our server when it runs: ``{"pid": …, "port": …}``."""
    try:
        state = json.loads(STATE.read_text())
        command = Path(f"/proc/{state['pid']}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, KeyError):
        return None
    # The number may belong to another program by now.
    return state if f"--database={DATABASE}".encode() in command else None


def tell_address(environment, port):
    """Odoo guesses its address from an administrator's login; before that letters
    would lead elsewhere, and PDF files have no styles, which are got from there.
    """
    postgres.tool(
        environment.cluster,
        *("psql", "-XAtq", "-d", DATABASE, "-c"),
        f"UPDATE ir_config_parameter SET value = 'http://localhost:{port}'"
        " WHERE key = 'web.base.url'",
    )


def launch(environment, port):
    tell_address(environment, port)
    command = [
        str(environment.command("odoo")),
        *(f"--database={DATABASE}", f"--db-filter=^{DATABASE}$", "--no-database-list"),
        *(f"--http-port={port}", "--max-cron-threads=1"),
    ]
    with LOG.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    STATE.write_text(json.dumps({"pid": process.pid, "port": port}))
    return process


def wait_for(process, port):
    """Wait until the login page is there, or the server has given up."""
    step(f"Starting Odoo on port {port}")
    ticker = Ticker()
    try:
        while process.poll() is None and time.monotonic() - ticker.start < 180:
            if shows_login(port):
                return
            ticker.tick("waiting for the login page")
            time.sleep(0.3)
    except BaseException:
        halt(process.pid)
        raise
    finally:
        ticker.done()
    halt(process.pid)
    for line in LOG.read_text(errors="replace").splitlines()[-12:]:
        say(f"   | {line}")
    raise Problem(f"Odoo did not start, see {LOG}")


def shows_login(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/web/login")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def halt(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            time.sleep(0.1)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
        os.kill(pid, signal.SIGKILL)
    STATE.unlink(missing_ok=True)


def start(_arguments=()):
    """`make demo`."""
    chosen = os.environ.get("PORT", "")
    if not running():
        choose_port(chosen)  # a wrong one is told before minutes of work
    environment = runtime.prepare("demo")
    with locked(f"demo-{CHECKOUT}"):
        state = running()
        if state and chosen and chosen != str(state["port"]):
            step(f"It runs on port {state['port']}: moving it to {chosen}")
            choose_port(chosen)
            halt(state["pid"])
            state = None
        if state and not is_current():
            step("The addon has changed: restarting the demo server")
            chosen = chosen or str(state["port"])
            halt(state["pid"])
            state = None
        database(environment)
        if not state:
            port = choose_port(chosen)
            wait_for(launch(environment, port), port)
            state = running()
    announce(environment, state["port"])


def is_current():
    marker = RUN / "demo-database"
    return marker.exists() and marker.read_text().endswith(
        f" {digest(tree_digest(ADDON))}"
    )


def announce(environment, port):
    known = postgres.tool(
        environment.cluster,
        *("psql", "-XAtq", "-d", DATABASE, "-c"),
        "SELECT login FROM res_users WHERE active",
    ).split()
    print(f"\nClient balance is ready:  http://localhost:{port}/odoo\n")
    print(f"  {'who':<16}{'login':<14}password")
    for who, login, password in LOGINS:
        if login in known:
            print(f"  {who:<16}{login:<14}{password}")
    print(f"\nDatabase: {DATABASE}\nLog: {LOG}\nStop it with: make stop", flush=True)


def shell(arguments):
    """`make shell`: Python with the demo database at hand."""
    runtime.run_odoo(["shell", "-d", DATABASE, *arguments])


def stop(_arguments=()):
    """`make stop`: Odoo and the clusters that this checkout has to itself."""
    state = running()
    if state:
        step("Stopping Odoo")
        halt(state["pid"])
    if SHARED_CACHE:
        say("PostgreSQL goes on: other checkouts use it (CLIENT_BALANCE_CACHE).")
        return
    for cluster in postgres.existing():
        if postgres.stop(cluster):
            step(f"Stopped PostgreSQL ({cluster.name})")
    if not state:
        say("Odoo was not running.")
