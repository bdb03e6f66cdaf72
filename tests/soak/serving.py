"""Odoo servers with real worker processes, and people who work with them.

A server of its own for each test: it may be killed at any moment. People log in and
send what a browser sends: no test-mode shortcut is between them and the database.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time

import psutil
import requests

from odoo import Command
from odoo.modules.registry import Registry

from tests.soak.commands import ODOO, get_options, opened
from tests.test_concurrency import no_test_mode, set_up_company

DAY = "2026-03-01"
PAY_DAY = "2026-03-10"
#: {login: groups}; the password of everybody is the login
PEOPLE = {
    "soak_clerk": "account.group_account_invoice",
    "soak_manager": (
        "client_balance.group_client_balance_manager,account.group_account_user"
    ),
}
#: how a log tells which process answered which request
ANSWERED = re.compile(r" (\d+) INFO \S+ werkzeug: .*(/web/dataset/\S+|/my/\S+)")


class Refused(Exception):
    """The server said no, in a sentence for people."""


class Lost(Exception):
    """No answer, or one that does not say what became of the request."""


# --- who is there -------------------------------------------------------------------


def set_up(env):
    """A company with its chart of accounts, and the people who work in it.

    :return: its id
    """
    company_id = set_up_company(env)
    company = env["res.company"].browse(company_id)
    company.client_balance_portal_pay = True
    for login, groups in PEOPLE.items():
        add_person(env, company, login, f"base.group_user,{groups}")
    return company_id


def add_person(env, company, login, groups, **vals):
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": login,
                "login": login,
                "password": login,
                "group_ids": [
                    Command.set([env.ref(name).id for name in groups.split(",")])
                ],
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                **vals,
            }
        )
    )


def add_client(env, name="Client", amount=0):
    """:return: id of a new client with ``amount`` on its balance"""
    client = env["res.partner"].create({"name": name, "is_company": True})
    if amount:
        env["client.balance.settlement"].create(
            {"partner_id": client.id, "amount": amount, "date": DAY}
        )
    return client.id


def prepare_invoice(client_id, amount):
    """:return: values of an invoice without taxes"""
    return {
        "move_type": "out_invoice",
        "partner_id": client_id,
        "invoice_date": DAY,
        "date": DAY,
        "invoice_line_ids": [
            Command.create(
                {"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]}
            )
        ],
    }


# --- servers ------------------------------------------------------------------------


def get_free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """``odoo --workers``, a process of its own with children of its own."""

    def __init__(self, database, log, workers, db_host=None, options=()):
        self.database = database
        self.log = log
        self.port = get_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.command = [
            *(str(ODOO), *get_options(db_host), "-d", database),
            *("--db-filter", f"^{database}$", "--workers", str(workers)),
            *("--http-interface", "127.0.0.1", "--http-port", str(self.port)),
            *("--gevent-port", str(get_free_port()), "--max-cron-threads", "0"),
            *("--limit-time-real", "300", "--limit-time-cpu", "300"),
            *options,
        ]

    def start(self):
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "ODOO_RC": os.devnull},
                # killed together with its children
                start_new_session=True,
            )

    def get_workers(self):
        """:return: the processes that answer requests"""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "gevent" not in child.cmdline()]

    def kill(self):
        """All of its processes, without a word."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        if self.process:
            self.kill()

    def wait(self, seconds=120):
        """Until requests are answered from the database again.

        Odoo ends itself where the database is away when it wants a new worker; then it
        is started again, as the service manager of a machine does.
        """
        end = time.monotonic() + seconds
        while True:
            if self.process.poll() is not None:
                self.kill()
                self.start()
            with contextlib.suppress(requests.RequestException):
                url = f"{self.url}/web/health?db_server_status=1"
                if requests.get(url, timeout=10).ok:
                    return
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.2)

    def count_processes(self, path):
        """:return: how many processes have answered requests to ``path``"""
        found = ANSWERED.findall(self.log.read_text(errors="replace"))
        return len({pid for pid, address in found if path in address})


@contextlib.contextmanager
def served(server):
    """A company and its people in the database of ``server``, which runs meanwhile."""
    with opened(server.database) as env:
        server.company_id = set_up(env)
    with no_test_mode():
        server.registry = Registry(server.database)
    try:
        server.start()
        server.wait()
        yield server
    finally:
        server.stop()


# --- people -------------------------------------------------------------------------


class Person:
    """Somebody who is logged in, as a browser is."""

    def __init__(self, server, login, cookies=None):
        self.server = server
        self.login = login
        self.session = requests.Session()
        self.session.trust_env = False
        if cookies:
            self.session.cookies.update(cookies)
        else:
            self._post(
                "/web/session/authenticate",
                db=server.database,
                login=login,
                password=login,
            )

    def again(self):
        """:return: the same person in another tab"""
        return Person(self.server, self.login, self.session.cookies)

    def _post(self, path, **params):
        try:
            answer = self.session.post(
                f"{self.server.url}{path}", json={"params": params}, timeout=120
            ).json()
        except (requests.RequestException, ValueError) as error:
            raise Lost(str(error)) from error
        if "error" not in answer:
            return answer["result"]
        data = answer["error"]["data"]
        if data["name"] in (
            "odoo.exceptions.UserError",
            "odoo.exceptions.ValidationError",
            "odoo.exceptions.AccessError",
        ):
            raise Refused(data["message"])
        raise Lost(f"{data['name']}: {data['message']}")

    def call(self, model, method, *args, is_button=False, context=None, **kwargs):
        """:raise Refused, Lost: when there is no result"""
        kwargs["context"] = {"lang": "en_US", **(context or {})}
        door = "call_button" if is_button else "call_kw"
        return self._post(
            f"/web/dataset/{door}/{model}/{method}",
            model=model,
            method=method,
            args=list(args),
            kwargs=kwargs,
        )

    def open_dialog(self, invoice_id, amount, **values):
        """:return: id of the payment dialog of an invoice, filled in"""
        return self.call(
            "account.payment.register",
            "create",
            {"payment_date": PAY_DAY, "amount": amount, **values},
            context={"active_model": "account.move", "active_ids": [invoice_id]},
        )

    def confirm(self, dialog_id):
        """“Create payments” of the payment dialog."""
        return self.call(
            "account.payment.register",
            "action_create_payments",
            [dialog_id],
            is_button=True,
        )

    def check_books(self):
        found = self.call("client.balance", "check_integrity")
        assert not found, "\n".join(row["message"] for row in found)


def run_at_once(*works):
    """Start all ``works`` at the same moment, each in a thread.

    :return: what each of them returned, or the exception that it raised
    """
    barrier = threading.Barrier(len(works))
    results = [None] * len(works)

    def run(index, work):
        barrier.wait(60)
        try:
            results[index] = work()
        except Exception as error:
            results[index] = error

    threads = [
        threading.Thread(target=run, args=item, daemon=True)
        for item in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
        assert not thread.is_alive(), "a request hangs"
    return results
