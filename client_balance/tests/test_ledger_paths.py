from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import ClientBalanceCommon


class LedgerPathsCommon(ClientBalanceCommon):
    """Ways in which Odoo itself makes, changes and undoes journal items."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Account = cls.env["account.account"].with_company(cls.company)
        cls.outstanding = Account.create(
            {
                "name": "Receipts on the way",
                "code": "101498",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        for lines in ("inbound", "outbound"):
            cls.bank_journal[
                f"{lines}_payment_method_line_ids"
            ].payment_account_id = cls.outstanding
        cls.bank1.allow_out_payment = True

    def _payment(self, amount, on_balance=0.0, date="2026-03-01", post=True, **vals):
        """A customer's payment whose write-off line moves the balance."""
        write_off = {
            "name": "Balance",
            "account_id": self.balance_account.id,
            "partner_id": self.client.id,
            "currency_id": self.uah.id,
            "amount_currency": -on_balance,
            "balance": -on_balance,
            "client_balance_bank_id": self.bank1.id,
        }
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.client.id,
                "amount": amount,
                "date": date,
                "journal_id": self.bank_journal.id,
                "write_off_line_vals": [write_off] if on_balance else [],
                **vals,
            }
        )
        if post:
            payment.action_post()
        return payment

    def _statement_line(self, amount, date="2026-03-01", on_balance=True, **vals):
        """A bank line; with ``on_balance`` its counterpart is the balance account."""
        if on_balance:
            vals["counterpart_account_id"] = self.balance_account.id
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": date,
                "payment_ref": "Bank line",
                "amount": amount,
                "partner_id": self.client.id,
                **vals,
            }
        )

    def _run_autopost(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "account.ir_cron_auto_post_draft_entry"
            ).method_direct_trigger()
        self.env.invalidate_all()

    def _live(self, **key):
        return self._settlements(**key).filtered("is_live")

    def assertAmounts(self, amounts, **key):
        """The ledger of the key in recording order, and its balance."""
        self.assertEqual(self._settlements(**key).mapped("amount"), amounts)
        self.assertAlmostEqual(self._balance(**key), sum(amounts))


