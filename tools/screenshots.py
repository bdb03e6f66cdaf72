"""`make screenshots`: the pictures of the documentation, taken from the demo.

Every picture exists in English and Ukrainian. ARGS="client-card portal" takes some.
"""

import contextlib
import os
import sys

from PIL import Image
from playwright.sync_api import sync_playwright

from tools import demo, serving
from tools.common import ROOT, say, step

IMAGES = ROOT / "docs" / "images"
#: Small enough for a page of documentation; checked by tests/test_repository.py.
LARGEST = 150 * 1024
COLOURS = 128
LANGUAGES = {"en": "en_US", "uk": "uk_UA"}
ROMASHKA = [["name", "ilike", "ромашка"], ["is_company", "=", True]]
#: Searched as programs search, which speak English.
BONUS = [["name", "ilike", "bonus"]]
BONUS_TEXTS = {
    "en": "Bonus for the purchases of the third quarter",
    "uk": "Бонус за обсяг закупівель у III кварталі",
}

CALL = """async ([model, method, args, kwargs]) => {
    const response = await fetch(`/web/dataset/call_kw/${model}/${method}`, {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({
            jsonrpc: "2.0", method: "call", params: {model, method, args, kwargs},
        }),
    });
    const answer = await response.json();
    if (answer.error) {
        throw new Error(answer.error.data.message);
    }
    return answer.result;
}"""


class Photographer:
    def __init__(self, browser, address, language):
        self.browser = browser
        self.address = address
        self.language = language

    @contextlib.contextmanager
    def logged_in(self, login, height=800, width=1280):
        """A page of a user of the demo, in the language of the picture."""
        page = self.browser.new_page(
            viewport={"width": width, "height": height},
            # the portal asks the browser, not the user
            locale=LANGUAGES[self.language].replace("_", "-"),
        )
        page.set_default_timeout(90000)
        page.goto(f"{self.address}/web/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", login)
        page.click("button[type=submit]")
        page.wait_for_selector(".o_main_navbar, .o_portal_wrap")
        self.page = page
        yield page
        page.close()

    def call(self, model, method, *arguments, **options):
        return self.page.evaluate(CALL, [model, method, list(arguments), options])

    def find(self, model, domain, order="id"):
        return self.call(model, "search", domain, order=order, limit=1)[0]

    def go(self, path, ready):
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_selector(ready)
        self.page.wait_for_timeout(1500)  # what is drawn later, such as pictures

    def shoot(self, name, selector=None):
        """Save what is seen, or one element of it, with few colours."""
        path = IMAGES / f"{name}.{self.language}.png"
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(600)  # until what moves has come to rest
        target = self.page.locator(selector).first if selector else self.page
        target.screenshot(path=path, animations="disabled")
        with Image.open(path) as image:
            small = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        say(f"   {path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")

    # The pictures ---------------------------------------------------------------------

    def client_card(self):
        with self.logged_in("accountant", 1000, 1390) as page:
            client = self.find("res.partner", ROMASHKA)
            self.go(f"/odoo/res.partner/{client}", ".o_form_view .o_notebook")
            page.click(".o_notebook a[name=client_balance]")
            page.wait_for_selector(".o_client_balance_ledger .o_data_row")
            self.shoot("client-card", ".o_form_view .o_notebook")

    def payment_dialog(self):
        with self.logged_in("clerk") as page:
            invoice = self.find(
                "account.move",
                [
                    ["move_type", "=", "out_invoice"],
                    ["payment_state", "=", "not_paid"],
                    ["currency_id.name", "=", "UAH"],
                    ["state", "=", "posted"],
                ],
            )
            self.go(f"/odoo/account.move/{invoice}", ".o_form_view")
            page.click("button[name=action_register_payment] >> visible=true")
            page.wait_for_selector(".modal .o_form_view [name=amount] input")
            [due] = self.call("account.move", "read", [invoice], ["amount_residual"])
            page.fill(
                ".modal [name=amount] input", f"{due['amount_residual'] + 159:.2f}"
            )
            page.keyboard.press("Tab")
            page.wait_for_selector(".modal [name=to_client_balance] input:enabled")
            page.check(".modal [name=to_client_balance] input")
            self.shoot("payment-dialog", ".modal .modal-content")

    def portal(self):
        with self.logged_in("portal", 900):
            self.go("/my/balance", "#wrap table")
            self.shoot("portal")

    def first_steps(self):
        with self.logged_in("accountant"):
            self.go(
                "/odoo/action-client_balance.client_balance_checklist_action",
                ".o_form_view [name=accounts_ready]",
            )
            self.shoot("first-steps", ".o_form_sheet")

    def client_report(self):
        with self.logged_in("accountant"):
            self.go(
                "/odoo/action-client_balance.client_balance_report_action",
                ".o_list_view .o_data_row",
            )
            self.shoot("client-report")

    def act(self):
        with self.logged_in("accountant", 1000):
            act = self.make_act()
            self.go(f"/odoo/client.balance.statement/{act}", ".o_form_view")
            self.shoot("act")

    def make_act(self):
        """:return: id of an act of the last month, the same for both languages"""
        client = self.find("res.partner", ROMASHKA)
        acts = self.call(
            "client.balance.statement", "search", [["partner_id", "=", client]]
        )
        if acts:
            return acts[0]
        hryvnia = self.find("res.currency", [["name", "=", "UAH"]])
        [act] = self.call(
            "client.balance.statement",
            "create",
            [{"partner_id": client, "currency_id": hryvnia}],
        )
        return act

    def second_person(self):
        """A bonus above what one person may move waits for another."""
        with self.logged_in("admin"):
            self.need_second_person(True)
        with self.logged_in("accountant"):
            request = self.ask_for_bonus()
            self.go(f"/odoo/client.balance.request/{request}", ".o_form_view")
            self.shoot("desk-second-person")
            self.call("client.balance.request", "action_cancel", [request])
        with self.logged_in("admin"):
            self.need_second_person(False)

    def need_second_person(self, needed):
        company = self.find("res.company", [["name", "ilike", "перфект"]])
        self.call(
            "res.company",
            "write",
            [company],
            {
                "client_balance_approval": needed,
                "client_balance_approval_amount": 1000 if needed else 0,
            },
        )

    def ask_for_bonus(self):
        """:return: id of the request"""
        client = self.find("res.partner", ROMASHKA)
        [vals] = self.call("res.partner", "read", [client], ["client_balance_bank_id"])
        self.call(
            "client.balance.request",
            "request_settlement",
            {
                "partner_id": client,
                "partner_bank_id": vals["client_balance_bank_id"][0],
                "currency_id": self.find("res.currency", [["name", "=", "UAH"]]),
                "reason_id": self.find("client.balance.reason", BONUS),
                "amount": 5000,
                "description": BONUS_TEXTS[self.language],
            },
        )
        return self.find("client.balance.request", [], "id desc")


