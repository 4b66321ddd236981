"""Databases for tests: one server per test run, one migrated template, a copy of it for whoever asks.

The server is an embedded PostgreSQL in a directory of the run's own, or, with DATABASE_URL set, that server. Its role
must own its databases (CREATEDB); the web's login is DATABASE_WEB_URL's, or ``comptoir_web`` without a password.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import sql

from comptoir import embedded
from comptoir.config.database import connection_settings
from tests import templates

RUN = "COMPTOIR_TEST_RUN"
ALIAS = "default"
# Copying a database makes hundreds of files, which takes a disk many times what it takes memory.
MEMORY = Path("/dev/shm")  # noqa: S108  a directory of the run's own is made in it
ENOUGH_BYTES = 2_000_000_000
WAITING = "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()"
OTHERS = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def contents() -> dict[str, tuple[int, int]]:
    """Return what every table of the database in use holds: how many rows, and a sum that changes when one does."""
    with connections[ALIAS].cursor() as cursor:
        tables = connections[ALIAS].introspection.table_names(cursor)
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0)::bigint FROM {table} t"
                for table in tables
            )
        )
        return {table: (rows, digest) for table, rows, digest in cursor.fetchall()}


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database, and its addresses for the role that owns it and for the web's login."""

    name: str
    owner_url: str
    web_url: str

    def wait_until_somebody_waits(self) -> None:
        """Return once another connection to this database waits for a lock. Raises AssertionError when none does."""
        with psycopg.connect(self.owner_url, autocommit=True) as looking:
            for _moment in range(200):
                if looking.execute(WAITING).fetchone():
                    return
                time.sleep(0.02)
        raise AssertionError("nobody waits")

    def wait_until_alone(self) -> None:
        """Return once PostgreSQL has noticed of everybody that was killed. Raises AssertionError when it does not.

        The connections of who asks are to be closed.
        """
        with psycopg.connect(self.owner_url, autocommit=True) as looking:
            for _moment in range(200):
                if not looking.execute(OTHERS).fetchone():
                    return
                time.sleep(0.02)
        raise AssertionError("somebody is still there")

    def forked(self, work: Callable[..., object], **arguments: object) -> ForkProcess:
        """Return a process, not begun yet, that does ``work`` connected to this database as the worker is.

        A fork by itself would find another database where a browser was driven before: Django keeps connections by the
        running loop, and a fork has none. Those of who asks are closed, since both would read from them.
        """
        connections.close_all()
        return get_context("fork").Process(target=self._connect_and, args=(work,), kwargs=arguments)

    def _connect_and(self, work: Callable[..., object], **arguments: object) -> None:
        with self.as_owner():
            work(**arguments)

    @contextmanager
    def as_owner(self) -> Iterator[None]:
        """Run the block on a connection of its own, logged in as the worker is."""
        with _connected(self.owner_url):
            yield

    @contextmanager
    def as_web(self) -> Iterator[None]:
        """Run the block on a connection of its own, logged in as the web processes are."""
        with _connected(self.web_url):
            yield


@dataclass
class Server:
    """A running server and the databases that this process made on it."""

    owner_url: str
    web_url: str
    _made: list[str] = field(default_factory=list)

    def copy_template(self) -> Database:
        """Make a database with all tables and rules, and no rows."""
        name = f"{_prefix()}_{secrets.token_hex(4)}"
        with _lock():
            template = self._template()
            # By its files: half as long as by its log, where files are in memory.
            _administrate(self.owner_url, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        self._made.append(name)
        return self._database(name)

    def drop(self, database: Database) -> None:
        """Drop a database of this process, whoever is still connected to it.

        Not WITH (FORCE), which fails when autovacuum happens to be there: a plain DROP sends that away by itself.
        """
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s AND backend_type = 'client backend'",
                [database.name],
            )
        _administrate(self.owner_url, "DROP DATABASE IF EXISTS {}", database.name)
        self._made.remove(database.name)

    def drop_all(self) -> None:
        """Drop what this process made and did not drop yet."""
        for name in list(self._made):
            self.drop(self._database(name))

    def _template(self) -> str:
        """Name the migrated template, made by the first process of the run that asks."""
        name = f"{_prefix()}_template"
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return name
        unfinished = f"{_prefix()}_unfinished"
        _administrate(self.owner_url, "DROP DATABASE IF EXISTS {}", unfinished)
        _administrate(self.owner_url, "CREATE DATABASE {}", unfinished)
        database = self._database(unfinished)
        with database.as_owner():
            templates.furnish(database.owner_url)
        _administrate(self.owner_url, "ALTER DATABASE {} RENAME TO {}", unfinished, name)
        return name

    def _database(self, name: str) -> Database:
        return Database(name=name, owner_url=_renamed(self.owner_url, name), web_url=_renamed(self.web_url, name))


@contextmanager
def server() -> Iterator[Server]:
    """Give this process its way to the run's server; what it made there is gone afterwards."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        web = os.environ.get("DATABASE_WEB_URL") or _with_role(given, "comptoir_web")
        joined = Server(owner_url=given, web_url=web)
        try:
            yield joined
        finally:
            joined.drop_all()
        return
    home = _home()
    home.mkdir(exist_ok=True)
    home.chmod(0o755)  # PostgreSQL's account enters it when root runs the tests
    with embedded.ensure(home) as cluster:
        joined = Server(owner_url=cluster.owner_url, web_url=cluster.web_url)
        try:
            yield joined
        finally:
            joined.drop_all()


def begin_run() -> None:
    """Name the run, for this process and the workers that it starts."""
    os.environ.setdefault(RUN, secrets.token_hex(4))


def end_run() -> None:
    """Remove what the run's processes shared. Call it when they are gone."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        _administrate(given, "DROP DATABASE IF EXISTS {}", f"{_prefix()}_template")
    elif _home().exists():
        embedded.discard(_home())
        shutil.rmtree(_home())
    _lock_file().unlink(missing_ok=True)


@contextmanager
def _connected(url: str) -> Iterator[None]:
    """Make Django's default connection one to ``url``, and close it afterwards."""
    before = connections[ALIAS]
    settings = {**before.settings_dict, **connection_settings(url, variable="DATABASE_URL"), "CONN_MAX_AGE": None}
    made = DatabaseWrapper(settings, alias=ALIAS)
    connections[ALIAS] = made
    try:
        yield
    finally:
        made.close()
        connections[ALIAS] = before


@contextmanager
def _lock() -> Iterator[None]:
    """Keep other processes of the run from the template: it cannot be copied by two at once."""
    with _lock_file().open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _administrate(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _prefix() -> str:
    return f"comptoir_test_{os.environ[RUN]}"


def _home() -> Path:
    """Name the directory of the run's server: in memory where there is enough of it, the same for all its processes."""
    in_memory = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).total >= ENOUGH_BYTES
    return (MEMORY if in_memory else Path(tempfile.gettempdir())) / _prefix()


def _lock_file() -> Path:
    return _home().with_suffix(".lock")


def _renamed(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _with_role(url: str, role: str) -> str:
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{role}@{where}").geturl()
