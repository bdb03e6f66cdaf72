"""The crowd of tests/test_concurrency.py as it really comes: through HTTP.

Twenty people confirm the payment dialog, or the page of an invoice in the portal, at
the same moment. Twenty worker processes answer them; each has its own connection.
With `client_balance_queue` everybody succeeds for whom there is money.
"""

from collections import Counter

import pytest
from lxml import html

from odoo import SUPERUSER_ID, api
from odoo.tools import config

from tests.soak.commands import copied, install_queue
from tests.soak.serving import (
    Person,
    Refused,
    Server,
    add_client,
    add_person,
    prepare_invoice,
    run_at_once,
    served,
)

CROWD = 20
#: how often each test is made
TIMES = range(3)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    [source] = config["db_name"]
    log = tmp_path_factory.mktemp("workers") / "odoo.log"
    with copied(source, f"{source}_workers") as name:
        install_queue(name)
        with served(Server(name, log, CROWD)) as made:
            yield made
        print(f"{made.count_processes('action_create_payments')} processes answered")


@pytest.fixture
def office(server):
    return Office(server)


class Office:
    """A client with money, invoices that await it, and people who want it."""

    def __init__(self, server):
        self.server = server
        self.manager = Person(server, "soak_manager")
        self.clerk = Person(server, "soak_clerk")

    def prepare(self, amount, count):
        """A client with ``amount`` on its balance and ``count`` invoices of 100."""
        with self.server.registry.cursor() as cr:
            context = {"allowed_company_ids": [self.server.company_id]}
            env = api.Environment(cr, SUPERUSER_ID, context)
            self.client_id = add_client(env, amount=amount)
            invoices = env["account.move"].create(
                [prepare_invoice(self.client_id, 100) for _index in range(count)]
            )
            invoices.action_post()
            contact = env["res.partner"].create(
                {"name": "Contact", "parent_id": self.client_id}
            )
            self.portal_login = f"soak_portal_{contact.id}"
            add_person(
                env,
                env.company,
                self.portal_login,
                "base.group_portal",
                partner_id=contact.id,
            )
            return invoices.ids

    def by_dialog(self, invoice_id):
        """The clerk gets 90 of 100: ten are taken from the balance.

        :return: what confirms the dialog
        """
        clerk = self.clerk.again()
        dialog_id = clerk.open_dialog(
            invoice_id, 90, from_client_balance=True, client_balance_bank_id=False
        )
        return lambda: clerk.confirm(dialog_id) and "done"

    def by_portal(self, client, invoice_id, amount=10):
        """The client pays ten of the invoice on its page.

        :return: what submits the form
        """
        tab = client.again()
        url = f"{self.server.url}/my/invoices/{invoice_id}"
        page = html.fromstring(tab.session.get(url, timeout=120).text)
        [form] = page.xpath("//form[contains(@class, 'o_client_balance_pay')]")
        values = {field.get("name"): field.get("value") for field in form.inputs}
        values["amount"] = f"{amount:.2f}"

        def submit():
            answer = tab.session.post(
                f"{url}/pay_from_balance",
                data=values,
                timeout=120,
                allow_redirects=False,
            )
            if answer.status_code == 400:
                raise Refused(answer.text)
            assert answer.status_code == 303, answer.text[-2000:]
            assert "balance=paid" in answer.headers["Location"]
            return "done"

        return submit

    def run(self, *works):
        """:return: {outcome: how often it came}"""
        results = run_at_once(*works)
        return Counter(map(self._name, results))

    def _name(self, result):
        if isinstance(result, Refused):
            return "refused"
        return result if isinstance(result, str) else repr(result)

    def check(self, amount):
        """The books are sound, and ``amount`` is left on the balance."""
        self.manager.check_books()
        [balance] = self.manager.call(
            "client.balance",
            "search_read",
            [["partner_id", "=", self.client_id]],
            ["amount"],
        )
        assert balance["amount"] == amount


@pytest.mark.parametrize("_time", TIMES)
def test_twenty_dialogs_take_ten_from_a_hundred(office, _time):
    invoices = office.prepare(100, CROWD)
    outcomes = office.run(*map(office.by_dialog, invoices))
    print(outcomes)
    assert outcomes == {"done": 10, "refused": CROWD - 10}
    office.check(0)


@pytest.mark.parametrize("_time", TIMES)
def test_twenty_dialogs_take_ten_where_there_is_enough(office, _time):
    invoices = office.prepare(1000, CROWD)
    outcomes = office.run(*map(office.by_dialog, invoices))
    print(outcomes)
    assert outcomes == {"done": CROWD}
    office.check(800)


@pytest.mark.parametrize("_time", TIMES)
@pytest.mark.parametrize("amount", [100, 1000])
def test_clients_and_clerks_at_once(office, amount, _time):
    invoices = office.prepare(amount, CROWD)
    client = Person(office.server, office.portal_login)
    outcomes = office.run(
        *map(office.by_dialog, invoices[::2]),
        *(office.by_portal(client, invoice) for invoice in invoices[1::2]),
    )
    print(outcomes)
    done = min(CROWD, amount // 10)
    assert outcomes == {
        key: count
        for key, count in {"done": done, "refused": CROWD - done}.items()
        if count
    }
    office.check(amount - 10 * done)


@pytest.mark.parametrize("_time", range(10))
def test_a_client_and_a_clerk_pay_the_same_invoice(office, _time):
    """Each of them would pay all of it: the money is taken once."""
    [invoice] = office.prepare(1000, 1)
    client = Person(office.server, office.portal_login)
    clerk = office.clerk.again()

    def by_clerk():
        taken = clerk.call(
            "account.move", "action_apply_client_balance", [invoice], False
        )
        return "done" if taken else "nothing left"

    outcomes = office.run(by_clerk, office.by_portal(client, invoice, 100))
    print(outcomes)
    assert outcomes["done"] == 1 and sum(outcomes.values()) == 2
    assert set(outcomes) <= {"done", "refused", "nothing left"}
    office.check(900)


def test_many_processes_have_answered(server):
    """Else nothing above was a race."""
    assert server.count_processes("action_create_payments") > CROWD // 2