@tagged("post_install", "-at_install")
class TestEntryPaths(LedgerPathsCommon):
    """Journal entries: posted by hand, by time, in copies, and undone."""

    def test_an_entry_posted_by_the_cron(self):
        move = self._entry(100, bank=self.bank1, post=False)
        move.auto_post = "at_date"
        self._run_autopost()
        self.assertEqual(move.state, "posted")
        self.assertAmounts([100], bank=self.bank1)

    def test_a_recurring_entry_weighs_once_and_its_copy_keeps_the_bank_account(self):
        move = self._entry(100, bank=self.bank1, post=False)
        move.write({"auto_post": "monthly", "auto_post_until": "2026-12-31"})
        move.action_post()
        copy = self.env["account.move"].search(
            [("auto_post_origin_id", "=", move.id), ("id", "!=", move.id)]
        )
        self.assertEqual(copy.state, "draft")
        self.assertEqual(self._line(copy).client_balance_bank_id, self.bank1)
        self.assertAmounts([100], bank=self.bank1)
        copy.action_post()
        self.assertAmounts([100, 100], bank=self.bank1)

    @freeze_time("2026-03-01")
    def test_an_entry_of_the_future_posted_softly_weighs_nothing(self):
        move = self._entry(100, date="2026-06-01", post=False)
        move._post(soft=True)
        self.assertEqual(move.state, "draft")
        self.assertFalse(self._settlements())

    def test_a_copy_is_a_draft_with_the_bank_account_and_without_the_stamp(self):
        move = self._settle(100, bank=self.bank1).move_id
        copy = move.copy()
        self.assertEqual(self._line(copy).client_balance_bank_id, self.bank1)
        self.assertFalse(self._line(copy).client_balance_type)
        self.assertAmounts([100], bank=self.bank1)

    def test_edits_and_deletion_of_a_draft_weigh_nothing(self):
        move = self._entry(100, post=False)
        self._line(move).with_context(check_move_validity=False).write(
            {"partner_id": self.other_client.id, "balance": -70}
        )
        move.unlink()
        self.assertFalse(self._settlements())

    def test_unlink_or_reverse_of_an_open_entry_deletes_it(self):
        move = self._entry(100)
        move._unlink_or_reverse()
        self.assertFalse(move.exists())
        self.assertAmounts([100, -100])

    def test_unlink_or_reverse_of_a_hashed_entry_reverses_it(self):
        move = self._hashed_entry(100)
        move._unlink_or_reverse()
        self.assertTrue(move.exists())
        self.assertAmounts([100, -100])
        self.assertEqual(self._settlements()[-1].reversal_of_id.move_id, move)

    def test_unlink_or_reverse_under_the_audit_trail_cancels(self):
        self.company.restrictive_audit_trail = True
        move = self._entry(100)
        move._unlink_or_reverse()
        self.assertEqual(move.state, "cancel")
        self.assertAmounts([100, -100])

    def test_a_reversal_without_cancelling_is_a_draft_first(self):
        move = self._entry(100, bank=self.bank1)
        reverse = move._reverse_moves([{"date": "2026-03-05"}])
        self.assertEqual(self._line(reverse).client_balance_bank_id, self.bank1)
        self.assertAmounts([100], bank=self.bank1)
        reverse.action_post()
        self.assertAmounts([100, -100], bank=self.bank1)
        self.assertEqual(self._settlements(self.bank1)[1].settlement_type, "reversal")

    def test_two_lines_added_to_a_posted_entry(self):
        move = self._entry(100)
        values = {"partner_id": self.client.id, "name": "More"}
        self.env["account.move.line"].create(
            [
                {
                    **values,
                    "move_id": move.id,
                    "account_id": account.id,
                    "balance": balance,
                }
                for account, balance in (
                    (self.balance_account, -30),
                    (self.income_account, 30),
                )
            ]
        )
        self.assertAmounts([100, 30])

    def test_core_refuses_to_create_a_posted_entry(self):
        with self.assertRefused("posted"):
            self.env["account.move"].create(
                {"move_type": "entry", "state": "posted", "line_ids": []}
            )

    def test_an_entry_of_several_clients_moves_each_balance(self):
        move = self.env["account.move"].create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner and partner.id,
                            "balance": balance,
                        }
                    )
                    for account, partner, balance in (
                        (self.balance_account, self.client, -10),
                        (self.balance_account, self.client, -5),
                        (self.balance_account, self.other_client, -20),
                        (self.income_account, None, 35),
                    )
                ],
            }
        )
        move.action_post()
        self.assertAmounts([10, 5])
        self.assertAmounts([20], partner=self.other_client)

    def test_an_entry_that_takes_and_gives_on_one_empty_key(self):
        """As cash-basis entries do: judged on the net."""
        move = self.env["account.move"].create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.balance_account.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                        }
                    )
                    for balance in (100, -100)
                ],
            }
        )
        move.action_post()
        self.assertEqual(sorted(self._settlements().mapped("amount")), [-100, 100])
        self.assertEqual(self._balance(), 0)

    # Hashed -------------------------------------------------------------------------

    def _hashed_entry(self, amount, **vals):
        self.misc_journal.restrict_mode_hash_table = True
        move = self._entry(amount, **vals)
        if not move.inalterable_hash:
            move.button_hash()
        self.assertTrue(move.inalterable_hash)
        return move

    def test_a_hashed_entry_stays_and_so_does_its_bank_account(self):
        move = self._hashed_entry(100, bank=self.bank1)
        with self.assertRefused("."):
            move.button_draft()
        with self.assertRefused("cannot be changed"):
            self._line(move).client_balance_bank_id = self.bank2
        self.assertAmounts([100], bank=self.bank1)

    # Master data --------------------------------------------------------------------

    def test_an_item_of_a_branch_is_on_the_balance_of_the_root_company(self):
        branch = self._branch()
        self._branch_entry(branch, 100)
        self._entry(-40, date="2026-03-02")
        self.assertAmounts([100, -40])
        self.assertEqual(self._settlements().company_id, self.company)

    def test_a_branch_credit_is_the_source_of_a_root_spend(self):
        branch = self._branch()
        credit = self._branch_entry(branch, 100)
        spend = self._entry(-40, date="2026-03-02")
        self.assertTrue(self._line(spend).reconciled)
        self.assertEqual(self._line(credit).amount_residual, -60)

    def _branch(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids += branch
        return branch

    def _branch_entry(self, branch, amount):
        env = self.env(context={"allowed_company_ids": (branch + self.company).ids})
        move = env["account.move"].create(
            {
                "company_id": branch.id,
                "journal_id": self.misc_journal.id,
                "date": "2026-03-01",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self.balance_account, -amount),
                        (self.income_account, amount),
                    )
                ],
            }
        )
        self.assertEqual(move.company_id, branch)
        move.action_post()
        return move.with_env(self.env)

    # Standard tools -----------------------------------------------------------------

    def _transfer_wizard(self, lines, account):
        wizard = (
            self.env["account.automatic.entry.wizard"]
            .with_context(active_model="account.move.line", active_ids=lines.ids)
            .create(
                {
                    "action": "change_account",
                    "date": "2026-03-05",
                    "journal_id": self.misc_journal.id,
                    "destination_account_id": account.id,
                }
            )
        )
        return wizard.do_action()

    def test_the_transfer_wizard_takes_money_without_a_bank_account(self):
        move = self._entry(100)
        self._transfer_wizard(self._line(move), self.income_account)
        self.assertAmounts([100, -100])

    def test_the_transfer_wizard_knows_no_bank_account_and_is_refused(self):
        move = self._entry(100, bank=self.bank1)
        with self.assertRefused("Not enough money"):
            self._transfer_wizard(self._line(move), self.income_account)
        self.assertAmounts([100], bank=self.bank1)

    def test_the_transfer_wizard_brings_money_to_the_balance(self):
        move = self._entry(100, account=self.outstanding)
        line = move.line_ids.filtered(lambda item: item.account_id == self.outstanding)
        self._transfer_wizard(line, self.balance_account)
        self.assertAmounts([100])


