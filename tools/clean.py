"""`make clean`: remove everything that was built, downloaded or created."""

import shutil

from tools import databases, postgres, replication, runtime, serving, testing
from tools.common import CACHE, ROOT, RUN, SHARED_CACHE, discard, say, step

#: In the checkout itself, beside the cache.
BUILT = ("node_modules", "test-results", ".ruff_cache", ".pytest_cache", ".hypothesis")


def clean(_arguments=()):
    serving.stop()
    for name in BUILT:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    if SHARED_CACHE:
        forget_checkout()
        say(f"{CACHE} is shared with other checkouts: left as it is.")
        return
    # What an interrupted `make clean` had put aside.
    for rubbish in CACHE.parent.glob(f".{CACHE.name}.*"):
        shutil.rmtree(rubbish)
    for folder in (CACHE, postgres.outside_folder()):
        if folder.exists():
            step(f"Removing {folder}")
            discard(folder)


def forget_checkout():
    """Drop what this checkout has in clusters that others use."""
    step("Dropping the databases of this checkout")
    for cluster in postgres.existing():
        if cluster.name == replication.NAME or not postgres.answers(cluster):
            continue
        environment = runtime.prepare(cluster.name)
        store = databases.Store(environment)
        own = (testing.PREFIX, serving.DEMO.database, serving.CLUSTER.database)
        for name in (name for prefix in own for name in store.names(prefix)):
            store.drop(name)
    shutil.rmtree(RUN, ignore_errors=True)
