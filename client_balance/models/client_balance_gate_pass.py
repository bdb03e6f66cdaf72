"""What the gate, its hooks and its callers hand to each other."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from odoo import models

from .client_balance_fingerprint import get_fingerprint

#: Context value that lets the gate itself write settlements. An object cannot be
#: sent through RPC, so nobody else can present it.
GATE = object()


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
    :param is_fact: whether it books what a bank or a provider reports, which nobody
        can refuse any more: only code that runs on the report says so
    :param settles: ids of the client's own open receivable items that the caller
        reconciles with its entry
    :param by_bank: such values per client bank account, ``{bank id or False: values}``
    :param waiting_ids: a set, if the caller reconciles its entry right after posting:
        balances gather there and are matched together with it
    :param claimed: {Key: balance id} of what the caller has claimed, see ``_touch``
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
    is_fact: bool = False
    settles: tuple = ()
    by_bank: dict = field(default_factory=dict)
    waiting_ids: set | None = None
    claimed: dict = field(default_factory=dict)

    def get_values(self, line):
        """:return: values of the settlement that posting ``line`` makes"""
        common = {
            name: getattr(self, name)
            for name in (
                "reason_id",
                "description",
                "external_ref",
                "is_advance",
                "advance_date",
            )
            if getattr(self, name)
        }
        if self.invoice_ids:
            common["invoice_ids"] = [(6, 0, list(self.invoice_ids))]
        return {
            **common,
            **self.values,
            **self.by_move.get(line.move_id.id, {}),
            **self.by_bank.get(line.client_balance_bank_id.id, {}),
            **self.by_line.get(line.id, {}),
        }

    def get_settlement_type(self, line):
        """:return: the type of the settlement that posting ``line`` makes"""
        return self.get_values(line).get("settlement_type", self.settlement_type)


class Key(NamedTuple):
    """Whose money it is. ``bank_id`` is False for "No bank account"."""

    company_id: int
    partner_id: int
    bank_id: int | bool
    currency_id: int

    def get_values(self):
        """:return: the fields of a balance, or of a settlement, that say whose it is"""
        return {
            "company_id": self.company_id,
            "partner_id": self.partner_id,
            "partner_bank_id": self.bank_id,
            "currency_id": self.currency_id,
        }


class Weight(NamedTuple):
    """What a posted item puts on (+) or takes from (−) a balance."""

    key: Key
    amount: float
    line: models.BaseModel
    #: the pass with which the entry was posted as it stands, if any
    caller: Caller | None = None
    fingerprint: str | bool = False


@dataclass(frozen=True)
class Movement:
    """What the running step changes on one balance by one journal item.

    A settlement goes, a weight comes, or both: the gate judges each of them.
    """

    #: what stands now, None where a settlement only goes
    weight: Weight | None
    #: the settlement that no longer stands, or an empty one
    gone: models.BaseModel
    #: the settlement that is undone, since core reversed its entry, or None
    original: models.BaseModel | None = None
    #: the settlement that stood for the same item of the same entry before, or None
    stood: models.BaseModel | None = None
    #: whether its settlement stands, and something else of its entry has changed
    is_altered: bool = False
    #: whether the superuser posted or changed it
    is_trusted: bool = False
    #: the user who did so
    user: models.BaseModel | None = None

    def get_changes(self):
        """:return: [(Key, amount in its currency, + in the client's favour)]"""
        changes = [(row._get_key(), -row.amount) for row in self.gone]
        if self.weight and not self.is_altered:
            changes.append((self.weight.key, self.weight.amount))
        return changes

    @property
    def caller(self):
        """:return: the pass of what stands now, or None"""
        return self.weight.caller if self.weight else None


class Differences(NamedTuple):
    """How books and ledger differ after a step."""

    #: settlements that no longer stand
    gone: models.BaseModel
    #: weights without a settlement
    new: list
    #: (weight, its settlement that stands), where the rest of the entry changed
    altered: list
    #: {item id: the latest settlement that ever stood for the item}
    previous: dict


@dataclass
class Touched:
    """What one step has touched: the gate looks at it when the step is over."""

    line_ids: set = field(default_factory=set)
    #: item id -> (the pass under which it was left, the fingerprint of its entry then)
    passes: dict = field(default_factory=dict)
    #: item id -> id of the user who touched it last
    user_ids: dict = field(default_factory=dict)
    #: items that the superuser posted or changed
    trusted_ids: set = field(default_factory=set)
    #: entries that are being reversed as a whole
    reversing_ids: set = field(default_factory=set)
    #: whether clients come to another owner now, whose name their items get
    moves_owner: bool = False
    #: balances whose matching was loosened
    balance_ids: set = field(default_factory=set)
    #: entries that got another number
    renamed_ids: set = field(default_factory=set)
    #: item id -> [(what it paid, amount, currency)], as it was before the step
    paid: dict = field(default_factory=lambda: defaultdict(list))

    def touch(self, lines, env):
        """Note ``lines``, and with what right the running step of ``env`` did so.

        A pass vouches for the entry as it is now: see ``get_caller``.
        """
        self.line_ids.update(lines.ids)
        self.user_ids.update(dict.fromkeys(lines.ids, env.uid))
        caller = env["client.balance.gate"]._get_caller()
        if caller:
            for move, items in lines.grouped("move_id").items():
                left = caller, get_fingerprint(move)
                self.passes.update(dict.fromkeys(items.ids, left))
        if env.su:
            self.trusted_ids.update(lines.ids)
        else:
            # what a person changes inside a step of the superuser is the person's
            self.trusted_ids.difference_update(lines.ids)

    def get_caller(self, line, fingerprint):
        """:return: the pass of ``line``, None where its entry was changed since"""
        caller, left = self.passes.get(line.id, (None, None))
        return caller if left == fingerprint else None
