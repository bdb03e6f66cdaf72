"""The rows of the benchmark's table: each is a function that returns its results."""

from typing import NamedTuple

ROWS = {}


class Result(NamedTuple):
    """One line of the table."""

    what: str
    against: str
    goal: str
    found: str
    reached: bool | None  #: None where there is no goal


def row(name):
    """Register a measurement under ``name`` (for ``--only``)."""

    def register(function):
        ROWS[name] = function
        return function

    return register


def at_most(limit, value, unit="×"):
    return f"≤ {limit:g} {unit}", value <= limit


def times(pair):
    """A pair for a person: the ratio first, then what it was made of."""
    return (
        f"{pair.ratio:.2f} × ({1000 * pair.ours.seconds:.1f} ms :"
        f" {1000 * pair.theirs.seconds:.1f} ms; {pair.ours.queries:g} :"
        f" {pair.theirs.queries:g} queries)"
    )


def print_table(results):
    """Print as Markdown, ready for docs/performance.md."""
    print("| what | against | goal | measured | |")
    print("|---|---|---|---|---|")
    signs = {True: "yes", False: "**no**", None: ""}
    for result in results:
        print(
            f"| {result.what} | {result.against} | {result.goal} | {result.found} |"
            f" {signs[result.reached]} |"
        )
