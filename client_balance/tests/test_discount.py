from lxml import html

from odoo.tests import Form, freeze_time, tagged

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-03-05")
class TestDiscount(PortalCommon):
    """A payment from the balance earns no early payment discount, and says so."""

    def setUp(self):
        super().setUp()
        self._settle(5000, bank=self.bank1)
        self.term = self._discount_term()

    def _draft(self, date="2026-03-01", **vals):
        invoice = self._invoice(
            1000, date=date, invoice_payment_term_id=self.term.id, **vals
        )
        invoice.button_draft()
        return invoice.with_user(self.clerk)

    def _posted(self, **vals):
        invoice = self._draft(**vals)
        invoice.action_post()
        return invoice

    def _pay_dialog(self, invoice):
        action = invoice.action_pay_from_client_balance()
        return Form(
            self.env[action["res_model"]]
            .with_user(self.clerk)
            .with_context(**action["context"])
        )

    def test_the_dialog_names_the_invoices_that_lose_it(self):
        invoice, other = self._posted(), self._invoice(50)
        dialog = self._pay_dialog(invoice | other.with_user(self.clerk))
        self.assertEqual(dialog.discount_names, invoice.name)
        dialog.date = "2026-03-12"
        self.assertFalse(dialog.discount_names)

    def test_the_balance_pays_it_when_a_person_says_so(self):
        invoice = self._posted()
        self._pay_dialog(invoice).save().action_confirm()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._balance(self.bank1), 4000)

    def test_it_is_not_given_up_by_itself(self):
        self.company.client_balance_auto_use = "always"
        invoice = self._posted()
        self.assertEqual(invoice.amount_residual, 1000)
        self.assertIn(
            "until 03/11/2026 it has an early payment discount",
            invoice.message_ids[0].body,
        )
        late = self._posted(date="2026-02-01")
        self.assertEqual(late.payment_state, "paid")

    def test_no_note_where_the_balance_pays_nothing(self):
        self.company.client_balance_auto_use = "always"
        invoice = self._posted(partner=self.other_client)
        self.assertNotIn(
            "early payment discount", str(invoice.message_ids.mapped("body"))
        )

    def test_the_banner_says_so(self):
        self.company.client_balance_auto_use = "suggest"
        for date, lost in (("2026-03-01", True), ("2026-02-01", False)):
            alert = self._posted(date=date).alerts["client_balance_suggest"]
            self.assertEqual("does not get its early" in alert["message"], lost)

    def test_the_button_of_the_invoice_says_so(self):
        for date, lost in (("2026-03-01", True), ("2026-02-01", False)):
            note = self._posted(date=date).client_balance_apply["note"]
            self.assertEqual("does not get its early" in (note or ""), lost)

    def test_the_portal_says_so(self):
        self.company.client_balance_portal_pay = True
        self.authenticate("cb_portal_1", "cb_portal_1")
        for date, lost in (("2026-03-01", 1), ("2026-02-01", 0)):
            invoice = self._posted(date=date)
            page = self.url_open(f"/my/invoices/{invoice.id}")
            notes = html.fromstring(page.text).xpath("//div[@name='loses_discount']")
            self.assertEqual(len(notes), lost)

    def test_the_list_of_debts_leaves_it_alone(self):
        invoice, late = self._posted(), self._posted(date="2026-02-01")
        Batch = self.env["client.balance.batch"].with_user(self.clerk)
        batch = Batch.browse(Batch.action_open_offset()["res_id"])
        self.assertEqual(batch.line_ids.mapped("amount_owed"), [1000])
        batch.run_batch()
        self.assertEqual(late.payment_state, "paid")
        self.assertEqual(invoice.payment_state, "not_paid")
