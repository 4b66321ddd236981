"""What a command needs before it can work: the environment, the database, Django."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from comptoir import embedded
from comptoir.cli.errors import CannotRun
from comptoir.embedded.locks import FileLock


def home() -> Path:
    """Give the directory of everything that lives outside the code."""
    return Path(os.environ.get("COMPTOIR_HOME") or "var").resolve()


@contextmanager
def comptoir_ready(*, role: Literal["owner", "web"] = "owner") -> Iterator[None]:
    """Make the settings, the database and Django ready, and keep the database running meanwhile.

    Without DATABASE_URL the database is the embedded one of COMPTOIR_HOME. With role "web" the process keeps
    no way into the database but the web role's. Raises CannotRun, EmbeddedError.
    """
    os.environ["COMPTOIR_HOME"] = str(home())
    os.environ["COMPTOIR_ROLE"] = role
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.config.settings")
    if os.environ.get("DATABASE_URL") or (role == "web" and os.environ.get("DATABASE_WEB_URL")):
        _set_up(role)
        yield
        return
    with embedded.ensure(home()) as cluster:
        os.environ.update(DATABASE_URL=cluster.owner_url, DATABASE_WEB_URL=cluster.web_url)
        for name, value in home_environment(home()).items():
            os.environ.setdefault(name, value)
        _set_up(role)
        yield


def _set_up(role: str) -> None:
    if role == "web":
        if not os.environ.get("DATABASE_WEB_URL"):
            raise CannotRun(
                "Set DATABASE_WEB_URL to the database's address for the role comptoir_web: "
                "web processes do not work as the database's owner. See docs/operations.md."
            )
        os.environ.pop("DATABASE_URL", None)
    import django

    try:
        django.setup()
    except ValueError as error:
        raise CannotRun(f"The settings are not usable: {error}") from error


def home_environment(directory: Path) -> dict[str, str]:
    """Read the settings that a home with a database of its own keeps for all its processes."""
    return keep_in_home(directory, {})


def keep_in_home(directory: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Add settings to those that a home keeps, in a file that only its owner can read, and give them all.

    There is always a secret key among them.
    """
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "environment.json"
    with FileLock(directory / "environment.lock") as lock:
        lock.take()
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        wanted = {"COMPTOIR_SECRET_KEY": secrets.token_urlsafe(50)} | kept | dict(settings)
        if wanted != kept:
            unfinished = file.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            unfinished.touch(mode=0o600)
            unfinished.write_text(json.dumps(wanted, indent=1))
            unfinished.replace(file)
    return wanted
