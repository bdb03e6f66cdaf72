"""Whoever lost a race for a balance queues up before the next try.

Odoo repeats a request that PostgreSQL could not serialize, five times. Of twenty
writers on one balance some lose all five, though the money is there: what a transaction
waits for, it waits for *after* its snapshot, so that it is stale again. ``LOCK TABLE``
is the exception: as the first statement of a transaction it waits before the snapshot
is taken. So the next try begins, after Odoo's pause, by locking a slot: an empty table
that stands for the client (several clients may share one).

PostgreSQL gives the slot back when the transaction ends, however it ends. Whoever meets
no race only looks whether anybody has been overtaken: newcomers may win against the
head of the queue, once. Then it asks for the slot alone, and newcomers queue up, too.
"""

import logging
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from psycopg2 import errors

from odoo.sql_db import Cursor
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

SLOTS = 64
#: What PostgreSQL says to the loser of a race.
RACES = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
#: Longer than twenty writers need; after that the next try is made without the slot.
PATIENCE = "60s"

#: Modes of PostgreSQL's locks: one in the queue at a time, with newcomers beside it …
QUEUED = SQL("SHARE UPDATE EXCLUSIVE")
#: … who are many …
NEWCOMER = SQL("ROW SHARE")
#: … but nobody beside whoever was overtaken.
ALONE = SQL("EXCLUSIVE")


@dataclass
class Place:
    """Where the transactions of one cursor stand."""

    #: slots that the running transaction has locked
    held: set = field(default_factory=set)
    #: {slot: mode}, what the next one locks, because the running one has lost
    wanted: dict = field(default_factory=dict)


_places = WeakKeyDictionary()


# --- slots --------------------------------------------------------------------------


def get_slot(partner_id: int) -> int:
    return partner_id % SLOTS


def get_table(slot: int) -> SQL:
    return SQL.identifier(f"client_balance_queue_slot_{slot}")


def create_slots(cr):
    for slot in range(SLOTS):
        cr.execute(SQL("CREATE TABLE IF NOT EXISTS %s ()", get_table(slot)))


def drop_slots(cr):
    for slot in range(SLOTS):
        cr.execute(SQL("DROP TABLE IF EXISTS %s", get_table(slot)))


# --- queue --------------------------------------------------------------------------


@contextmanager
def queueing(cr, partner_ids):
    """Queue up before the next try if a race is lost inside.

    :param partner_ids: clients whose balances are fought over
    """
    try:
        yield
    except RACES:
        if is_own_transaction(cr):
            want(cr, {get_slot(partner_id) for partner_id in partner_ids})
        raise


def let_pass(cr, partner_id: int):
    """Let those who were overtaken pass first.

    :raise LockNotAvailable: somebody was, and Odoo repeats the request
    """
    slot = get_slot(partner_id)
    if not is_own_transaction(cr) or (cr in _places and slot in _places[cr].held):
        return
    cr.execute(
        SQL("LOCK TABLE %s IN %s MODE NOWAIT", get_table(slot), NEWCOMER),
        # to be sent into the queue is no error
        log_exceptions=False,
    )


def is_own_transaction(cr) -> bool:
    """:return: False for a cursor of tests, which share one"""
    return isinstance(cr, Cursor)


def want(cr, slots: set[int]):
    """The running try is lost: the next one of this cursor begins in the queue."""
    place = _places.setdefault(cr, Place())
    if not place.wanted:
        place.wanted.update(dict.fromkeys(place.held, QUEUED))
        cr.postrollback.add(lambda: before_next_statement(cr, place))
        # somebody may have swallowed it
        cr.postcommit.add(place.wanted.clear)
    for slot in slots:
        place.wanted[slot] = ALONE if slot in place.held else QUEUED


def before_next_statement(cr, place: Place):
    """Odoo pauses now, up to some seconds: nobody should wait for that."""
    wanted = dict(place.wanted)
    place.wanted.clear()
    execute = cr.execute

    def execute_first(*args, **kwargs):
        vars(cr).pop("execute", None)
        queue_up(cr, place, wanted)
        return execute(*args, **kwargs)

    cr.execute = execute_first


def queue_up(cr, place: Place, wanted: dict[int, SQL]):
    """Wait for the slots, and begin the try with them."""
    # one order for everybody: two that need the same two do not block each other
    locks = [
        SQL("LOCK TABLE %s IN %s MODE", get_table(slot), wanted[slot])
        for slot in sorted(wanted)
    ]
    patience = SQL("SET LOCAL lock_timeout = %s", PATIENCE)
    no_patience = SQL("SET LOCAL lock_timeout TO DEFAULT")
    try:
        # not by the cursor: what it counts and logs is of the request
        with closing(cr._cnx.cursor()) as plain:
            query = SQL("; ").join([patience, *locks, no_patience])
            plain.execute(query.code, query.params)
    except errors.LockNotAvailable as error:
        cr._cnx.rollback()
        _logger.info("Stopped queueing for a client balance: %s", error)
    else:
        place.held.update(wanted)
        for ending in (cr.postcommit, cr.postrollback):
            ending.add(place.held.clear)
