"""Many people at once: real connections, real commits, in a copy of the test database.

Each worker has its own connection and transaction and is retried the way Odoo retries
a request (``odoo.service.model.retrying``). Threads are enough: what is tested happens
between PostgreSQL's transactions, and waiting for it sets Python free.

Of very many who want one balance some lose all of Odoo's five tries: they get its own
message, and no balance is wrong. Where `client_balance_queue` is installed beside
(`make test-beside`), everybody succeeds.

`make soak` runs the same tests longer (``SOAK``): with Odoo's own pauses between two
tries, and as often as the issue of the day demands.
"""

import contextlib
import os
import shutil
import threading
from collections import Counter

import psycopg2
import pytest

from odoo import SUPERUSER_ID, api, sql_db
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service import db as databases
from odoo.service.model import retrying
from odoo.tools import SQL, config

WORKERS = 20
SOAK = bool(os.environ.get("SOAK"))


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    """Odoo pauses for seconds between two tries; without them the crowd is denser."""
    if not SOAK:
        monkeypatch.setattr("odoo.service.model.random.uniform", lambda a, b: b / 100)


@pytest.fixture(scope="module")
def registry():
    """A copy of the test database with a company, its accounts and some clients."""
    [source] = config["db_name"]
    name = f"{source}_many"
    drop(name)
    try:
        with no_test_mode():
            databases.exp_duplicate_database(source, name)
            made = Registry(name)
        with made.cursor() as cr:
            company_id = set_up_company(api.Environment(cr, SUPERUSER_ID, {}))
        made.concurrency_company_id = company_id
        yield made
    finally:
        drop(name)


def drop(name):
    """Odoo's own command does not drop databases that the configuration lacks."""
    Registry.delete(name)
    sql_db.close_db(name)
    with contextlib.closing(sql_db.db_connect("postgres").cursor()) as cr:
        cr._cnx.autocommit = True
        cr.execute(SQL("DROP DATABASE IF EXISTS %s", SQL.identifier(name)))
    shutil.rmtree(config.filestore(name), ignore_errors=True)


@contextlib.contextmanager
def no_test_mode():
    """The copy is opened like any database: Odoo runs no tests while it loads."""
    before = config["test_enable"]
    config["test_enable"] = False
    try:
        yield
    finally:
        config["test_enable"] = before


def set_up_company(env):
    company = env["res.company"].create(
        {"name": "Many", "currency_id": env.ref("base.USD").id}
    )
    env.user.company_ids += company
    env["account.chart.template"].try_loading("generic_coa", company, False)
    assert company.client_balance_account_id
    return company.id


