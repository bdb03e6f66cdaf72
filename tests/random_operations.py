"""Random operations on the books, each compared with an oracle that knows no Odoo.

The machine does what people do: invoices, payments through the dialog, refunds,
corrections, merges. ``tests/oracle.py`` says whether an operation must succeed or be
refused and what every balance is afterwards. After each operation *all* invariants are
checked: those of ``check_integrity`` and those that need more than one document.
"""

import itertools
import math
import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import HealthCheck, Phase, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL

from tests.oracle import ZERO, Oracle

DAYS = ("2026-03-01", "2026-03-05", "2026-03-10", "2026-03-20")
TODAY = "2026-03-31"
#: what a dollar costs from a day on
RATES = {"2026-01-01": "40", "2026-03-05": "42", "2026-03-15": "41.5"}
CENT = Decimal("0.01")
#: after how many operations PostgreSQL counts the rows of these tables
ANALYZE = 10
TABLES = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
    "client_balance",
    "client_balance_settlement",
)
#: after how many operations a long run says that it lives
PROGRESS = 100

days = strategies.sampled_from(DAYS)
#: kopiykas, round sums, and such as leave thirds behind
amounts = strategies.sampled_from(
    [Decimal(x) for x in ("0.01", "0.07", "10", "33.33", "100", "159", "1000")]
)
#: which of the records that are there: taken modulo their number
picks = strategies.integers(0, 99)
flags = strategies.booleans()


def rate_on(day):
    return Decimal(RATES[max(start for start in RATES if start <= day)])


def as_decimal(amount):
    return Decimal(str(round(amount, 2)))


@dataclass(eq=False)
class Document:
    """Something that was posted, and what it means for the oracle."""

    number: int
    kind: str
    record: object
    movements: list
    owed: dict
    state: str = "posted"
    #: entries that are undone together with this document
    children: list = field(default_factory=list)
    reference: str = ""


