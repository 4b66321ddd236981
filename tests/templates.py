"""The migrated template, kept from one run to the next in pytest's cache: migrating takes longer than most tests.

A file's name is the digest of all that decides what migrating makes; whoever changes a migration migrates anew. A fresh
checkout has none, so that what is checked before a change is accepted always migrates.
"""

import hashlib
import os
import subprocess
from importlib import import_module
from pathlib import Path

import psycopg
from django.core.management import call_command

from comptoir.cli.programs import Programs, programs_for
from comptoir.tenancy.rls import close_what_is_open_by_default

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".pytest_cache" / "d" / "templates"
MIGRATIONS = "src/comptoir/*/migrations/*.py"
OTHERS = ("src/comptoir/kit/sql.py", "src/comptoir/tenancy/rls.py", "src/comptoir/config/settings.py")


def furnish(url: str) -> None:
    """Give an empty database, which Django's connection is to, all tables and rules: as kept, or by migrating."""
    with psycopg.connect(url) as connection:
        programs = programs_for(url, server_version=connection.info.server_version)
    kept = KEPT / f"{_digest()}-{programs.directory.parent.name}.sql"
    if kept.exists():
        _load(kept, url=url, programs=programs)
        close_what_is_open_by_default()
        return
    call_command("migrate", verbosity=0, interactive=False)
    _keep(kept, programs=programs)


def _digest() -> str:
    digest = hashlib.sha256()
    for file in sorted([*ROOT.glob(MIGRATIONS), *(ROOT / name for name in OTHERS), *ROOT.glob("requirements/*")]):
        digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _load(kept: Path, *, url: str, programs: Programs) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(import_module("comptoir.tenancy.migrations.0002_rules").ROLES)
        connection.execute(import_module("comptoir.access.migrations.0006_sign_on_rules").ROLE)
    argv = programs.argv("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={kept}")
    subprocess.run(argv, env=programs.environment, check=True, stdout=subprocess.DEVNULL)


def _keep(kept: Path, *, programs: Programs) -> None:
    """Write the template down, for the runs to come alone; older ones are of no use any more."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.iterdir():
        old.unlink(missing_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    argv = programs.argv("pg_dump", "--no-owner", f"--file={unfinished}")
    subprocess.run(argv, env=programs.environment, check=True)
    unfinished.replace(kept)