class Crowd:
    """Workers that start at the same moment."""

    def __init__(self, registry):
        self.registry = registry
        self.company_id = registry.concurrency_company_id
        self.results = []

    @contextlib.contextmanager
    def env(self):
        with self.registry.cursor() as cr:
            yield api.Environment(
                cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]}
            )

    def client(self, name="Client"):
        with self.env() as env:
            return env["res.partner"].create({"name": name, "is_company": True}).id

    def settle(self, env, client_id, amount, **vals):
        return env["client.balance.settlement"].create(
            {
                "partner_id": client_id,
                "amount": amount,
                "date": "2026-03-01",
                "company_id": self.company_id,
                **vals,
            }
        )

    def run(self, *works, times=1):
        """Run each of ``works`` (called with an environment) in a connection.

        :param times: how often each of them does it, one transaction after the other
        :return: how often each outcome came
        """
        barrier = threading.Barrier(len(works))
        self.results = []

        def worker(work):
            for _time in range(times):
                attempt(work, barrier if _time == 0 else None)

        def attempt(work, barrier):
            with self.env() as env:
                env.user.has_group("base.group_user")  # every request has read before
                if barrier:
                    barrier.wait(60)
                try:
                    result = retrying(lambda: work(env), env)
                    env.cr.commit()
                except UserError:
                    env.cr.rollback()
                    outcome, result = "refused", None
                except psycopg2.errors.SerializationFailure:
                    env.cr.rollback()
                    outcome, result = "gave up", None
                except Exception as error:
                    env.cr.rollback()
                    outcome, result = repr(error), None
                else:
                    outcome = "done"
                self.results.append((outcome, result))

        threads = [threading.Thread(target=worker, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300 + 10 * times)
        assert len(self.results) == len(works) * times, "a worker hangs"
        return Counter(outcome for outcome, _result in self.results)

    def count_done(self, outcomes, possible, short=False):
        """:param possible: how many of those who want money can have it
        :param short: whether there is not enough for everybody
        :return: how many got it
        """
        done = outcomes["done"]
        if "client_balance_queue" in self.registry._init_modules:
            refused = outcomes.total() - possible
            assert (done, outcomes["refused"]) == (possible, refused)
        else:
            assert 0 < done <= possible
            assert set(outcomes) <= {"done", "refused", "gave up"}
            assert not outcomes["refused"] or (short and done == possible)
        return done

    def check(self, client_id, amount, settlements):
        """The books are sound and the client has ``amount``."""
        with self.env() as env:
            balance = env["client.balance"].search([("partner_id", "=", client_id)])
            assert len(balance) == 1
            assert balance.amount == pytest.approx(amount)
            assert len(balance.settlement_ids) == settlements
            assert sorted(balance.settlement_ids.mapped("number")) == list(
                range(1, settlements + 1)
            )
            assert env["client.balance"].check_integrity() == []


@pytest.fixture
def crowd(registry):
    return Crowd(registry)


def test_twenty_take_ten_from_a_hundred(crowd):
    client = crowd.client()
    with crowd.env() as env:
        crowd.settle(env, client, 100)
    outcomes = crowd.run(*[lambda env: crowd.settle(env, client, -10)] * WORKERS)
    print(outcomes)
    done = crowd.count_done(outcomes, 10, short=True)
    crowd.check(client, 100 - 10 * done, 1 + done)


@pytest.mark.parametrize("_run", range(3 if SOAK else 1))
def test_twenty_take_ten_where_there_is_enough(crowd, _run):
    client = crowd.client()
    with crowd.env() as env:
        crowd.settle(env, client, 1000)
    outcomes = crowd.run(*[lambda env: crowd.settle(env, client, -10)] * WORKERS)
    print(outcomes)
    done = crowd.count_done(outcomes, WORKERS)
    crowd.check(client, 1000 - 10 * done, 1 + done)


def test_twenty_open_a_key_that_nobody_used(crowd):
    client = crowd.client()
    outcomes = crowd.run(*[lambda env: crowd.settle(env, client, 10)] * WORKERS)
    print(outcomes)
    done = crowd.count_done(outcomes, WORKERS)
    crowd.check(client, 10 * done, done)


def test_two_reverse_the_same_settlement(crowd):
    client = crowd.client()
    times = 500 if SOAK else 3
    for time in range(times):
        with crowd.env() as env:
            settlement_id = crowd.settle(env, client, 100).id

        def reverse(env, settlement_id=settlement_id):
            settlement = env["client.balance.settlement"].browse(settlement_id)
            return settlement.action_reverse()

        outcomes = crowd.run(reverse, reverse)
        assert outcomes == {"done": 1, "refused": 1}, f"time {time}"
    crowd.check(client, 0, 2 * times)


def test_transfers_in_opposite_directions_do_not_block_each_other(crowd):
    clients = crowd.client("From"), crowd.client("To")
    times = 500 if SOAK else 5
    with crowd.env() as env:
        for client in clients:
            crowd.settle(env, client, 1000)

    def transfer(source, target):
        def work(env):
            balance = env["client.balance"].search([("partner_id", "=", source)])
            dialog = env["client.balance.transfer"].create(
                {
                    "company_id": crowd.company_id,
                    "partner_id": source,
                    "balance_id": balance.id,
                    "partner_to_id": target,
                    "bank_to_id": False,
                    "amount": 1,
                    "date": "2026-03-05",
                    "description": "Letter",
                }
            )
            dialog.action_confirm()

        return work

    outcomes = crowd.run(transfer(*clients), transfer(*reversed(clients)), times=times)
    crowd.count_done(outcomes, 2 * times)
    with crowd.env() as env:
        balances = env["client.balance"].search([("partner_id", "in", clients)])
        assert sum(balances.mapped("amount")) == 2000
        assert env["client.balance"].check_integrity() == []


def test_the_same_reference_twenty_times_is_one_settlement(crowd):
    client = crowd.client()

    def settle(env):
        return crowd.settle(env, client, 7, external_ref="SHOP-1").id

    done = crowd.count_done(crowd.run(*[settle] * WORKERS), WORKERS)
    ids = [result for outcome, result in crowd.results if outcome == "done"]
    assert len(ids) == done and len(set(ids)) == 1
    crowd.check(client, 7, 1)


def test_a_limit_is_lowered_while_it_is_used(crowd):
    client = crowd.client()
    with crowd.env() as env:
        balance_id = crowd.settle(env, client, 100).balance_id.id
        env["client.balance"].browse(balance_id).overdraft_limit = 50

    def lower(env):
        env["client.balance"].browse(balance_id).overdraft_limit = 0

    outcomes = crowd.run(lower, lambda env: crowd.settle(env, client, -150))
    assert outcomes == {"done": 1, "refused": 1}
    with crowd.env() as env:
        balance = env["client.balance"].browse(balance_id)
        assert (balance.amount, balance.overdraft_limit) in {(100, 0), (-50, 50)}
        assert env["client.balance"].check_integrity() == []


def test_twenty_change_a_limit_while_others_spend(crowd):
    client = crowd.client()
    with crowd.env() as env:
        balance_id = crowd.settle(env, client, 1000).balance_id.id

    def change(limit):
        def work(env):
            env["client.balance"].browse(balance_id).overdraft_limit = limit

        return work

    half = WORKERS // 2
    outcomes = crowd.run(
        *[change(10 * number) for number in range(half)],
        *[lambda env: crowd.settle(env, client, -10) and "spent"] * half,
    )
    print(outcomes)
    crowd.count_done(outcomes, WORKERS)
    spent = [result for _outcome, result in crowd.results].count("spent")
    crowd.check(client, 1000 - 10 * spent, 1 + spent)


def test_crosswise_entries_do_not_block_each_other(crowd):
    """Two clients in one entry: the balances are moved in one global order."""
    first, second = crowd.client("First"), crowd.client("Second")

    def settle(order):
        def work(env):
            return env["client.balance.settlement"].create(
                [
                    {
                        "partner_id": client,
                        "amount": 1,
                        "date": "2026-03-01",
                        "company_id": crowd.company_id,
                    }
                    for client in order
                ]
            )

        return work

    outcomes = crowd.run(
        *[settle((first, second)), settle((second, first))] * 2,
    )
    assert outcomes == {"done": 4}
    crowd.check(first, 4, 4)
    crowd.check(second, 4, 4)


def test_two_managers_approve_the_same_request(crowd):
    """The money moves once: the loser is retried and finds the request decided."""
    client = crowd.client()
    with crowd.env() as env:
        group = env.ref("client_balance.group_client_balance_manager")
        managers = env["res.users"].create(
            [
                {
                    "name": f"Manager {number}",
                    "login": f"manager_{client}_{number}",
                    "group_ids": [(4, group.id)],
                    "company_id": crowd.company_id,
                    "company_ids": [(6, 0, [crowd.company_id])],
                }
                for number in range(3)
            ]
        )
        env["res.company"].browse(crowd.company_id).write(
            {"client_balance_approval": True, "client_balance_approval_amount": 100}
        )
        request_id = (
            env["client.balance.request"]
            .with_user(managers[0])
            .request_settlement(
                {"partner_id": client, "amount": 500, "date": "2026-03-01"}
            )
            .id
        )
        manager_ids = managers.ids

    def approve(manager_id):
        def work(env):
            request = env["client.balance.request"].browse(request_id)
            return request.with_user(manager_id).action_approve()

        return work

    outcomes = crowd.run(*map(approve, manager_ids[1:]))
    assert outcomes == {"done": 1, "refused": 1}
    crowd.check(client, 500, 1)
    with crowd.env() as env:
        assert env["client.balance.request"].browse(request_id).state == "approved"
        env["res.company"].browse(crowd.company_id).client_balance_approval = False


def test_two_processes_post_the_same_top_up_once(crowd):
    """The provider's notification and the scheduled action meet."""
    client = crowd.client()
    with crowd.env() as env:
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", crowd.company_id)], limit=1
        )
        method = env.ref("payment_demo.payment_method_demo")
        method.active = True
        provider = env["payment.provider"].create(
            {
                "name": "Demo",
                "code": "demo",
                "state": "test",
                "company_id": crowd.company_id,
                "payment_method_ids": [(6, 0, method.ids)],
            }
        )
        provider.journal_id = bank
        transaction = env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"TOPUP-{client}",
                "amount": 50,
                "currency_id": env.ref("base.USD").id,
                "partner_id": client,
                "operation": "online_direct",
                "client_balance_partner_id": client,
            }
        )
        transaction._set_done()
        transaction_id = transaction.id

    def post(env):
        found = env["payment.transaction"].browse(transaction_id)
        # as the scheduled action chooses them
        if not found.is_post_processed:
            found._post_process()

    outcomes = crowd.run(*[post] * 4)
    assert outcomes == {"done": 4}
    crowd.check(client, 50, 1)


