"""A streaming replica of a cluster of ours: it reads, and follows what is written."""

import contextlib
import shutil
import time

from tools import postgres
from tools.common import Problem, locked, step, warn

NAME = "replica"
#: The primary keeps what its replica has not read yet, also while that one is away.
SLOT = "replica"
SETTINGS = {
    # The primary does not remove rows that a long report on the replica still reads.
    "hot_standby_feedback": "on",
}
#: What pg_basebackup copies and the replica writes itself.
COPIED = ("ready", "server.log")


def replica_of(primary):
    """:return: where the replica of a cluster lives, whether it is there or not"""
    home = primary.data.parent
    folder = home.with_name(home.name.replace(primary.name, NAME, 1))
    return postgres.Cluster(NAME, primary.binaries, folder / "data", folder / "socket")


def start(primary):
    """:return: the replica of a running cluster, created and running"""
    replica = replica_of(primary)
    with locked(f"postgres-{NAME}"):
        if not is_usable(primary, replica):
            create(primary, replica)
        if not postgres.answers(replica):
            postgres.launch(replica)
    return replica


def is_usable(primary, replica):
    """Whether it is complete, and the primary still has all that it needs next."""
    status = postgres.sql(
        primary,
        f"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{SLOT}'",
    )
    return replica.data.exists() and status not in ([], ["lost"])


def create(primary, replica):
    """Copy the primary while it works; complete or absent, whatever interrupts it."""
    if replica.data.exists():
        warn(f"{replica.data} cannot follow its primary, it is made again")
        postgres.stop(replica)
        shutil.rmtree(replica.data)
    step("Copying the primary to its replica")
    draft = replica._replace(data=replica.data.with_name("draft"))
    shutil.rmtree(draft.data, ignore_errors=True)
    postgres.make_folders(draft)
    postgres.sql(
        primary,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
        f" WHERE slot_name = '{SLOT}'",
    )
    if postgres.control(
        draft,
        *("pg_basebackup", "-D", draft.data, "-h", primary.socket, "-p", "5432"),
        *("-U", postgres.USER, "-X", "stream", "-c", "fast", "-R", "-C", "-S", SLOT),
    ):
        home = draft.data.parent
        raise Problem(f"PostgreSQL's pg_basebackup failed, see {home}/control.log")
    for name in COPIED:
        (draft.data / name).unlink(missing_ok=True)
    postgres.write_settings(draft, SETTINGS)
    draft.data.rename(replica.data)


def wait(primary, replica, seconds=60):
    """Until the replica shows what the primary has written so far."""
    [target] = postgres.sql(primary, "SELECT pg_current_wal_insert_lsn()")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(Problem):  # it does not answer yet
            query = f"SELECT pg_last_wal_replay_lsn() >= '{target}'"
            if postgres.sql(replica, query) == ["t"]:
                return
        time.sleep(0.05)
    raise Problem(
        f"The replica does not follow its primary: see {replica.data}/server.log"
    )
