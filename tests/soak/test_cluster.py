"""A primary, a replica and workers: who answers what, what happens when one is away.

Two PostgreSQL servers and an odoo of its own. Every screen is asked what a browser
asks, and the log of the servers says which of the two answered; ``WRITE`` puts the
table into docs/operations.md. Then the replica is stopped in its tracks (it shows old
money), killed and brought back, while people read and pay.
"""

import itertools
import os
import re
import shutil
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from lxml import html

from odoo.tools import config

from tests.soak import answers
from tests.soak.commands import copied, opened
from tests.soak.serving import (
    DAY,
    Lost,
    Person,
    Refused,
    Server,
    add_client,
    add_person,
    prepare_invoice,
    set_up,
)
from tests.soak.test_crashes import Postgres, kill_all
from tools import postgres, replication

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- answers: begin -->\n", "<!-- answers: end -->\n"
WORKERS = 4
READERS = 4
#: seconds of reading and paying before the replica dies, while it is dead, and after
PHASE = float(os.environ.get("PHASE", "10"))
FUNDS = 1000
CSRF = re.compile(r'csrf_token: "([^"]+)"')


# --- servers --------------------------------------------------------------------------


class Pair(Postgres):
    """A primary and its replica, which may be killed."""

    def __init__(self):
        super().__init__("primary")
        self.replica = replication.replica_of(self.cluster)

    def start(self):
        super().start()
        replication.start(self.cluster)

    def wait(self):
        replication.wait(self.cluster, self.replica)

    def pause(self):
        postgres.sql(self.replica, "SELECT pg_wal_replay_pause()")
        # what was asked for is done at the next record
        paused = "SELECT pg_get_wal_replay_pause_state()"
        while postgres.sql(self.replica, paused) != ["paused"]:
            postgres.sql(self.cluster, "SELECT pg_current_xact_id()")
            time.sleep(0.05)

    def resume(self):
        postgres.sql(self.replica, "SELECT pg_wal_replay_resume()")
        self.wait()

    def kill_replica(self):
        server = psutil.Process(postgres.server_pid(self.replica))
        kill_all([server, *server.children(recursive=True)])

    def restart_replica(self):
        postgres.launch(self.replica)
        self.wait()

    def get_lag(self):
        """:return: how old what the replica shows is, as PostgreSQL's text"""
        query = "SELECT coalesce(replay_lag, '0') FROM pg_stat_replication"
        return postgres.sql(self.cluster, query)

    def count_transactions(self):
        """:return: of the replica, in all databases"""
        query = "SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database"
        return int(postgres.sql(self.replica, query)[0])

    def remove(self):
        home = self.replica.data.parent
        if home.exists():
            postgres.stop(self.replica)
            shutil.rmtree(home)
        super().remove()


class Bench:
    """Servers, a company with a client, and the people who ask."""

    def __init__(self, folder, pair, database):
        self.pair = pair
        self.numbers = itertools.count(1)
        self.server = Server(
            database,
            folder / "odoo.log",
            WORKERS,
            db_host=pair.cluster.socket,
            options=[
                f"--db_replica_host={pair.replica.socket}",
                "--db_replica_port=5432",
            ],
        )

    def start(self, world):
        self.world = world
        self.server.start()
        self.server.wait()
        self.manager = Person(self.server, "soak_manager")
        self.clerk = Person(self.server, "soak_clerk")
        self.client = Person(self.server, "soak_client")
        self.people = {"office": self.manager, "client": self.client}
        page = self.manager.session.get(f"{self.server.url}/odoo", timeout=120).text
        self.csrf = CSRF.search(page)[1]

    def add_dialog(self):
        self.world.register_id = self.manager.open_dialog(
            self.world.invoice_ids[0], 90, from_client_balance=True
        )

    # Asking ---------------------------------------------------------------------------

    def ask(self, request):
        """:return: who answered, and the answer; it is no error"""
        person = self.people[request.who]
        options = dict(request.options)
        form = options.pop("form", None)
        if form:
            page = html.fromstring(person.session.get(self.server.url + form).text)
            [found] = page.xpath("//form[contains(@class, 'o_client_balance_pay')]")
            options["data"] = {field.get("name"): field.value for field in found.inputs}
        elif "data" in options:
            options["data"] = {**options["data"], "csrf_token": self.csrf}
        number = next(self.numbers)
        answer = person.session.request(
            options.pop("method", "POST"),
            self.server.url + request.path,
            params={"probe": number},
            timeout=120,
            allow_redirects=False,
            **options,
        )
        return self.get_server(number), answer

    def get_server(self, number):
        """:return: which server answered, by the last word of the line of the log"""
        line = re.compile(rf"werkzeug: .*\bprobe={number}(?:#\S*)? .* (\S+)$", re.M)
        for _attempt in range(100):
            found = line.search(self.server.log.read_text(errors="replace"))
            if found:
                return answers.MODES.get(found[1], found[1])
            time.sleep(0.05)
        raise AssertionError(f"request {number} is not in the log")

    def check(self, request, answer):
        assert answer.status_code < 400, (request.what, answer.text[-2000:])
        if answer.headers["Content-Type"].startswith("application/json"):
            error = answer.json().get("error")
            assert not error, (request.what, error["data"]["debug"][-2000:])

    # Money ----------------------------------------------------------------------------

    def read_balance(self):
        """:return: the balance of the client as the client card shows it"""
        shown = self.manager.call(
            "client.balance", "get_client_balance_overview", self.world.client_id
        )
        [total] = shown["totals"]
        return total["amount"]

    def settle(self, amount):
        return self.manager.call(
            "client.balance.settlement",
            "create",
            [{"partner_id": self.world.client_id, "amount": amount, "date": DAY}],
        )

    def open_form(self, invoice_id):
        """:return: what submits the portal's form of an invoice, as it is now"""
        url = f"{self.server.url}/my/invoices/{invoice_id}"
        page = html.fromstring(self.client.session.get(url, timeout=120).text)
        [form] = page.xpath("//form[contains(@class, 'o_client_balance_pay')]")
        data = {field.get("name"): field.value for field in form.inputs}
        return lambda: self.client.session.post(
            f"{url}/pay_from_balance", data=data, timeout=120, allow_redirects=False
        )

    def renew_workers(self):
        """One by one: each ends after its request, and another takes its place."""
        for process in self.server.get_workers():
            process.send_signal(signal.SIGINT)
            process.wait(60)
            end = time.monotonic() + 60
            while len(self.server.get_workers()) < WORKERS:
                assert time.monotonic() < end, "no new worker"
                time.sleep(0.1)

    def stop(self):
        self.server.stop()


