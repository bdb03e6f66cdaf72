"""`make cluster-load`: many people at once on `make cluster`, with and without replica.

Bounded in time and number, and sent to this machine only. Runs with and without a
replica take turns, so that what else the machine does falls on both.
"""

import csv
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from tools import cluster, postgres, python_env, replication, runtime, serving
from tools.common import ROOT, Problem, say, step

SCRIPT = ROOT / "benchmarks" / "load.py"
#: Defaults of what LOAD_USERS, LOAD_TIME (seconds) and LOAD_ROUNDS change.
USERS, SECONDS, ROUNDS = 8, 60, 2
#: Seconds without a measurement: each worker loads Odoo's modules and compiles pages.
WARM = 25
#: A run never gets larger than this, whatever is asked for.
MOST = {"LOAD_USERS": 100, "LOAD_TIME": 600, "LOAD_ROUNDS": 10}
TITLES = ("requests", "failed", "per second", "p50 ms", "p95 ms")
TICKS = os.sysconf("SC_CLK_TCK")


def get_number(name, default):
    text = os.environ.get(name) or str(default)
    if not (text.isdigit() and 0 < int(text) <= MOST[name]):
        raise Problem(f"{name}={text}: give a number from 1 to {MOST[name]}.")
    return int(text)


def run(_arguments=()):
    """`make cluster-load`."""
    users, seconds = get_number("LOAD_USERS", USERS), get_number("LOAD_TIME", SECONDS)
    rounds = get_number("LOAD_ROUNDS", ROUNDS)
    workers = cluster.count_workers(os.environ.get("WORKERS", ""))
    cluster.start()
    environment = runtime.prepare("primary")
    primary = environment.cluster
    replica = replication.replica_of(primary)
    locust = python_env.make("load") / "bin" / "locust"
    results = {True: [], False: []}
    try:
        for number in range(rounds):
            for with_replica in (True, False):
                step(f"Round {number + 1} of {rounds}, replica: {with_replica}")
                port = restart(environment, replica if with_replica else None, workers)
                measure(locust, port, users, WARM, (primary, replica))
                results[with_replica].append(
                    measure(locust, port, users, seconds, (primary, replica))
                )
    finally:
        restart(environment, replica, workers)
    say(f"{users} people, {seconds} s, {workers} workers, {os.cpu_count()} cores")
    show(results)


def restart(environment, replica, workers):
    """Start the cluster's Odoo anew. :return: its port"""
    server = cluster.SERVER
    state = server.running()
    if state:
        server.halt(state["pid"])
    port = state["port"] if state else serving.choose_port("")
    options = cluster.get_options(replica, workers)(port)
    server.launch(environment, port, *options)
    return port


def measure(locust, port, users, seconds, clusters):
    """:return: {name: values of ``TITLES``}, and the processor time of PostgreSQL"""
    before = [get_cpu_seconds(one) for one in clusters]
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        done = subprocess.run(
            [
                *(str(locust), "-f", str(SCRIPT), "--headless", "--only-summary"),
                *("--host", f"http://127.0.0.1:{port}", "--csv", f"{folder}/load"),
                *("-u", str(users), "-r", str(users), "-t", f"{seconds}s"),
                *("--stop-timeout", "20"),
            ],
            env={**os.environ, "LOAD_DATABASE": cluster.SERVER.database},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        path = Path(folder, "load_stats.csv")
        if not path.exists():
            raise Problem(f"locust failed: {done.stderr[-1000:]}")
        with path.open(newline="") as handle:
            rows = {row["Name"]: row for row in csv.DictReader(handle)}
    after = [get_cpu_seconds(one) for one in clusters]
    say(done.stderr[-2000:] if done.returncode else "")
    used = [late - early for early, late in zip(before, after, strict=True)]
    return {name: read_row(row) for name, row in rows.items()}, used


def read_row(row):
    return (
        int(row["Request Count"]),
        int(row["Failure Count"]),
        float(row["Requests/s"]),
        float(row["50%"]),
        float(row["95%"]),
    )


def get_cpu_seconds(cluster):
    """:return: what a PostgreSQL server has used so far, with its processes"""
    server = postgres.server_pid(cluster)
    if not server:
        return 0.0
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    ticks = sum(read_times(server)) + sum(sum(read_times(pid)[:2]) for pid in children)
    return ticks / TICKS


def read_times(pid):
    """:return: ticks of a process and of those that it waited for, or nothing"""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return [int(value) for value in text.rpartition(")")[2].split()[11:15]]


def show(results):
    """Print the medians of the rounds, as a table of Markdown."""
    print(f"\n| what | replica | {' | '.join(TITLES)} |")
    print("| --- " * (len(TITLES) + 2) + "|")
    names = {name for runs in results.values() for rows, _used in runs for name in rows}
    # logging in is no work of this addon's, it is part of "all"
    for name in sorted(
        names - {"log in"}, key=lambda name: (name == "Aggregated", name)
    ):
        for with_replica, runs in results.items():
            values = [rows[name] for rows, _used in runs if name in rows]
            middle = [statistics.median(column) for column in zip(*values, strict=True)]
            texts = " | ".join(f"{value:,.10g}" for value in map(shorten, middle))
            title = "all" if name == "Aggregated" else name
            print(f"| {title} | {'yes' if with_replica else 'no'} | {texts} |")
    for with_replica, runs in results.items():
        primary, replica = (
            statistics.median(column)
            for column in zip(*(used for _rows, used in runs), strict=True)
        )
        print(
            f"PostgreSQL's processor time, replica {'yes' if with_replica else 'no'}: "
            f"primary {primary:.1f} s, replica {replica:.1f} s"
        )


def shorten(value):
    return round(value, 1 if value < 100 else 0)
