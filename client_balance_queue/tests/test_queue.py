import threading
import time
from unittest.mock import patch

from psycopg2 import errors

from odoo import sql_db
from odoo.tests import TransactionCase, tagged

from odoo.addons.client_balance_queue.models import queue

CLIENT = 7
QUEUED, ALONE = "ShareUpdateExclusiveLock", "ExclusiveLock"


@tagged("post_install", "-at_install")
class TestQueue(TransactionCase):
    """Real connections, as of several workers. They commit nothing."""

    def connect(self):
        cr = sql_db.db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(cr.close)
        return cr

    def lose(self, cr, *client_ids):
        """The running try of ``cr`` loses a race, and Odoo rolls it back."""
        with (
            self.assertRaises(errors.SerializationFailure),
            queue.queueing(cr, client_ids or [CLIENT]),
        ):
            raise errors.SerializationFailure
        cr.rollback()

    def queue_up(self, cr):
        """A try that begins in the queue."""
        self.lose(cr)
        cr.execute("SELECT 1")

    def in_background(self, cr):
        """``cr`` lost a race and waits for its turn.

        :return: what gives what came of it
        """
        self.lose(cr)
        results = []

        def wait():
            try:
                cr.execute("SELECT pg_current_snapshot()::text")
                results.append(cr.fetchone()[0])
            except errors.QueryCanceled as error:
                results.append(error)

        thread = threading.Thread(target=wait)
        thread.start()

        def finish():
            thread.join(20)
            self.assertFalse(thread.is_alive(), "it waits for ever")
            return results[0]

        self.addCleanup(thread.join, 20)
        return finish

    def wait_until_blocked(self, cr):
        pid = cr._cnx.get_backend_pid()
        end = time.monotonic() + 20
        while True:
            self.env.cr.execute("SELECT pg_blocking_pids(%s)", [pid])
            if self.env.cr.fetchone()[0]:
                return
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def assertHeld(self, expected):
        """:param expected: {cursor: modes of the slots that it holds}"""
        self.env.cr.execute(
            """
            SELECT lock.pid, lock.mode FROM pg_locks lock
              JOIN pg_class slot ON slot.oid = lock.relation
             WHERE slot.relname LIKE 'client\\_balance\\_queue\\_slot\\_%%'
               AND lock.granted
          ORDER BY lock.pid, lock.mode
            """
        )
        self.assertEqual(
            self.env.cr.fetchall(),
            sorted(
                (cr._cnx.get_backend_pid(), mode)
                for cr, modes in expected.items()
                for mode in modes
            ),
        )

    def test_whoever_lost_begins_the_next_try_in_the_queue(self):
        first = self.connect()
        self.lose(first)
        # Odoo pauses between two tries: nobody waits for that
        self.assertHeld({})
        first.execute("SELECT 1")
        self.assertHeld({first: [QUEUED]})
        first.execute("SHOW lock_timeout")
        self.assertEqual(first.fetchone(), ("0",))
        first.commit()
        self.assertHeld({})
        first.execute("SELECT 1")
        self.assertHeld({})

    def test_the_next_in_the_queue_sees_what_the_one_before_it_has_done(self):
        first, second = self.connect(), self.connect()
        self.queue_up(first)
        first.execute("SELECT pg_current_xact_id()::text")
        [transaction] = first.fetchone()
        finish = self.in_background(second)
        self.wait_until_blocked(second)
        first.commit()
        self.env.cr.execute(
            "SELECT pg_visible_in_snapshot(%s::xid8, %s::pg_snapshot)",
            [transaction, finish()],
        )
        self.assertTrue(self.env.cr.fetchone()[0])
        self.assertHeld({second: [QUEUED]})

    def test_newcomers_wait_for_nobody_until_somebody_was_overtaken(self):
        first, newcomer = self.connect(), self.connect()
        self.queue_up(first)
        queue.let_pass(newcomer, CLIENT)
        newcomer.rollback()
        self.queue_up(first)
        self.assertHeld({first: [ALONE]})
        with self.assertRaises(errors.LockNotAvailable):
            queue.let_pass(newcomer, CLIENT)
        newcomer.rollback()
        queue.let_pass(newcomer, CLIENT + 1)
        newcomer.rollback()
        # its own turn is now
        queue.let_pass(first, CLIENT)
        first.commit()
        queue.let_pass(newcomer, CLIENT)

    def test_who_is_sent_into_the_queue_loses_like_any_other(self):
        first, newcomer = self.connect(), self.connect()
        self.queue_up(first)
        self.queue_up(first)
        with (
            self.assertRaises(errors.LockNotAvailable),
            queue.queueing(newcomer, [CLIENT]),
        ):
            queue.let_pass(newcomer, CLIENT)
        newcomer.rollback()
        first.commit()
        newcomer.execute("SELECT 1")
        self.assertHeld({newcomer: [QUEUED]})

    def test_a_race_that_somebody_swallowed_is_forgotten(self):
        first = self.connect()
        with (
            self.assertRaises(errors.SerializationFailure),
            queue.queueing(first, [CLIENT]),
        ):
            raise errors.SerializationFailure
        first.commit()
        first.rollback()
        first.execute("SELECT 1")
        self.assertHeld({})
        self.queue_up(first)
        self.assertHeld({first: [QUEUED]})

    def test_two_clients_are_two_places(self):
        first = self.connect()
        self.lose(first, CLIENT, CLIENT + 1)
        first.execute("SELECT 1")
        self.assertHeld({first: [QUEUED, QUEUED]})
        self.lose(first, CLIENT)
        first.execute("SELECT 1")
        self.assertHeld({first: [ALONE, QUEUED]})

    def test_whoever_runs_out_of_patience_goes_on_without_a_place(self):
        first, second = self.connect(), self.connect()
        self.queue_up(first)
        with patch.object(queue, "PATIENCE", "100ms"):
            self.queue_up(second)
        self.assertHeld({first: [QUEUED]})

    # Every exit gives the place back -----------------------------------------------

    def test_a_wait_that_the_server_ends_leaves_no_place(self):
        first, second, third = self.connect(), self.connect(), self.connect()
        self.queue_up(first)
        second.execute("SET statement_timeout = '200ms'")
        second.commit()
        self.lose(second)
        with self.assertRaises(errors.QueryCanceled):
            second.execute("SELECT 1")
        second.rollback()
        self.assertHeld({first: [QUEUED]})
        first.commit()
        self.queue_up(third)
        self.assertHeld({third: [QUEUED]})
        second.execute("RESET statement_timeout")
        second.commit()

    def test_a_wait_that_somebody_cancels_leaves_no_place(self):
        first, second, third = self.connect(), self.connect(), self.connect()
        self.queue_up(first)
        finish = self.in_background(second)
        self.wait_until_blocked(second)
        self.env.cr.execute(
            "SELECT pg_cancel_backend(%s)", [second._cnx.get_backend_pid()]
        )
        self.assertIsInstance(finish(), errors.QueryCanceled)
        second.rollback()
        first.commit()
        self.queue_up(third)
        self.assertHeld({third: [QUEUED]})

    def test_a_try_that_is_cancelled_leaves_no_place(self):
        first = self.connect()
        self.queue_up(first)
        with self.assertRaises(errors.QueryCanceled), first.savepoint():
            first.execute("SET LOCAL statement_timeout = '50ms'")
            first.execute("SELECT pg_sleep(5)", log_exceptions=False)
        self.assertHeld({first: [QUEUED]})
        first.rollback()
        self.assertHeld({})

    def test_a_request_that_fails_leaves_no_place(self):
        first = self.connect()
        self.queue_up(first)
        first.close()
        self.assertHeld({})

    def test_whatever_follows_the_commit_may_fail_and_leaves_no_place(self):
        first = self.connect()
        self.queue_up(first)

        @first.postcommit.add
        def stumble():
            raise ZeroDivisionError

        first.postcommit._funcs.rotate(1)
        with self.assertRaises(ZeroDivisionError):
            first.commit()
        self.assertHeld({})

    # The ledger ---------------------------------------------------------------------

    def test_the_ledger_asks_the_queue_where_it_claims_opens_and_moves(self):
        asked = []

        def note(cr, partner_ids):
            asked.append(set(partner_ids))
            return queueing(cr, partner_ids)

        queueing = queue.queueing
        client = self.env["res.partner"].create({"name": "Client"})
        key = (self.env.company, client, None, self.env.company.currency_id)
        models = "odoo.addons.client_balance_queue.models"
        with (
            patch(f"{models}.client_balance.queueing", note),
            patch(f"{models}.client_balance_gate.queueing", note),
        ):
            self.env["client.balance"]._touch(key)
            self.assertEqual(asked, [{client.id}] * 3)
            asked.clear()
            balance = client.client_balance_ids
            balance.overdraft_limit = 7
            self.assertEqual(asked, [{client.id}])
