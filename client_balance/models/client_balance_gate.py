"""The one gate: every posted item on a balance account is a settlement.

Hooks on journal entries and items (``account_move.py``, ``account_move_line.py``)
only *collect* what was touched. When the outermost step is over, ``_synchronize``
compares what each item should weigh with its live settlement, reverses and appends
the difference and moves the balances. Nothing else writes the ledger.
"""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

#: Context value that lets the gate itself write settlements. An object cannot be
#: sent through RPC, so nobody else can present it.
GATE = object()

#: What the running step of each database cursor has touched so far.
_collectors = WeakKeyDictionary()


# eq=False: environments are shared between equal contexts, two passes never are
@dataclass(frozen=True, eq=False)
class Caller:
    """The pass of our own callers, carried in the context as ``client_balance_caller``.

    RPC transports plain data only, therefore an *instance* proves that the entry was
    prepared by this addon (or by a module that imports it).

    :param settlement_type: type of the settlements that the posting makes
    :param invoice_ids: invoices to which these settlements are linked
    :param values: further values of these settlements (reason_id, description, …)
    :param by_move: such values for single entries, as ``{move id: values}``
    :param by_line: such values for single items, as ``{item id: values}``
    :param is_approved: whether the step needs no (further) second person
    :param request_id: the request by which a second person agreed
    """

    settlement_type: str
    invoice_ids: tuple = ()
    reason_id: int | bool = False
    description: str | bool = False
    external_ref: str | bool = False
    is_advance: bool = False
    advance_date: object = False
    values: dict = field(default_factory=dict)
    by_move: dict = field(default_factory=dict)
    by_line: dict = field(default_factory=dict)
    is_approved: bool = False
    request_id: int | bool = False

    def get_values(self, line):
        """Values of the settlement that posting ``line`` makes."""
        common = {
            name: getattr(self, name)
            for name in (
                "reason_id",
                "description",
                "external_ref",
                "is_advance",
                "advance_date",
                "request_id",
            )
            if getattr(self, name)
        }
        if self.invoice_ids:
            common["invoice_ids"] = [(6, 0, list(self.invoice_ids))]
        return {
            **common,
            **self.values,
            **self.by_move.get(line.move_id.id, {}),
            **self.by_line.get(line.id, {}),
        }


class Key(NamedTuple):
    """Whose money it is. ``bank_id`` is False for "No bank account"."""

    company_id: int
    partner_id: int
    bank_id: int | bool
    currency_id: int


class Weight(NamedTuple):
    """What a posted item puts on (+) or takes from (−) a balance."""

    key: Key
    amount: float
    line: models.BaseModel
    caller: Caller | None = None


@dataclass
class Touched:
    """What one step has touched: the gate looks at it when the step is over."""

    line_ids: set = field(default_factory=set)
    #: item id -> the pass with which it was posted or changed
    callers: dict = field(default_factory=dict)
    #: items that the superuser posted or changed
    trusted_ids: set = field(default_factory=set)
    #: entries that are being reversed as a whole
    reversing_ids: set = field(default_factory=set)
    #: balances whose matching was loosened
    balance_ids: set = field(default_factory=set)
    #: item id -> [(what it paid, amount, currency)], as it was before the step
    paid: dict = field(default_factory=lambda: defaultdict(list))

    def touch(self, lines, env):
        """Note ``lines``, and with what right the running step of ``env`` did so."""
        self.line_ids.update(lines.ids)
        caller = env["client.balance.gate"]._get_caller()
        if caller:
            self.callers.update(dict.fromkeys(lines.ids, caller))
        if env.su:
            self.trusted_ids.update(lines.ids)


