"""Columns of the client report in two server processes that know of each other only
through the database, as the workers of a server do."""

import json
import subprocess
import sys

import pytest
from test_concurrency import Crowd, registry  # noqa: F401 (a fixture)

from odoo.exceptions import UserError
from odoo.tools import config

#: A worker: it answers one request per line of its input.
WORKER = """
import json, sys
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

config.parse_config(sys.argv[2:])
registry = Registry(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    if request.pop("is_new_request", True):
        registry = registry.check_signaling()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        answer = {}
        if "settle" in request:
            env["client.balance.settlement"].create(request["settle"])
        report = env["client.balance.report"]
        rows = report.search_read([], order=request.get("order") or "name")
        answer["rows"] = [
            {name: row[name] for name in row if name.startswith("x_balance")}
            for row in rows
        ]
        arch = report.get_view(view_type="list")["arch"]
        answer["columns"] = [
            name for name in rows[0] if f'name="{name}"' in arch
        ] if rows else []
    registry.signal_changes()
    print(json.dumps(answer), flush=True)
"""


class Worker:
    def __init__(self, registry):  # noqa: F811
        options = [
            f"--{name.replace('_', '-') if dashed else name}={config[name]}"
            for name, dashed in (
                ("data_dir", True),
                ("db_host", False),
                ("db_port", False),
                ("db_user", False),
                ("db_password", False),
            )
            if config[name]
        ]
        paths = ",".join(config["addons_path"])
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                WORKER,
                registry.db_name,
                f"--addons-path={paths}",
                *options,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline().strip() == "ready"

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, "the worker has died"
        return json.loads(answer)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


@pytest.fixture
def worker(registry):  # noqa: F811
    started = Worker(registry)
    yield started
    started.stop()


def set_active(crowd, active):
    with crowd.env() as env:
        env.ref("base.CHF").active = active
    crowd.registry.signal_changes()


def test_a_currency_comes_and_goes_in_all_workers(registry, worker):  # noqa: F811
    crowd = Crowd(registry)
    client = crowd.client()
    with crowd.env() as env:
        currency_id = env.ref("base.CHF").id
        settlement = {
            "partner_id": client,
            "company_id": crowd.company_id,
            "currency_id": currency_id,
            "amount": 5.0,
            "date": "2026-03-01",
        }
        crowd.settle(env, client, 100)
    assert "x_balance_chf" not in worker.ask()["columns"]

    set_active(crowd, True)
    # a request that began before the signal does not know the column, and is right
    stale = worker.ask(is_new_request=False, settle=settlement)
    assert "x_balance_chf" not in stale["columns"]
    fresh = worker.ask(order="x_balance_chf desc")
    assert "x_balance_chf" in fresh["columns"]
    assert fresh["rows"][0]["x_balance_chf"] == 5.0

    with crowd.env() as env:
        with pytest.raises(UserError, match="CHF"):
            env.ref("base.CHF").active = False
        env["client.balance.settlement"].search(
            [("currency_id", "=", currency_id)]
        ).action_reverse()
    set_active(crowd, False)
    hidden = worker.ask()
    assert "x_balance_chf" not in hidden["columns"]
    # a page that is open somewhere still sorts by it
    assert worker.ask(order="x_balance_chf desc")["rows"]

    set_active(crowd, True)
    assert "x_balance_chf" in worker.ask()["columns"]
    with crowd.env() as env:
        assert env["client.balance"].check_integrity() == []