class Books(RuleBasedStateMachine):
    """``case`` is the running test: its company, users and helpers are used."""

    case = None
    done = Counter()

    def __init__(self):
        super().__init__()
        self.env = self.case.env
        self.savepoint = self.env.cr.savepoint()
        self.savepoint.__enter__()
        self.oracle = Oracle()
        self.documents = []
        self.numbers = itertools.count(1)
        self.clients = []
        self.untracked = set()

    def teardown(self):
        self.savepoint.rollback()
        self.savepoint.close(rollback=True)
        self.env.invalidate_all()

    @initialize(funded=flags)
    def open_books(self, funded):
        case = self.case
        self.clients = [case.client, case.other_client, case.third_client]
        self.banks = {
            case.client: [None, case.bank1, case.bank2],
            case.other_client: [None, case.bank3],
            case.third_client: [None, case.bank4],
        }
        if funded:
            for pick in (0, 1, 2, 4):
                self.settle(pick, Decimal(2000), DAYS[0], takes=False)

    # Helpers --------------------------------------------------------------------------

    def pick_client(self, pick):
        return self.clients[pick % len(self.clients)]

    def pick_key(self, pick):
        """A key of the oracle: (client, bank account or None, currency)."""
        client = self.pick_client(pick)
        banks = self.banks[client]
        currency = self.case.usd if pick % 3 == 2 else self.case.uah
        return client, banks[(pick // 3) % len(banks)], currency

    def pick_document(self, pick, *kinds, state="posted"):
        """A document to work on; where there is none yet, one is made."""
        found = self.find(*kinds, state=state)
        if not found and state == "posted":
            self.make(kinds[0], pick)
            found = self.find(*kinds, state=state)
        return found[pick % len(found)] if found else None

    def find(self, *kinds, state="posted"):
        return [
            document
            for document in self.documents
            if document.kind in kinds and document.state == state
        ]

    def make(self, kind, pick):
        amount, day = Decimal(500), DAYS[pick % 2]
        if kind == "invoice":
            self.invoice(pick, amount, day, refund=False)
        elif kind == "credit note":
            self.invoice(pick - pick % 4, amount, day, refund=True)
        elif kind == "payment":
            self.overpay(pick, amount, day)
        elif kind == "entry":
            self.entry(pick, amount, day, takes=False)
        elif kind == "statement line":
            self.statement_line(pick, amount, day, takes=False)
        elif kind == "settlement":
            self.settle(pick, amount, day, takes=False)

    def pick_funded(self, pick):
        """A key that was ever used."""
        if not self.oracle.balances():
            self.make("settlement", pick)
        keys = sorted(
            self.oracle.balances(),
            key=lambda key: (key[0].id, key[1].id if key[1] else 0, key[2].id),
        )
        return keys[pick % len(keys)]

    def balance_of(self, key):
        client, bank, currency = key
        return self.env["client.balance"]._get_balance(
            self.case.company, client, bank, currency
        )

    def attempt(self, name, work, changes):
        """``work()`` must succeed if the oracle allows ``changes``, else be refused."""
        allowed = self.oracle.allows(changes)
        try:
            with self.env.cr.savepoint():
                result = work()
        except AccessError:
            raise
        except UserError as error:
            self.env.invalidate_all()
            assert not allowed, f"{name} was refused: {error}"
            self.count(f"{name} refused")
            return None
        assert allowed, f"{name} should have been refused"
        self.oracle.apply(changes)
        self.bring_money_over()
        self.count(name)
        return result

    def count(self, name):
        done = type(self).done
        done[name] += 1
        if done.total() % ANALYZE == 0:
            self.analyze()
        if done.total() % PROGRESS == 0:
            print(f"{done.total():6} operations", flush=True)

    def analyze(self):
        """Tell PostgreSQL what there is: no autovacuum sees it before the commit.

        Without it core's queries of reconciled payments take seconds each.
        """
        for table in TABLES:
            self.env.execute_query(SQL("ANALYZE %s", SQL.identifier(table)))

    def add(self, name, kind, work, movements=(), owed=None, parent=None):
        """Attempt something that makes a new document."""
        document = Document(next(self.numbers), kind, None, movements, owed or {})
        record = self.attempt(
            name, work, {document.number: (document.movements, document.owed)}
        )
        if record is None:
            return None
        document.record = record.with_env(self.env)
        self.documents.append(document)
        if parent:
            parent.children.append(document)
        return document

    def undo(self, name, document, work, state="gone"):
        """Attempt something that takes a document, and what hangs on it, away."""
        gone = [document, *(c for c in document.children if c.state == "posted")]
        done = self.attempt(
            name, lambda: work() or True, {item.number: None for item in gone}
        )
        if done is not None:
            for item in gone:
                item.state = "gone"
            document.state = state
            document.children = []

    def redo(self, name, document, work):
        """Attempt to post again what was reset."""
        done = self.attempt(
            name,
            lambda: work() or True,
            {document.number: (document.movements, document.owed)},
        )
        if done is not None:
            document.state = "posted"

    # Invoices and credit notes --------------------------------------------------------

    @rule(pick=picks, amount=amounts, day=days, refund=flags)
    def invoice(self, pick, amount, day, refund):
        client, _bank, currency = self.pick_key(pick)
        sign = -1 if refund and pick % 4 == 0 else 1
        kind = "invoice" if sign > 0 else "credit note"
        self.add(
            kind,
            kind,
            lambda: self.case._invoice(
                float(amount),
                day,
                client,
                currency,
                move_type="out_invoice" if sign > 0 else "out_refund",
            ),
            owed={(client, currency): sign * amount},
        )

    @rule(pick=picks)
    def reset_invoice(self, pick):
        document = self.pick_document(pick, "invoice", "credit note")
        if document:
            self.undo("invoice reset", document, document.record.button_draft, "draft")

    @rule(pick=picks)
    def post_invoice_again(self, pick):
        document = self.pick_document(pick, "invoice", "credit note", state="draft")
        if document:
            self.redo("invoice again", document, document.record.action_post)

    # The payment dialog ---------------------------------------------------------------

    def residual(self, document):
        return as_decimal(abs(document.record.amount_residual))

    def client_of(self, document):
        [[client, currency]] = document.owed
        return client, currency

    def register(self, document, amount, day, bank=None, **values):
        wizard = (
            self.env["account.payment.register"]
            .with_user(self.case.clerk)
            .with_context(active_model="account.move", active_ids=document.record.ids)
            .create(
                {
                    "payment_date": day,
                    "amount": float(amount),
                    "client_balance_bank_id": bank and bank.id,
                    **values,
                }
            )
        )
        return wizard._create_payments()

    @contextmanager
    def credits_unchanged(self, client):
        """What goes to the balance is not offered by core as an open credit."""
        before = self.get_open_credits(client)
        yield
        after = self.get_open_credits(client)
        assert before == after, f"open credits of {client}: {before}, then {after}"

    def get_open_credits(self, client):
        self.env.flush_all()
        [[total]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(item.amount_residual_currency), 0)
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                  JOIN res_partner client ON client.id = item.partner_id
                 WHERE item.parent_state = 'posted' AND item.amount_residual < 0
                   AND account.account_type = 'asset_receivable'
                   AND client.commercial_partner_id = %s
                """,
                client.id,
            )
        )
        return as_decimal(total)

    def open_invoice(self, pick):
        found = [item for item in self.find("invoice") if self.residual(item)]
        if not found:
            self.make("invoice", pick)
            found = self.documents[-1:]
        return found[pick % len(found)]

    @rule(pick=picks, amount=amounts, day=days)
    def overpay(self, pick, amount, day):
        document = self.open_invoice(pick)
        client, currency = self.client_of(document)
        bank = self.banks[client][pick % len(self.banks[client])]
        paid = self.residual(document) + amount
        with self.credits_unchanged(client):
            self.add(
                "overpayment",
                "payment",
                lambda: self.register(
                    document, paid, day, bank, to_client_balance=True
                ),
                [((client, bank, currency), day, amount)],
                {(client, currency): -paid},
            )

    @rule(pick=picks, amount=amounts, day=days)
    def underpay(self, pick, amount, day):
        document = self.open_invoice(pick)
        client, currency = self.client_of(document)
        bank = self.banks[client][pick % len(self.banks[client])]
        left = self.residual(document)
        taken = min(amount, left - CENT)
        if taken <= 0:
            return
        # the invoice may stay open by a part
        paid = left - taken if pick % 2 else max((left - taken) / 2, CENT)
        paid = paid.quantize(CENT)
        self.add(
            "write-off",
            "payment",
            lambda: self.register(
                document,
                paid,
                day,
                bank,
                from_client_balance=True,
                client_balance_amount=float(taken),
                client_balance_amount_typed=True,
            ),
            [((client, bank, currency), day, -taken)],
            {(client, currency): -paid},
        )

    @rule(pick=picks, amount=amounts, day=days)
    def pay_plainly(self, pick, amount, day):
        """Core's own payment: what is too much becomes an open credit."""
        document = self.open_invoice(pick)
        self.add(
            "plain payment",
            "plain payment",
            lambda: self.register(document, amount, day),
            owed={self.client_of(document): -amount},
        )

    @rule(pick=picks, day=days)
    def pay_in_the_other_currency(self, pick, day):
        """Twice what is due, paid in the other currency; the rest is credited in it."""
        document = self.open_invoice(pick)
        client, currency = self.client_of(document)
        case = self.case
        other = case.usd if currency == case.uah else case.uah
        rate = rate_on(day)
        left = self.residual(document)
        due = left / rate if other == case.usd else left * rate
        due = due.quantize(CENT, ROUND_HALF_UP)
        if not due:
            return
        self.untracked.add(client)
        self.add(
            "payment in another currency",
            "payment",
            lambda: self.register(
                document, due * 2, day, currency_id=other.id, to_client_balance=True
            ),
            [((client, None, other), day, due)],
        )

    @rule(pick=picks, how=strategies.sampled_from(["draft", "cancel", "delete"]))
    def undo_payment(self, pick, how):
        document = self.pick_document(pick, "payment", "plain payment")
        if not document:
            return
        payment = document.record

        def work():
            if how == "cancel":
                return payment.action_cancel()
            payment.action_draft()
            if how == "delete":
                payment.unlink()
            return True

        state = {"draft": "draft", "cancel": "cancelled", "delete": "gone"}[how]
        self.undo(f"payment {how}", document, work, state)

    @rule(pick=picks, cancelled=flags)
    def post_payment_again(self, pick, cancelled):
        state = "cancelled" if cancelled else "draft"
        document = self.pick_document(pick, "payment", "plain payment", state=state)
        if document:
            payment = document.record

            def work():
                if cancelled:
                    payment.action_draft()
                payment.action_post()

            self.redo("payment again", document, work)

    @rule(pick=picks, day=days)
    def edit_draft_payment(self, pick, day):
        """A draft whose entry gets another date keeps its part on the balance."""
        document = self.pick_document(pick, "payment", state="draft")
        if document:
            document.record.move_id.date = day
            document.movements = [
                (key, day, amount) for key, _day, amount in document.movements
            ]
            self.count("draft payment edited")

    # Balances that pay ----------------------------------------------------------------

    @rule(pick=picks, amount=amounts, day=days)
    def pay_from_balance(self, pick, amount, day):
        document = self.open_invoice(pick)
        client, currency = self.client_of(document)
        banks = self.banks[client]
        left = self.residual(document)
        first = min(amount, left)
        shares = {banks[pick % len(banks)]: first}
        if pick % 2 and len(banks) > 1 and left > first:
            shares[banks[(pick + 1) % len(banks)]] = min(CENT, left - first)

        def work():
            application = self.env["client.balance.application"]
            no_bank = self.env["res.partner.bank"]
            return application.with_user(self.case.clerk)._pay_invoice(
                document.record.with_user(self.case.clerk),
                {bank or no_bank: float(share) for bank, share in shares.items()},
                day,
            )

        self.add(
            "paid from the balance",
            "application",
            work,
            [((client, bank, currency), day, -share) for bank, share in shares.items()],
            parent=document,
        )

    @rule(pick=picks, amount=amounts, day=days)
    def put_credit_on_balance(self, pick, amount, day):
        document = self.pick_document(pick, "credit note", "plain payment")
        if not document:
            return
        if document.kind == "credit note":
            move = document.record
        else:
            move = document.record.move_id
        line = move.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.amount_residual_currency < 0
            )
        )
        if not line:
            return
        client, currency = self.client_of(document)
        bank = self.banks[client][pick % len(self.banks[client])]
        amount = min(amount, as_decimal(-line.amount_residual_currency))

        def work():
            action = move.with_user(self.case.clerk).action_to_client_balance()
            dialog = (
                self.env["client.balance.deposit"]
                .with_user(self.case.clerk)
                .with_context(**action["context"])
                .create(
                    {
                        "date": day,
                        "amount": float(amount),
                        "partner_bank_id": bank and bank.id,
                    }
                )
            )
            dialog.action_confirm()
            return self.env["client.balance.settlement"].search(
                [], order="id desc", limit=1
            )

        self.add(
            "credit put on the balance",
            "settlement",
            work,
            [((client, bank, currency), day, amount)],
            parent=document,
        )

    # Manual settlements ---------------------------------------------------------------

    @rule(pick=picks, amount=amounts, day=days, takes=flags)
    def settle(self, pick, amount, day, takes):
        key = self.pick_key(pick)
        amount = -amount if takes else amount
        with self.credits_unchanged(key[0]):
            self.record_settlement("manual settlement", key, day, amount)

    def record_settlement(self, name, key, day, amount):
        client, bank, currency = key
        reference = f"REF-{next(self.numbers)}"
        document = self.add(
            name,
            "settlement",
            lambda: self.case._settle(
                float(amount),
                day,
                bank,
                partner_id=client.id,
                currency_id=currency.id,
                external_ref=reference,
            ),
            [(key, day, amount)],
            {(client, currency): -amount},
        )
        if document:
            document.reference = reference

    @rule(pick=picks)
    def repeat_reference(self, pick):
        """The same reference again changes nothing, whatever became of it."""
        known = [item for item in self.documents if item.reference]
        if known:
            document = known[pick % len(known)]
            again = self.env["client.balance.settlement"].create(
                {
                    "partner_id": document.record.partner_id.id,
                    "amount": document.record.amount,
                    "currency_id": document.record.currency_id.id,
                    "company_id": self.case.company.id,
                    "external_ref": document.reference,
                }
            )
            assert again == document.record
            self.count("reference repeated")

    @rule(pick=picks)
    def reverse_settlement(self, pick):
        document = self.pick_document(pick, "settlement")
        if document:
            settlement = document.record.with_user(self.case.manager)
            self.undo("settlement reversed", document, settlement.action_reverse)

    @rule(pick=picks, to=picks, amount=amounts, day=days, takes=flags)
    def correct_settlement(self, pick, to, amount, day, takes):
        found = [item for item in self.find("settlement") if item.reference]
        if not found:
            self.make("settlement", pick)
            found = self.documents[-1:]
        document = found[pick % len(found)]
        key = self.pick_key(to)
        client, bank, currency = key
        amount = -amount if takes else amount
        new = Document(
            next(self.numbers),
            "settlement",
            None,
            [(key, day, amount)],
            {(client, currency): -amount},
        )
        settlement = self.attempt(
            "settlement corrected",
            lambda: document.record.with_user(self.case.manager).action_correct(
                {
                    "partner_id": client.id,
                    "partner_bank_id": bank and bank.id,
                    "currency_id": currency.id,
                    "amount": float(amount),
                    "date": day,
                }
            ),
            {document.number: None, new.number: (new.movements, new.owed)},
        )
        if settlement is not None:
            document.state = "gone"
            new.record = settlement.with_env(self.env)
            self.documents.append(new)

    @rule(pick=picks, limit=amounts, none=flags)
    def set_limit(self, pick, limit, none):
        key = self.pick_funded(pick)
        limit = ZERO if none else limit
        before = self.oracle.limits.get(key, ZERO)
        self.oracle.limits[key] = limit
        balance = self.balance_of(key).with_user(self.case.manager)
        if (
            self.attempt(
                "limit", lambda: balance.write({"overdraft_limit": float(limit)}), {}
            )
            is None
        ):
            self.oracle.limits[key] = before

    # Entries and statement lines ------------------------------------------------------

    @rule(pick=picks, amount=amounts, day=days, takes=flags)
    def entry(self, pick, amount, day, takes):
        client, bank, currency = key = self.pick_key(pick)
        amount = -amount if takes else amount
        self.add(
            "journal entry",
            "entry",
            lambda: self.case._entry(
                float(amount),
                day,
                client,
                bank,
                currency,
                user=self.case.accountant,
            ),
            [(key, day, amount)],
            {(client, currency): -amount},
        )

    @rule(pick=picks, how=strategies.sampled_from(["draft", "cancel", "delete"]))
    def undo_entry(self, pick, how):
        document = self.pick_document(pick, "entry")
        if not document:
            return
        move = document.record

        def work():
            if how == "cancel":
                return move.button_cancel()
            move.button_draft()
            if how == "delete":
                move.with_context(force_delete=True).unlink()
            return True

        state = {"draft": "draft", "cancel": "cancelled", "delete": "gone"}[how]
        self.undo(f"entry {how}", document, work, state)

    @rule(pick=picks)
    def post_entry_again(self, pick):
        document = self.pick_document(pick, "entry", state="draft")
        if document:
            self.redo("entry again", document, document.record.action_post)

    @rule(pick=picks, day=days)
    def reverse_entry(self, pick, day):
        document = self.pick_document(pick, "entry")
        if not document:
            return
        [(key, first, amount)] = document.movements
        day = max(day, first)
        reversal = self.add(
            "entry reversed",
            "reversal",
            lambda: document.record._reverse_moves([{"date": day}], cancel=True),
            [(key, day, -amount)],
            {owner: -owed for owner, owed in document.owed.items()},
        )
        if reversal:
            document.state = "reversed"

    @rule(pick=picks, to=picks)
    def give_entry_to_another_client(self, pick, to):
        """Core lets accountants change the partner of a posted item."""
        document = self.pick_document(pick, "entry")
        if not document:
            return
        [((client, bank, currency), day, amount)] = document.movements
        other = self.pick_client(to)
        if other == client or bank:
            return
        movements = [((other, None, currency), day, amount)]
        owed = {(other, currency): -amount}
        line = self.case._line(document.record).with_user(self.case.accountant)
        if self.attempt(
            "client of an item changed",
            lambda: line.write({"partner_id": other.id}) or True,
            {document.number: (movements, owed)},
        ):
            document.movements, document.owed = movements, owed

    @rule(pick=picks, amount=amounts, day=days, takes=flags)
    def statement_line(self, pick, amount, day, takes):
        client = self.pick_client(pick)
        amount = -amount if takes else amount
        uah = self.case.uah
        self.add(
            "statement line",
            "statement line",
            lambda: self.env["account.bank.statement.line"].create(
                {
                    "journal_id": self.case.bank_journal.id,
                    "date": day,
                    "payment_ref": "Statement",
                    "partner_id": client.id,
                    "amount": float(amount),
                    "counterpart_account_id": self.case.balance_account.id,
                }
            ),
            [((client, None, uah), day, amount)],
            {(client, uah): -amount},
        )

    @rule(pick=picks, delete=flags)
    def undo_statement_line(self, pick, delete):
        document = self.pick_document(pick, "statement line")
        if document:
            line = document.record
            self.undo(
                "statement line undone",
                document,
                line.unlink if delete else line.action_undo_reconciliation,
            )

    # Dialogs of money -----------------------------------------------------------------

    def confirm(self, model, user, **values):
        dialog = self.env[model].with_user(user).create(values)
        dialog.action_confirm()
        return dialog._get_done()

    @rule(pick=picks, amount=amounts, day=days)
    def top_up(self, pick, amount, day):
        client, bank, currency = key = self.pick_key(pick)
        self.add(
            "top-up",
            "payment",
            lambda: (
                self.confirm(
                    "client.balance.top.up",
                    self.case.clerk,
                    partner_id=client.id,
                    partner_bank_id=bank and bank.id,
                    currency_id=currency.id,
                    amount=float(amount),
                    date=day,
                ).payment_id
            ),
            [(key, day, amount)],
            {(client, currency): -amount},
        )

    @rule(pick=picks, amount=amounts, day=days)
    def refund(self, pick, amount, day):
        key = self.pick_funded(pick)
        client, _bank, currency = key
        self.add(
            "refund",
            "payment",
            lambda: (
                self.confirm(
                    "client.balance.refund",
                    self.case.accountant,
                    partner_id=client.id,
                    balance_id=self.balance_of(key).id,
                    amount=float(amount),
                    date=day,
                ).payment_id
            ),
            [(key, day, -amount)],
            {(client, currency): amount},
        )

    @rule(pick=picks, to=picks, amount=amounts, day=days)
    def transfer(self, pick, to, amount, day):
        key = self.pick_funded(pick)
        client, bank, currency = key
        other, other_bank, _currency = self.pick_key(to)
        if (client, bank) == (other, other_bank):
            return
        owed = Counter()
        owed[client, currency] += amount
        owed[other, currency] -= amount
        self.add(
            "transfer",
            "settlement",
            lambda: self.confirm(
                "client.balance.transfer",
                self.case.manager,
                partner_id=client.id,
                balance_id=self.balance_of(key).id,
                partner_to_id=other.id,
                bank_to_id=other_bank and other_bank.id,
                amount=float(amount),
                date=day,
                description="Letter",
            ),
            [
                (key, day, -amount),
                ((other, other_bank, currency), day, amount),
            ],
            dict(owed),
        )

    @rule(pick=picks, amount=amounts, day=days)
    def exchange(self, pick, amount, day):
        key = self.pick_funded(pick)
        client, bank, currency = key
        case = self.case
        other = case.uah if currency == case.usd else case.usd
        rate = rate_on(day)
        got = amount * rate if currency == case.usd else amount / rate
        got = got.quantize(CENT, ROUND_HALF_UP)
        if not got:
            return
        self.add(
            "exchange",
            "settlement",
            lambda: self.confirm(
                "client.balance.exchange",
                case.manager,
                partner_id=client.id,
                balance_id=self.balance_of(key).id,
                currency_to_id=other.id,
                bank_to_id=bank and bank.id,
                amount=float(amount),
                date=day,
            ),
            [(key, day, -amount), ((client, bank, other), day, got)],
            {(client, currency): amount, (client, other): -got},
        )

    # Another balance account ----------------------------------------------------------

    @rule(pick=picks)
    def choose_another_account(self, pick):
        if pick % 4:
            # all balances move: often enough, and long enough on one account
            return
        company = self.case.company
        chosen = self.case.accounts - company.client_balance_account_id
        company.write(
            {
                "client_balance_account_id": chosen.id,
                "client_balance_foreign_account_id": chosen.id,
            }
        )
        self.bring_money_over()
        self.count("balance account changed")

    def bring_money_over(self):
        """What the settings ask for as long as money lies on the other account.

        Whoever undoes what is older leaves some there again.
        """
        self.env.flush_all()
        domain = self.case.company._get_client_balance_old_account_domain()
        if not self.env["account.move.line"].search_count(domain, limit=1):
            return
        Batch = self.env["client.balance.batch"].with_user(self.case.manager)
        batch = Batch.browse(Batch.action_open_old_account()["res_id"])
        batch.date = TODAY
        batch.run_batch(limit=500)
        refused = batch.line_ids.filtered(lambda line: line.state != "done")
        assert not refused, refused.mapped("message")
        self.env.invalidate_all()
        self.count("money brought over")

    # Owners ---------------------------------------------------------------------------

    @rule(number=strategies.integers(0, 3))
    @precondition(lambda self: len(self.clients) < 4)
    def new_client(self, number):
        """Clients may have the same bank account: they meet when they are merged."""
        client = self.case._create_client("Newcomer")
        bank = self.env["res.partner.bank"].create(
            {
                "partner_id": client.id,
                "acc_number": f"UA0044{number}",
                "allow_out_payment": True,
            }
        )
        self.clients.append(client)
        self.banks[client] = [None, bank]
        self.count("new client")

    @rule(pick=picks, to=picks)
    @precondition(lambda self: len(self.clients) > 2)
    def merge_clients(self, pick, to):
        source, destination = self.pick_client(pick), self.pick_client(to)
        if source == destination:
            return
        # Of accounts with one number Odoo makes one, unless a contact holds either.
        own = {
            bank.sanitized_acc_number: bank
            for bank in self.banks[destination]
            if bank and bank.partner_id == destination
        }
        same = {
            bank: own.get(bank.sanitized_acc_number, bank)
            if bank and bank.partner_id == source
            else bank
            for bank in self.banks[source]
        }
        # The merged days of two keys are sound if each was; nothing can be refused.
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | destination).ids, destination
        )
        self.env.invalidate_all()

        def translate(key):
            client, bank, currency = key
            if client != source:
                return key
            return destination, same.get(bank, bank), currency

        self.change_owner(source, destination, translate)
        self.banks[destination] += [
            bank for bank in same.values() if bank not in self.banks[destination]
        ]
        self.count("clients merged")

    @rule(pick=picks, to=picks)
    @precondition(lambda self: len(self.clients) > 2)
    def place_under(self, pick, to):
        """A client becomes a contact of another company: the money goes along."""
        source, destination = self.pick_client(pick), self.pick_client(to)
        if source == destination:
            return
        source.write({"is_company": False, "parent_id": destination.id})

        def translate(key):
            client, bank, currency = key
            return (destination if client == source else client), bank, currency

        self.change_owner(source, destination, translate)
        self.banks[destination] += [b for b in self.banks[source] if b]
        self.count("client placed under another")

    def change_owner(self, source, destination, translate):
        self.clients.remove(source)
        self.oracle.rename(translate)
        if source in self.untracked:
            self.untracked.add(destination)
        for document in self.documents:
            document.movements = [
                (translate(key), day, amount) for key, day, amount in document.movements
            ]
            document.owed = Oracle._renamed(document.owed, translate)

    @rule(pick=picks, what=strategies.sampled_from(["client", "bank", "currency"]))
    def archive(self, pick, what):
        """Refused while money is there; taken back at once."""
        key = self.pick_funded(pick)
        client, bank, currency = key
        record = {"client": client, "bank": bank, "currency": currency}[what]
        if not record or record == self.case.uah:
            return
        place = ("client", "bank", "currency").index(what)
        holds = any(
            amount and key[place] == record
            for key, amount in self.oracle.balances().items()
        )
        savepoint = self.env.cr.savepoint()
        try:
            # Odoo's own rule keeps the currency of any company: it must not hide ours
            record.with_context(force_deactivate=True).write({"active": False})
            self.env.flush_all()
            refused = False
        except UserError:
            refused = True
        finally:
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()
        assert refused == holds, f"archiving {record.display_name}: {refused}"
        self.count(f"{what} archived{' refused' if refused else ''}")

    # Invariants -----------------------------------------------------------------------

    @invariant()
    def all_invariants_hold(self):
        self.the_books_are_sound()
        self.the_oracle_agrees()
        self.every_day_agrees()
        self.clients_owe_what_the_bank_money_says()
        self.money_is_matched_and_worth_what_is_open()
        self.an_act_closes_where_the_next_one_opens()
        self.strangers_see_nothing()

    def the_books_are_sound(self):
        self.env.flush_all()
        found = self.env["client.balance"].check_integrity()
        assert not found, "\n".join(row["message"] for row in found)

    def the_oracle_agrees(self):
        found = {
            key: as_decimal(balance.amount)
            for key, balance in self.get_balances().items()
            if balance.amount
        }
        balances = self.oracle.balances()
        wanted = {key: amount for key, amount in balances.items() if amount}
        assert found == wanted, f"\nOdoo:   {found}\noracle: {wanted}"

    def get_balances(self):
        """:return: {key of the oracle: balance} of the company"""
        balances = self.env["client.balance"].search(
            [("company_id", "=", self.case.company.id)]
        )
        return {
            (b.partner_id, b.partner_bank_id or None, b.currency_id): b
            for b in balances
        }

    def every_day_agrees(self):
        """The balance as of each day, and what is available on it."""
        balances = self.get_balances()
        every = self.env["client.balance"].union(*balances.values())
        levels = self.oracle.levels(self.oracle.documents)
        for day in DAYS:
            on_day = every._get_amounts_on(day)
            available_on_day = every._get_available_on(day)
            for key, gains in levels.items():
                balance = balances[key]
                past = [d for d in gains if d <= day]
                level = gains[max(past)] if past else ZERO
                later = [gains[d] for d in gains if d > day]
                available = min([level, *later]) + self.oracle.limits.get(key, ZERO)
                found = on_day[balance.id]
                assert as_decimal(found) == level, (key, day, found, level)
                found = available_on_day[balance.id]
                assert as_decimal(found) == available, (key, day, found, available)

    def clients_owe_what_the_bank_money_says(self):
        """Receivable − balance changes by bank money and documents only."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT client.commercial_partner_id, item.currency_id,
                       SUM(item.amount_currency)
                  FROM account_move_line item
                  JOIN account_account account ON account.id = item.account_id
                  JOIN res_partner client ON client.id = item.partner_id
                 WHERE item.parent_state = 'posted' AND item.company_id = %s
                   AND (account.is_client_balance
                        OR account.account_type = 'asset_receivable')
              GROUP BY client.commercial_partner_id, item.currency_id
                """,
                self.case.company.id,
            )
        )
        found = {
            (client, currency): as_decimal(sum_) for client, currency, sum_ in rows
        }
        for (client, currency), owed in self.oracle.owed().items():
            if client not in self.untracked:
                got = found.get((client.id, currency.id), ZERO)
                assert got == owed, (client, currency, got, owed)

    def money_is_matched_and_worth_what_is_open(self):
        """No spend waits while a credit is open; an empty balance is worth nothing."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT settlement.balance_id,
                       bool_or(item.amount_residual_currency < 0),
                       bool_or(item.amount_residual_currency > 0),
                       SUM(item.amount_residual_currency) + MAX(balance.amount),
                       MAX(balance.amount), SUM(item.amount_residual)
                  FROM client_balance_settlement settlement
                  JOIN client_balance balance ON balance.id = settlement.balance_id
                  JOIN account_move_line item ON item.id = settlement.move_line_ref
                 WHERE settlement.is_live AND settlement.company_id = %s
              GROUP BY settlement.balance_id
                """,
                self.case.company.id,
            )
        )
        for balance_id, credits, debits, gap, amount, worth in rows:
            assert not (credits and debits), f"balance {balance_id} is not matched"
            assert not gap, f"balance {balance_id}: open items differ by {gap}"
            assert amount or not worth, f"balance {balance_id} is worth {worth}"

    def an_act_closes_where_the_next_one_opens(self):
        """And the last one with what the oracle says; another client each time."""
        turn = type(self).done.total()
        client = self.pick_client(turn)
        currency = (self.case.uah, self.case.usd)[turn // 2 % 2]
        day = DAYS[turn % len(DAYS)]
        after = day[:-2] + f"{int(day[-2:]) + 1:02}"
        (_first, middle), (opening, closing) = (
            self.get_act_balances(client, currency, *period)
            for period in ((DAYS[0], day), (after, TODAY))
        )
        assert middle == opening, (client, currency, day, middle, opening)
        if client not in self.untracked:
            owed = self.oracle.owed()[client, currency]
            assert closing == owed, (client, currency, closing, owed)

    def get_act_balances(self, client, currency, date_from, date_to):
        """:return: (opening, closing) of an act of reconciliation"""
        act = self.env["client.balance.statement"].new(
            {
                "company_id": self.case.company.id,
                "partner_id": client.id,
                "currency_id": currency.id,
                "date_from": date_from,
                "date_to": date_to,
            }
        )
        [data] = self.env["client.balance.statement.source"]._get_data(act).values()
        opening = as_decimal(data["sales"]["opening"])
        rows = data["sales"]["rows"]
        return opening, opening + sum(as_decimal(row["amount"]) for row in rows)

    def strangers_see_nothing(self):
        """Neither the manager of another company nor who has no client of the own."""
        for user in (self.case.stranger, self.case.salesperson):
            env = self.env(
                user=user, context={"allowed_company_ids": user.company_ids.ids}
            )
            for model in ("client.balance", "client.balance.settlement"):
                found = env[model].search_count([])
                assert not found, f"{user.login} sees {found} of {model}"


def run(case, operations, steps=50, seed=None):
    """Run about ``operations`` random operations.

    :param case: the running test, an instance of ``RandomCase``
    :param seed: an integer, or None for the same run each time
    """
    machine = type("Machine", (Books,), {"case": case, "done": Counter()})
    if seed is not None:
        # Hypothesis reads it where ``@seed`` would have put it
        machine._hypothesis_internal_use_seed = seed
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                # one more: the first one is always the shortest possible
                max_examples=math.ceil(operations / steps) + 1,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                derandomize=seed is None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate]
                if os.environ.get("NO_SHRINK")
                else [Phase.generate, Phase.shrink],
            ),
        )
    finally:
        for name, count in sorted(machine.done.items()):
            print(f"{count:6} {name}")
        print(f"{sum(machine.done.values()):6} operations, seed {seed}")
    return machine.done


class RandomCase:
    """Fixtures beyond those of ``ClientBalanceCommon``, to be mixed in before it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for day, rate in RATES.items():
            if day != "2026-01-01":
                cls._set_rate(cls.usd, day, float(rate))
        cls.third_client = cls._create_client("Sister of Volia")
        elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.stranger = cls._create_user(
            "cb_stranger", "client_balance.group_client_balance_manager"
        )
        cls.stranger.write(
            {"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id}
        )
        cls.bank3, cls.bank4 = cls.env["res.partner.bank"].create(
            [
                {"partner_id": partner.id, "acc_number": "UA00 3333"}
                for partner in (cls.other_client, cls.third_client)
            ]
        )
        (cls.bank1 | cls.bank2 | cls.bank3 | cls.bank4).allow_out_payment = True
        outstanding = cls.env["account.account"].create(
            {
                "name": "On the way",
                "code": "101499",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        another = cls.balance_account.copy({"code": "269901", "name": "Another one"})
        another.is_client_balance = True
        cls.accounts = cls.balance_account | another
        (
            cls.bank_journal.inbound_payment_method_line_ids
            | cls.bank_journal.outbound_payment_method_line_ids
        ).payment_account_id = outstanding