def prepare(env, server_url):
    """:return: ids of what the screens show"""
    company = env.company
    client_id = add_client(env, "Client", FUNDS)
    contact = env["res.partner"].create({"name": "Contact", "parent_id": client_id})
    add_person(env, company, "soak_client", "base.group_portal", partner_id=contact.id)
    invoices = env["account.move"].create(
        [prepare_invoice(client_id, 100) for _index in range(8)]
    )
    invoices.action_post()
    act = env["client.balance.statement"].create(
        {"partner_id": client_id, "date_from": DAY, "date_to": DAY}
    )
    act.action_mark_sent()
    up = env["client.balance.settlement"].create(
        {"partner_id": client_id, "amount": 1, "date": DAY}
    )
    # for core's own export
    env.ref("base.group_allow_export").user_ids += env["res.users"].search(
        [("login", "=", "soak_manager")]
    )
    # where the PDF's program gets the styles
    env["ir.config_parameter"].set_param("report.url", server_url)
    report = env["client.balance.report"].search([("partner_id", "=", client_id)])
    return SimpleNamespace(
        client_id=client_id,
        invoice_ids=invoices.ids,
        act_id=act.id,
        up_id=up.id,
        balance_id=up.balance_id.id,
        report_id=report.id,
        report_action_id=env.ref("client_balance.client_balance_report_action").id,
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    [source] = config["db_name"]
    pair = Pair()
    with copied(source, f"{source}_cluster") as name:
        made = Bench(folder, pair, name)
        with opened(name) as plain_env:
            company_id = set_up(plain_env)
            env = plain_env(context={"allowed_company_ids": [company_id]})
            world = prepare(env, made.server.url)
        try:
            pair.start()
            pair.copy(name, folder / "dump")
            pair.wait()
            made.start(world)
            yield made
        finally:
            made.stop()
            pair.remove()


# --- who answers what -----------------------------------------------------------------


def test_reports_are_read_from_the_replica_and_money_is_decided_on_the_primary(bench):
    bench.add_dialog()
    bench.pair.wait()
    before = bench.pair.count_transactions()
    found, wrong = [], []
    for request in answers.get_requests(bench.world):
        answered, answer = bench.ask(request)
        print(f"{request.screen:24}{request.what:32}{answered}", flush=True)
        bench.check(request, answer)
        found.append((request, answered))
        if answered != request.expected:
            wrong.append((request.screen, request.what, answered))
    assert not wrong
    # two witnesses: the log of Odoo, and what the replica itself has counted
    count = Counter(answered for _request, answered in found)
    time.sleep(2)  # PostgreSQL adds up once a second
    counted = bench.pair.count_transactions() - before
    print(f"{dict(count)}; {counted} transactions on the replica")
    assert counted >= count[answers.REPLICA]
    assert all(
        answered == answers.PRIMARY
        for request, answered in found
        if answers.is_about_money(request)
    )
    check_document(answers.write_table(found))


def check_document(table):
    """The table in the documentation is this one; ``WRITE`` makes it so."""
    text = DOCUMENT.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    old, tail = rest.split(END)
    if os.environ.get("WRITE"):
        DOCUMENT.write_text(f"{head}{BEGIN}\n{table}\n{END}{tail}", encoding="utf-8")
    else:
        assert old.strip() == table.strip(), "write it: WRITE=1 make soak K=cluster"


# --- the replica lags -----------------------------------------------------------------


def test_old_money_on_the_replica_is_shown_but_never_spent(bench):
    money = bench.read_balance()
    submit = bench.open_form(bench.world.invoice_ids[3])
    bench.pair.wait()
    bench.pair.pause()
    try:
        bench.settle(-money)
        assert bench.read_balance() == money, "the replica did not lag"
        dialog_id = bench.clerk.open_dialog(
            bench.world.invoice_ids[4], 90, from_client_balance=False
        )
        [dialog] = bench.clerk.call(
            "account.payment.register",
            "web_read",
            [dialog_id],
            {"client_balance_available": {}},
        )
        assert dialog["client_balance_available"] == 0
        forced = {"from_client_balance": True, "client_balance_amount": 10}
        with pytest.raises(Refused) as refusal:
            dialog_id = bench.clerk.open_dialog(
                bench.world.invoice_ids[4], 90, client_balance_bank_id=False, **forced
            )
            bench.clerk.confirm(dialog_id)
        print(f"dialog: {refusal.value}")
        answer = submit()
        assert answer.status_code == 400
        [text] = html.fromstring(answer.text).xpath("//*[@name='client_balance_error']")
        print(f"portal: {' '.join(text.text_content().split())}")
        for request in answers.get_requests(bench.world):
            if request.expected == answers.REPLICA:
                answered, answer = bench.ask(request)
                bench.check(request, answer)
                assert answered == answers.REPLICA
        assert bench.read_balance() == money
    finally:
        bench.pair.resume()
    assert bench.read_balance() == 0
    bench.manager.check_books()
    bench.settle(money)


# --- the replica dies and returns -----------------------------------------------------


class Worker(threading.Thread):
    """Does the same again and again, and notes what came of it."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.phase = "before"
        self.outcomes = Counter()
        self.ending = threading.Event()

    def run(self):
        while not self.ending.is_set():
            try:
                self.work()
                outcome = "answered"
            except (Lost, Refused) as error:
                outcome = str(error)[:80]
            self.outcomes[self.phase, outcome] += 1


def read_as(bench, person):
    def read():
        person.call(
            "client.balance", "get_client_balance_overview", bench.world.client_id
        )

    return read


def pay_as(bench, person):
    def pay():
        person.call(
            "client.balance.settlement",
            "create",
            [{"partner_id": bench.world.client_id, "amount": 1, "date": DAY}],
        )

    return pay


def set_phase(crowd, phase):
    for worker in crowd:
        worker.phase = phase


def get_servers(bench, path, start):
    """:return: how often each server answered ``path`` since place ``start``"""
    line = re.compile(rf"werkzeug: .*{re.escape(path)} .* (\S+)$", re.M)
    found = line.findall(bench.server.log.read_text(errors="replace")[start:])
    return Counter(answers.MODES.get(mode, mode) for mode in found)


def test_reading_and_paying_go_on_while_the_replica_dies_and_returns(bench):
    path = "get_client_balance_overview"
    bench.pair.wait()
    money = bench.read_balance()
    crowd = [Worker(read_as(bench, bench.manager.again())) for _ in range(READERS)]
    crowd.append(Worker(pay_as(bench, bench.manager.again())))
    start = len(bench.server.log.read_text(errors="replace"))
    servers = {}

    def look(phase):
        nonlocal start
        servers[phase] = get_servers(bench, path, start)
        start = len(bench.server.log.read_text(errors="replace"))

    for worker in crowd:
        worker.start()
    try:
        time.sleep(PHASE)
        print(f"lag under load: {bench.pair.get_lag()}")
        look("before")
        set_phase(crowd, "killed")
        bench.pair.kill_replica()
        time.sleep(PHASE)
        look("killed")
        set_phase(crowd, "returned")
        bench.pair.restart_replica()
        time.sleep(PHASE)
        look("returned")
        set_phase(crowd, "workers renewed")
        bench.renew_workers()
        look("while they are renewed")
        time.sleep(PHASE)
        look("workers renewed")
    finally:
        for worker in crowd:
            worker.ending.set()
        for worker in crowd:
            worker.join(120)
    outcomes = sum((worker.outcomes for worker in crowd), Counter())
    for (phase, outcome), count in sorted(outcomes.items()):
        print(f"{phase:16} {count:6} {outcome}")
    for phase, found in servers.items():
        print(f"{phase:16} {dict(found)}")
    paid = sum(
        count
        for (_phase, outcome), count in crowd[-1].outcomes.items()
        if outcome == "answered"
    )
    print(f"{paid} payments")
    assert sum(crowd[-1].outcomes.values()) == paid, "a payment failed"
    lost = sum(
        count for (_phase, outcome), count in outcomes.items() if outcome != "answered"
    )
    # those that the replica was just answering, and at most one per reader
    assert lost <= READERS
    assert not any(
        phase != "killed" and outcome != "answered" for phase, outcome in outcomes
    )
    assert set(servers["before"]) == {answers.REPLICA}
    assert servers["killed"][answers.PRIMARY]
    assert set(servers["returned"]) <= {answers.PRIMARY, answers.REPLICA}
    assert set(servers["workers renewed"]) == {answers.REPLICA}
    bench.pair.wait()
    assert bench.read_balance() == money + paid
    bench.manager.check_books()
