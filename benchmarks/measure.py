"""Ratios of two things that are run in turn, so that the machine's mood cancels out."""

import gc
import statistics
import time
from typing import NamedTuple

from odoo.sql_db import Cursor


class Figure(NamedTuple):
    """What one side took: medians of several runs."""

    seconds: float
    queries: float


class Pair(NamedTuple):
    ours: Figure
    theirs: Figure
    ratio: float  #: median of the ratios of neighbouring runs

    @property
    def more_queries(self):
        return self.ours.queries - self.theirs.queries


def once(cr, action):
    """:return: (seconds, queries) of one run of ``action``"""
    gc.collect()
    queries, started = cr.sql_log_count, time.perf_counter()
    action()
    return time.perf_counter() - started, cr.sql_log_count - queries


def paired(cr, ours, theirs, rounds=9, warm_up=2, other_cr: Cursor | None = None):
    """Run both sides in turn, in changing order, ``rounds`` times.

    :param ours, theirs: functions that prepare a run and return the action to time
    :param other_cr: the cursor of ``theirs``, if that is another database
    """
    sides = {"ours": (cr, ours, []), "theirs": (other_cr or cr, theirs, [])}
    for number in range(warm_up + rounds):
        order = list(sides.values())
        for cursor, prepare, runs in order if number % 2 else reversed(order):
            result = once(cursor, prepare())
            if number >= warm_up:
                runs.append(result)
    figures = {
        name: Figure(
            statistics.median(seconds for seconds, _queries in runs),
            statistics.median(queries for _seconds, queries in runs),
        )
        for name, (_cr, _prepare, runs) in sides.items()
    }
    ratios = [
        mine[0] / other[0]
        for mine, other in zip(sides["ours"][2], sides["theirs"][2], strict=True)
    ]
    return Pair(figures["ours"], figures["theirs"], statistics.median(ratios))
