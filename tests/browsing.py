"""A person at a browser, for the tests that walk the screens."""

import resource
import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright


@contextmanager
def roomy_memory():
    """Odoo limits its address space, and a browser that inherits it does not start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class Browsing:
    """For test classes that are an ``HttpCase``, too."""

    @contextmanager
    def browse(self, user, width=1400):
        """A page of ``user``'s browser; whatever it logs as an error fails the test.

        The server answers through the test's own cursor, so the block asks the
        database nothing: names are read before, amounts compared after.
        """
        user.odoobot_state = "disabled"  # its greeting covers a phone's screen
        login = user.login
        self.env.flush_all()
        self.errors, self.calls = [], []
        with (
            roomy_memory(),
            self.allow_requests(all_requests=True),
            sync_playwright() as playwright,
        ):
            chromium = shutil.which("google-chrome") or shutil.which("chromium")
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox"]
            )
            page = browser.new_page(
                viewport={"width": width, "height": 900}, accept_downloads=True
            )
            page.set_default_timeout(60000)
            page.on("console", self._note_console)
            page.on("pageerror", lambda error: self.errors.append(str(error)))
            page.on("request", self._note_call)
            page.goto(f"{self.base_url()}/web/login")
            page.fill("input[name=login]", login)
            page.fill("input[name=password]", login)
            page.click("button[type=submit]")
            page.wait_for_selector(".o_main_navbar, .o_portal_wrap")
            yield page
            page.goto("about:blank")
            browser.close()
        self.env.invalidate_all()
        self.assertEqual(self.errors, [])

    def _note_console(self, message):
        # sockets of the bus do not exist in tests
        if message.type == "error" and "WebSocket" not in message.text:
            self.errors.append(message.text)

    def _note_call(self, request):
        if "/call_kw/client.balance" in request.url:
            self.calls.append(request.url.split("/call_kw/")[1])