PICTURES = {
    "client-card": Photographer.client_card,
    "payment-dialog": Photographer.payment_dialog,
    "client-report": Photographer.client_report,
    "act": Photographer.act,
    "portal": Photographer.portal,
    "first-steps": Photographer.first_steps,
    "desk-second-person": Photographer.second_person,
}


def speak(language):
    """Let the people of the demo read this language; changed straight in the demo."""
    program = (
        "users = env['res.users'].with_context(active_test=False).search([])\n"
        f"users.write({{'lang': '{language}'}})\n"
        "env.cr.commit()\n"
        "env.registry.signal_changes()\n"
    )
    environment = demo.runtime.prepare("demo")
    script = demo.RUN / "speak.py"
    script.write_text(program)
    store = demo.databases.Store(environment)
    store.shell(serving.DEMO.database, script, f"Speaking {language}")


def main(names):
    unknown = set(names) - set(PICTURES)
    if unknown:
        raise SystemExit(f"No such picture: {unknown}; have {', '.join(PICTURES)}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    demo.start()
    address = f"http://127.0.0.1:{serving.DEMO.running()['port']}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )
        # Ukrainian last: that is how the demo speaks.
        for short, language in LANGUAGES.items():
            speak(language)
            photographer = Photographer(browser, address, short)
            for name in names or PICTURES:
                step(f"{name} ({short})")
                PICTURES[name](photographer)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
