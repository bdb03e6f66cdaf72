"""`make cluster`: what Odoo grows by, on one machine.

A primary that takes all writes, a replica that follows it, and an Odoo with worker
processes that reads from the replica where a page only shows something.
"""

import os

from tools import demo, postgres, replication, runtime, serving
from tools.common import Problem, step

SERVER = serving.CLUSTER
WORKERS = 4


def count_workers(text):
    """:param text: of ``WORKERS``, may be empty"""
    if text and not (text.isdigit() and 0 < int(text) <= 64):
        raise Problem(f"WORKERS={text} is no number of workers: give 1 to 64.")
    return int(text or WORKERS)


def get_options(replica, workers):
    """:return: what gives odoo's options, once its port is known

    :param replica: may be None
    """

    def get(port):
        options = [
            f"--workers={workers}",
            f"--gevent-port={serving.choose_port('', first=port + 1)}",
        ]
        if replica:
            options += [f"--db_replica_host={replica.socket}", "--db_replica_port=5432"]
        return options

    return get


def start(_arguments=()):
    """`make cluster`."""
    workers = count_workers(os.environ.get("WORKERS", ""))
    demo.check_port(SERVER)
    environment = runtime.prepare("primary")
    replica = start_replica(environment.cluster)
    port = demo.serve(SERVER, environment, get_options(replica, workers))
    replication.wait(environment.cluster, replica)
    demo.announce(environment, SERVER, port, *describe(environment.cluster, replica))


def start_replica(primary):
    """Workers that miss a replica do not look for it for twenty minutes."""
    state = SERVER.running()
    if state and not postgres.answers(replication.replica_of(primary)):
        step("The replica was away: restarting Odoo")
        SERVER.halt(state["pid"])
    return replication.start(primary)


def describe(primary, replica):
    """:return: lines that say what runs here"""
    database = SERVER.database
    return [
        "Pages that only show something are read from the replica, all else goes to",
        "the primary. Each line of the log ends in ro (replica) or rw (primary).",
        "",
        f"Primary: psql -h {primary.socket} -U {postgres.USER} {database}",
        f"Replica: psql -h {replica.socket} -U {postgres.USER} {database}",
    ]