@tagged("post_install", "-at_install")
class TestPaymentPaths(LedgerPathsCommon):
    """Payments: reset, posted again, cancelled, deleted, rejected, reversed."""

    def test_reset_and_posted_again(self):
        payment = self._payment(120, 20)
        self.assertAmounts([20], bank=self.bank1)
        payment.action_draft()
        self.assertAmounts([20, -20], bank=self.bank1)
        payment.action_post()
        self.assertAmounts([20, -20, 20], bank=self.bank1)
        self.assertEqual(self._live(bank=self.bank1).payment_id, payment)

    def test_cancelled(self):
        payment = self._payment(120, 20)
        payment.action_cancel()
        self.assertAmounts([20, -20], bank=self.bank1)

    def test_deleted(self):
        payment = self._payment(120, 20)
        name = payment.name
        payment.action_draft()
        payment.unlink()
        self.assertAmounts([20, -20], bank=self.bank1)
        self.assertEqual(self._settlements(self.bank1)[0].payment_name, name)
        self.assertFalse(self._settlements(self.bank1)[0].payment_id)

    def test_a_posted_payment_deleted_with_its_entry(self):
        payment = self._payment(120, 20)
        payment.unlink()
        self.assertAmounts([20, -20], bank=self.bank1)

    def test_rejecting_is_refused_while_the_entry_stands(self):
        payment = self._payment(120, 20)
        with self.assertRefused("Reset it to draft or cancel"):
            payment.action_reject()
        self.assertAmounts([20], bank=self.bank1)

    def test_its_entry_reversed(self):
        payment = self._payment(120, 20)
        payment.move_id._reverse_moves([{"date": "2026-03-05"}], cancel=True)
        self.assertAmounts([20, -20], bank=self.bank1)
        self.assertEqual(self._settlements(self.bank1)[1].settlement_type, "reversal")

    def test_undoing_is_refused_once_the_money_is_spent(self):
        payment = self._payment(120, 20)
        spend = self._entry(-20, date="2026-03-02", bank=self.bank1)
        for undo in ("action_draft", "action_cancel", "unlink"):
            with self.subTest(undo=undo), self.assertRefused(spend.name):
                getattr(payment, undo)()
        self.assertEqual(payment.state, "in_process")
        self.assertAmounts([20, -20], bank=self.bank1)

    def test_a_payment_to_the_balance_account_is_a_top_up(self):
        self._payment(50, destination_account_id=self.balance_account.id)
        self.assertEqual(self._settlements().settlement_type, "top_up")
        self.assertAmounts([50])

    def test_a_payment_from_the_balance_account_is_a_refund(self):
        self._payment(50, destination_account_id=self.balance_account.id)
        refund = self._payment(
            30,
            date="2026-03-02",
            payment_type="outbound",
            destination_account_id=self.balance_account.id,
        )
        self.assertEqual(self._live()[-1].settlement_type, "refund")
        self.assertAmounts([50, -30])
        refund.action_draft()
        self.assertEqual(self._balance(), 50)


