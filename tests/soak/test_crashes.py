"""`kill -9` at random moments, while people work: what was acknowledged is there, once.

A PostgreSQL cluster and an odoo server of its own; the cluster writes through to the
disk like any other. Writers confirm payment dialogs and record settlements through
HTTP, and note what the server acknowledged. Meanwhile processes are killed without a
word: a worker, the whole server, a connection of PostgreSQL (which then restarts
itself), the whole of PostgreSQL. After each kill, with the writers still at work, the
books must be sound and hold all that was acknowledged so far.

``KILLS`` sets how many, ``SEED`` what is killed when; where it hits depends on the
machine.
"""

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from odoo.tools import config

from tests.soak.commands import copied, install_queue, opened
from tests.soak.serving import (
    DAY,
    Lost,
    Person,
    Refused,
    Server,
    add_client,
    prepare_invoice,
    set_up,
)
from tools import postgres

KILLS = int(os.environ.get("KILLS", "60"))
SEED = int(os.environ.get("SEED", "1"))
WORKERS = 4
WRITERS = 6
CLIENTS = 3
FUNDS = 100_000
#: what is killed, and how often compared with the others
VICTIMS = {"worker": 5, "server": 2, "connection": 2, "postgres": 2}


# --- what is killed -----------------------------------------------------------------


def kill_all(processes):
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    end = time.monotonic() + 30
    while any(map(lives, processes)):
        assert time.monotonic() < end
        time.sleep(0.05)


