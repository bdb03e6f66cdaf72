"""Servers of ours in the background: started, found again, stopped."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from tools import postgres
from tools.common import (
    CHECKOUT,
    ROOT,
    RUN,
    SHARED_CACHE,
    Problem,
    Ticker,
    say,
    step,
)

FIRST_PORT = 8069


class Server(NamedTuple):
    """An odoo with a database of its own."""

    name: str

    @property
    def database(self):
        # With several checkouts in one PostgreSQL cluster each has its own.
        return f"{self.name}_{CHECKOUT}" if SHARED_CACHE else self.name

    @property
    def state(self):
        return RUN / f"{self.name}.json"

    @property
    def log(self):
        return RUN / f"{self.name}.log"

    def running(self):
        """Its state when it runs: ``{"pid": …, "port": …}``."""
        try:
            state = json.loads(self.state.read_text())
            command = Path(f"/proc/{state['pid']}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, KeyError):
            return None
        # The number may belong to another program by now.
        return state if f"--database={self.database}".encode() in command else None

    def launch(self, environment, port, *options):
        """Start it, and wait until its login page is there."""
        tell_address(environment, self.database, port)
        database = self.database
        command = [
            str(environment.command("odoo")),
            *(f"--database={database}", f"--db-filter=^{database}$"),
            *("--no-database-list", f"--http-port={port}", "--max-cron-threads=1"),
            *options,
        ]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.state.write_text(json.dumps({"pid": process.pid, "port": port}))
        self.wait(process, port)

    def wait(self, process, port):
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
            self.halt(process.pid)
            raise
        finally:
            ticker.done()
        self.halt(process.pid)
        for line in self.log.read_text(errors="replace").splitlines()[-12:]:
            say(f"   | {line}")
        raise Problem(f"Odoo did not start, see {self.log}")

    def halt(self, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
            for _ in range(100):
                time.sleep(0.1)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
                os.kill(pid, 0)
            os.kill(pid, signal.SIGKILL)
        self.state.unlink(missing_ok=True)


#: What `make demo` and `make cluster` start.
DEMO, CLUSTER = Server("demo"), Server("cluster")


def is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As a server does: a port that was closed a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(chosen, free=is_free, first=FIRST_PORT):
    """The port that the user wants, else the first free one.

    :param chosen: the text of ``PORT``, may be empty.
    """
    if not chosen:
        return next(port for port in range(first, 65536) if free(port))
    if not (chosen.isdigit() and 0 < int(chosen) < 65536):
        raise Problem(f"PORT={chosen} is no port: give a number, as in PORT=8080.")
    if not free(int(chosen)):
        raise Problem(f"Port {chosen} is taken: give another, as in PORT=8080.")
    return int(chosen)


def shows_login(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/web/login")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def tell_address(environment, database, port):
    """Odoo guesses its address from an administrator's login; before that letters
    would lead elsewhere, and PDF files have no styles, which are got from there.
    """
    postgres.tool(
        environment.cluster,
        *("psql", "-XAtq", "-d", database, "-c"),
        f"UPDATE ir_config_parameter SET value = 'http://localhost:{port}'"
        " WHERE key = 'web.base.url'",
    )


def stop(_arguments=()):
    """`make stop`: Odoo and the clusters that this checkout has to itself."""
    running = [(server, server.running()) for server in (DEMO, CLUSTER)]
    for server, state in running:
        if state:
            step(f"Stopping Odoo ({server.name})")
            server.halt(state["pid"])
    if SHARED_CACHE:
        say("PostgreSQL goes on: other checkouts use it (CLIENT_BALANCE_CACHE).")
        return
    for cluster in postgres.existing():
        if postgres.stop(cluster):
            step(f"Stopped PostgreSQL ({cluster.name})")
    if not any(state for _server, state in running):
        say("Odoo was not running.")