@tagged("post_install", "-at_install")
class TestStatementPaths(LedgerPathsCommon):
    """Bank lines, which core rewrites in several steps while they are posted."""

    def _rewrite(self, line, amount, account):
        """What a reconciliation widget does: clear the items, make new ones."""
        liquidity = line._seek_for_lines()[0]
        line.move_id.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "account_id": liquidity.account_id.id,
                            "name": "Bank",
                            "balance": amount,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "name": "Rest",
                            "balance": -amount,
                        }
                    ),
                ]
            }
        )

    def test_created_on_the_balance_account(self):
        line = self._statement_line(100)
        self.assertAmounts([100])
        self.assertEqual(self._live().move_id, line.move_id)

    def test_rewritten_onto_and_off_the_balance_account(self):
        line = self._statement_line(100, on_balance=False)
        self.assertFalse(self._settlements())
        self._rewrite(line, 100, self.balance_account)
        self.assertAmounts([100])
        self._rewrite(line, 100, self.income_account)
        self.assertAmounts([100, -100])

    def test_undone(self):
        line = self._statement_line(100)
        line.action_undo_reconciliation()
        self.assertAmounts([100, -100])

    def test_deleted(self):
        line = self._statement_line(100)
        line.unlink()
        self.assertAmounts([100, -100])
        self.assertFalse(self._settlements()[0].move_id)

    def test_deleted_under_the_audit_trail(self):
        self.company.restrictive_audit_trail = True
        line = self._statement_line(100)
        move = line.move_id
        line.unlink()
        self.assertEqual(move.state, "cancel")
        self.assertAmounts([100, -100])

    def test_rewritten_to_the_same_although_the_money_is_spent(self):
        line = self._statement_line(100)
        spend = self._entry(-100, date="2026-03-02")
        self._rewrite(line, 100, self.balance_account)
        self.assertAmounts([100, -100, -100, 100])
        self.assertTrue(self._line(spend).reconciled)
        self.assertTrue(self._line(line.move_id).reconciled)

    def test_undone_or_deleted_when_the_money_is_spent_is_refused(self):
        line = self._statement_line(100)
        spend = self._entry(-60, date="2026-03-02")
        for undo in ("action_undo_reconciliation", "unlink"):
            with self.subTest(undo=undo), self.assertRefused(spend.name):
                getattr(line, undo)()
        with self.assertRefused("Not enough money"):
            self._rewrite(line, 100, self.income_account)
        self.assertAmounts([100, -60])

    def test_its_amount_and_client_cannot_change_under_the_balance_item(self):
        line = self._statement_line(100)
        for name, value in (("amount", 130), ("partner_id", self.other_client.id)):
            with self.subTest(field=name), self.assertRefused("posted journal item"):
                line.write({name: value})
            self.env.invalidate_all()
            self.assertAmounts([100])

    def test_a_whole_statement_deleted(self):
        line = self._statement_line(100)
        statement = self.env["account.bank.statement"].create(
            {"name": "March", "line_ids": [Command.set(line.ids)]}
        )
        statement.unlink()
        self.assertFalse(statement.exists())
        self.assertTrue(line.exists())
        self.assertAmounts([100])
        line.unlink()
        self.assertAmounts([100, -100])


