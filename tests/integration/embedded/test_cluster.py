"""The embedded PostgreSQL, used the way processes use it: together, in turn, and killed on the way."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from comptoir import embedded
from comptoir.embedded.account import choose_account
from comptoir.embedded.locks import is_held
from comptoir.embedded.place import SYSTEM_DIRECTORY, find_place


def open_to_others(directory: Path) -> bool:
    """Whether every user of this machine may look into ``directory``."""
    return all(place.stat().st_mode & 0o001 for place in (directory, *directory.parents))


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(scope="module")
def open_directory() -> Iterator[Path]:
    """A directory that every user of this machine may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="embedded-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory


@pytest.fixture(scope="module")
def shared_home(open_directory: Path) -> Iterator[Path]:
    home = open_directory / "home"
    yield home
    embedded.discard(home)


@pytest.fixture
def home(shared_home: Path) -> Path:
    """The home that the tests of this module leave to each other, with no server running."""
    with embedded.ensure(shared_home):
        pass
    return shared_home


@contextmanager
def member(home: Path, *user: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that uses the server, and what it said first."""
    argv = [sys.executable, str(Path(__file__).with_name("member.py")), str(home), *user]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=20)
    assert process.returncode == 0


def ask(url: str, question: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def do(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def is_running(home: Path) -> bool:
    return is_held(home / "postgres" / "alive")


def postmaster(home: Path) -> int:
    return int((find_place(home).data / "postmaster.pid").read_text().splitlines()[0])


def started_at(url: str) -> str:
    return ask(url, "SELECT pg_postmaster_start_time()")


def test_the_server_runs_while_used_and_keeps_its_data(home: Path) -> None:
    with embedded.ensure(home) as cluster:
        do(cluster.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        assert ask(cluster.owner_url, "SHOW fsync") == "on"
        assert ask(cluster.owner_url, "SHOW jit") == "off"
        assert ask(cluster.owner_url, "SHOW listen_addresses") == ""
    assert not is_running(home)
    with embedded.ensure(home) as cluster:
        assert ask(cluster.owner_url, "SELECT answer FROM kept") == "42"
        do(cluster.owner_url, "DROP TABLE kept")


def test_text_is_unicode_and_sorts_alike_on_every_machine(home: Path) -> None:
    with embedded.ensure(home) as cluster:
        assert ask(cluster.owner_url, "SELECT upper('é') || encoding FROM pg_database LIMIT 1") == "É6"
        assert (
            ask(cluster.owner_url, "SELECT string_agg(x, '' ORDER BY x) FROM unnest('{b,é,B,a}'::text[]) x") == "Babé"
        )


def test_the_owner_is_no_superuser_and_the_web_owns_nothing(home: Path) -> None:
    with embedded.ensure(home) as cluster:
        rights = "SELECT (rolsuper, rolcreaterole, rolinherit)::text FROM pg_roles WHERE rolname = current_user"
        assert ask(cluster.owner_url, rights) == "(f,t,t)"
        assert ask(cluster.web_url, rights) == "(f,f,f)"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(cluster.web_url, "CREATE TABLE mine (id int)")


def test_nobody_logs_in_without_the_password(home: Path) -> None:
    passwords = home / "postgres" / "passwords.json"
    assert passwords.stat().st_mode & 0o777 == 0o600
    with embedded.ensure(home) as cluster:
        for role in ("postgres", "comptoir", "comptoir_web"):
            password = cluster.url(role=role).split(":")[2].split("@")[0]
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(cluster.url(role=role).replace(password, "guessed"))


def test_databases_come_and_go_and_copy(home: Path) -> None:
    with embedded.ensure(home) as cluster:
        cluster.create_database(name="first")
        do(cluster.url(database="first"), "CREATE TABLE t AS SELECT 7 AS n")
        cluster.create_database(name="copy of first", template="first")
        assert ask(cluster.url(database="copy of first"), "SELECT n FROM t") == "7"
        with psycopg.connect(cluster.url(database="first")):
            for name in ("first", "copy of first", "never was"):
                cluster.drop_database(name=name)
        assert ask(cluster.owner_url, "SELECT count(*) FROM pg_database WHERE datname LIKE '%first'") == "0"


def test_two_processes_share_a_server_and_the_last_stops_it(home: Path) -> None:
    with embedded.ensure(home) as cluster, member(home) as (other, url):
        assert url == cluster.owner_url
        leave(other)
        assert is_running(home)
    assert not is_running(home)

    with member(home) as (other, _):
        with embedded.ensure(home) as cluster:
            pass
        assert ask(cluster.owner_url, "SELECT 1") == "1"
        leave(other)
    assert not is_running(home)


def test_a_fork_of_a_user_does_not_stop_the_server(home: Path) -> None:
    with embedded.ensure(home) as cluster:
        child = os.fork()
        if child == 0:
            cluster.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert ask(cluster.owner_url, "SELECT 1") == "1"
    assert not is_running(home)


def test_a_killed_process_leaves_its_server_to_the_next(home: Path) -> None:
    with member(home) as (victim, url):
        before = started_at(url)
        victim.kill()
        victim.wait()
    assert is_running(home)
    with embedded.ensure(home) as cluster:
        assert started_at(cluster.owner_url) == before
    assert not is_running(home)


def test_a_killed_server_is_started_again_with_what_was_committed(home: Path) -> None:
    with embedded.ensure(home) as cluster:
        do(cluster.owner_url, "CREATE TABLE committed AS SELECT 9 AS n")
        os.kill(postmaster(home), signal.SIGKILL)
        with embedded.ensure(home) as again:
            assert ask(again.owner_url, "SELECT n FROM committed") == "9"
            do(again.owner_url, "DROP TABLE committed")
    assert not is_running(home)


def test_whoever_uses_a_server_revives_it_when_it_was_killed(home: Path) -> None:
    with embedded.ensure(home) as cluster:
        assert not cluster.revive()
        os.kill(postmaster(home), signal.SIGKILL)
        assert cluster.revive()
        assert ask(cluster.owner_url, "SELECT 1") == "1"
    assert not is_running(home)


def test_a_killed_servers_number_may_be_another_process_by_now(home: Path) -> None:
    with member(home) as (victim, _):
        victim.kill()
        os.kill(postmaster(home), signal.SIGKILL)
    pid_file = find_place(home).data / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"]) as stranger:
        lines = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
        with embedded.ensure(home) as cluster:
            assert ask(cluster.owner_url, "SELECT 1") == "1"
        assert stranger.poll() is None
        stranger.kill()


def test_a_half_made_database_is_made_anew(open_directory: Path) -> None:
    home = open_directory / "interrupted"
    home.mkdir()
    place = find_place(home)
    unfinished = place.directory / "data.unfinished"
    place.account.make_directory(unfinished)
    place.account.write(unfinished / "PG_VERSION", "18")
    with embedded.ensure(home) as cluster:
        assert ask(cluster.web_url, "SELECT current_user") == "comptoir_web"
    assert not unfinished.exists()
    embedded.discard(home)


def test_discarding_waits_for_nobody_but_refuses_while_used(home: Path, open_directory: Path) -> None:
    copy = open_directory / "copy"
    shutil.copytree(home, copy, copy_function=shutil.copy)
    server = copy / "postgres" / "server"
    for path in (server, *server.rglob("*")):
        shutil.chown(path, (home / "postgres" / "server").stat().st_uid)
    with member(copy) as (victim, url):
        with pytest.raises(embedded.ClusterInUse, match="Stop it first"):
            embedded.discard(copy)
        victim.kill()
        victim.wait()
    embedded.discard(copy)
    assert not (copy / "postgres").exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    embedded.discard(copy)


def test_a_path_too_long_for_a_socket_is_no_obstacle(open_directory: Path) -> None:
    home = open_directory / ("long" * 25)
    with embedded.ensure(home) as cluster:
        assert ask(cluster.owner_url, "SELECT 1") == "1"
        sockets = Path((home / "postgres" / "sockets").read_text().splitlines()[1])
        assert sockets.stat().st_mode & 0o777 == 0o700
    embedded.discard(home)
    assert not sockets.exists()


def test_lost_passwords_are_said_to_be_lost(home: Path) -> None:
    passwords = home / "postgres" / "passwords.json"
    kept = passwords.rename(home / "kept.json")
    with pytest.raises(embedded.EmbeddedError, match=r"passwords\.json is missing"):
        embedded.ensure(home)
    kept.rename(passwords)


def test_data_of_another_version_says_what_to_do(home: Path) -> None:
    version = find_place(home).data / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(embedded.EmbeddedError, match="made by PostgreSQL 17; this is 18"):
        embedded.ensure(home)
    version.write_text("18\n")


@as_root
def test_a_home_closed_to_the_databases_user_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    with embedded.ensure(home) as cluster:
        assert ask(cluster.owner_url, "SELECT 1") == "1"
    elsewhere = Path((home / "postgres" / "location").read_text().strip())
    assert elsewhere.parent == SYSTEM_DIRECTORY
    assert closed.stat().st_mode & 0o777 == 0o700

    moved = home.rename(closed / "moved")
    with pytest.raises(embedded.EmbeddedError, match="moved or copied"):
        embedded.ensure(moved)
    embedded.discard(moved.rename(home))
    assert not elsewhere.exists()


@as_root
@pytest.mark.skipif(not open_to_others(Path(sys.prefix)), reason="this checkout is closed to other users")
def test_an_ordinary_user_runs_a_server_too(open_directory: Path) -> None:
    theirs = open_directory / "theirs"
    theirs.mkdir()
    shutil.chown(theirs, "nobody")
    with member(theirs / "home", "nobody") as (process, answer):
        assert ask(answer, "SELECT 1") == "1"
        leave(process)
    assert (theirs / "home" / "postgres" / "passwords.json").owner() == "nobody"
    # Root finds the same database, and lets its owner run it.
    with embedded.ensure(theirs / "home") as cluster:
        assert cluster.owner_url == answer
    embedded.discard(theirs / "home")


@as_root
def test_anothers_database_is_refused_in_a_sentence(home: Path) -> None:
    with member(home, "daemon") as (process, answer):
        leave(process)
    assert answer.startswith("refused:")
    assert "COMPTOIR_HOME" in answer


@as_root
def test_root_never_runs_the_server_itself(home: Path, tmp_path: Path) -> None:
    assert choose_account(home=tmp_path, server_directory=tmp_path / "none").name == "nobody"
    shutil.chown(tmp_path, "daemon")
    assert choose_account(home=tmp_path, server_directory=tmp_path / "none").name == "daemon"
    with embedded.ensure(home):
        assert Path(f"/proc/{postmaster(home)}").owner() == "nobody"
