"""The `comptoir` command, as an operator types it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from comptoir import embedded
from comptoir.cli import COMMANDS
from comptoir.embedded.locks import FileLock
from comptoir.inbox.sealing import new_key
from comptoir.taxes.loading import BUILT_IN, load_table, read_table
from comptoir.tenancy.models import Company
from tests.databases import Database
from tests.factories import make_plan, make_vendor

BOOKS = """
CREATE ROLE comptoir_reader NOLOGIN;
GRANT comptoir_reader TO comptoir_web WITH INHERIT FALSE, SET TRUE;
GRANT comptoir_reader TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
CREATE TABLE django_migrations (id int, app text, name text);
INSERT INTO django_migrations VALUES (1, 'contenttypes', '0001_initial');
CREATE TABLE invoice (number int PRIMARY KEY, company int, total_minor int CHECK (total_minor > 0));
INSERT INTO invoice VALUES (1, 10, 4900), (2, 20, 9900);
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON invoice TO comptoir_reader USING (company = 10);
GRANT SELECT ON invoice TO comptoir_reader;
"""
AS_A_READER = "SET ROLE comptoir_reader; SELECT array_agg(number) FROM invoice"


@pytest.fixture(scope="module")
def cluster() -> Iterator[embedded.Cluster]:
    with tempfile.TemporaryDirectory(prefix="comptoir-cli-") as name:
        Path(name).chmod(0o711)
        with embedded.ensure(Path(name)) as running:
            do(running.owner_url, BOOKS)
            yield running
        embedded.discard(Path(name))


@pytest.fixture
def backup(cluster: embedded.Cluster, tmp_path: Path) -> Path:
    file = tmp_path / "monday.backup"
    answer = comptoir("backup", str(file), url=cluster.owner_url)
    assert answer.returncode == 0, answer.stderr
    return file


@pytest.fixture
def empty(cluster: embedded.Cluster) -> Iterator[str]:
    cluster.create_database(name="other")
    yield cluster.url(database="other")
    cluster.drop_database(name="other")


def comptoir(*words: str, url: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("COMPTOIR", "DATABASE"))}
    return subprocess.run(
        [sys.executable, "-m", "comptoir.cli", *words],
        env=clean | {"DATABASE_URL": url} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def free_demo_ports() -> dict[str, str]:
    """Ports for all that a demo serves, so that one which runs on this machine is not in the way."""
    return {name: str(free_port()) for name in ("COMPTOIR_PORT", "COMPTOIR_SANDBOX_PORT", "COMPTOIR_PRODUCTS_PORT")}


def do(url: str, statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in question.split("; "):
            answer = connection.execute(statement.encode())
        row = answer.fetchone()
    assert row is not None
    return row[0]


def test_help_names_every_command() -> None:
    answer = comptoir("--help")
    assert answer.returncode == 0
    assert set(COMMANDS) <= set(answer.stdout.split())
    assert "invalid choice: 'nonsense'" in comptoir("nonsense").stderr


def test_a_backup_comes_back_whole_with_its_rules_and_roles(
    cluster: embedded.Cluster, backup: Path, empty: str
) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    do(cluster.owner_url, "DROP POLICY own ON invoice; REVOKE ALL ON invoice FROM comptoir_reader")
    do(cluster.owner_url, "DROP ROLE comptoir_reader")
    try:
        answer = comptoir("restore", str(backup), url=empty)
        assert answer.returncode == 0, answer.stderr
        assert "check-books" in answer.stdout
        assert ask(empty, "SELECT sum(total_minor) FROM invoice") == 14800
        web = empty.replace(cluster.owner_url.split("@")[0], cluster.web_url.split("@")[0])
        assert ask(web, AS_A_READER) == [1]
        assert ask(empty, AS_A_READER) == [1]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(web, "SELECT number FROM invoice")
        with pytest.raises(psycopg.errors.CheckViolation):
            do(empty, "INSERT INTO invoice VALUES (3, 10, 0)")
    finally:
        do(cluster.owner_url, "CREATE POLICY own ON invoice TO comptoir_reader USING (company = 10)")
        do(cluster.owner_url, "GRANT SELECT ON invoice TO comptoir_reader")


def test_what_is_there_is_replaced_only_when_told_so_and_unused(backup: Path, empty: str) -> None:
    do(empty, "CREATE TABLE precious AS SELECT 1 AS n")
    refused = comptoir("restore", str(backup), url=empty)
    assert refused.returncode == 1
    assert refused.stderr.startswith("comptoir: The database is not empty.")

    with psycopg.connect(empty):
        refused = comptoir("restore", "--replace", str(backup), url=empty)
    assert refused.stderr.startswith("comptoir: The database is in use.")
    assert ask(empty, "SELECT n FROM precious") == 1

    assert comptoir("restore", "--replace", str(backup), url=empty).returncode == 0
    assert ask(empty, "SELECT to_regclass('precious') IS NULL") is True
    assert ask(empty, "SELECT count(*) FROM invoice") == 2


def test_a_restore_that_fails_changes_nothing(cluster: embedded.Cluster, backup: Path, empty: str) -> None:
    # A table that another role owns is not dropped, so the backup's one of that name cannot be made.
    do(cluster.url(role="postgres", database="other"), "CREATE TABLE public.invoice AS SELECT 5 AS n")
    do(cluster.url(role="postgres", database="other"), "GRANT SELECT ON invoice TO comptoir")
    do(empty, "CREATE TABLE precious AS SELECT 1 AS n")
    answer = comptoir("restore", "--replace", str(backup), url=empty)
    assert answer.returncode == 1
    assert answer.stderr.startswith("comptoir: Nothing was restored")
    assert "already exists" in answer.stderr
    assert ask(empty, "SELECT precious.n + invoice.n FROM precious, invoice") == 6


def test_a_damaged_backup_is_refused_before_anything_is_touched(backup: Path, empty: str) -> None:
    content = backup.read_bytes()
    at = len(content) // 2
    backup.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    answer = comptoir("restore", str(backup), url=empty)
    assert answer.returncode == 1
    assert "damaged" in answer.stderr
    backup.write_bytes(content[:at])
    assert "is not a backup of Comptoir, or is damaged" in comptoir("restore", str(backup), url=empty).stderr
    assert comptoir("restore", f"{backup}.lost", url=empty).stderr.startswith("comptoir: There is no file")


def test_a_backup_of_a_later_version_is_refused(cluster: embedded.Cluster, empty: str, tmp_path: Path) -> None:
    do(cluster.owner_url, "INSERT INTO django_migrations VALUES (2, 'contenttypes', '0099_to_come')")
    file = tmp_path / "later.backup"
    comptoir("backup", str(file), url=cluster.owner_url)
    do(cluster.owner_url, "DELETE FROM django_migrations WHERE id = 2")
    assert "contenttypes.0099_to_come" in comptoir("restore", str(file), url=empty).stderr


def test_a_backup_that_fails_leaves_the_last_one(backup: Path, empty: str) -> None:
    before = backup.read_bytes()
    answer = comptoir("backup", str(backup), url=empty)
    assert answer.stderr == "comptoir: The database is empty: run “comptoir migrate” first.\n"
    assert backup.read_bytes() == before
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    assert zipfile.is_zipfile(backup)


def test_expected_failures_are_one_sentence(tmp_path: Path) -> None:
    for answer in (
        comptoir("backup", str(tmp_path / "b"), url="postgresql://nobody@127.0.0.1:1/none"),
        comptoir("backup", str(tmp_path / "missing" / "b"), url="postgresql://nobody@127.0.0.1:1/none"),
        comptoir("manage", "check", url="mysql://localhost/none"),
        comptoir("web", COMPTOIR_PORT="eighty"),
        comptoir("web", "--port=1", DATABASE_WEB_URL="", url="postgresql:///none", COMPTOIR_PORT="1"),
    ):
        assert answer.returncode == 1
        assert answer.stderr.startswith("comptoir: ")
        assert answer.stderr.count("\n") == 1


def test_a_taken_port_is_found_before_a_database_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = comptoir("web", COMPTOIR_PORT=port, COMPTOIR_HOME=str(tmp_path / "home"))
    assert f"Port {port} is in use" in answer.stderr
    assert "COMPTOIR_PORT" in answer.stderr
    assert not (tmp_path / "home").exists()


def test_a_home_in_earnest_is_never_reset(cluster: embedded.Cluster) -> None:
    answer = comptoir("demo", "--reset", COMPTOIR_HOME=str(cluster.home), **free_demo_ports())
    assert answer.returncode == 1
    assert "has a database that is not the demo's" in answer.stderr
    assert ask(cluster.owner_url, "SELECT count(*) FROM invoice") == 2


def test_the_web_process_does_not_work_as_the_owner(cluster: embedded.Cluster) -> None:
    answer = comptoir("web", "--port", str(free_port()), url=cluster.owner_url, COMPTOIR_PORT="18999")
    assert "Set DATABASE_WEB_URL" in answer.stderr


@pytest.mark.parametrize("command", ["web --port=18999", "worker", "vendor create x --name X --email x@example.com"])
def test_nothing_is_signed_with_a_key_that_everybody_knows(cluster: embedded.Cluster, command: str) -> None:
    answer = comptoir(*command.split(), url=cluster.owner_url, DATABASE_WEB_URL=cluster.web_url)
    assert answer.returncode == 1
    assert "Set COMPTOIR_SECRET_KEY" in answer.stderr


def test_a_vendor_is_made_and_collects_taxes_where_it_is_registered(fresh_database: Database) -> None:
    key, url = {"COMPTOIR_SECRET_KEY": "test" * 15}, fresh_database.owner_url
    load_table(read_table(BUILT_IN))
    made = comptoir("vendor", "create", "acme", "--name", "Acme", "--email", "b@acme.example", url=url, **key)
    assert made.stdout == "Vendor acme was made.\n", made.stderr
    pennsylvania = ("vendor", "collect-tax", "acme", "US-PA", "--since", "2020-01-01")
    assert "collects the taxes of US-PA" in comptoir(*pennsylvania, url=url).stdout
    again = comptoir(*pennsylvania, url=url)
    assert (again.returncode, again.stderr.startswith("comptoir: The vendor collects the taxes of US-PA already")) == (
        1,
        True,
    )
    terms = ("vendor", "billing-terms", "acme", "--terms-days", "30", "--lead-days")
    assert comptoir(*terms, "10", url=url).stdout == (
        "Invoices of acme are issued 10 days before a period starts, and due 30 days after it does.\n"
    )
    assert "0 to 90 days ahead" in comptoir(*terms, "91", url=url).stderr
    nowhere = comptoir("vendor", "collect-tax", "acme", "US-ZZ", "--since", "2020-01-01", url=url)
    assert nowhere.stderr.startswith("comptoir: The tax table has no jurisdiction “US-ZZ”")


def test_an_old_systems_file_is_tried_then_taken_and_how_far_it_is_is_told(fresh_database: Database) -> None:
    profile, export = "profiles/demo.toml", "src/comptoir/demo/export/demo-customers.csv"
    words = ("import-legacy", "--vendor", "northwind", "--profile", profile)
    environment = {"COMPTOIR_SECRET_KEY": "test" * 15}

    trial = comptoir(*words, "--trial", export, url=fresh_database.owner_url, **environment)
    assert not Company.objects.exists()
    taken = comptoir(*words, export, url=fresh_database.owner_url, **environment)

    assert trial.stdout.splitlines()[-1] == taken.stdout.splitlines()[-1]
    assert json.loads(taken.stdout.splitlines()[-1])["created"] == Company.objects.count() > 0
    assert taken.stderr.startswith("reading: ")
    assert "writing: 40 of 40" in taken.stderr
    gone = comptoir(*words, "nowhere.csv", url=fresh_database.owner_url, **environment)
    assert gone.stderr == "comptoir: There is no file nowhere.csv.\n"


def test_a_product_is_registered_for_the_single_sign_on_and_changed(fresh_database: Database) -> None:
    product = make_plan(vendor=make_vendor(slug="acme")).product
    environment = {"COMPTOIR_SECRET_KEY": "test" * 15, "COMPTOIR_MESSAGE_KEYS": new_key()}

    def single_sign_on(*words: str) -> str:
        answer = comptoir("single-sign-on", *words, url=fresh_database.owner_url, **environment)
        return answer.stdout + answer.stderr

    inside = ("--backchannel-logout", "https://10.0.0.1/ended")
    register = ("register", "acme", product.code, "--redirect", "https://office.example/back")
    assert "COMPTOIR_INTERNAL_PROGRAMS" in single_sign_on(*register, *inside)
    made = single_sign_on(*register)
    client_id, secret = (line.split(": ")[1] for line in made.splitlines())
    assert client_id.isalnum(), "an argument of commands, which begins with no dash"
    assert secret not in single_sign_on("new-secret", "acme", client_id)
    assert single_sign_on("disable", "acme", client_id) == f"Client {client_id} is disabled.\n"
    assert single_sign_on("list", "acme").endswith("https://office.example/back  disabled\n")
    assert single_sign_on("enable", "acme", client_id) == f"Client {client_id} is enabled.\n"
    assert "no such client" in single_sign_on("remove", "acme", "unknown")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--time-zone", "Nowhere/Else"), "“Nowhere/Else” is no time zone's name"),
        (("--currency", "XQX"), "“XQX” is no currency's code"),
        (("--admin", "root"), "“root” must be written in the form name@example.com"),
    ],
)
def test_a_vendor_that_could_not_bill_is_not_made(wrong: tuple[str, str], said: str) -> None:
    answer = comptoir("vendor", "create", "acme", "--name", "Acme", "--email", "b@acme.example", *wrong)
    assert answer.returncode == 2
    assert said in answer.stderr


def test_a_second_demo_stays_out_of_the_home_of_the_first(tmp_path: Path) -> None:
    with FileLock(tmp_path / "demo.lock") as lock:
        assert lock.try_take()
        answer = comptoir("demo", COMPTOIR_HOME=str(tmp_path), **free_demo_ports())
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"comptoir: A demo is running in {tmp_path} already.")


def test_a_command_ends_in_order_when_asked_to_stop(cluster: embedded.Cluster) -> None:
    argv = [sys.executable, "-m", "comptoir.cli", "manage", "shell", "-c", "print('up', flush=True); input()"]
    with subprocess.Popen(
        argv,
        env=os.environ | {"DATABASE_URL": cluster.owner_url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "up\n" in process.stdout  # read up to it
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 128 + signal.SIGTERM
