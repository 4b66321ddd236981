"""Write the whole database into one file, while everything goes on running."""

import argparse
import os
import subprocess
import zipfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psycopg

from comptoir.cli.archive import DUMP, FORMAT, MANIFEST, Manifest, copy, read_roles
from comptoir.cli.errors import CannotRun
from comptoir.cli.preparation import database_ready
from comptoir.cli.programs import programs_for


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", type=Path, help="the file to write; one of that name is replaced in the end")


def run(args: argparse.Namespace) -> int:
    """Write the backup beside its final name, and give it the name when it is complete."""
    file: Path = args.file.resolve()
    if not file.parent.is_dir():
        raise CannotRun(f"There is no directory {file.parent} to write the backup into.")
    with database_ready():
        unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
        try:
            manifest = _write(unfinished, url=os.environ["DATABASE_URL"])
            unfinished.replace(file)
        except OSError as error:
            raise CannotRun(f"{file} cannot be written: {error.strerror}.") from error
        finally:
            unfinished.unlink(missing_ok=True)
    print(f"{file}: {manifest.bytes:,} bytes of database, as of {manifest.created_at}.")
    return 0


def _write(file: Path, *, url: str) -> Manifest:
    with psycopg.connect(url) as connection:
        server_version = connection.info.server_version
        roles, memberships = read_roles(connection)
        migrations = _migrations(connection)
    created_at = datetime.now(UTC).isoformat(timespec="seconds")
    file.touch(mode=0o600)
    with file.open("wb") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            with archive.open(DUMP, "w", force_zip64=True) as target:
                length, sha256 = _dump(target, url=url, server_version=server_version)
            manifest = Manifest(
                format=FORMAT,
                created_at=created_at,
                comptoir_version=version("comptoir"),
                server_version=server_version,
                roles=roles,
                memberships=memberships,
                migrations=migrations,
                bytes=length,
                sha256=sha256,
            )
            archive.writestr(MANIFEST, manifest.to_json())
        out.flush()
        os.fsync(out.fileno())
    return manifest


def _migrations(connection: psycopg.Connection[Any]) -> list[list[str]]:
    row = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
    if row != (True,):
        raise CannotRun("The database is empty: run “comptoir migrate” first.")
    return [list(pair) for pair in connection.execute("SELECT app, name FROM django_migrations ORDER BY id")]


def _dump(target: Any, *, url: str, server_version: int) -> tuple[int, str]:
    programs = programs_for(url, server_version=server_version)
    argv = programs.argv("pg_dump", "--format=custom", "--no-owner")
    with (
        TemporaryFile() as complaints,
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=complaints, env=programs.environment) as process,
    ):
        assert process.stdout is not None  # noqa: S101  asked for above
        length, sha256 = copy(process.stdout, target)
        if process.wait() != 0:
            complaints.seek(0)
            raise CannotRun(f"The backup was not written: {complaints.read().decode(errors='replace').strip()}")
    return length, sha256
