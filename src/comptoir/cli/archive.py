"""A backup: one zip file with `database.dump` (pg_dump's custom format) and `manifest.json`.

The dump holds the tables with their grants and policies. The roles named there belong to the server, not to
the database, so the manifest lists them with who may act as whom.
"""

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from comptoir.cli.errors import CannotRun

DUMP, MANIFEST = "database.dump", "manifest.json"
FORMAT = 1
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    created_at: str
    comptoir_version: str
    server_version: int
    roles: list[dict[str, Any]]
    memberships: list[dict[str, Any]]
    migrations: list[list[str]]
    bytes: int
    sha256: str

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps(asdict(self), indent=1)


def copy(source: IO[bytes], target: IO[bytes] | None) -> tuple[int, str]:
    """Copy a dump (to nowhere, if there is no target) and give its length in bytes and its SHA-256."""
    digest, length = hashlib.sha256(), 0
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        length += len(chunk)
        if target is not None:
            target.write(chunk)
    return length, digest.hexdigest()


def read_manifest(file: Path) -> Manifest:
    """Read the manifest of a backup and compare the whole dump with it.

    Raises CannotRun when the file is none of ours, damaged, or of a later format.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            said = json.loads(archive.read(MANIFEST))
            if said.get("format") != FORMAT:
                raise CannotRun(f"{file} was written by a later Comptoir. Restore it with that version.")
            manifest = Manifest(**said)
            with archive.open(DUMP) as dump:
                found = copy(dump, None)
    except FileNotFoundError:
        raise CannotRun(f"There is no file {file}.") from None
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        raise CannotRun(f"{file} is not a backup of Comptoir, or is damaged: {error}") from error
    if found != (manifest.bytes, manifest.sha256):
        raise CannotRun(f"{file} is damaged: the database in it is not the one that was saved.")
    return manifest


def read_roles(connection: psycopg.Connection[Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Read Comptoir's roles on the server of `connection`, and who may act as whom.

    The owner, whose name is the administrator's choice, is the member without a name.
    """
    roles = connection.execute(
        "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'comptoir\\_%' ORDER BY rolname"
    )
    listed = [{"name": name, "login": login} for name, login in roles]
    memberships = connection.execute(
        "SELECT granted.rolname, nullif(member.rolname, current_user), bool_or(inherit_option), bool_or(set_option)"
        " FROM pg_auth_members JOIN pg_roles granted ON granted.oid = roleid"
        " JOIN pg_roles member ON member.oid = member"
        " WHERE granted.rolname LIKE 'comptoir\\_%'"
        " AND (member.rolname LIKE 'comptoir\\_%' OR member.rolname = current_user)"
        " GROUP BY 1, 2 HAVING bool_or(inherit_option OR set_option) ORDER BY 1, 2"
    )
    names = ("role", "member", "inherit", "set")
    return listed, [dict(zip(names, row, strict=True)) for row in memberships]


def make_roles(connection: psycopg.Connection[Any], manifest: Manifest) -> None:
    """Make the roles of a backup that the server lacks, and let the same ones act as the same others.

    Raises CannotRun when one that logs in is missing: its password is for the administrator to choose.
    """
    present, memberships = read_roles(connection)
    names = {role["name"] for role in present}
    for role in manifest.roles:
        if role["name"] in names:
            continue
        if role["login"]:
            raise CannotRun(
                f"The server has no login role {role['name']}. Let its administrator create it "
                f"(CREATE ROLE {role['name']} LOGIN NOINHERIT PASSWORD '…'), then restore again."
            )
        connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role["name"])))
    for grant in manifest.memberships:
        if grant not in memberships:
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH INHERIT {}, SET {}").format(
                    sql.Identifier(grant["role"]),
                    sql.Identifier(grant["member"]) if grant["member"] else sql.SQL("CURRENT_USER"),
                    sql.SQL("TRUE" if grant["inherit"] else "FALSE"),
                    sql.SQL("TRUE" if grant["set"] else "FALSE"),
                )
            )