def test_two_tabs_of_the_portal_pay_an_invoice_once(crowd):
    client = crowd.client()
    with crowd.env() as env:
        company = env["res.company"].browse(crowd.company_id)
        company.client_balance_portal_pay = True
        crowd.settle(env, client, 1000)
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": client,
                "invoice_date": "2026-03-05",
                "invoice_line_ids": [
                    (0, 0, {"name": "Goods", "price_unit": 300, "tax_ids": [(5,)]})
                ],
            }
        )
        invoice.action_post()
        invoice_id = invoice.id
        user_id = (
            env["res.users"]
            .create(
                {
                    "name": "Portal",
                    "login": f"portal_{client}",
                    "partner_id": client,
                    "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
                    "company_id": crowd.company_id,
                    "company_ids": [(6, 0, [crowd.company_id])],
                }
            )
            .id
        )

    def portal(env):
        # as the controller does: a client may not write entries
        return env["client.balance.portal"].with_user(user_id).sudo()

    with crowd.env() as env:
        service = portal(env)
        page = service.env["account.move"].browse(invoice_id)
        token = service._get_payment_token(page)

    def pay(env):
        service = portal(env)
        page = service.env["account.move"].browse(invoice_id)
        return service._pay_from_balance(page, {"amount": "300.00", "token": token})

    outcomes = crowd.run(*[pay] * 4)
    assert outcomes == {"done": 4}
    assert sorted(result for _outcome, result in crowd.results) == [False] * 3 + [True]
    crowd.check(client, 700, 2)


def test_whoever_knows_a_client_does_not_collide_with_its_balance(crowd):
    """An invoice is posted while somebody else moves the balance of its client."""
    client = crowd.client()
    with crowd.env() as env:
        crowd.settle(env, client, 100)
    with crowd.env() as early:
        early.cr.execute("SELECT 1")  # its snapshot is older than what comes next
        with crowd.env() as env:
            crowd.settle(env, client, 10)
        early["client.balance.total"]._add_clients({(crowd.company_id, client)})
    crowd.check(client, 110, 2)