@tagged("post_install", "-at_install")
class TestInvoicePaths(LedgerPathsCommon):
    """Invoices with a line on the balance account, and what follows from them."""

    def _balance_invoice(self, amount, tax=None):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.client.id,
                "invoice_date": "2026-03-01",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Advance",
                            "price_unit": amount,
                            "account_id": self.balance_account.id,
                            "tax_ids": [Command.set(tax.ids if tax else [])],
                        }
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_a_line_on_the_balance_account_and_its_credit_note(self):
        invoice = self._balance_invoice(100)
        self.assertAmounts([100])
        note = invoice._reverse_moves(
            [{"invoice_date": "2026-03-05", "date": "2026-03-05"}], cancel=True
        )
        self.assertAmounts([100, -100])
        self.assertEqual(self._settlements()[1].reversal_of_id.move_id, invoice)
        self.assertEqual(note.state, "posted")

    def test_reset_and_cancelled(self):
        invoice = self._balance_invoice(100)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertAmounts([100, -100])

    def test_cash_basis_entries_leave_the_balance_and_are_not_matched(self):
        self.company.tax_exigibility = True
        transition = self.env["account.account"].create(
            {
                "name": "VAT not yet due",
                "code": "643999",
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        tax = self.env["account.tax"].create(
            {
                "name": "VAT on payment",
                "amount": 20,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
                "country_id": self.company.account_fiscal_country_id.id,
                "company_id": self.company.id,
            }
        )
        invoice = self._balance_invoice(100, tax)
        self.assertAmounts([100])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-03"})._create_payments()
        cash_basis = self.env["account.move"].search(
            [("tax_cash_basis_origin_move_id", "=", invoice.id)]
        )
        self.assertTrue(cash_basis)
        self.assertEqual(self._balance(), 100)
        self.assertFalse(any(self._line(cash_basis).mapped("matched_credit_ids")))
        # the credit of the invoice is still there to be spent
        spend = self._entry(-100, date="2026-03-10")
        self.assertTrue(self._line(spend).reconciled)
        self.assertTrue(self._line(invoice).reconciled)

    def test_cash_basis_tax_that_waits_on_the_balance_account(self):
        """An odd choice of the accountant's: taking and giving weigh nothing."""
        self.company.tax_exigibility = True
        tax = self.env["account.tax"].create(
            {
                "name": "VAT on payment",
                "amount": 20,
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": self.balance_account.id,
                "country_id": self.company.account_fiscal_country_id.id,
                "company_id": self.company.id,
            }
        )
        invoice = self._invoice(100)
        invoice.button_draft()
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        self.assertAmounts([20])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-03"})._create_payments()
        # core moves the tax from the account and, without another one, back to it
        self.assertEqual(sorted(self._settlements().mapped("amount")), [-20, 20, 20])

    def test_paying_a_foreign_invoice_leaves_the_balance_alone(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        invoice = self._invoice(20, currency=self.usd)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"payment_date": "2026-03-12"})._create_payments()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(self._settlements(currency=self.usd))


@tagged("post_install", "-at_install")
class TestMatchingPaths(LedgerPathsCommon):
    """First in, first out, whatever order the entries came in."""

    def _residuals(self, *moves):
        return [self._line(move).amount_residual_currency for move in moves]

    def test_credits_of_one_day_are_used_in_the_order_of_recording(self):
        moves = [self._entry(amount) for amount in (10, 50, 20)]
        self._entry(-35)
        self.assertEqual(self._residuals(*moves), [0, -25, -20])

    def test_two_hundred_open_credits(self):
        move = self.env["account.move"].create(
            {
                "date": "2026-03-01",
                "journal_id": self.misc_journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.client.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        *[(self.balance_account, -1)] * 200,
                        (self.income_account, 200),
                    )
                ],
            }
        )
        move.action_post()
        before = self.env.cr.sql_log_count
        self._entry(-150, date="2026-03-02")
        self.assertLess(self.env.cr.sql_log_count - before, 200)
        residuals = [
            settlement.move_line_id.amount_residual
            for settlement in self._settlements()[:200]
        ]
        self.assertEqual(residuals, [0] * 150 + [-1] * 50)
        self.assertEqual(self._balance(), 50)

    def test_exchange_differences_of_an_undone_spend_are_undone(self):
        self._set_rate(self.usd, "2026-03-10", 44.0)
        self._entry(20, bank=self.bank1, currency=self.usd)
        spend = self._entry(-20, date="2026-03-12", bank=self.bank1, currency=self.usd)
        spend.button_draft()
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.balance_account.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertAlmostEqual(sum(items.mapped("amount_currency")), -20)
        self.assertAlmostEqual(sum(items.mapped("balance")), -800)
        self.assertEqual(items.client_balance_bank_id, self.bank1)
        spend.action_post()
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.balance_account.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertAlmostEqual(sum(items.mapped("balance")), 0)

    def test_what_a_person_matched_by_hand_stays_and_the_balance_is_right(self):
        first = self._entry(100, bank=self.bank1)
        second = self._entry(100, bank=self.bank2)
        spend = self._entry(-40, date="2026-03-02", bank=self.bank1)
        self._line(spend).remove_move_reconcile()
        (self._line(spend) | self._line(second)).reconcile()
        self.assertEqual(self._residuals(first, second), [-100, -60])
        self.assertEqual(self._balance(self.bank1), 60)
        self.assertEqual(self._balance(self.bank2), 100)

    def test_a_dated_spend_in_a_locked_period_is_judged_on_its_new_date(self):
        self._entry(100, date="2026-03-10")
        self.company.fiscalyear_lock_date = fields.Date.to_date("2026-03-31")
        spend = self._entry(-40, date="2026-03-05")
        self.assertGreater(spend.date, fields.Date.to_date("2026-03-31"))
        self.assertEqual(self._settlements()[-1].date, spend.date)
