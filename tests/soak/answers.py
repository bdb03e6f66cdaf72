"""What a browser asks, screen by screen, and which server has to answer it."""

import json
from typing import Any, NamedTuple

from tests.soak.serving import DAY, PAY_DAY

REPLICA, PRIMARY = "replica", "primary"
#: the last word of a line of the log
MODES = {"ro": REPLICA, "rw": PRIMARY}

INTRODUCTION = """\
What the browser asks, and which server answered, with a primary, a replica and workers:
written by `WRITE=1 make soak K=cluster` from the log of Odoo.

| screen | what | request | answered by |
| --- | --- | --- | --- |
"""


class Request(NamedTuple):
    screen: str
    what: str
    who: str  #: "office" or "client"
    expected: str
    path: str
    options: dict[str, Any]  #: of ``requests``; ``form``: a page with a form to submit
    name: str  #: in the table

    def describe(self, answered):
        return f"| {self.screen} | {self.what} | `{self.name}` | {answered} |"


class Screen:
    """Collects the requests of one screen."""

    def __init__(self, name, who="office"):
        self.name, self.who = name, who
        self.requests = []

    def add(self, what, expected, path, name=None, **options):
        self.requests.append(
            Request(self.name, what, self.who, expected, path, options, name or path)
        )

    def call(self, what, expected, model, method, *args, **kwargs):
        context = {"lang": "en_US", **kwargs.pop("context", {})}
        params = {
            "model": model,
            "method": method,
            "args": list(args),
            "kwargs": {**kwargs, "context": context},
        }
        door = "call_button" if method.startswith("action_") else "call_kw"
        path = f"/web/dataset/{door}/{model}/{method}"
        self.add(what, expected, path, f"{model}.{method}", json={"params": params})

    def post(self, what, expected, path, **data):
        self.add(what, expected, path, data=data)


def shape(*names):
    return {name: {} for name in names}


def get_requests(world):
    """:param world: ids of what there is, see ``test_cluster.py``"""
    makers = (
        *(report, ageing, client_card, acts, dialogs, payments),
        *(portal_balance, portal_acts, portal_money),
    )
    return [request for make in makers for request in make(world).requests]


# --- what only shows something --------------------------------------------------------


def report(world):
    model, amount = "client.balance.report", "x_balance_usd"
    fields = shape("name", "due", "overdue", amount)
    day = {"client_balance_date": DAY}
    one = Screen("Client report")
    one.add(
        "open the menu",
        REPLICA,
        "/web/action/load",
        json={"params": {"action_id": world.report_action_id}},
    )
    one.call("views", REPLICA, model, "get_views", [[False, "list"], [False, "search"]])

    def search(what, **more):
        one.call(what, REPLICA, model, "web_search_read", [], fields, limit=80, **more)

    search("list, by name", order="name")
    search("list, by balance", order=f"{amount} desc")
    search("list, by due", order="due desc")
    search("list, as of a day", context=day)
    sums = [f"{amount}:sum", "due:sum"]
    one.call("totals", REPLICA, model, "formatted_read_group", [], [], sums)
    one.call("groups", REPLICA, model, "web_read_group", [], ["user_id"], sums)
    one.call(
        *("pivot", REPLICA, model, "formatted_read_grouping_sets", []),
        *([["user_id"], []], sums),
    )
    one.call("graph", REPLICA, model, "formatted_read_group", [], ["user_id"], sums)
    one.call("open a client", REPLICA, model, "action_open_client", [world.report_id])
    one.call("open its ledger", REPLICA, model, "action_open_ledger", [world.report_id])
    one.call("open the graph", REPLICA, model, "action_open_graph", [world.report_id])
    data = {"domain": [], "fields": ["name", amount], "order": None, "date": False}
    one.post("XLSX", REPLICA, "/client_balance/report/export", data=json.dumps(data))
    one.post(
        "XLSX, core's own",
        PRIMARY,
        "/web/export/xlsx",
        data=json.dumps(
            {
                "model": model,
                "fields": [{"name": "name", "label": "Name", "type": "char"}],
                "ids": False,
                "domain": [],
                "groupby": [],
                "import_compat": False,
            }
        ),
    )
    return one


