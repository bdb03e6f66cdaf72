"""Somebody with the least rights writes at random, and asks the program to go on.

Each try is two or three requests, as they come through RPC: values into fields that a
program can write (also those which no form shows), nested commands, and between them
what the program offers to everybody: pay from the balance, unreconcile, reset, post.
The oracle knows whose each document was in the beginning, and says what may not be so
afterwards, however the requests ended.
"""

import random
from contextlib import suppress

from odoo.fields import Command

from odoo.addons.client_balance.tests.payment_common import PaymentDialogCommon

#: What a program may send along.
CONTEXT = {
    "check_move_validity": False,
    "skip_invoice_sync": True,
    "skip_readonly_check": True,
    "skip_account_move_synchronization": True,
    "force_delete": True,
}
#: Fields that say whose something is, what belongs to it, or how much it is.
FIELDS = {
    "res.partner": ("parent_id", "commercial_partner_id", "is_company", "active"),
    "res.partner.bank": ("partner_id", "active"),
    "account.move": (
        "commercial_partner_id",
        "partner_id",
        "origin_payment_id",
        "reversed_entry_id",
        "statement_line_id",
        "state",
        "payment_state",
        "client_balance_bank_id",
        "client_balance_settlement_ids",
        "line_ids",
        "reversal_move_ids",
    ),
    "account.move.line": (
        "partner_id",
        "account_id",
        "client_balance_bank_id",
        "balance",
        "amount_currency",
        "move_id",
        "matched_debit_ids",
        "matched_credit_ids",
        "reconciled",
    ),
    "account.payment": ("partner_id", "move_id", "amount", "partner_bank_id", "state"),
    "account.partial.reconcile": (
        "debit_move_id",
        "credit_move_id",
        "amount",
        "debit_amount_currency",
        "credit_amount_currency",
    ),
    "client.balance": ("amount", "partner_id", "overdraft_limit"),
    "client.balance.settlement": ("amount", "partner_id", "invoice_ids", "balance_id"),
}
#: Entries against which a person without accounting rights moves a balance.
OPEN_TYPES = {"asset_receivable", "asset_cash"}


