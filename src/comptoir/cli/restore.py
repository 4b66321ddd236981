"""Bring a backup back into an empty database, or with --replace in the place of what is there.

All or nothing: when it fails, the database is as it was.
"""

import argparse
import os
import subprocess
import zipfile
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psycopg

from comptoir.cli.archive import DUMP, Manifest, copy, make_roles, read_manifest
from comptoir.cli.errors import CannotRun
from comptoir.cli.preparation import comptoir_ready, database_ready
from comptoir.cli.programs import programs_for

DROP_EVERYTHING = "DROP OWNED BY CURRENT_USER CASCADE; CREATE SCHEMA IF NOT EXISTS public;\n"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument("--replace", action="store_true", help="delete what the database holds now")


def run(args: argparse.Namespace) -> int:
    """Restore, and say what to do next. Raises CannotRun when it may not, or cannot, be done."""
    manifest = read_manifest(args.file)
    with database_ready():
        url = os.environ["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as connection:
            _refuse_what_is_there(connection, replace=args.replace)
            _refuse_what_is_newer(manifest)
            make_roles(connection, manifest)
            server_version = connection.info.server_version
        _load(args.file, url=url, server_version=server_version, replace=args.replace)
    print(f"Restored the database as of {manifest.created_at}.")
    print("Now run “comptoir migrate”, which brings it to this version, and “comptoir check-books”.")
    return 0


def _refuse_what_is_newer(manifest: Manifest) -> None:
    with comptoir_ready():
        from django.db.migrations.loader import MigrationLoader

        known = MigrationLoader(None).disk_migrations or {}
    unknown = [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]
    if unknown:
        raise CannotRun(
            f"The backup is of Comptoir {manifest.comptoir_version} and knows what this one does not: "
            f"{', '.join(unknown[:5])}. Restore it with the version that wrote it, or a later one."
        )


def _refuse_what_is_there(connection: psycopg.Connection[Any], *, replace: bool) -> None:
    if not replace:
        found = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')"
            " AND relnamespace NOT IN (SELECT oid FROM pg_namespace"
            " WHERE nspname = 'information_schema' OR nspname LIKE 'pg\\_%')"
        ).fetchone()
        if found != (0,):
            raise CannotRun("The database is not empty. Restore into an empty one, or say --replace.")
    others = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ).fetchone()
    if others != (0,):
        raise CannotRun("The database is in use. Stop “comptoir web” and “comptoir worker” first.")


def _load(file: Path, *, url: str, server_version: int, replace: bool) -> None:
    """Let pg_restore write SQL and psql execute it, in one transaction; commit when both are done."""
    programs = programs_for(url, server_version=server_version)
    psql = programs.argv("psql", "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1")
    pg_restore = [str(programs.directory / "pg_restore"), "--no-owner", "--file=-"]
    with (
        TemporaryFile() as complaints,
        subprocess.Popen(
            psql, stdin=subprocess.PIPE, stdout=complaints, stderr=complaints, env=programs.environment
        ) as loader,
    ):
        assert loader.stdin is not None  # noqa: S101  asked for above
        try:
            loader.stdin.write(b"BEGIN;\n" + (DROP_EVERYTHING.encode() if replace else b""))
            loader.stdin.flush()
            with (
                subprocess.Popen(
                    pg_restore,
                    stdin=subprocess.PIPE,
                    stdout=loader.stdin,
                    stderr=complaints,
                    env=programs.environment,
                ) as writer,
                zipfile.ZipFile(file) as archive,
                archive.open(DUMP) as dump,
            ):
                assert writer.stdin is not None  # noqa: S101  asked for above
                copy(dump, writer.stdin)
                writer.stdin.close()
                complete = writer.wait() == 0
            if complete:
                loader.stdin.write(b"COMMIT;\n")
            loader.stdin.close()
        except BrokenPipeError:
            complete = False  # psql has stopped at an error, told below
        if loader.wait() != 0 or not complete:
            complaints.seek(0)
            reason = complaints.read().decode(errors="replace").strip()
            raise CannotRun(f"Nothing was restored, the database is as it was: {reason}")