def ageing(_world):
    one = Screen("Other reports")
    for what, model, amount in (
        ("unspent credits", "client.balance.ageing", "amount"),
        ("register of advances", "client.balance.advance", "unused"),
        ("what paid what", "client.balance.match", "amount"),
    ):
        fields = shape("partner_id", amount)
        sums = [f"{amount}:sum"]
        one.call(f"{what}, list", REPLICA, model, "web_search_read", [], fields)
        one.call(
            *(f"{what}, pivot", REPLICA, model, "formatted_read_grouping_sets", []),
            *([["partner_id"], []], sums),
        )
    one.call(
        *("balances over time", REPLICA, "client.balance.settlement"),
        *("formatted_read_group", [], ["date:month", "currency_id"], ["amount:sum"]),
    )
    one.call(
        *("list of balances", REPLICA, "client.balance", "web_search_read", []),
        shape("partner_id", "amount", "available"),
    )
    one.call("check the books", REPLICA, "client.balance", "action_check_integrity", [])
    return one


def client_card(world):
    model = "client.balance.settlement"
    own = [["partner_id", "=", world.client_id]]
    fields = shape("date", "name", "amount", "running_balance", "settlement_type")
    one = Screen("Client card")
    one.call(
        *("the form", REPLICA, "res.partner", "web_read", [world.client_id]),
        shape("name", "client_balance_tab", "client_balance_summary"),
    )
    overview = "get_client_balance_overview"
    one.call("balances", REPLICA, "client.balance", overview, world.client_id)
    one.call(
        "balances, as of a day",
        REPLICA,
        "client.balance",
        overview,
        world.client_id,
        DAY,
    )
    one.call("ledger", REPLICA, model, "web_search_read", own, fields, limit=80)
    one.call(
        *("ledger, as of a day", REPLICA, model, "web_search_read"),
        *([*own, ["date", "<=", DAY]], fields),
    )
    one.call("count", REPLICA, model, "search_count", own)
    one.call(
        *("ledger, groups", REPLICA, model, "web_read_group", own),
        *(["settlement_type"], ["amount:sum"]),
    )
    one.call("a filter", REPLICA, "res.partner.bank", "name_search", "")
    one.call("one settlement", REPLICA, model, "web_read", [world.up_id], fields)
    one.call("its document", REPLICA, model, "action_show_document", [world.up_id])
    for kind in ("xlsx", "csv"):
        data = json.dumps({"format": kind, "domain": own})
        one.post(kind.upper(), REPLICA, "/client_balance/export", data=data)
    return one


def acts(world):
    model = "client.balance.statement"
    one, get = Screen("Acts of reconciliation"), {"method": "GET"}
    fields = shape("name", "state", "partner_id")
    one.call("list", REPLICA, model, "web_search_read", [], fields)
    one.call("one act", REPLICA, model, "web_read", [world.act_id], fields)
    path = "/client_balance/statement/{}/xlsx"
    one.add("XLSX", REPLICA, path.format(world.act_id), path.format("…"), **get)
    path = "/report/html/client_balance.report_statement/{}"
    one.add(
        "on the screen", REPLICA, path.format(world.act_id), path.format("…"), **get
    )
    return one


def portal_balance(_world):
    one = Screen("Portal: balance", "client")
    get = {"method": "GET"}
    one.add(
        "home, counters", REPLICA, "/my/counters", json={"params": {"counters": []}}
    )
    one.add("home, core's page", PRIMARY, "/my/home", **get)
    one.add("my balance", REPLICA, "/my/balance", **get)
    for query in ("date_from=2026-01-01&date_to=2026-12-31", "search=a&sortby=amount"):
        one.add("my balance, filters", REPLICA, f"/my/balance?{query}", **get)
    one.add("spreadsheet", REPLICA, "/my/balance/export/xlsx", **get)
    one.add("PDF", REPLICA, "/my/balance/export/pdf", **get)
    return one


