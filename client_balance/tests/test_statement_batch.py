from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.client_balance.models.client_balance_statement_task import (
    ClientBalanceStatementTask,
)

from .statement_common import StatementCommon

BATCH = "client.balance.statement.batch"


class TestStatementBatch(StatementCommon):
    """Many acts are made in the background, once each, whatever happens meanwhile."""

    def _dialog(self, records=None, user=None, **values):
        """The dialog opened from a list with ``records`` selected."""
        context = {}
        if records is not None:
            context = {"active_model": records._name, "active_ids": records.ids}
        form = Form(
            self.env[BATCH].with_user(user or self.clerk).with_context(**context),
            "client_balance.client_balance_statement_batch_view_form_dialog",
        )
        form.date_from, form.date_to = "2026-03-01", "2026-03-31"
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    def _start(self, *args, **kwargs):
        batch = self._dialog(*args, **kwargs)
        batch.action_start()
        return batch.with_env(self.env)

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "client_balance.ir_cron_client_balance_statement"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def _two_clients(self):
        self._invoice(100)
        self._invoice(50, currency=self.usd)
        self._invoice(300, partner=self.other_client)
        return self.client | self.other_client

    def test_one_act_per_client_and_currency(self):
        batch = self._start(self._two_clients())
        self.assertEqual((batch.state, batch.progress), ("running", 0.0))
        self.assertFalse(batch.task_ids.statement_id)
        self._run_job()
        self.assertEqual((batch.state, batch.progress), ("done", 100.0))
        acts = batch.task_ids.statement_id
        self.assertEqual(
            {(a.partner_id, a.currency_id, a.closing_balance) for a in acts},
            {
                (self.client, self.uah, 100.0),
                (self.client, self.usd, 50.0),
                (self.other_client, self.uah, 300.0),
            },
        )
        self.assertEqual(acts.user_id, self.clerk)
        self.assertEqual(set(acts.mapped("state")), {"draft"})

    def test_contacts_and_the_client_report_stand_for_clients(self):
        self._two_clients()
        contact = self.env["res.partner"].create(
            {"name": "Olena", "parent_id": self.client.id}
        )
        self.assertEqual(self._dialog(contact).partner_ids, self.client)
        balances = self._settle(5).balance_id
        self.assertEqual(self._dialog(balances).partner_ids, self.client)

    def test_nobody_selected_means_all_clients(self):
        self._two_clients()
        batch = self._start(currency_id=self.uah)
        self.assertLessEqual(
            {self.client, self.other_client}, set(batch.task_ids.partner_id)
        )
        self.assertEqual(batch.task_ids.currency_id, self.uah)

    def test_a_restarted_job_goes_on_where_it_stopped(self):
        batch = self._start(self._two_clients())
        first = batch.task_ids[0]
        first.sudo()._process()
        made = first.statement_id
        self._run_job()
        self.assertEqual(batch.state, "done")
        self.assertEqual(first.statement_id, made)
        self.assertEqual(len(batch.task_ids.statement_id), 3)

    def test_the_same_batch_twice_makes_each_act_once(self):
        clients = self._two_clients()
        self._start(clients)
        again = self._start(clients)
        again.with_user(self.clerk).action_start()
        self._run_job()
        self.assertEqual(set(again.task_ids.mapped("state")), {"skipped"})
        self.assertIn("exists already", again.task_ids[0].message)
        acts = self.env["client.balance.statement"].search(
            [("partner_id", "in", clients.ids)]
        )
        self.assertEqual(len(acts), 3)

    def test_one_that_fails_does_not_stop_the_others(self):
        batch = self._start(self._two_clients())
        process = ClientBalanceStatementTask._process
        broken = batch.task_ids.filtered(lambda t: t.partner_id == self.other_client)

        def fail(task, error):
            if task == broken:
                raise error
            return process(task)

        self.patch(
            ClientBalanceStatementTask,
            "_process",
            lambda task: fail(task, UserError("The date is locked.")),
        )
        self._run_job()
        self.assertEqual(
            (broken.state, broken.message), ("failed", "The date is locked.")
        )
        self.assertEqual(len(batch.task_ids.statement_id), 2)
        self.assertIn("1 failed", batch.summary)

    def test_an_unexpected_error_is_told_and_logged(self):
        batch = (
            self._start(self.client, currency_id=self.uah) if self._invoice(1) else None
        )
        self.patch(ClientBalanceStatementTask, "_process", lambda task: 1 / 0)
        with mute_logger(
            "odoo.addons.client_balance.models.client_balance_statement_batch"
        ):
            self._run_job()
        self.assertEqual(batch.task_ids.state, "failed")
        self.assertIn("Unexpected error", batch.task_ids.message)

    def test_clients_without_movements_are_left_out(self):
        self._match(
            self._invoice(100, date="2026-02-01"), self._advance(100, "2026-02-02")
        )
        batch = self._start(self.client)
        self._run_job()
        self.assertEqual(batch.task_ids.mapped("state"), ["skipped"])
        self.assertFalse(batch.task_ids.statement_id)

    def test_clients_with_an_address_get_it_at_once(self):
        self._two_clients()
        batch = self._start(self.client | self.other_client, send=True)
        self._run_job()
        states = {t.partner_id: t.statement_id.state for t in batch.task_ids}
        self.assertEqual(states, {self.client: "sent", self.other_client: "draft"})
        self.assertIn(
            "no e-mail address",
            batch.task_ids.filtered("message").message,
        )

    def test_without_documents_it_is_refused(self):
        with self.assertRefused("None of these clients has documents"):
            self._start(self.client)

    def test_bad_requests_are_refused(self):
        self._two_clients()
        with self.assertRefused("ends before it begins", ValidationError):
            self._dialog(self.client, date_to="2026-01-01")
        with self.assertRefused("started with its button"):
            self._dialog(self.client).write({"started": True})
        with self.assertRefused("not allowed", AccessError):
            self._dialog(self.client, user=self.reader)

    # The schedule ---------------------------------------------------------------------

    def _schedule(self):
        # as the scheduled action does
        self.env[BATCH].with_user(self.env.ref("base.user_root"))._cron_schedule()
        return self.env[BATCH].search([("company_id", "=", self.company.id)])

    def test_without_a_schedule_nothing_is_made(self):
        self._two_clients()
        self.assertFalse(self._schedule())

    def test_the_companys_schedule_and_the_clients_own(self):
        third = self._create_client("Zoria LLC")
        self._two_clients()
        self._invoice(10, partner=third)
        self.company.client_balance_statement_schedule = "monthly"
        self.other_client.client_balance_statement_schedule = "quarterly"
        third.client_balance_statement_schedule = "never"
        batches = self._schedule()
        monthly = batches.filtered(lambda b: b.schedule == "monthly")
        quarterly = batches - monthly
        self.assertEqual(monthly.task_ids.partner_id, self.client)
        self.assertEqual(quarterly.task_ids.partner_id, self.other_client)
        self.assertEqual(
            (quarterly.date_from, quarterly.date_to),
            (date(2026, 1, 1), date(2026, 3, 31)),
        )
        self.assertEqual(self._schedule(), batches, "once for each period")

    def test_scheduled_acts_may_be_sent(self):
        self._invoice(100)
        self.company.write(
            {
                "client_balance_statement_schedule": "monthly",
                "client_balance_statement_send": True,
            }
        )
        batch = self._schedule()
        self._run_job()
        self.assertEqual(batch.task_ids.statement_id.state, "sent")

    def test_periods_of_the_schedule(self):
        get = self.env[BATCH]._get_period
        self.assertEqual(
            get("monthly", date(2026, 1, 15)), (date(2025, 12, 1), date(2025, 12, 31))
        )
        self.assertEqual(
            get("quarterly", date(2026, 2, 28)), (date(2025, 10, 1), date(2025, 12, 31))
        )
        self.assertEqual(
            get("quarterly", date(2026, 7, 1)), (date(2026, 4, 1), date(2026, 6, 30))
        )