class Attacker:
    """``case`` is the running test: its company, its users and its helpers are used."""

    def __init__(self, case, seed):
        self.case, self.env = case, case.env
        self.random = random.Random(seed)
        self.accepted = 0
        self._open_world()

    # The world ------------------------------------------------------------------------

    def _open_world(self):
        case = self.case
        one, other = case.client, case.other_client
        case._settle(1000, bank=case.bank1)
        case._settle(400, partner_id=other.id)
        self.paid = case._invoice(100)
        self._pay(self.paid)
        self.due = case._invoice(200)
        self.other_due = case._invoice(300, partner=other)
        note = case._invoice(50, move_type="out_refund")
        payment = case._pay(case._dialog(case._invoice(70), 90, to_client_balance=True))
        contact = case._create_client("Olena", is_company=False)
        contact.parent_id = other
        self.draft = self.env["account.move"].create(
            {"journal_id": case.misc_journal.id, "date": "2026-03-05"}
        )
        moves = self.paid | self.due | self.other_due | note | payment.move_id
        own = self.env["client.balance.settlement"].search([]).move_id
        moves |= own | self.draft
        lines = moves.line_ids
        self.records = {
            "res.partner": one | other | contact,
            "res.partner.bank": case.bank1 | case.bank2,
            "account.move": moves,
            "account.move.line": lines,
            "account.payment": payment,
            "account.partial.reconcile": lines.matched_debit_ids
            | lines.matched_credit_ids,
            "account.account": case.balance_account
            | case.income_account
            | case.receivable,
            "client.balance": self.env["client.balance"].search([]),
            "client.balance.settlement": self.env["client.balance.settlement"].search(
                []
            ),
        }
        self.env.flush_all()
        #: whose each document is, whatever is written on it
        self.owner = {
            move.id: move.partner_id.commercial_partner_id.id
            for move in moves
            if move.is_invoice()
        }
        self.ledger = {row.id: row.partner_id.id for row in self._get_ledger()}
        self.entries = set(self._get_ledger().move_id.ids)
        self.limits = {
            row.id: row.overdraft_limit for row in self.records["client.balance"]
        }

    def _pay(self, invoice):
        self.env["client.balance.application"]._pay_invoice(
            invoice, {self.case.bank1: 100}, self.case._day("2026-03-05")
        )

    def _get_ledger(self):
        return self.env["client.balance.settlement"].search([("is_live", "=", True)])

    # One try ------------------------------------------------------------------------

    def attack(self):
        """:return: what is wrong after one try, or None"""
        user = self.random.choice((*3 * [self.case.clerk], self.case.editor))
        self.story = [user.login]
        with self.env.cr.savepoint() as savepoint:
            for _number in range(self.random.choice((1, 2, 2, 3))):
                request = self.random.choice(
                    (self._write, self._write, self._nest, self._go_on, self._go_on)
                )
                self._ask(request, user)
            wrong = self._find_wrong()
            savepoint.rollback()
        self.env.invalidate_all()
        return wrong and "\n".join([wrong, *self.story])

    def _ask(self, request, user):
        """One request: what it has done goes with its refusal."""
        with suppress(Exception), self.env.cr.savepoint():
            request(user)
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.accepted += 1
            self.story[-1] += " (accepted)"
        self.env.cr.precommit.clear()
        self.env.invalidate_all()

    def _as(self, user, records):
        return records.with_user(user).with_context(
            **{key: True for key in CONTEXT if self.random.random() < 0.5},
            check_move_validity=False,
        )

    def _write(self, user):
        model = self.random.choice(list(FIELDS))
        record = self.random.choice(self.records[model])
        vals = self._draw(model)
        self.story.append(f"{record}.write({vals})")
        self._as(user, record).write(vals)

    def _nest(self, user):
        """A paid invoice is reset, and what the program makes then is written, too."""
        next_id = self.env["account.move"].search([], order="id desc", limit=1).id + 1
        move = self.random.choice(self.records["account.move"])
        commands = [
            self.random.choice(
                (
                    Command.update(self.paid.id, {"state": "draft"}),
                    Command.update(move.id, self._draw("account.move")),
                )
            ),
            Command.update(next_id, {"line_ids": self._draw_lines()}),
        ]
        self.story.append(f"{self.draft}.write(reversal_move_ids={commands})")
        self._as(user, self.draft).write({"reversal_move_ids": commands})

    def _draw_lines(self):
        Line = self.env["account.move.line"]
        next_id = Line.search([], order="id desc", limit=1).id + 1
        amount = self.random.choice((1, 900, 1_000_000))
        return [
            Command.update(next_id, {"balance": -amount, "amount_currency": -amount}),
            Command.update(next_id + 1, {"balance": amount, "amount_currency": amount}),
        ]

    def _draw(self, model):
        """:return: values for one or two fields of ``model``"""
        names = self.random.sample(FIELDS[model], self.random.choice((1, 1, 2)))
        return {name: self._draw_value(self.env[model]._fields[name]) for name in names}

    def _draw_value(self, field):
        if field.type == "many2one":
            records = self.records.get(field.comodel_name)
            return self.random.choice([False, *records.ids] if records else [False])
        if field.type in ("one2many", "many2many"):
            return self._draw_commands(field)
        if field.type == "selection":
            return self.random.choice(("draft", "posted", "cancel", "paid", "not_paid"))
        if field.type == "boolean":
            return self.random.choice((True, False))
        return self.random.choice((0.01, 1, 50, 100, -100, 1000, 1_000_000))

    def _draw_commands(self, field):
        records = self.records.get(field.comodel_name)
        if not records:
            return [Command.clear()]
        record_id = self.random.choice(records.ids)
        return [
            self.random.choice(
                (
                    lambda: Command.link(record_id),
                    lambda: Command.unlink(record_id),
                    lambda: Command.delete(record_id),
                    lambda: Command.set([record_id]),
                    Command.clear,
                    lambda: Command.update(record_id, self._draw(field.comodel_name)),
                    lambda: Command.create(self._draw(field.comodel_name)),
                )
            )()
        ]

    def _go_on(self, user):
        """What the program offers to everybody who may see the document."""
        invoice = self._as(
            user, self.random.choice(self.due | self.other_due | self.paid)
        )
        lines = invoice.line_ids.filtered(
            lambda line: line.account_id == self.case.receivable
        )
        payment = self._as(user, self.records["account.payment"])
        items = self._as(user, self.records["account.move.line"])
        pair = self._draw_pair(items)
        records, method, *arguments = self.random.choice(
            (
                (invoice, "action_apply_client_balance", self.case.bank1.id),
                (invoice, "action_apply_client_balance", False),
                (lines, "remove_move_reconcile"),
                (lines, "remove_move_reconcile"),
                (invoice, "button_draft"),
                (invoice, "action_post"),
                (payment, "action_draft"),
                (payment, "action_post"),
                (pair, "reconcile"),
                (pair, "reconcile"),
            )
        )
        self.story.append(f"{records}.{method}({arguments})")
        getattr(records, method)(*arguments)

    def _draw_pair(self, items):
        """:return: two items of one account, most often of a balance"""
        account = self.random.choice(self.case.balance_account | self.case.receivable)
        items = items.filtered(lambda line: line.account_id == account)
        return items.browse(self.random.sample(items.ids, 2))

    # The oracle ---------------------------------------------------------------------

    def _find_wrong(self):
        """:return: what nobody with these rights can have done, or None"""
        self.env.invalidate_all()
        for find in (
            self._find_broken_books,
            self._find_other_owner,
            self._find_minted,
            self._find_foreign_document,
            self._find_lost_money,
        ):
            if wrong := find():
                return f"{find.__name__}: {wrong}"
        return None

    def _find_broken_books(self):
        """What the last request wrote past the forms shows in copies, not in money."""
        found = self.env["client.balance"].check_integrity()
        return [row["message"] for row in found if row["check"] not in ("owner",)]

    def _find_other_owner(self):
        """Money that was there belongs to whom it did, and no limit was granted."""
        rows = self.env["client.balance.settlement"].browse(self.ledger)
        moved = [row.name for row in rows if row.partner_id.id != self.ledger[row.id]]
        granted = [
            row.display_name
            for row in self.env["client.balance"].browse(self.limits)
            if row.overdraft_limit != self.limits[row.id]
        ]
        return moved or granted

    def _get_new_entries(self):
        return self._get_ledger().move_id.filtered(
            lambda move: move.id not in self.entries
        )

    def _find_minted(self):
        """A balance moves against bank money, or the client's own receivable."""
        for move in self._get_new_entries():
            own = move.line_ids.filtered("account_id.is_client_balance")
            for item in move.line_ids - own:
                is_open = item.account_id.account_type in OPEN_TYPES
                if not is_open and item.account_id not in self.case.outstanding:
                    return f"{move.name} against {item.account_id.display_name}"
        return None

    def _find_foreign_document(self):
        """What a client's money paid was that client's in the beginning."""
        for move in self._get_new_entries():
            client = move.line_ids.filtered(
                "account_id.is_client_balance"
            ).partner_id.commercial_partner_id
            items = move.line_ids.matched_debit_ids.debit_move_id
            items |= move.line_ids.matched_credit_ids.credit_move_id
            for document in items.move_id:
                if self.owner.get(document.id, client.id) != client.id:
                    return f"{move.name} of {client.name} pays {document.name}"
        return None

    def _find_lost_money(self):
        """What was taken for an invoice pays it, or has come back."""
        for row in self._get_ledger():
            if row.settlement_type != "write_off" or row.payment_id:
                continue
            if row.reversed_by_id:
                continue
            items = row.move_id.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            if not all(items.mapped("reconciled")):
                return f"{row.name} pays nothing"
        return None


class RandomAttackerCase(PaymentDialogCommon):
    """The company, its clients, and the users with the least rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.editor = cls._create_user("cb_editor", "base.group_partner_manager")
