"""What the balances must be, in thirty lines and without Odoo.

A document (payment, entry, settlement …) has movements ``(key, day, amount)``, and
says what it changes of what a client owes us, ``{(client, currency): amount}``. A key
is ``(client, bank account, currency)``. Undoing a document takes its movements away;
that is all there is to it.
"""

from collections import Counter
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)

Key = tuple  #: (client, bank account, currency)


class Oracle:
    def __init__(self):
        self.documents = {}  # number -> (movements, owed)
        self.limits = {}  # key -> how far below zero it may go

    @staticmethod
    def levels(documents: dict) -> dict[Key, dict[date, Decimal]]:
        """:return: {key: {day: balance at the end of that day}}"""
        days = {}
        for movements, _owed in documents.values():
            for key, day, amount in movements:
                days.setdefault(key, Counter())[day] += amount
        for gains in days.values():
            level = ZERO
            for day in sorted(gains):
                level = gains[day] = level + gains[day]
        return days

    def balances(self) -> dict[Key, Decimal]:
        """:return: {key: balance}"""
        levels = self.levels(self.documents)
        return {key: days[max(days)] for key, days in levels.items()}

    def after(self, changes):
        """The documents after ``changes``: {number: (movements, owed) or None}."""
        documents = {**self.documents, **changes}
        return {number: document for number, document in documents.items() if document}

    def allows(self, changes: dict) -> bool:
        """Whether no key is below its limit on any day after ``changes``."""
        return all(
            min(days.values()) >= -self.limits.get(key, ZERO)
            for key, days in self.levels(self.after(changes)).items()
        )

    def apply(self, changes):
        self.documents = self.after(changes)

    def owed(self):
        """:return: {(client, currency): what is due less what is on the balances}"""
        total = Counter()
        for _movements, owed in self.documents.values():
            total.update(owed)
        return total

    def rename(self, translate):
        """Keys and clients have got other names: a merge."""
        self.documents = {
            number: (
                [(translate(key), day, amount) for key, day, amount in movements],
                self._renamed(owed, translate),
            )
            for number, (movements, owed) in self.documents.items()
        }
        limits, self.limits = self.limits, {}
        for old, limit in limits.items():
            key = translate(old)
            self.limits[key] = self.limits.get(key, ZERO) + limit

    @staticmethod
    def _renamed(owed, translate):
        total = Counter()
        for (owner, currency), amount in owed.items():
            client = translate((owner, None, currency))[0]
            total[client, currency] += amount
        return total
