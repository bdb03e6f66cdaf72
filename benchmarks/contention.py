"""Many writers at once, as processes, on many keys and on one."""

import subprocess
import sys
from contextlib import suppress

from benchmarks.table import Result, row

SECONDS = 20


def race(database, writers, mode, seconds=SECONDS):
    """Let ``writers`` work at the same time.

    :param writers: the client ids of each writer
    :return: (payments done, payments failed)
    """
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.worker", database),
                *(",".join(map(str, ids)), str(seconds), mode),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for ids in writers
    ]
    try:
        for process in processes:
            process.stdout.readline()  # ready
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        results = [process.stdout.readline().split() for process in processes]
    finally:
        for process in processes:
            with suppress(OSError):
                process.stdin.close()
            process.wait()
    return tuple(sum(int(result[i]) for result in results) for i in (0, 1))


def clients(bench, opened, count):
    """:return: ids of ``count`` new clients"""
    with opened(commit=True) as world:
        return [
            world.create_client(f"Contention {number}").id for number in range(count)
        ]


@row("many-keys")
def many_keys(bench):
    """Eight workers, fifty clients; the other side has no addon, and no history.

    Therefore ours is the small database, whatever size is measured: what a million
    entries of the past cost core itself is not the question.
    """
    sides = {}
    for mode, database, opened in (
        ("core", bench.plain, bench.opened_plain),
        ("ours", bench.small, bench.opened_small),
    ):
        ids = clients(bench, opened, 50)
        writers = [ids[start::8] for start in range(8)]
        sides[mode] = race(database, writers, mode)
    ratio = sides["ours"][0] / max(1, sides["core"][0])
    yield Result(
        "50 keys, 8 workers: payments per second",
        "core's write-off without the addon",
        "≥ 0.9 ×",
        f"{ratio:.2f} × ({sides['ours'][0] / SECONDS:.1f} :"
        f" {sides['core'][0] / SECONDS:.1f} per second; failed:"
        f" {sides['ours'][1]} : {sides['core'][1]})",
        ratio >= 0.9,
    )


@row("hot-key")
def hot_key(bench):
    """Twenty writers who all pay for one client, and for twenty.

    With the addon that is meant for the former.
    """
    queue = "client_balance_queue"
    bench.store.install(bench.database, [queue], f"Installing {queue}")
    ids = clients(bench, bench.opened, 21)
    spread = race(bench.database, [[client_id] for client_id in ids[1:]], "ours")
    hot = race(bench.database, [[ids[0]]] * 20, "ours")
    ratio = hot[0] / max(1, spread[0])
    yield Result(
        "1 hot key, 20 writers, with the queue",
        "the same on 20 keys",
        "all succeed, ≥ 0.5 ×",
        f"{ratio:.2f} × ({hot[0] / SECONDS:.1f} : {spread[0] / SECONDS:.1f} per"
        f" second; failed: {hot[1]} : {spread[1]})",
        ratio >= 0.5 and not hot[1],
    )