def lives(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Postgres:
    """A cluster that may be killed."""

    def __init__(self, name="crash"):
        self.folder = postgres.outside_folder() / f"{name}-{os.getpid()}"
        self.folder.parent.mkdir(exist_ok=True, mode=0o755)
        self.cluster = postgres.Cluster(
            name,
            postgres.find_binaries(Path(sys.prefix)),
            self.folder / "data",
            self.folder / "socket",
        )

    def start(self):
        postgres.create(self.cluster)
        postgres.launch(self.cluster)

    def restart(self):
        # what another start waits for: that the old one's memory is given back
        for _attempt in range(20):
            with contextlib.suppress(postgres.Problem):
                postgres.launch(self.cluster)
                return
            time.sleep(0.5)
        raise AssertionError("PostgreSQL does not start")

    def get_processes(self):
        server = psutil.Process(postgres.server_pid(self.cluster))
        return [server, *server.children(recursive=True)]

    def get_connections(self):
        """:return: the processes that work for a client"""
        return [
            process
            for process in self.get_processes()[1:]
            if "[local]" in " ".join(process.cmdline())
        ]

    def copy(self, database, file):
        """Bring a database of the tests' cluster here."""
        tool = self.cluster.binaries / "pg_dump"
        subprocess.run([tool, "-Fc", "-f", file, database], check=True)
        postgres.tool(self.cluster, "createdb", database)
        postgres.tool(self.cluster, "pg_restore", "--no-owner", "-d", database, file)

    def remove(self):
        if self.folder.exists():
            postgres.stop(self.cluster)
            shutil.rmtree(self.folder)


# --- those who work -----------------------------------------------------------------


class Writer(threading.Thread):
    """Works until told to stop, and notes what the server acknowledged."""

    def __init__(self, name, person, client_ids, numbers):
        super().__init__(name=name, daemon=True)
        self.person = person
        self.client_ids = client_ids
        self.numbers = numbers
        self.ending = threading.Event()
        #: {mark: (client, change of the balance)}
        self.acknowledged, self.unknown = {}, {}
        self.refusals = []
        self.failure = None
        self.lost = Counter()

    def run(self):
        try:
            while not self.ending.is_set():
                self.work(f"{self.name}-{next(self.numbers)}")
        except Exception as error:
            self.failure = error

    def work(self, mark):
        raise NotImplementedError

    def name_loss(self, error):
        """:return: what happened to a request without an answer, in a few words"""
        if "HTTPConnectionPool" in error:
            return "no server listened"
        if "Connection aborted" in error or "Connection broken" in error:
            return "cut off"
        if error.startswith("Expecting value"):
            return "no database"
        return error.split(":")[0]

    def attempt(self, work):
        """:return: what the server said; None where it said nothing"""
        try:
            return work()
        except Lost as error:
            self.lost[self.name_loss(str(error))] += 1
            time.sleep(0.1)
        except Refused as error:
            self.refusals.append(str(error))
        return None


class Clerk(Writer):
    """Overpayments and shortfalls, through the payment dialog.

    A dialog whose answer is lost is not confirmed again: a person would look first.
    """

    def work(self, mark):
        client_id = random.choice(self.client_ids)
        change = random.choice([10, -10])
        values = {"communication": mark, "client_balance_bank_id": False}
        values["to_client_balance" if change > 0 else "from_client_balance"] = True
        person = self.person

        def prepare():
            [invoice_id] = person.call(
                "account.move", "create", [prepare_invoice(client_id, 100)]
            )
            person.call("account.move", "action_post", [invoice_id], is_button=True)
            return person.open_dialog(invoice_id, 100 + change, **values)

        dialog_id = self.attempt(prepare)
        if dialog_id:
            self.unknown[mark] = client_id, change
            if self.attempt(lambda: (person.confirm(dialog_id), "done")):
                self.acknowledged[mark] = self.unknown.pop(mark)


class Program(Writer):
    """Another program: it repeats a request until it is acknowledged."""

    def work(self, mark):
        client_id = random.choice(self.client_ids)
        change = random.choice([7, -3])
        self.unknown[mark] = client_id, change
        values = {
            "partner_id": client_id,
            "amount": change,
            "date": DAY,
            "external_ref": mark,
        }
        model, create = "client.balance.settlement", "create"
        while not self.attempt(lambda: self.person.call(model, create, [values])):
            if self.refusals or self.ending.is_set():
                return
        self.acknowledged[mark] = self.unknown.pop(mark)


# --- the bench ----------------------------------------------------------------------


class Bench:
    def __init__(self, folder, cluster, database):
        self.cluster = cluster
        self.server = Server(
            database,
            folder / "odoo.log",
            WORKERS,
            db_host=cluster.cluster.socket,
        )
        self.checked = set()

    def start(self, client_ids):
        self.server.start()
        self.server.wait()
        self.client_ids = client_ids
        self.manager = Person(self.server, "soak_manager")
        clerk = Person(self.server, "soak_clerk")
        numbers = itertools.count(1)
        self.writers = [
            Clerk(f"PAY{index}", clerk.again(), client_ids, numbers)
            if index % 2
            else Program(f"REF{index}", self.manager.again(), client_ids, numbers)
            for index in range(WRITERS)
        ]
        for writer in self.writers:
            writer.start()

    def pick(self, find):
        """:return: one of the processes; they come and go"""
        for _attempt in range(100):
            self.server.wait()
            with contextlib.suppress(psutil.NoSuchProcess, IndexError):
                return random.choice(find())
            time.sleep(0.1)
        raise AssertionError("nobody works")

    def kill(self, victim):
        if victim == "worker":
            kill_all([self.pick(self.server.get_workers)])
        elif victim == "connection":
            kill_all([self.pick(self.cluster.get_connections)])
        elif victim == "server":
            self.server.kill()
            self.server.start()
        else:
            kill_all(self.cluster.get_processes())
            self.cluster.restart()
        self.server.wait()

    def insist(self, work):
        """Repeat a question: a connection that was killed is noticed by using it."""
        for _attempt in range(100):
            try:
                return work()
            except Lost:
                time.sleep(0.2)
        raise AssertionError("the server does not recover")

    def read(self, model, name, marks, field_names):
        """:return: the records that carry one of ``marks`` in field ``name``"""
        return self.insist(
            lambda: self.manager.call(
                model, "search_read", [[name, "in", list(marks)]], field_names
            )
        )

    def count(self, marks):
        """:return: {mark: how often it moved a balance}"""
        settlements = self.read(
            "client.balance.settlement", "external_ref", marks, ["external_ref"]
        )
        payments = self.read("account.payment", "memo", marks, ["memo"])
        memos = {payment["id"]: payment["memo"] for payment in payments}
        moved = self.read(
            "client.balance.settlement", "payment_id", memos, ["payment_id"]
        )
        assert len(payments) == len(moved), "each payment moved a balance, once"
        return Counter(
            [row["external_ref"] for row in settlements]
            + [memos[row["payment_id"][0]] for row in moved]
        )

    def check(self):
        """While all work: the books are sound, what was acknowledged is there."""
        for writer in self.writers:
            assert not writer.failure, repr(writer.failure)
            assert not writer.refusals, writer.refusals
        acknowledged = {
            mark for writer in self.writers for mark in list(writer.acknowledged)
        }
        new = acknowledged - self.checked
        self.insist(self.manager.check_books)
        count = self.count(new)
        assert count == dict.fromkeys(new, 1), "acknowledged, but not there once"
        self.checked |= new

    def finish(self):
        """:return: what is known of all that was done, as text"""
        for writer in self.writers:
            writer.ending.set()
        for writer in self.writers:
            writer.join(120)
            assert not writer.is_alive(), "a writer hangs"
        self.checked.clear()
        self.check()
        unknown = {k: v for writer in self.writers for k, v in writer.unknown.items()}
        found = self.count(unknown)
        assert all(times == 1 for times in found.values()), found
        changes = {mark: unknown[mark] for mark in found}
        for writer in self.writers:
            changes.update(writer.acknowledged)
        expected = dict.fromkeys(self.client_ids, FUNDS)
        for client_id, change in changes.values():
            expected[client_id] += change
        balances = self.read(
            "client.balance", "partner_id", self.client_ids, ["partner_id", "amount"]
        )
        assert {row["partner_id"][0]: row["amount"] for row in balances} == expected
        lost = sum((writer.lost for writer in self.writers), Counter())
        return (
            f"{len(self.checked)} operations acknowledged, each there once; "
            f"of {len(unknown)} that were not, {len(found)} are there, once\n"
            f"requests without an answer: {dict(lost)}"
        )

    def stop(self):
        for writer in getattr(self, "writers", ()):
            writer.ending.set()
        self.server.stop()


@pytest.fixture
def bench(tmp_path):
    [source] = config["db_name"]
    cluster = Postgres()
    with copied(source, f"{source}_crash") as name:
        # whoever is killed while he stands in the queue leaves no place
        install_queue(name)
        made = Bench(tmp_path, cluster, name)
        with opened(name) as plain_env:
            company_id = set_up(plain_env)
            env = plain_env(context={"allowed_company_ids": [company_id]})
            client_ids = [
                add_client(env, f"Client {index}", FUNDS) for index in range(CLIENTS)
            ]
        try:
            cluster.start()
            cluster.copy(name, tmp_path / "dump")
            made.start(client_ids)
            yield made
        finally:
            made.stop()
            cluster.remove()


def test_killed_at_random_moments_under_load(bench):
    print(f"\nseed {SEED}")
    random.seed(SEED)
    killed = Counter()
    for number in range(1, KILLS + 1):
        time.sleep(random.uniform(0.5, 4))
        [victim] = random.choices(list(VICTIMS), VICTIMS.values())
        bench.kill(victim)
        killed[victim] += 1
        bench.check()
        print(f"{number:4} {victim:10} {len(bench.checked):6} acknowledged", flush=True)
    print(bench.finish())
    print(f"{killed.total()} times killed: {dict(killed)}")
