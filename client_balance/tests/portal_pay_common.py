from lxml import html

from odoo.fields import Command

from .portal_common import PortalCommon


class PortalPayCommon(PortalCommon):
    """Pays invoices on their page in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.client_balance_portal_pay = True
        cls.foreign_bank = cls.env["res.partner.bank"].create(
            {"partner_id": cls.other_client.id, "acc_number": "UA003333"}
        )

    def _page(self, invoice, user="cb_portal_1", query=""):
        if not self.session or self.session.login != user:
            self.authenticate(user, user)
        response = self.url_open(f"/my/invoices/{invoice.id}{query}")
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.text)

    def _values(self, page, **values):
        """What the form of the page would send, with ``values`` typed in."""
        [form] = page.xpath("//form[hasclass('o_client_balance_pay')]")
        sent = {field.get("name"): field.get("value") for field in form.inputs}
        return {**sent, **values}

    def _submit(self, invoice, values):
        return self.url_open(f"/my/invoices/{invoice.id}/pay_from_balance", data=values)

    def _offers(self, page):
        return bool(page.xpath("//form[hasclass('o_client_balance_pay')]"))

    def _portal(self, user=None):
        """:return: the service as the controller uses it for a portal user"""
        user = user or self.portal_user
        return self.env["client.balance.portal"].with_user(user).sudo()

    def _offer(self, invoice, user=None):
        self.env.invalidate_all()
        portal = self._portal(user)
        return portal._get_payment_offer(invoice.with_env(portal.env))

    def _ask(self, invoice, user=None, **values):
        """What the controller does with the form of a fresh page."""
        portal = self._portal(user)
        if "token" not in values:
            values["token"] = portal._get_payment_token(invoice.with_env(portal.env))
        with self.env.cr.savepoint():
            return portal._pay_from_balance(invoice.with_env(portal.env), values)

    def _create_pending_transaction(self, invoice):
        method = self.env["payment.method"].search([], limit=1)
        provider = self.env["payment.provider"].create(
            {"name": "Demo", "code": "demo", "company_id": self.company.id}
        )
        return self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "pending",
                "amount": 1000,
                "currency_id": self.uah.id,
                "partner_id": self.client.id,
                "state": "pending",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )

    def _prepare_attack(self):
        self.invoice = self._invoice(1000)
        self._settle(600, bank=self.bank1)
        self._settle(777, bank=self.foreign_bank, partner_id=self.other_client.id)

    def assertUntouched(self):
        self.env.invalidate_all()
        self.assertEqual(self.invoice.amount_residual, 1000)
        self.assertEqual(self._balance(self.bank1), 600)
        self.assertEqual(self._balance(self.foreign_bank, self.other_client), 777)
