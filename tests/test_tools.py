"""The tooling's own rules: pure functions and what an interrupted run leaves."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools import (
    cluster,
    common,
    comparing,
    load,
    odoo_source,
    pdf,
    postgres,
    replication,
    runtime,
    serving,
    translations,
)
from tools.common import Problem


@pytest.mark.parametrize(
    ("given", "rest", "folders"),
    [
        (["-d", "x"], ["-d", "x"], []),
        (["--addons-path=a,b", "-d", "x"], ["-d", "x"], ["a", "b"]),
        (["shell", "--addons-path", "a", "-d", "x"], ["shell", "-d", "x"], ["a"]),
        (["--addons-path=a", "--addons-path=b"], [], ["a", "b"]),
        (["--addons-path="], [], []),
    ],
)
def test_addons_path_is_taken_out_of_the_command_line(given, rest, folders):
    assert runtime.split_addons_path(given) == (rest, folders)


def test_addons_path_without_a_folder_is_refused():
    with pytest.raises(Problem, match="needs a folder"):
        runtime.split_addons_path(["-d", "x", "--addons-path"])


def test_a_free_port_is_found_when_none_is_chosen():
    taken = {8069, 8070}
    assert serving.choose_port("", free=lambda port: port not in taken) == 8071


@pytest.mark.parametrize("chosen", ["web", "0", "65536", "-1"])
def test_a_wrong_port_is_refused(chosen):
    with pytest.raises(Problem, match="no port"):
        serving.choose_port(chosen, free=lambda port: True)


def test_a_taken_port_is_refused():
    with pytest.raises(Problem, match="8080 is taken"):
        serving.choose_port("8080", free=lambda port: False)


def test_what_is_built_is_complete_or_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(common, "CACHE", tmp_path)
    folder = tmp_path / "things" / "one"

    with pytest.raises(KeyboardInterrupt), common.building(folder, "Building") as new:
        (new / "half").touch()
        raise KeyboardInterrupt
    assert not common.is_built(folder)

    with common.building(folder, "Building") as new:
        assert not (new / "half").exists()
        (new / "whole").touch()
    assert common.is_built(folder)

    with common.building(folder, "Building") as new:
        assert new is None


def test_a_key_follows_contents(tmp_path):
    path = tmp_path / "lock"
    path.write_text("a")
    before = common.digest(path, "x")
    assert before == common.digest(path, "x") != common.digest(path, "y")
    path.write_text("b")
    assert before != common.digest(path, "x")


def test_the_addon_is_new_when_a_file_changes_but_not_when_python_caches_it(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.py").write_text("a = 1\n")
    before = common.tree_digest(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").touch()
    assert common.tree_digest(tmp_path) == before
    (tmp_path / "models" / "a.py").write_text("a = 2\n")
    assert common.tree_digest(tmp_path) != before


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("version_info = (19, 0, 0, FINAL, 0, '')", "19.0"),
        ("version_info = (18, 0, 0, FINAL, 0, '')", "18.0"),
        ("version_info = ('saas~18', 4, 0, FINAL, 0, '')", "18.4"),
        ("nothing = 1", None),
    ],
)
def test_the_series_of_an_odoo_is_read_without_running_it(tmp_path, text, series):
    (tmp_path / "release.py").write_text(f"# Odoo\n{text}\n")
    assert odoo_source.series(tmp_path) == series


def test_an_odoo_of_another_series_is_refused(tmp_path):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (18, 0, 0)\n")
    with pytest.raises(Problem, match=r"holds Odoo 18\.0"):
        odoo_source.from_folder(tmp_path)


def test_a_folder_without_odoo_is_refused(tmp_path):
    with pytest.raises(Problem, match="holds no Odoo"):
        odoo_source.from_folder(tmp_path)


def test_a_socket_never_has_a_path_that_is_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "CACHE", tmp_path / ("long" * 30))
    assert len(f"{postgres.base_folder()}/test-18/socket/.s.PGSQL.5432") < 107


def test_a_folder_that_others_may_not_enter_is_noticed(tmp_path):
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0o700)
    assert not postgres.reachable_by_all(closed / "inside" / "not-there-yet")


def test_progress_names_the_module():
    line = "2026-01-01 10:00:00,000 7 INFO db odoo.modules.loading: Loading module "
    assert common.progress_text(f"{line}sale (3/9)") == "module 3 of 9: sale"
    assert common.progress_text("Get:1 packages") == "Get:1 packages"
    assert common.progress_text(line) is None
    remark = "<string>:38: (ERROR/3) Unexpected indentation."
    assert common.progress_text(remark) is None, "of a text in Odoo, it alarms people"


def test_configuration_names_no_database(tmp_path):
    source = odoo_source.Source(tmp_path, (), "x")
    cluster = postgres.Cluster("test", tmp_path, tmp_path, tmp_path / "socket")
    made = runtime.Runtime(source, tmp_path, cluster, tmp_path / "rc", tmp_path)
    text = runtime.configuration(made)
    assert "db_name" not in text
    assert f"db_host = {tmp_path}/socket" in text


def test_the_environment_hides_the_callers_databases(tmp_path, monkeypatch):
    monkeypatch.setenv("PGDATABASE", "production")
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.setattr(pdf, "find", lambda: None)
    source = odoo_source.Source(tmp_path / "a" / "b", (), "x")
    cluster = postgres.Cluster("test", tmp_path, tmp_path, tmp_path / "socket")
    made = runtime.Runtime(source, tmp_path, cluster, tmp_path / "rc", tmp_path)
    env = made.environment()
    assert "PGDATABASE" not in env
    assert "PGPASSWORD" not in env
    assert env["ODOO_RC"] == str(tmp_path / "rc")


def test_what_a_killed_run_still_writes_is_put_aside(tmp_path):
    folder = tmp_path / "odoo"
    (folder / "addons").mkdir(parents=True)
    writing = "while mkdir -p sub; do echo x >sub/$$.$(date +%N) || exit; done"
    with subprocess.Popen(
        ["sh", "-c", writing], cwd=folder / "addons", stderr=subprocess.DEVNULL
    ) as orphan:
        common.discard(folder)
        assert not list(tmp_path.iterdir())
        orphan.wait(10)


def test_a_step_dies_with_the_run_that_was_killed(tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path;"
        "from tools import common; common.LOGS = Path(sys.argv[2]);"
        "common.run(['sh', '-c', 'echo $$ >\"$0\"/pid; sleep 60', sys.argv[2]],"
        " failure='no')"
    )
    run = subprocess.Popen([sys.executable, "-c", code, common.ROOT, tmp_path])
    pid = tmp_path / "pid"
    wait_until(lambda: pid.exists() and pid.read_text().strip())
    run.kill()
    run.wait()
    wait_until(lambda: not is_running(int(pid.read_text())))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileNotFoundError(2, "No such file", "dpkg-deb"), "dpkg-deb is missing"),
        (PermissionError(13, "Permission denied", "/x/odoo"), "/x/odoo may not be"),
        (OSError(28, "No space left", "/x/odoo"), "disk is full"),
        (OSError(5, "Input/output error", "/x"), "mend that"),
    ],
)
def test_what_the_machine_refuses_is_said_in_words(error, sentence):
    assert sentence in common.explain(error)


def test_missing_libraries_are_told_before_anything_is_downloaded(monkeypatch):
    monkeypatch.setattr(pdf, "find", lambda: None)
    monkeypatch.setattr(pdf.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(pdf, "loads", lambda library: library != "libXrender.so.1")
    monkeypatch.setattr(pdf.system, "can_install", lambda: False)
    with pytest.raises(Problem, match=r"install .*libxrender1`"):
        pdf.check()


def wait_until(done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_what_fails_with_the_addon_only_is_told():
    """A test that is not there any more has not passed either."""
    before = {"a": "passed", "b": "failure", "c": "skipped", "d": "passed"}
    after = {"a": "error", "b": "failure", "c": "passed"}
    line, worse = comparing.describe("sale", before, after)
    assert worse == ["a", "d"]
    assert line == "| sale | 2 / 1 / 1 | 1 / 2 / 0 | 2 |"


def test_what_failed_may_be_run_alone_without_the_addon():
    after = {"a": "error", "b": "failure", "c": "passed", "d": "skipped"}
    line, worse = comparing.describe_failed("sale", {"b": "failure"}, after)
    assert worse == ["a"]
    assert line == "| sale | 2 of them: 1 failed | 1 / 2 / 1 | 1 |"


def test_the_worse_of_two_outcomes_of_a_test_counts(tmp_path):
    """A test and its teardown are two entries of the report."""
    report = tmp_path / "report.xml"
    case = '<testcase file="f.py" classname="T" name="test_x"'
    report.write_text(f"<testsuite>{case}><error/></testcase>{case}/></testsuite>")
    assert comparing.get_outcomes(report) == {"f.py T.test_x": "error"}


# --- the cluster ----------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0", "-1", "many", "65"])
def test_a_wrong_number_of_workers_is_refused(text):
    with pytest.raises(Problem, match="no number of workers"):
        cluster.count_workers(text)


def test_workers_have_a_default():
    assert cluster.count_workers("") == cluster.WORKERS
    assert cluster.count_workers("2") == 2


def test_the_replica_lives_beside_its_primary(tmp_path):
    home = tmp_path / "primary-18"
    primary = postgres.Cluster("primary", tmp_path, home / "data", home / "socket")
    replica = replication.replica_of(primary)
    assert replica.name not in postgres.CLUSTERS, "nobody writes to it"
    assert replica.data == tmp_path / "replica-18" / "data"
    assert replica.socket == tmp_path / "replica-18" / "socket"


def test_odoo_is_told_of_the_replica_where_there_is_one(tmp_path):
    replica = postgres.Cluster("replica", tmp_path, tmp_path, tmp_path / "socket")
    options = cluster.get_options(replica, 3)(8069)
    assert f"--db_replica_host={replica.socket}" in options
    assert "--workers=3" in options
    assert not any("replica" in option for option in cluster.get_options(None, 3)(8069))


def test_a_replica_whose_primary_was_made_anew_is_not_used(tmp_path, monkeypatch):
    replica = postgres.Cluster("replica", tmp_path, tmp_path, tmp_path / "socket")
    for status, usable in (([], False), (["lost"], False), (["reserved"], True)):
        monkeypatch.setattr(postgres, "sql", lambda *_args, found=status: found)
        assert replication.is_usable(None, replica) is usable
    missing = replica._replace(data=tmp_path / "missing")
    assert not replication.is_usable(None, missing)


def test_load_is_bounded(monkeypatch):
    monkeypatch.setenv("LOAD_TIME", "601")
    with pytest.raises(Problem, match="from 1 to 600"):
        load.get_number("LOAD_TIME", 60)


def test_a_translation_that_odoo_leaves_out_is_kept():
    old = 'msgid ""\nmsgstr "1"\n\n#. a\nmsgid "CSV"\nmsgstr "CSV"\n\n' + (
        'msgid "Old"\nmsgstr "Gone"\n'
    )
    new = 'msgid ""\nmsgstr "2"\n\n#. b\nmsgid "CSV"\nmsgstr ""\n\n' + (
        'msgid "New"\nmsgstr ""\n'
    )
    assert translations.keep_translations(old, new) == new.replace(
        '"CSV"\nmsgstr ""', '"CSV"\nmsgstr "CSV"'
    )