def portal_acts(world):
    one = Screen("Portal: acts", "client")
    path, name = f"/my/balance/statement/{world.act_id}", "/my/balance/statement/…"
    one.add("list", REPLICA, "/my/balance/statement", method="GET")
    one.add("one act", REPLICA, path, name, method="GET")
    for kind in ("xlsx", "pdf"):
        query = f"?report_type={kind}"
        one.add(kind.upper(), REPLICA, path + query, name + query, method="GET")
    return one


# --- what decides about money ---------------------------------------------------------


def dialogs(world):
    one = Screen("Dialogs")
    register = "account.payment.register"
    context = {"active_model": "account.move", "active_ids": [world.invoice_ids[0]]}
    values = {"payment_date": PAY_DAY, "amount": 90, "from_client_balance": True}
    shown = shape("amount", "client_balance_available", "client_balance_amount")
    one.call(
        *("payment, what it proposes", PRIMARY, register, "onchange", [], {}, []),
        shown,
        context=context,
    )
    one.call(
        *("payment, another amount", PRIMARY, register, "onchange", []),
        *(values, ["amount"], shown),
        context=context,
    )
    one.call(
        "payment, what is available",
        PRIMARY,
        register,
        "web_read",
        [world.register_id],
        shown,
    )
    for what, model in (
        ("pay from balance", "client.balance.pay"),
        ("refund", "client.balance.refund"),
        ("transfer", "client.balance.transfer"),
        ("exchange", "client.balance.exchange"),
        ("limit", "client.balance.limit"),
        ("add a settlement", "client.balance.settlement.add"),
    ):
        context = {
            "active_model": "account.move",
            "active_ids": [world.invoice_ids[0]],
            "default_balance_id": world.balance_id,
            "default_partner_id": world.client_id,
        }
        one.call(
            *(f"{what}, what it proposes", PRIMARY, model, "onchange", [], {}, []),
            shape("company_id"),
            context=context,
        )
        one.call(f"{what}, reading it", PRIMARY, model, "web_read", [], {})
    one.call(
        *("a request, reading it", PRIMARY, "client.balance.request", "web_read"),
        *([], {}),
    )
    return one


def payments(world):
    one = Screen("Money")
    settlement = "client.balance.settlement"
    one.call(
        *("add a settlement", PRIMARY, settlement, "create"),
        [{"partner_id": world.client_id, "amount": 5, "date": DAY}],
    )
    one.call("reverse it", PRIMARY, settlement, "action_reverse", [world.up_id])
    one.call(
        *("confirm a payment", PRIMARY, "account.payment.register"),
        *("action_create_payments", [world.register_id]),
    )
    one.call(
        *(
            "pay from balance",
            PRIMARY,
            "account.move",
            "action_pay_from_client_balance",
        ),
        [world.invoice_ids[1]],
    )
    one.call(
        *("one click on an invoice", PRIMARY, "account.move"),
        *("action_apply_client_balance", [world.invoice_ids[1]], False),
    )
    return one


def portal_money(world):
    one = Screen("Portal: money", "client")
    path, name = f"/my/invoices/{world.invoice_ids[2]}", "/my/invoices/…"
    one.add("an invoice, core's page", PRIMARY, path, name, method="GET")
    one.add(
        "pay it from the balance",
        PRIMARY,
        f"{path}/pay_from_balance",
        f"{name}/pay_from_balance",
        form=path,
    )
    return one


def is_about_money(request):
    """Whether the primary has to answer, whatever Odoo does with other requests."""
    return request.screen in ("Dialogs", "Money", "Portal: money")


def write_table(answers):
    """:param answers: [(request, who answered)]"""
    return INTRODUCTION + "".join(
        f"{request.describe(answered)}\n" for request, answered in answers
    )
