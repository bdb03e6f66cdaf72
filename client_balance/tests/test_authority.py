from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.client_balance_fingerprint import get_fingerprint, get_fingerprint_sql
from .attack_common import AttackCommon


@tagged("post_install", "-at_install")
class TestAuthority(AttackCommon):
    """A pass vouches for an entry as it was left, not for its id."""

    def _paid_from_balance(self, amount=100):
        self._entry(500)
        invoice = self._invoice(amount)
        entry = self.env["client.balance.application"]._pay_invoice(
            invoice, {self.env["res.partner.bank"]: amount}, self._day("2026-03-01")
        )
        return invoice, entry.with_env(self.env)

    def _next_id(self, model):
        return self.env[model].search([], order="id desc", limit=1).id + 1

    # In one step ------------------------------------------------------------------

    def test_a_reversal_that_the_program_made_is_not_enlarged_in_the_same_step(self):
        """One write of a clerk resets a paid invoice, and with it the paying entry is
        reversed under our pass; nested commands then make that reversal larger.
        """
        invoice, _entry = self._paid_from_balance()
        draft = self._as_clerk(self.env["account.move"]).create(
            {"journal_id": self.misc_journal.id, "date": "2026-03-01"}
        )
        # what a program guesses: the ids that the reversal will get
        reversal_id = self._next_id("account.move")
        line_id = self._next_id("account.move.line")
        enlarge = [
            Command.update(
                line_id + number,
                {"debit": 0.0, "credit": 0.0, "balance": sign * 1_000_000.0},
            )
            for number, sign in ((0, -1), (1, 1))
        ]
        for commands in (
            enlarge,
            [Command.create({**self._lines(900)[0][2]}), *enlarge[:0]],
            [*self._lines(900)],
        ):
            with self.subTest(commands=commands):
                self._refused(
                    lambda commands=commands: draft.with_context(
                        check_move_validity=False, skip_readonly_check=True
                    ).write(
                        {
                            "reversal_move_ids": [
                                Command.update(invoice.id, {"state": "draft"}),
                                Command.update(reversal_id, {"line_ids": commands}),
                            ]
                        }
                    )
                )
                self.assertEqual(invoice.state, "posted")

    def test_a_posted_entry_changed_in_the_step_of_its_pass_has_no_pass(self):
        gate = self.env["client.balance.gate"]
        account = self.income_account.copy({"code": "999702"})

        def attack():
            with gate._collecting():
                payment = self._overpayment(20)
                other = payment.move_id.line_ids.filtered(
                    lambda line: line.account_id == self.receivable
                )
                self._as_clerk(other).write({"account_id": account.id})

        self._refused(attack, exception=AccessError, message="Only an accountant")

    # Later ------------------------------------------------------------------------

    def test_the_other_side_of_a_posted_payment_needs_an_accountant(self):
        payment = self._overpayment(20)
        other = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        account = self.income_account.copy({"code": "999702"})
        self._refused(
            lambda: self._as_clerk(other).write({"account_id": account.id}),
            exception=AccessError,
            message="Only an accountant",
        )
        [row] = self._settlements(self.bank1)
        before = row.fingerprint
        other.with_user(self.accountant).write({"account_id": account.id})
        self.assertNotEqual(row.fingerprint, before)
        self.assertEqual(row.fingerprint, get_fingerprint(payment.move_id))

    def test_a_payment_stands_again_only_as_it_was(self):
        payment = self._overpayment(20).with_user(self.clerk)
        payment.action_draft()
        payment.memo = "Another word"
        payment.action_post()
        self.assertEqual(self._balance(self.bank1), 20)
        live = self._settlements(self.bank1).filtered("is_live")
        self.assertEqual(live.settlement_type, "overpayment")
        payment.action_draft()
        account = self.income_account.copy({"code": "999702"})
        payment.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        ).account_id = account
        with self.assertRefused("Only an accountant", AccessError):
            payment.action_post()

    # What our dialogs have posted --------------------------------------------------

    def test_own_entries_stay_as_they_are_for_everybody(self):
        _invoice, paid = self._paid_from_balance()
        moves = (paid, self._settle(50).move_id)
        for move in moves:
            for user in (self.clerk, self.manager, self.accountant, self.env.user):
                own = move.with_user(user).with_context(
                    force_delete=True,
                    check_move_validity=False,
                    skip_readonly_check=True,
                )
                line = self._line(own.sudo())
                other = own.sudo().line_ids - line
                for way in (
                    lambda own=own: own.sudo().button_draft(),
                    lambda own=own: own.sudo().button_cancel(),
                    lambda own=own: own.sudo().write({"state": "draft"}),
                    lambda own=own: own.sudo().write({"state": "cancel"}),
                    lambda own=own: own.sudo().unlink(),
                    lambda line=line: line.sudo().write({"balance": -7}),
                    lambda line=line: line.sudo().unlink(),
                    lambda other=other: other.sudo().write({"balance": 7}),
                    lambda other=other: other.sudo().write(
                        {"account_id": self.bank_journal.default_account_id.id}
                    ),
                    lambda other=other: other.sudo().write(
                        {"partner_id": self.other_client.id}
                    ),
                    lambda own=own: own.sudo().write({"line_ids": [*self._lines(5)]}),
                ):
                    with self.subTest(user=user.login, entry=move.name):
                        self._refused(way)
                        self.assertEqual(move.state, "posted")

    def test_an_own_entry_is_undone_by_its_reversal(self):
        invoice, _paid = self._paid_from_balance()
        invoice.line_ids.with_user(self.clerk).remove_move_reconcile()
        self.assertEqual(self._balance(), 500)
        settlement = self._settle(50)
        settlement.with_user(self.manager).action_reverse()
        self.assertEqual(self._balance(), 500)

    # The fingerprint itself ---------------------------------------------------------

    def test_python_and_sql_write_the_same_fingerprint(self):
        self._paid_from_balance()
        self._overpayment(20.25)
        self._settle(0.07, currency_id=self.usd.id)
        self._entry(1_000_000.10, currency=self.usd)
        rows = self.env["client.balance.settlement"].search([("is_live", "=", True)])
        self.env.flush_all()
        found = dict(self.env.execute_query(get_fingerprint_sql(rows.move_id.ids)))
        self.assertEqual(len(found), len(rows.move_id))
        for row in rows:
            self.assertEqual(row.fingerprint, found[row.move_id.id])
            self.assertEqual(row.fingerprint, get_fingerprint(row.move_id))
