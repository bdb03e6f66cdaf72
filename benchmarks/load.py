"""People at work, for locust (`make cluster-load`): what they ask, and how often.

Half of them sit in the office and look at client cards and the report; some record
payments; a quarter are clients in the portal. Each waits a moment between two screens.
Only a server on this machine is asked, no longer than LOAD_TIME, no more than
LOAD_REQUESTS times.
"""

import os
import random
import time
from urllib.parse import urlsplit

from locust import HttpUser, between, events, task
from locust.exception import StopUser

#: A run ends after so many requests, whatever its time.
REQUESTS = int(os.environ.get("LOAD_REQUESTS", "20000"))
WAIT = between(0.1, 0.5)
DAY = time.strftime("%Y-%m-%d")


@events.init.add_listener
def stay_at_home(environment, **_more):
    if urlsplit(environment.host or "").hostname not in ("127.0.0.1", "localhost"):
        raise SystemExit("Only a server on this machine is put under load.")


@events.request.add_listener
def stop_in_time(**_more):
    runner = events.runner
    if runner.stats.total.num_requests >= REQUESTS:
        runner.quit()


@events.test_start.add_listener
def remember_runner(environment, **_more):
    events.runner = environment.runner


class Person(HttpUser):
    """Somebody who is logged in, as a browser is."""

    abstract = True
    wait_time = WAIT
    login = None

    def on_start(self):
        params = {"db": os.environ["LOAD_DATABASE"]}
        params.update(login=self.login, password=self.login)
        self.post("/web/session/authenticate", "log in", **params)

    def post(self, path, name, **params):
        """Send what the web client sends; an error inside the answer is a failure."""
        with self.client.post(
            path, json={"params": params}, name=name, catch_response=True
        ) as answer:
            data = answer.json() if answer.ok else {}
            if "result" in data:
                return data["result"]
            error = data.get("error", {}).get("data", {}).get("message", answer.text)
            answer.failure(error[:200])
            raise StopUser

    def call(self, name, model, method, *args, **kwargs):
        door = "call_button" if method.startswith("action_") else "call_kw"
        context = {"lang": "uk_UA", **kwargs.pop("context", {})}
        return self.post(
            f"/web/dataset/{door}/{model}/{method}",
            name,
            model=model,
            method=method,
            args=list(args),
            kwargs={**kwargs, "context": context},
        )


class Accountant(Person):
    """Looks at client cards and at the report."""

    login = "accountant"
    weight = 2

    def on_start(self):
        super().on_start()
        rows = self.call(
            "report", "client.balance.report", "search_read", [], ["partner_id"]
        )
        self.clients = [row["partner_id"][0] for row in rows]

    @task(3)
    def look_at_client(self):
        client_id = random.choice(self.clients)
        self.call("client card", "res.partner", "web_read", [client_id], {"name": {}})
        self.call(
            *("client card", "client.balance", "get_client_balance_overview"), client_id
        )
        fields = ("date", "name", "amount", "running_balance", "settlement_type")
        self.call(
            *("client card", "client.balance.settlement", "web_search_read"),
            [["partner_id", "=", client_id]],
            {field: {} for field in fields},
            limit=80,
        )

    @task(2)
    def look_at_report(self):
        fields = ("name", "due", "overdue", "x_balance_uah")
        order = random.choice(["name", "x_balance_uah desc", "due desc"])
        model = "client.balance.report"
        self.call(
            *("report", model, "web_search_read", []),
            {field: {} for field in fields},
            limit=80,
            order=order,
        )
        sums = ["x_balance_uah:sum", "due:sum"]
        self.call("report", model, "formatted_read_group", [], [], sums)


class Clerk(Person):
    """Registers payments: more than due, then less, the rest from the balance."""

    login = "clerk"
    weight = 1

    def on_start(self):
        super().on_start()
        self.client_id = self.call(
            *("payment", "res.partner", "create"),
            {"name": f"Load {random.random()}", "is_company": True},
        )

    @task
    def register_payments(self):
        self.pay(110, "to_client_balance")
        self.pay(90, "from_client_balance")

    def pay(self, amount, box):
        line = {"name": "Goods", "price_unit": 100, "tax_ids": [[6, 0, []]]}
        move = "account.move"
        invoice_id = self.call(
            *("payment", move, "create"),
            {
                "move_type": "out_invoice",
                "partner_id": self.client_id,
                "invoice_date": DAY,
                "invoice_line_ids": [[0, 0, line]],
            },
        )
        self.call("payment", move, "action_post", [invoice_id])
        register = "account.payment.register"
        dialog_id = self.call(
            *("payment", register, "create"),
            {"amount": amount, box: True, "client_balance_bank_id": False},
            context={"active_model": move, "active_ids": [invoice_id]},
        )
        self.call("payment", register, "action_create_payments", [dialog_id])


class Client(Person):
    """Looks at the own balance in the portal."""

    login = "portal"
    weight = 1

    @task(2)
    def look(self):
        self.client.get("/my/balance", name="portal")

    @task(1)
    def search(self):
        self.client.get("/my/balance?search=a&sortby=amount", name="portal")
