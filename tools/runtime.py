"""Everything that an ``odoo`` process needs: packages, configuration, PostgreSQL."""

import os
from pathlib import Path
from typing import NamedTuple

from tools import browser, odoo_source, pdf, postgres, python_env
from tools.common import CACHE, ROOT, RUN, Problem, digest, write_if_changed


class Runtime(NamedTuple):
    source: odoo_source.Source
    python: Path  #: the virtual environment
    cluster: postgres.Cluster
    config: Path
    data: Path

    @property
    def filestore(self):
        return self.data / "filestore"

    def command(self, name):
        return self.python / "bin" / name

    def environment(self, **more):
        """The environment variables of an odoo process.

        The caller's own PostgreSQL variables are dropped, or Odoo would read a
        database's name from there.
        """
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PG") and name not in ("PYTHONPATH", "PYTHONHOME")
        }
        path = [self.python / "bin", pdf.find(), self.cluster.binaries, env.get("PATH")]
        env["PATH"] = os.pathsep.join(str(entry) for entry in path if entry)
        env["ODOO_RC"] = str(self.config)
        env["VIRTUAL_ENV"] = str(self.python)
        env.update(pdf.font_environment(self.source))
        env.update(self.cluster.environment())
        env.update(more)
        return env

    @property
    def key(self):
        """Changes with Odoo and with the Python packages."""
        return digest(self.source.key, self.python.name)


def prepare(cluster="demo"):
    """Set up what is missing and return the :class:`Runtime`."""
    postgres.check_choice()
    pdf.check()
    source = odoo_source.find()
    python = python_env.odoo_environment(source)
    pdf.set_up()
    server = postgres.start(cluster, python)
    data = CACHE / "data" / cluster
    data.mkdir(parents=True, exist_ok=True)
    config = RUN / f"odoo-{cluster}.conf"
    runtime = Runtime(source, python, server, config, data)
    write_if_changed(config, configuration(runtime))
    return runtime


def configuration(runtime):
    """The text of odoo.conf: where things are, and no database."""
    return f"""\
[options]
addons_path = {",".join(addons_path(runtime.source))}
data_dir = {runtime.data}
db_host = {runtime.cluster.socket}
db_port = 5432
db_user = {postgres.USER}
http_interface = 127.0.0.1
log_level = info
"""


def addons_path(source):
    """Odoo's own folders, and the project's once it has an addon."""
    own = [ROOT] if any(ROOT.glob("*/__manifest__.py")) else []
    return [str(path) for path in (source.core_addons, *source.addons, *own)]


def split_addons_path(arguments):
    """Take every ``--addons-path`` out of an odoo command line.

    :return: the other arguments, and the folders that were named.
    """
    rest, folders = [], []
    arguments = iter(arguments)
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name != "--addons-path":
            rest.append(argument)
            continue
        if not equals:
            value = next(arguments, None)
            if value is None:
                raise Problem("--addons-path needs a folder, or several with commas.")
        folders += [folder for folder in value.split(",") if folder]
    return rest, folders


def run_odoo(arguments):
    """``bin/odoo``: become odoo, in the project's environment.

    Named addon folders are handed over by a variable: unlike the option it is
    understood by every odoo command, and it is added to what Odoo itself needs.
    """
    cluster = os.environ.get("CLIENT_BALANCE_CLUSTER", "demo")
    if cluster not in postgres.CLUSTERS:
        raise Problem(
            "CLIENT_BALANCE_CLUSTER is one of: " + ", ".join(postgres.CLUSTERS)
        )
    runtime = prepare(cluster)
    arguments, folders = split_addons_path(arguments)
    folders += os.environ.get("ODOO_ADDONS_PATH", "").split(",")
    folders = [str(Path(folder).resolve()) for folder in folders if folder]
    env = runtime.environment()
    env.pop("ODOO_ADDONS_PATH", None)
    if folders:
        every = dict.fromkeys(addons_path(runtime.source) + folders)
        env["ODOO_ADDONS_PATH"] = ",".join(every)
    if any(argument.startswith("--test") for argument in arguments):
        # Without a browser Odoo would skip its browser tests and say nothing.
        folder, _browser = browser.set_up()
        env["PATH"] = os.pathsep.join([str(folder), env["PATH"]])
    command = runtime.command("odoo")
    os.execve(command, [str(command), *arguments], env)


def run_python(arguments):
    """A script of the project, with Odoo's packages, the demo cluster and a browser.

    The benchmark, the soak test and the screenshots are such scripts.
    """
    runtime = prepare(os.environ.get("CLIENT_BALANCE_CLUSTER", "demo"))
    folder, chromium = browser.set_up()
    env = runtime.environment(CHROMIUM=chromium, PYTHONPATH=str(ROOT))
    env["PATH"] = os.pathsep.join([str(folder), env["PATH"]])
    command = runtime.command("python")
    os.execve(command, [str(command), *arguments], env)