@tagged("post_install", "-at_install")
class TestAmountInWords(TransactionCase):
    """Numerals agree with the currency's noun."""

    def _words(self, amount, currency="UAH", language="uk"):
        return self.env.ref(f"base.{currency}")._get_client_balance_words(
            amount, language
        )

    def test_hryvnias_in_ukrainian(self):
        for amount, words in (
            (0, "нуль гривень 00 коп."),
            (1, "одна гривня 00 коп."),
            (2, "дві гривні 00 коп."),
            (5, "п'ять гривень 00 коп."),
            (11, "одинадцять гривень 00 коп."),
            (12.5, "дванадцять гривень 50 коп."),
            (21, "двадцять одна гривня 00 коп."),
            (22.07, "двадцять дві гривні 07 коп."),
            (101, "сто одна гривня 00 коп."),
            (111, "сто одинадцять гривень 00 коп."),
            (1001, "одна тисяча одна гривня 00 коп."),
            (2000, "дві тисячі гривень 00 коп."),
            (
                20159,
                "двадцять тисяч сто п'ятдесят дев'ять гривень 00 коп.",
            ),
            (1000002, "один мільйон дві гривні 00 коп."),
            (-159, "сто п'ятдесят дев'ять гривень 00 коп."),
            (0.005, "нуль гривень 01 коп."),
        ):
            self.assertEqual(self._words(amount), words)

    def test_other_currencies_in_ukrainian(self):
        self.assertEqual(self._words(1, "USD"), "один долар 00 центів")
        self.assertEqual(self._words(1002.01, "USD"), "одна тисяча два долари 01 цент")
        self.assertEqual(self._words(21, "EUR"), "двадцять один євро 00 центів")
        self.assertEqual(self._words(2, "JPY"), "дві єни")
        self.assertEqual(self._words(1.25, "KWD"), "один динар 250 філсів")

    def test_english(self):
        self.assertEqual(self._words(1, "UAH", "en"), "one hryvnia 00 kop.")
        self.assertEqual(
            self._words(20159.5, "UAH", "en"),
            "twenty thousand, one hundred and fifty-nine hryvnias 50 kop.",
        )
        self.assertEqual(self._words(21.01, "USD", "en"), "twenty-one dollars 01 cent")

    def test_a_currency_without_a_known_noun_keeps_its_code(self):
        currency = self.env.ref("base.BTN")
        self.assertEqual(currency._get_client_balance_words(3, "en"), "three BTN 00")
