"""The one gate: every posted item on a balance account is a settlement.

Hooks on journal entries and items (``account_move.py``, ``account_move_line.py``)
only *collect* what was touched. When the outermost step is over, ``_synchronize``
compares what each item should weigh with its live settlement, reverses and appends
the difference and moves the balances. Nothing else writes the ledger.
"""

from contextlib import contextmanager
from weakref import WeakKeyDictionary

from odoo import models
from odoo.tools import SQL, format_date

from .client_balance_fingerprint import get_fingerprint
from .client_balance_gate_pass import (
    GATE,
    Caller,
    Differences,
    Key,
    Movement,
    Touched,
    Weight,
)

__all__ = ["GATE", "Caller", "Key", "Movement", "Touched", "Weight"]

#: What the running step of each database cursor has touched so far.
_collectors = WeakKeyDictionary()


class ClientBalanceGate(models.AbstractModel):
    _name = "client.balance.gate"
    _description = "Gate between journal items and client balances"

    def _get_caller(self):
        """:return: the pass of the running step, or None"""
        caller = self.env.context.get("client_balance_caller")
        return caller if isinstance(caller, Caller) else None

    def _make_pass(self, settlement_type, **values):
        """Hook. :return: the Caller of an entry that this program has prepared"""
        return Caller(settlement_type, **values)

    def _get_collector(self):
        """:return: what the running step has touched, or None outside of one"""
        return _collectors.get(self.env.cr)

    @contextmanager
    def _collecting(self):
        """Judge everything that happens inside as one step.

        Steps nest: only the outermost one runs the gate, and only if it succeeded.
        """
        cr = self.env.cr
        if cr in _collectors:
            yield _collectors[cr]
            return
        touched = _collectors[cr] = Touched()
        try:
            try:
                yield touched
            finally:
                del _collectors[cr]
            self._synchronize(touched)
        except Exception:
            self._judge_before_commit(touched)
            raise

    def _judge_before_commit(self, touched):
        """Whoever swallows a refusal cannot commit what was refused.

        A rollback, also of a savepoint, forgets this together with the change.
        """

        def judge_again():
            try:
                self._synchronize(touched)
            except Exception:
                self._judge_before_commit(touched)
                raise

        self.env.cr.precommit.add(judge_again)

    def _synchronize(self, touched):
        """Bring ledger and balances in line with the touched journal items."""
        if not touched.line_ids and not touched.balance_ids:
            return
        # The gate is the only writer: users hold no right on these models, so the
        # ledger is written as superuser while create_uid stays the user.
        gate_sudo = self.sudo().with_context(active_test=False)
        differences = gate_sudo._get_differences(touched)
        gate_sudo._check_gone(differences.gone)
        movements = gate_sudo._get_movements(differences, touched)
        gate_sudo._check_altered(movements)
        self._judge(movements)
        gate_sudo._check_weights(differences.new)
        gate_sudo._renew_altered(movements)
        rows = gate_sudo._prepare_rows(movements, differences.previous)
        settlements = gate_sudo._append(rows, touched)
        balances = settlements.balance_id | gate_sudo.env["client.balance"].browse(
            touched.balance_ids
        )
        gate_sudo._unmatch_moved(differences.gone)
        gate_sudo.env["client.balance.matching"]._match(
            balances, spent=any(row["amount"] < 0 for row in rows)
        )
        gate_sudo._after_append(settlements)

    def _after_append(self, settlements):
        """Hook. What follows from new rows of the ledger, when they are matched."""

    def _unmatch_moved(self, gone):
        """What moved to another key no longer pays the spends of the former one."""
        moved = gone.move_line_id.exists()._filter_client_balance()
        keys = {settlement.move_line_ref: settlement._get_key() for settlement in gone}
        moved.filtered(
            lambda line: self._get_key(line) != keys[line.id]
        ).remove_move_reconcile()

    # What differs ---------------------------------------------------------------

    def _get_differences(self, touched):
        """Compare the books with the ledger.

        :return: Differences
        """
        line_ids = touched.line_ids
        lines, stood = self._find_touched(touched)
        wanted = self._get_weights(lines, touched)
        previous = {settlement.move_line_ref: settlement for settlement in stood}
        live = {
            settlement.move_line_ref: settlement
            for settlement in stood.filtered("is_live")
        }
        gone = self.env["client.balance.settlement"]
        new, altered = [], []
        for line_id in sorted(line_ids):
            weight, settlement = wanted.get(line_id), live.get(line_id)
            if weight and settlement and settlement._stands_for(weight):
                if settlement.fingerprint != weight.fingerprint:
                    altered.append((weight, settlement))
                continue
            if settlement:
                gone |= settlement
            if weight:
                new.append(weight)
        return Differences(gone, new, altered, previous)

    def _get_movements(self, differences, touched):
        """:return: list of Movement, one per journal item"""
        none = self.env["client.balance.settlement"]
        originals = self._get_reversed_originals(differences.new)
        gone = {row.move_line_ref: row for row in differences.gone}
        movements = [
            self._get_movement(
                touched,
                weight.line.id,
                weight=weight,
                gone=gone.pop(weight.line.id, none),
                original=originals.get(weight.line.id),
                stood=self._get_stood(weight, differences.previous.get(weight.line.id)),
            )
            for weight in differences.new
        ]
        movements += [
            self._get_movement(touched, line_id, weight=None, gone=row)
            for line_id, row in gone.items()
        ]
        movements += [
            self._get_movement(
                touched,
                weight.line.id,
                weight=weight,
                gone=none,
                stood=settlement,
                is_altered=True,
            )
            for weight, settlement in differences.altered
        ]
        return movements

    def _get_movement(self, touched, line_id, **values):
        return Movement(
            is_trusted=line_id in touched.trusted_ids,
            user=self.env["res.users"].browse(touched.user_ids.get(line_id)),
            **values,
        )

    def _get_stood(self, weight, previous):
        """An entry that is posted again as it was needs no pass.

        :param previous: the latest settlement of the item, if any
        :return: the settlement that stood for just this, or None
        """
        if not previous:
            return None
        stood = previous
        if not previous.is_live and previous.reversal_of_id:
            # the latest row of an item that left the posted state is its reversal
            stood = previous.reversal_of_id
        same = (
            stood._get_key() == weight.key
            and stood.fingerprint == weight.fingerprint
            and not stood.currency_id.compare_amounts(stood.amount, weight.amount)
        )
        return stood if same else None

    def _find_touched(self, touched):
        """What is there of the touched items: asked together, it is one question.

        :return: (items that exist, settlements that ever stood for the touched items
            in recording order)
        """
        settlements = self.env["client.balance.settlement"]
        settlements.flush_model(["move_line_ref"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, NULL FROM account_move_line WHERE id = ANY(%(ids)s)
             UNION ALL
                SELECT NULL, id FROM client_balance_settlement
                 WHERE move_line_ref = ANY(%(ids)s)
              ORDER BY 1, 2
                """,
                ids=list(touched.line_ids),
            )
        )
        return (
            self.env["account.move.line"].browse(
                line_id for line_id, _id in rows if line_id
            ),
            settlements.browse(
                settlement_id for _id, settlement_id in rows if settlement_id
            ),
        )

    def _get_weights(self, lines, touched):
        """What the items weigh now; those that weigh nothing are left out."""
        weights, fingerprints = {}, {}
        for line in lines:
            if line.parent_state != "posted" or not line.account_id.is_client_balance:
                continue
            amount = line.currency_id.round(-line.amount_currency)
            if line.currency_id.is_zero(amount):
                continue
            move = line.move_id
            if move not in fingerprints:
                fingerprints[move] = get_fingerprint(move)
            fingerprint = fingerprints[move]
            caller = touched.get_caller(line, fingerprint)
            weights[line.id] = Weight(
                self._get_key(line), amount, line, caller, fingerprint
            )
        return weights

    def _get_key(self, line):
        """Hook. :return: the Key of the balance on which ``line`` weighs"""
        return Key(
            line.company_id.root_id.id,
            line.partner_id.commercial_partner_id.id,
            line.client_balance_bank_id.id,
            line.currency_id.id,
        )

    def _get_own_settlements(self, lines):
        """:return: live settlements of ``lines`` whose entries our callers made"""
        settlements = self.env["client.balance.settlement"].search(
            [("move_line_ref", "in", lines.ids), ("is_live", "=", True)]
        )
        return settlements.filtered(lambda row: row._is_own_entry())

    # Adoption -------------------------------------------------------------------

    def _replay(self, account):
        """Make settlements of the items already posted on ``account``.

        For the adoption of a used account: the items are walked in date order. The
        matching that people made is left as it is.
        """
        self.env["account.move.line"].flush_model()
        lines_sudo = (
            self.env["account.move.line"]
            # the history of the account may be older than the user's companies
            .sudo()
            .search(
                [("account_id", "=", account.id), ("parent_state", "=", "posted")],
                order="date, id",
            )
        )
        gate_sudo = self.sudo().with_context(active_test=False)
        touched = Touched(line_ids=set(lines_sudo.ids))
        differences = gate_sudo._get_differences(touched)
        order = {line_id: index for index, line_id in enumerate(lines_sudo.ids)}
        differences.new.sort(key=lambda weight: order[weight.line.id])
        gate_sudo._check_gone(differences.gone)
        gate_sudo._check_weights(differences.new)
        movements = gate_sudo._get_movements(differences, touched)
        self._judge_adopted(movements)
        rows = gate_sudo._prepare_rows(movements, differences.previous)
        gate_sudo._append(rows, Touched())

    def _judge_adopted(self, movements):
        """Hook. Refuse what the user may not adopt.

        :param movements: list of Movement, of all items on the account
        """

    def _format_day(self, date):
        return format_date(self.env, date)