class ClientBalanceGate(models.AbstractModel):
    _name = "client.balance.gate"
    _description = "Gate between journal items and client balances"

    def _get_caller(self):
        """:return: the pass of the running step, or None"""
        caller = self.env.context.get("client_balance_caller")
        return caller if isinstance(caller, Caller) else None

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
        gone, new = gate_sudo._get_differences(touched)
        gate_sudo._check_gone(gone)
        self._check_may_undo(gone, touched)
        self._check_may_post(new, touched)
        gate_sudo._check_weights(new)
        rows = gate_sudo._prepare_rows(gone, new)
        settlements = gate_sudo._append(rows, touched)
        balances = settlements.balance_id | gate_sudo.env["client.balance"].browse(
            touched.balance_ids
        )
        gate_sudo.env["client.balance.matching"]._match(balances)
        gate_sudo._after_append(settlements)

    def _after_append(self, settlements):
        """Hook. What follows from new rows of the ledger, when they are matched."""

    # What differs ---------------------------------------------------------------

    def _get_differences(self, touched):
        """:return: (settlements that no longer stand, weights without settlement)"""
        line_ids = touched.line_ids
        wanted = self._get_weights(touched)
        live = {
            settlement.move_line_ref: settlement
            for settlement in self.env["client.balance.settlement"].search(
                [("move_line_ref", "in", list(line_ids)), ("is_live", "=", True)]
            )
        }
        gone = self.env["client.balance.settlement"]
        new = []
        for line_id in sorted(line_ids):
            weight, settlement = wanted.get(line_id), live.get(line_id)
            if weight and settlement and settlement._stands_for(weight):
                continue
            if settlement:
                gone |= settlement
            if weight:
                new.append(weight)
        return gone, new

    def _get_weights(self, touched):
        """What the items weigh now; those that weigh nothing are left out."""
        lines = self.env["account.move.line"].browse(sorted(touched.line_ids)).exists()
        weights = {}
        for line in lines:
            if line.parent_state != "posted" or not line.account_id.is_client_balance:
                continue
            amount = line.currency_id.round(-line.amount_currency)
            if not line.currency_id.is_zero(amount):
                weights[line.id] = Weight(
                    self._get_key(line), amount, line, touched.callers.get(line.id)
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

    # Refusals -------------------------------------------------------------------

    def _check_gone(self, settlements):
        """A settlement is undone once only, and a reversal not at all."""
        for settlement in settlements:
            if settlement.reversed_by_id:
                raise UserError(
                    self.env._(
                        "Settlement %(name)s of %(client)s was already reversed by"
                        " %(reversal)s. Its journal entry must stay as it is.",
                        name=settlement.name,
                        client=settlement.partner_id.display_name,
                        reversal=settlement.reversed_by_id.name,
                    )
                )
            if settlement.reversal_of_id:
                raise UserError(
                    self.env._(
                        "Journal entry %(name)s reverses settlement %(original)s of"
                        " %(client)s and must stay posted. Add a new settlement"
                        " instead.",
                        name=settlement.name,
                        original=settlement.reversal_of_id.name,
                        client=settlement.partner_id.display_name,
                    )
                )

    def _check_may_undo(self, settlements, touched):
        """What officers may not post they may not undo either.

        Resetting the entry of a refund would give the client money a second time.
        """
        allowed = self._get_officer_types()
        for settlement in settlements:
            line_id = settlement.move_line_ref
            if (
                line_id in touched.callers
                or line_id in touched.trusted_ids
                or settlement.settlement_type in allowed
                or self._may_post()
            ):
                continue
            raise AccessError(
                self.env._(
                    "Journal entry %(entry)s moved the balance of %(client)s. Only an"
                    " accountant may change or undo it.",
                    entry=settlement.move_name or settlement.name,
                    client=settlement.partner_id.display_name,
                )
            )

    def _check_may_post(self, weights, touched):
        """Outside our own callers only accountants may move a balance."""
        for weight in weights:
            # read as superuser: the user may post entries that he cannot read back
            line_sudo = weight.line
            if (
                weight.caller
                or line_sudo.id in touched.trusted_ids
                or line_sudo.client_balance_type in self._get_officer_types()
                or self._may_post()
            ):
                continue
            raise AccessError(
                self.env._(
                    "Journal entry %(entry)s moves the balance of %(client)s"
                    " through account %(account)s. Only an accountant may post"
                    " it: use the payment dialog, or ask your accountant.",
                    entry=line_sudo.move_id.name or line_sudo.move_id.ref or "",
                    client=line_sudo.partner_id.display_name,
                    account=line_sudo.account_id.display_name,
                )
            )

    def _may_post(self):
        """:return: whether the user may post any entry on a balance account"""
        return any(
            self.env.user.has_group(group) for group in self._get_posting_groups()
        )

    def _get_officer_types(self):
        """Hook. :return: types whose entries officers may reset and post again"""
        return {"overpayment", "write_off", "credit_note", "top_up"}

    def _get_posting_groups(self):
        """Hook. :return: groups that may post any entry on a balance account"""
        return (
            "client_balance.group_client_balance_manager",
            "account.group_account_user",
        )

    def _check_weights(self, weights):
        """Each moving item has a client and, if any, a bank account of the client."""
        for weight in weights:
            line = weight.line
            if not weight.key.partner_id and self._is_client_required():
                raise UserError(
                    self.env._(
                        "Journal item “%(item)s” of entry %(entry)s on account"
                        " %(account)s has no client. Fill in the partner of this item:"
                        " money on this account always belongs to a client.",
                        item=line.name or "",
                        entry=line.move_id.name or "",
                        account=line.account_id.display_name,
                    )
                )
            bank = line.client_balance_bank_id
            if bank and bank.partner_id.commercial_partner_id.id != (
                weight.key.partner_id
            ):
                raise UserError(
                    self.env._(
                        "Bank account %(bank)s does not belong to %(client)s. Choose a"
                        " bank account of this client, or none, on the item of entry"
                        " %(entry)s.",
                        bank=bank.acc_number,
                        client=line.partner_id.commercial_partner_id.display_name,
                        entry=line.move_id.name or "",
                    )
                )

    def _is_client_required(self):
        """Hook. :return: whether a moving item without a client is refused"""
        return True

    # Rows of the ledger ---------------------------------------------------------

    def _prepare_rows(self, gone, new):
        """Hook. :return: values of the settlements to append, in recording order"""
        balances = self.env["client.balance"]._ensure(
            {weight.key for weight in new if weight.key.partner_id}
        )
        originals = self._get_reversed_originals(new)
        previous = self._get_previous_settlements(new)
        rows = [settlement._prepare_unposting_vals() for settlement in gone]
        for weight in new:
            if not weight.key.partner_id:
                continue
            rows.append(
                self._prepare_settlement_vals(
                    weight,
                    balances[weight.key],
                    originals.get(weight.line.id),
                    previous.get(weight.line.id),
                )
            )
        return rows

    def _get_reversed_originals(self, weights):
        """Settlements that the weights undo, because core reversed their entry.

        :return: {item id: settlement}
        """
        reversed_moves = self.env["account.move"]
        for weight in weights:
            reversed_moves |= weight.line.move_id.reversed_entry_id
        if not reversed_moves:
            return {}
        candidates = self.env["client.balance.settlement"].search(
            [
                ("move_id", "in", reversed_moves.ids),
                ("is_live", "=", True),
                ("reversed_by_id", "=", False),
            ]
        )
        originals = {}
        for weight in weights:
            origin = weight.line.move_id.reversed_entry_id
            for candidate in candidates:
                if (
                    candidate.move_id == origin
                    and candidate._get_key() == weight.key
                    and weight.line.currency_id.is_zero(
                        candidate.amount + weight.amount
                    )
                ):
                    self._check_reversal_date(candidate, weight.line)
                    originals[weight.line.id] = candidate
                    candidates -= candidate
                    break
        return originals

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

    def _get_previous_settlements(self, weights):
        """:return: {item id: the latest settlement that stood for the item}"""
        settlements = self.env["client.balance.settlement"].search(
            [("move_line_ref", "in", [weight.line.id for weight in weights])],
            order="id",
        )
        return {settlement.move_line_ref: settlement for settlement in settlements}

    def _prepare_settlement_vals(self, weight, balance, original=None, previous=None):
        """Hook. What a new row of the ledger says.

        :param weight: the item's Weight
        :param balance: the balance that it moves
        :param original: the settlement that it undoes, if any
        :param previous: the settlement that stood for the item before, if any
        :return: values of the settlement
        """
        line = weight.line
        vals = previous._prepare_repeat_vals() if previous else {}
        if weight.caller:
            vals.update(weight.caller.get_values(line))
        if original:
            vals.update(original._prepare_inherited_vals(), reversal_of_id=original.id)
        vals.update(
            balance_id=balance.id,
            name=line.move_id.name,
            date=line.date,
            amount=weight.amount,
            settlement_type=self._get_settlement_type(weight, original),
            payment_id=line.move_id.origin_payment_id.id,
            payment_name=line.move_id.origin_payment_id.name,
            move_id=line.move_id.id,
            move_name=line.move_id.name,
            move_line_id=line.id,
            move_line_ref=line.id,
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

    def _get_settlement_type(self, weight, original=None):
        """Hook. :return: what kind of settlement the item is"""
        line = weight.line
        if original:
            return "reversal"
        if line.client_balance_type:
            return line.client_balance_type
        payment = line.move_id.origin_payment_id
        if not payment:
            return "entry"
        if payment.destination_account_id == line.account_id:
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
        for balance in Balance.browse(sorted(by_balance)):
            balance._append_rows(by_balance[balance.id])
        Settlement = Settlement.with_context(client_balance_gate=GATE)
        # an item has one live settlement at most: the old one steps back first
        Settlement.browse(
            [row["reversal_of_id"] for row in rows if not row["is_live"]]
        ).write({"is_live": False})
        Settlement.flush_model(["is_live"])
        settlements = Settlement.create(rows)
        settlements._link_reversals()
        settlements.flush_recordset()
        for balance in Balance.browse(sorted(by_balance)):
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
        gone, new = gate_sudo._get_differences(Touched(line_ids=set(lines_sudo.ids)))
        order = {line_id: index for index, line_id in enumerate(lines_sudo.ids)}
        new.sort(key=lambda weight: order[weight.line.id])
        gate_sudo._check_gone(gone)
        gate_sudo._check_weights(new)
        gate_sudo._append(gate_sudo._prepare_rows(gone, new), Touched())

    def _format_day(self, date):
        return format_date(self.env, date)
