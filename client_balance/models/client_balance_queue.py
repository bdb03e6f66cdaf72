"""Whoever lost a race for a balance queues up before the next try.

Odoo repeats a request that PostgreSQL could not serialize, five times. Of twenty
writers on one balance some lose all five, though the money is there: any lock that a
transaction takes is taken *after* its snapshot, so whoever waited for it is stale
again. A lock of the *session* can be taken between two tries: after Odoo's pause and
before the next snapshot. It is given back after the commit or the rollback. Whoever
meets no race takes no lock.

The head of the queue may still be overtaken by newcomers. When that has happened once
it shuts the door: newcomers then queue up as well, so that the next try is the last.
"""

import hashlib
import logging
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from psycopg2 import errors

from odoo.exceptions import ConcurrencyError
from odoo.sql_db import Cursor
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

#: What PostgreSQL says to the loser of a race, and we to whoever finds the door shut.
RACES = (errors.SerializationFailure, errors.DeadlockDetected, ConcurrencyError)

#: Longer than twenty writers need; after that the next try is made without the lock.
PATIENCE = "60s"


@dataclass
class Place:
    """The locks of one database cursor, as PostgreSQL's numbers."""

    #: held by the session: the place in the queue of each balance
    held: set = field(default_factory=set)
    #: held by the session: doors that are shut to newcomers
    doors: set = field(default_factory=set)
    #: balances that the running try has lost
    lost: set = field(default_factory=set)


_places = WeakKeyDictionary()


@contextmanager
def queueing(cr, *keys: tuple):
    """Remember which balances were fought over inside, if the fight was lost.

    :param keys: what identifies the balances to everybody, tuples of ids
    """
    try:
        yield
    except RACES:
        # a cursor of the tests shares its transaction with others
        if isinstance(cr, Cursor):
            place = _places.setdefault(cr, Place())
            if not (place.lost or place.held):
                cr.postrollback.add(lambda: _after_rollback(cr))
            place.lost.update(map(_get_number, keys))
        raise


def get_door_sql(cr, key: tuple) -> SQL:
    """:return: SQL that tells whether whoever was overtaken before has had his turn"""
    number = _get_number(key)
    if not isinstance(cr, Cursor) or (cr in _places and number in _places[cr].held):
        return SQL("TRUE")
    return SQL("pg_try_advisory_xact_lock_shared(%s)", _get_door(number))


def refuse_at_door():
    """:raise ConcurrencyError: the request is repeated, after its turn has come"""
    raise ConcurrencyError("Others queue up for this client balance.")


def _get_number(key: tuple) -> int:
    """:return: the number of PostgreSQL's lock of a key"""
    text = f"client.balance:{','.join(str(part or 0) for part in key)}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _get_door(number: int) -> int:
    """:return: the number of the lock by which newcomers are kept out"""
    return number ^ 1


def _after_rollback(cr):
    """Between two tries: give back what is held, and queue up before the next one."""
    place = _places.get(cr)
    if place is None:
        return
    lost, place.lost = place.lost, set()
    wanted, overtaken = lost | place.held, lost & place.held
    # Odoo pauses now, for up to some seconds: nobody should wait for that
    _release(cr, place)
    if lost:
        _before_next_statement(cr, lambda: _queue_up(cr, place, wanted, overtaken))


def _before_next_statement(cr, action):
    """Do ``action`` when the next try begins, before PostgreSQL takes its snapshot."""
    execute = cr.execute

    def execute_first(*args, **kwargs):
        vars(cr).pop("execute", None)
        action()
        return execute(*args, **kwargs)

    cr.execute = execute_first


def _queue_up(cr, place: Place, numbers: set[int], overtaken: set[int]):
    _acquire(cr, place.held, numbers)
    if place.held:
        _acquire(cr, place.doors, {_get_door(number) for number in overtaken})
        cr.postcommit.add(lambda: _release(cr, place))
        cr.postrollback.add(lambda: _after_rollback(cr))


def _acquire(cr, held: set[int], numbers: set[int]):
    try:
        with closing(cr._cnx.cursor()) as plain:
            plain.execute("SET LOCAL lock_timeout = %s", [PATIENCE])
            # one order for everybody: two that need the same two do not block
            for number in sorted(numbers):
                plain.execute("SELECT pg_advisory_lock(%s)", [number])
                held.add(number)
    except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
        # the next try is made without the lock, and may lose again
        _logger.info("Stopped queueing for a client balance: %s", error)
    finally:
        # a lock of the session stays; the next statement sees what was committed
        cr._cnx.rollback()


def _release(cr, place: Place):
    numbers = place.held | place.doors
    place.held, place.doors = set(), set()
    if not numbers or cr._cnx.closed:
        return
    with closing(cr._cnx.cursor()) as plain:
        for number in numbers:
            plain.execute("SELECT pg_advisory_unlock(%s)", [number])
    cr._cnx.rollback()
