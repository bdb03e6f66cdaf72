from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .attack_common import AttackCommon


@tagged("post_install", "-at_install")
class TestAttacks(AttackCommon):
    """Entries and invoices of a clerk, and undoing what others did."""

    # A plain entry ------------------------------------------------------------------

    def test_a_plain_entry(self):
        move = self._clerk_entry()
        self._refused(move.action_post, message="Only an accountant")
        self._refused(lambda: move.write({"state": "posted"}))
        self._refused(move._post)

    def test_forged_passes_in_the_context(self):
        forged = (
            {"client_balance_caller": {"settlement_type": "overpayment"}},
            {"client_balance_caller": "Caller('overpayment')"},
            {"client_balance_gate": True},
            {"client_balance_gate": {}},
            {"client_balance_adoption": True},
            {"client_balance_matching": True},
            {"client_balance_keep_lines": True},
            {"skip_readonly_check": True, "force_delete": True},
            {"bypass_lock_check": True, "check_move_validity": False},
            {"su": True, "tracking_disable": True, "install_mode": True},
        )
        for context in forged:
            with self.subTest(context=context):
                self._refused(self._clerk_entry(context).action_post)
                self._refused(
                    lambda context=context: self._as_clerk(
                        self.env["client.balance.settlement"], **context
                    ).create({"partner_id": self.client.id, "amount": 5})
                )

    def test_ledger_records_written_with_a_forged_gate(self):
        self._settle(100)
        settlement = self._settlements()
        for user in (self.clerk, self.manager, self.accountant):
            for gate in (True, "GATE", {}, []):
                forged = settlement.with_user(user).with_context(
                    client_balance_gate=gate
                )
                self._refused(lambda forged=forged: forged.write({"amount": 999}))
                self._refused(lambda forged=forged: forged.unlink())
                self._refused(
                    lambda forged=forged: forged.balance_id.write({"amount": 999})
                )
                self._refused(
                    lambda forged=forged: forged.balance_id.create(
                        {"partner_id": self.client.id, "amount": 5}
                    )
                )

    def test_an_entry_that_the_cron_posts_as_superuser(self):
        self._refused(
            lambda: self._clerk_entry(auto_post="at_date"), message="accountant"
        )
        self._refused(
            lambda: self._clerk_entry(auto_post="monthly"), message="accountant"
        )
        move = self._clerk_entry()
        self._refused(lambda: move.write({"auto_post": "at_date"}))
        self._refused(
            lambda: move.write({"auto_post": "monthly", "date": "2026-03-02"})
        )
        empty = self._clerk_entry(
            lines=self._lines(account=self.outstanding), auto_post="at_date"
        )
        line = empty.line_ids[0]
        self._refused(lambda: line.write({"account_id": self.balance_account.id}))
        self._refused(
            lambda: empty.write({"line_ids": [Command.clear(), *self._lines()]})
        )
        self._run_autopost()
        self.assertEqual(self._all_balances(), {})

    def test_a_recurring_entry_of_an_accountant_changed_by_a_clerk(self):
        move = self._entry(100, post=False)
        move.write({"auto_post": "monthly", "auto_post_until": "2026-12-31"})
        move.action_post()
        copy = self.env["account.move"].search(
            [("auto_post_origin_id", "=", move.id), ("id", "!=", move.id)]
        )
        self._refused(
            lambda: self._as_clerk(copy).write(
                {
                    "line_ids": [
                        Command.update(self._line(copy).id, {"balance": -900}),
                        Command.update(
                            (copy.line_ids - self._line(copy)).id, {"balance": 900}
                        ),
                    ]
                }
            )
        )

    def test_posted_softly_for_a_later_day(self):
        move = self._clerk_entry(date="2099-01-01")
        self._refused(lambda: move._post(soft=True))

    # Invoices and other documents ---------------------------------------------------

    def test_an_invoice_line_on_the_balance_account(self):
        for move_type in ("out_invoice", "out_refund", "in_invoice", "in_refund"):
            with self.subTest(move_type=move_type):
                invoice = self._as_clerk(self.env["account.move"]).create(
                    {
                        "move_type": move_type,
                        "partner_id": self.client.id,
                        "invoice_date": "2026-03-01",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "Gift",
                                    "price_unit": 50,
                                    "account_id": self.balance_account.id,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                        ],
                    }
                )
                self._refused(invoice.action_post, message="Only an accountant")

    def test_the_account_of_a_posted_invoice_line(self):
        invoice = self._invoice(50)
        line = invoice.invoice_line_ids
        self._refused(
            lambda: self._as_clerk(line).write({"account_id": self.balance_account.id})
        )
        self._refused(
            lambda: self._as_clerk(invoice, skip_readonly_check=True).write(
                {
                    "invoice_line_ids": [
                        Command.update(line.id, {"account_id": self.balance_account.id})
                    ]
                }
            )
        )

    def test_the_receivable_account_of_the_client(self):
        self.client.property_account_receivable_id = self.balance_account
        self._refused(
            lambda: (
                self._as_clerk(self.env["account.move"])
                .create(
                    {
                        "move_type": "out_refund",
                        "partner_id": self.client.id,
                        "invoice_date": "2026-03-01",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "Gift",
                                    "price_unit": 50,
                                    "account_id": self.income_account.id,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                        ],
                    }
                )
                .action_post()
            )
        )

    def test_reversing_an_entry_of_an_accountant(self):
        self._entry(100)
        spend = self._entry(-60, date="2026-03-02")
        self._refused(
            lambda: self._as_clerk(spend)._reverse_moves(
                [{"date": "2026-03-03"}], cancel=True
            ),
            message="Only an accountant",
        )
        wizard = self._as_clerk(
            self.env["account.move.reversal"],
            active_model="account.move",
            active_ids=spend.ids,
        ).create({"date": "2026-03-03", "journal_id": self.misc_journal.id})
        self._refused(wizard.refund_moves)
        self._refused(wizard.modify_moves)

    def test_copies_of_our_entries(self):
        settlement = self._settle(100)
        payment = self._overpayment()
        for move in (settlement.move_id, payment.move_id):
            copy = self._as_clerk(move).copy()
            self._refused(copy.action_post)

    def test_an_entry_changed_through_the_card_of_its_client(self):
        """Whoever moves clients needs no right on entries, but gains none either."""
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")
        entry = self._entry(100)
        line = self._line(entry)
        bigger = [
            Command.update(line.id, {"balance": -5000, "amount_currency": -5000}),
            Command.update(
                (entry.line_ids - line).id, {"balance": 5000, "amount_currency": 5000}
            ),
        ]
        client = self._as_clerk(self.client, skip_readonly_check=True)
        self._refused(
            lambda: client.write(
                {
                    "is_company": True,
                    "invoice_ids": [Command.update(entry.id, {"line_ids": bigger})],
                }
            ),
            message="Only an accountant",
        )

    # Undoing what one could not do --------------------------------------------------

    def test_undoing_entries_and_settlements_of_others(self):
        self._entry(100)
        spends = (
            self._entry(-10, date="2026-03-02"),
            self._settle(-10, date="2026-03-02").move_id,
        )
        for move in spends:
            clerk = self._as_clerk(move, force_delete=True, skip_readonly_check=True)
            for undo in (
                clerk.button_draft,
                clerk.button_cancel,
                clerk.unlink,
                clerk.line_ids.unlink,
                lambda clerk=clerk: clerk.write({"state": "draft"}),
                lambda clerk=clerk: clerk.write({"line_ids": [Command.clear()]}),
                lambda clerk=clerk: clerk.write({"date": "2026-03-09"}),
            ):
                with self.subTest(move=move.name):
                    self._refused(undo)

    def test_undoing_a_refund(self):
        self._entry(100)
        refund = self._payment(
            30,
            date="2026-03-02",
            payment_type="outbound",
            destination_account_id=self.balance_account.id,
        )
        for undo in ("action_draft", "action_cancel", "unlink"):
            with self.subTest(undo=undo):
                self._refused(
                    getattr(self._as_clerk(refund), undo), message="accountant"
                )

    def test_reversing_and_correcting_settlements(self):
        self._settle(100)
        spend = self._settle(-60, date="2026-03-02")
        self._refused(self._as_clerk(spend).action_reverse, exception=AccessError)
        self._refused(
            lambda: self._as_clerk(spend).action_correct({"amount": -1}),
            exception=AccessError,
        )
