"""Whoever lost a race for a balance queues up before the next try.

Odoo repeats a request that PostgreSQL could not serialize, five times. Of twenty
writers on one balance some lose all five, though the money is there: any lock that a
transaction takes is taken *after* its snapshot, so whoever waited for it is stale
again. A lock of the *session* outlives the rollback between two tries. It is taken
there, before the next snapshot, and given back after the commit or the last rollback.
Whoever meets no race takes no lock.
"""

import hashlib
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from psycopg2 import errors

from odoo.sql_db import Cursor

#: What PostgreSQL says to the loser of a race.
RACES = (errors.SerializationFailure, errors.DeadlockDetected)

#: Longer than twenty writers need; after that the next try is made without the lock.
PATIENCE = "60s"


@dataclass
class Place:
    """The locks of one database cursor."""

    #: held by the session
    held: list = field(default_factory=list)
    #: to be taken before the next try
    lost: set = field(default_factory=set)


_places = WeakKeyDictionary()


@contextmanager
def queueing(cr, *keys):
    """Remember which balances were fought over inside, if the fight was lost.

    :param keys: whatever identifies a balance to everybody, as tuples
    """
    try:
        yield
    except RACES:
        # a cursor of the tests shares its transaction with others
        if isinstance(cr, Cursor):
            if cr not in _places:
                _places[cr] = Place()
            place = _places[cr]
            if not place.lost:
                cr.postrollback.add(lambda: _after_rollback(cr))
            place.lost |= {_get_number(key) for key in keys}
        raise


def _get_number(key):
    """:return: the number of PostgreSQL's lock of a key"""
    text = f"client.balance:{','.join(str(part or 0) for part in key)}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _after_rollback(cr):
    """Between two tries: queue up, or give back what is not needed any more."""
    place = _places.get(cr)
    if place is None:
        return
    lost, place.lost = place.lost, set()
    if not lost or not lost <= set(place.held):
        _release(cr)
        # one order for everybody: two that need the same two cannot block each other
        _acquire(cr, place, sorted(lost))
    if place.held:
        cr.postcommit.add(lambda: _release(cr))
        # what is added to a queue that runs would run at once
        cr.prerollback.add(lambda: cr.postrollback.add(lambda: _after_rollback(cr)))


def _acquire(cr, place, numbers):
    try:
        with closing(cr._cnx.cursor()) as plain:
            plain.execute("SET LOCAL lock_timeout = %s", [PATIENCE])
            for number in numbers:
                plain.execute("SELECT pg_advisory_lock(%s)", [number])
                place.held.append(number)
    except errors.LockNotAvailable:
        pass
    finally:
        # a lock of the session stays; the next statement sees what was committed
        cr._cnx.rollback()


def _release(cr):
    place = _places.get(cr)
    if not place or not place.held or cr._cnx.closed:
        return
    held, place.held = place.held, []
    with closing(cr._cnx.cursor()) as plain:
        for number in held:
            plain.execute("SELECT pg_advisory_unlock(%s)", [number])
    cr._cnx.rollback()
