"""The embedded cluster's login roles and databases: the same as a real server's administrator would make."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from comptoir.embedded.errors import EmbeddedError
from comptoir.embedded.server import PORT

DATABASE = "comptoir"
Role = Literal["comptoir", "comptoir_web", "postgres"]
OWNER: Final = "comptoir"
WEB: Final = "comptoir_web"
SUPERUSER: Final = "postgres"


def read_passwords(file: Path, *, may_create: bool) -> dict[str, str]:
    """Read the roles' passwords, made up on the first call. Raises EmbeddedError when they are lost."""
    if file.exists():
        passwords: dict[str, str] = json.loads(file.read_text())
        return passwords
    if not may_create:
        raise EmbeddedError(f"{file} is missing, and with it the way into the database beside it. Restore the file.")
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, OWNER, WEB)}
    unfinished = file.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(passwords, out)
    unfinished.replace(file)
    return passwords


def url(*, role: Role, password: str, sockets: Path, database: str) -> str:
    """Compose the address of a database for a role."""
    where = urlencode({"host": str(sockets), "port": PORT})
    return f"postgresql://{role}:{quote(password, safe='')}@/{quote(database, safe='')}?{where}"


def provision(superuser_url: str, *, passwords: dict[str, str]) -> None:
    """Create the login roles and Comptoir's database where they are missing.

    The owner is no superuser: what works here works on a server whose administrator is somebody else.
    """
    with administrator(superuser_url) as run:
        for role, attributes in ((OWNER, "LOGIN CREATEROLE CREATEDB"), (WEB, "LOGIN NOINHERIT")):
            if not run("SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                statement = sql.SQL("CREATE ROLE {} {} PASSWORD {}").format(
                    sql.Identifier(role), sql.SQL(attributes), sql.Literal(passwords[role])
                )
                run(statement)
        # Benches ask how long the database's own checks take.
        run(sql.SQL("GRANT SET ON PARAMETER track_functions TO {}").format(sql.Identifier(OWNER)))
        if not run("SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            create_database(superuser_url, name=DATABASE, template=None)


def create_database(superuser_url: str, *, name: str, template: str | None) -> None:
    """Create a database of the owner's, empty or as a copy of `template`, which nobody may be using."""
    with administrator(superuser_url) as run:
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template1")
        )
        run(statement)


def drop_database(superuser_url: str, *, name: str) -> None:
    """Drop a database if it exists, ending its sessions."""
    with administrator(superuser_url) as run:
        run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


class _Runner:
    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def __call__(self, statement: LiteralString | sql.Composed, *values: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def administrator(superuser_url: str) -> Iterator[_Runner]:
    """Log in as the superuser for a few statements, each its own transaction."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        yield _Runner(connection)
