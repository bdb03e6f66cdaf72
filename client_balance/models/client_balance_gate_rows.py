from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .client_balance_gate_pass import GATE


class ClientBalanceGate(models.AbstractModel):
    """The rows that the gate appends to the ledger."""

    _inherit = "client.balance.gate"

    def _prepare_rows(self, movements, previous):
        """Hook. What the step appends to the ledger.

        :param movements: list of Movement
        :param previous: {item id: the latest settlement that ever stood for it}
        :return: values of the settlements, in recording order
        """
        moved = [row for row in movements if row.weight and not row.is_altered]
        claimed = {}
        for movement in moved:
            if movement.caller:
                claimed.update(movement.caller.claimed)
        balances = self.env["client.balance"]._ensure(
            {row.weight.key for row in moved if row.weight.key.partner_id}, claimed
        )
        self._check_reversed_once([row.weight for row in moved if not row.original])
        weights = [row.weight for row in moved]
        undone = {**self._get_undone_reversals(weights), **previous}
        rows = [
            settlement._prepare_unposting_vals()
            for settlement in self.env["client.balance.settlement"]
            .union(*(row.gone for row in movements))
            .sorted("move_line_ref")
        ]
        rows += [
            self._prepare_settlement_vals(
                movement,
                balances[movement.weight.key],
                undone.get(movement.weight.line.id),
            )
            for movement in moved
            if movement.weight.key.partner_id
        ]
        return rows

    def _renew_altered(self, movements):
        """What was judged anew is what stands now."""
        for movement in movements:
            if movement.is_altered:
                settlement = movement.stood.with_context(client_balance_gate=GATE)
                settlement.write(
                    settlement._prepare_altered_vals(movement.weight.fingerprint)
                )

    def _get_reversed_originals(self, weights):
        """Settlements that the weights undo, because core reversed their entry.

        :return: {item id: settlement}
        """
        return self._find_reversed(weights, [("reversal_of_id", "=", False)])

    def _get_undone_reversals(self, weights):
        """Reversals whose own entry core reversed: the money is there again.

        Such a row is a settlement of its own. Of three linked rows two would cancel
        out and the third would be hidden with them.

        :return: {item id: reversal}, what stays with the money is taken from there
        """
        return self._find_reversed(weights, [("reversal_of_id", "!=", False)])

    def _find_reversed(self, weights, domain):
        candidates = self._find_of_reversed(
            weights, [("reversed_by_id", "=", False), *domain]
        )
        originals = {}
        for weight in weights:
            origin = weight.line.move_id.reversed_entry_id
            for candidate in candidates:
                if (
                    candidate.move_id == origin
                    and self._cancels_out(candidate, weight)
                    and weight.line.move_id._mirrors_client_balance(origin)
                ):
                    self._check_reversal_date(candidate, weight.line)
                    originals[weight.line.id] = candidate
                    candidates -= candidate
                    break
        return originals

    def _find_of_reversed(self, weights, domain):
        """:return: live settlements of the entries that the weights' entries reverse"""
        reversed_moves = self.env["account.move"]
        for weight in weights:
            reversed_moves |= weight.line.move_id.reversed_entry_id
        Settlement = self.env["client.balance.settlement"]
        if not reversed_moves:
            return Settlement
        return Settlement.search(
            [("move_id", "in", reversed_moves.ids), ("is_live", "=", True), *domain]
        )

    def _cancels_out(self, settlement, weight):
        """:return: whether ``weight`` is the opposite of ``settlement``"""
        return settlement._get_key() == weight.key and weight.line.currency_id.is_zero(
            settlement.amount + weight.amount
        )

    def _check_reversal_date(self, original, line):
        """The past of a balance is not undone before it happened."""
        if line.date < original.date:
            raise UserError(
                self.env._(
                    "The reversal of settlement %(name)s cannot be dated %(date)s,"
                    " before the settlement itself. Choose %(first)s or a later date.",
                    name=original.name,
                    date=self._format_day(line.date),
                    first=self._format_day(original.date),
                )
            )

    def _prepare_settlement_vals(self, movement, balance, previous=None):
        """Hook. What a new row of the ledger says.

        :param movement: the Movement of the item
        :param balance: the balance that it moves
        :param previous: the settlement that stood for the item before, if any
        :return: values of the settlement
        """
        weight, original = movement.weight, movement.original
        line = weight.line
        payment = line.move_id._get_client_balance_payment()
        vals = previous._prepare_repeat_vals(line) if previous else {}
        if movement.stood:
            vals.update(movement.stood._prepare_stood_vals())
        if weight.caller:
            vals.update(weight.caller.get_values(line))
        if original:
            vals.update(original._prepare_inherited_vals(), reversal_of_id=original.id)
        vals.update(
            balance_id=balance.id,
            # related fields: given, they need no second statement
            **weight.key.get_values(),
            name=line.move_id.name,
            date=line.date,
            amount=weight.amount,
            settlement_type=self._get_settlement_type(movement),
            payment_id=payment.id,
            # core gives it the number of its entry, but only after this
            payment_name=line.move_id.name if payment else False,
            move_id=line.move_id.id,
            move_name=line.move_id.name,
            move_line_id=line.id,
            move_line_ref=line.id,
            fingerprint=weight.fingerprint,
            is_live=True,
        )
        if original:
            vals.setdefault(
                "description",
                self.env._("Reversal of %(name)s", name=original.name),
            )
        vals.setdefault("description", line.name)
        if vals.get("is_advance"):
            vals["advance_date"] = vals.get("advance_date") or line.date
        return vals

    def _get_settlement_type(self, movement):
        """Hook. :return: what kind of settlement a Movement makes"""
        weight = movement.weight
        if movement.original:
            return "reversal"
        if weight.caller:
            return weight.caller.get_settlement_type(weight.line)
        if movement.stood:
            return movement.stood.settlement_type
        move = weight.line.move_id
        if move._get_client_balance_bank_line():
            # whoever reconciled it
            return "top_up" if weight.amount > 0 else "refund"
        payment = move._get_client_balance_payment()
        if not payment:
            return "entry"
        if payment.destination_account_id == weight.line.account_id:
            return "top_up" if weight.amount > 0 else "refund"
        return "overpayment" if weight.amount > 0 else "write_off"

    def _append(self, rows, touched):
        """Write ``rows`` into the ledger and move their balances, or refuse."""
        Settlement = self.env["client.balance.settlement"]
        if not rows:
            return Settlement
        by_balance = defaultdict(list)
        for row in rows:
            by_balance[row["balance_id"]].append(row)
        Balance = self.env["client.balance"].with_context(
            client_balance_paid=self._describe_paid(rows, touched)
        )
        judged_ids = {
            balance.id
            for balance in Balance.browse(sorted(by_balance))
            if balance._append_rows(by_balance[balance.id])
        }
        Settlement = Settlement.with_context(client_balance_gate=GATE)
        # an item has one live settlement at most: the old one steps back first
        Settlement.browse(
            [row["reversal_of_id"] for row in rows if not row["is_live"]]
        ).write({"is_live": False})
        Settlement.flush_model(["is_live"])
        settlements = Settlement.create(rows)
        settlements._link_reversals()
        settlements.flush_recordset()
        for balance in Balance.browse(sorted(by_balance.keys() - judged_ids)):
            balance._check_days(by_balance[balance.id])
        return settlements

    def _describe_paid(self, rows, touched):
        """:return: sentence part that lists what the undone money has paid"""
        lines = []
        undone = self.env["client.balance.settlement"].browse(
            [row["reversal_of_id"] for row in rows if row.get("reversal_of_id")]
        )
        for line_id in undone.mapped("move_line_ref"):
            for name, amount, currency in touched.paid.get(line_id, ()):
                lines.append(
                    f"• {name}: {formatLang(self.env, amount, currency_obj=currency)}"
                )
        return "\n".join(dict.fromkeys(lines))
