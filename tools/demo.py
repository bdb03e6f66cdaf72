"""`make demo`: a database to look at, and a server in the background."""

import os

from tools import databases, postgres, runtime, serving
from tools.common import (
    ADDON,
    ADDONS,
    CHECKOUT,
    ROOT,
    RUN,
    SATELLITES,
    digest,
    locked,
    read_manifest,
    step,
    tree_digest,
)

#: Satellites that install themselves come with what they stand beside, if ever.
MODULES = (
    *("client_balance", "l10n_ua", "payment_demo", "contacts"),
    *(a.name for a in SATELLITES if not read_manifest(a)["auto_install"]),
)

#: Fed to ``odoo shell`` once, after the installation: what demo files cannot do.
SCRIPT = ROOT / "tools" / "demo_company.py"

#: Who can log in: in Odoo's demo data or in the addon's.
LOGINS = (
    ("administrator", "admin", "admin"),
    ("accountant", "accountant", "accountant"),
    ("billing clerk", "clerk", "clerk"),
    ("salesperson", "salesperson", "salesperson"),
    ("portal client", "portal", "portal"),
)


def get_marker(server):
    """:return: the file that says what the server's database was made of"""
    return RUN / f"{server.name}-database"


def digest_addons():
    """:return: a short key of what the demo shows of ours"""
    return digest(*map(tree_digest, ADDONS))


def database(environment, server):
    """Create the demo database, or bring its addon up to date."""
    store = databases.Store(environment)
    name, marker = server.database, get_marker(server)
    addon = digest_addons()
    full = digest(environment.source.key, MODULES, SCRIPT)
    wanted = f"{full} {addon}"
    have = marker.read_text() if marker.exists() else ""
    if store.exists(name):
        if have == wanted:
            return
        if have.split(" ")[0] == full:
            store.odoo(
                # what depends on it is updated as well
                *("-d", name, "-u", ADDON.name, *databases.QUIET),
                title=f"The addon has changed: updating the database {name}",
            )
            marker.write_text(wanted)
            return
        step(f"The database {name} is of another version: creating it anew")
    draft = f"{name}_draft"
    store.drop(draft)
    store.install(
        draft,
        MODULES,
        f"Creating the database {name} (about a minute)",
        *("--with-demo", f"--load-language={databases.LANGUAGE}"),
    )
    if SCRIPT.exists():
        store.shell(draft, SCRIPT, "Filling in the Ukrainian company")
    store.shell(draft, databases.WARM, "Preparing the pages' scripts and styles")
    store.drop(name)
    store.rename(draft, name)
    marker.write_text(wanted)


def is_current(server):
    marker = get_marker(server)
    return marker.exists() and marker.read_text().endswith(f" {digest_addons()}")


def check_port(server):
    """A wrong port is told before minutes of work."""
    if not server.running():
        serving.choose_port(os.environ.get("PORT", ""))


def serve(server, environment, get_options=lambda port: ()):
    """Bring database and server up to date, whatever is there already.

    :param get_options: gives more options of odoo, once its port is known
    :return: the port
    """
    chosen = os.environ.get("PORT", "")
    with locked(f"{server.name}-{CHECKOUT}"):
        state = server.running()
        if state and chosen and chosen != str(state["port"]):
            step(f"It runs on port {state['port']}: moving it to {chosen}")
            serving.choose_port(chosen)
            server.halt(state["pid"])
            state = None
        if state and not is_current(server):
            step(f"The addon has changed: restarting the {server.name} server")
            chosen = chosen or str(state["port"])
            server.halt(state["pid"])
            state = None
        database(environment, server)
        if not state:
            port = serving.choose_port(chosen)
            server.launch(environment, port, *get_options(port))
            state = server.running()
    return state["port"]


def start(_arguments=()):
    """`make demo`."""
    check_port(serving.DEMO)
    environment = runtime.prepare("demo")
    announce(environment, serving.DEMO, serve(serving.DEMO, environment))


def announce(environment, server, port, *more):
    known = postgres.tool(
        environment.cluster,
        *("psql", "-XAtq", "-d", server.database, "-c"),
        "SELECT login FROM res_users WHERE active",
    ).split()
    print(f"\nClient balance is ready:  http://localhost:{port}/odoo\n")
    print(f"  {'who':<16}{'login':<14}password")
    for who, login, password in LOGINS:
        if login in known:
            print(f"  {who:<16}{login:<14}{password}")
    print("\n".join(["", *more, f"Database: {server.database}", f"Log: {server.log}"]))
    print("Stop it with: make stop", flush=True)


def shell(arguments):
    """`make shell`: Python with the demo database at hand."""
    runtime.run_odoo(["shell", "-d", serving.DEMO.database, *arguments])
