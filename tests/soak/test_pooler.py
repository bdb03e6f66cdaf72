"""PgBouncer between Odoo and PostgreSQL: which of its modes is sound.

In session mode a connection of Odoo's has a connection of PostgreSQL's to itself, in
transaction mode only from BEGIN to COMMIT. What belongs to a session does not survive
the latter: LISTEN, by which Odoo wakes its bus and its scheduled actions. The locks by
which writers queue up (``client_balance_queue``) belong to transactions.
"""

import contextlib
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
import pytest

from odoo.tools import config

from tests.soak.commands import copied, install_queue
from tests.soak.serving import Server, get_free_port, served
from tests.soak.test_workers import CROWD, Office
from tools import postgres

PGBOUNCER = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
#: connections to PostgreSQL per database: fewer than workers is what transaction mode
#: is chosen for; in session mode each worker needs its own
POOL_SIZES = {"session": 60, "transaction": 8}

pytestmark = [
    pytest.mark.allowed_skip,
    pytest.mark.skipif(not PGBOUNCER, reason="`apt-get install pgbouncer` first"),
]


class Pooler:
    """A pgbouncer of its own before the tests' cluster."""

    def __init__(self, mode, folder):
        self.port = get_free_port()
        self.folder = folder
        self.log = folder / "pgbouncer.log"
        self.process = None
        settings = {
            "pool_mode": mode,
            "default_pool_size": POOL_SIZES[mode],
            "max_client_conn": 500,
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "any",
            # the user of all connections; PostgreSQL trusts its socket
            "ignore_startup_parameters": "extra_float_digits",
            "logfile": self.log,
        }
        lines = [f"{name} = {value}" for name, value in settings.items()]
        cluster = (
            f"host={config['db_host']} port=5432 user={config['db_user'] or 'odoo'}"
        )
        self.file = folder / "pgbouncer.ini"
        self.file.write_text(
            f"[databases]\n* = {cluster}\n[pgbouncer]\n" + "\n".join(lines) + "\n"
        )

    def start(self):
        user = postgres.server_user()
        if user:
            shutil.chown(self.folder, user["user"], user["group"])
        self.process = subprocess.Popen([PGBOUNCER, "-q", self.file], **user)
        end = time.monotonic() + 10
        while True:
            with contextlib.suppress(psycopg2.OperationalError):
                self.connect("postgres").close()
                return
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def connect(self, database):
        return psycopg2.connect(
            host="127.0.0.1", port=self.port, user="odoo", dbname=database
        )

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)


@pytest.fixture(scope="module", params=list(POOL_SIZES))
def server(request):
    mode = request.param
    folder = Path(postgres.outside_folder(), f"pooler-{mode}-{get_free_port()}")
    folder.mkdir(parents=True)
    pooler = Pooler(mode, folder)
    [source] = config["db_name"]
    with copied(source, f"{source}_{mode}") as name:
        install_queue(name)
        made = Server(
            name,
            folder / "odoo.log",
            CROWD,
            db_host="127.0.0.1",
            options=[f"--db_port={pooler.port}"],
        )
        made.pooler, made.mode = pooler, mode
        try:
            pooler.start()
            with served(made):
                yield made
        finally:
            pooler.stop()
            shutil.rmtree(folder)


def hears(pooler):
    """:return: whether a notification reaches who listens, as Odoo's bus does"""
    with (
        contextlib.closing(pooler.connect("postgres")) as ear,
        contextlib.closing(pooler.connect("postgres")) as mouth,
    ):
        with ear.cursor() as cr:
            cr.execute("LISTEN client_balance_probe")
            ear.commit()
        with mouth.cursor() as cr:
            cr.execute("NOTIFY client_balance_probe")
            mouth.commit()
        if not select.select([ear], [], [], 3)[0]:
            return False
        ear.poll()
        return bool(ear.notifies)


def count_locks(server):
    """:return: places in the queue that outlived their requests"""
    with server.registry.cursor() as cr:
        cr.execute(
            """SELECT count(*) FROM pg_locks lock
                 JOIN pg_class slot ON slot.oid = lock.relation
                WHERE slot.relname ~ '^client_balance_queue_slot_'
                  AND lock.database = (SELECT oid FROM pg_database
                                        WHERE datname = current_database())"""
        )
        return cr.fetchone()[0]


def test_notifications_arrive_in_session_mode_only(server):
    heard = hears(server.pooler)
    print(f"{server.mode}: heard {heard}")
    assert heard == (server.mode == "session")


@pytest.mark.parametrize("_time", range(3))
def test_twenty_dialogs_on_one_balance(server, _time):
    office = Office(server)
    invoices = office.prepare(1000, CROWD)
    works = list(map(office.by_dialog, invoices))
    started = time.monotonic()
    outcomes = office.run(*works)
    seconds = time.monotonic() - started
    time.sleep(1)
    left = count_locks(server)
    print(f"{server.mode}: {dict(outcomes)} in {seconds:.0f} s, {left} locks are left")
    office.manager.check_books()
    assert outcomes == {"done": CROWD}
    assert not left
