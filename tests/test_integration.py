"""docs/integration.md: what it shows works, what it names exists."""

import re
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.client_balance.tests.common import ClientBalanceCommon

from tools.common import ROOT

TEXT = (ROOT / "docs" / "integration.md").read_text("utf-8")
BLOCK = re.compile(r"<!-- runs as a test -->\s+```python\n(.*?)```", re.S)
NAMED = re.compile(r"`([a-z_]+(?:\.[a-z_]+)+?)\.(_?[a-z_]+)(?:\([^)`]*\))?` \|")


@tagged("post_install", "-at_install")
class TestIntegration(ClientBalanceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = cls.env["res.users.apikeys"].with_user(cls.accountant)
        cls.api_key = keys._generate(
            None, "documentation", fields.Datetime.now() + timedelta(days=1)
        )

    def _run(self, block, **names):
        """Run one block of the documentation against the server of the test."""
        names = {
            "url": self.base_url(),
            "db": self.env.cr.dbname,
            "api_key": self.api_key,
            "login": self.accountant.login,
            "client_id": self.client.id,
            "bank_id": self.bank1.id,
            **names,
        }
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            exec(compile(block, "docs/integration.md", "exec"), names)
        self.env.invalidate_all()
        return names

    def test_the_examples_of_json_2_and_xml_rpc_work(self):
        blocks = BLOCK.findall(TEXT)
        self.assertEqual(len(blocks), 2)
        invoice = self._invoice(100)
        self._run(blocks[0], invoice_id=invoice.id)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 59)
        self._run(blocks[1])
        self.assertEqual(self._settlements().mapped("amount"), [500, -500, 450, -450])

    def test_what_the_documentation_names_exists(self):
        named = NAMED.findall(TEXT)
        self.assertGreater(len(named), 20)
        missing = [
            f"{model}.{method}"
            for model, method in named
            if not callable(getattr(self.env.get(model), method, None))
        ]
        self.assertFalse(missing)
