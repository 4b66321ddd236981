"""What a command needs before it can work: the environment, the database, Django."""

import json
import logging
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from comptoir import embedded
from comptoir.cli.errors import CannotRun
from comptoir.embedded.locks import FileLock

Role = Literal["owner", "web"]


def home() -> Path:
    """Give the directory of everything that lives outside the code."""
    return Path(os.environ.get("COMPTOIR_HOME") or "var").resolve()


@contextmanager
def comptoir_ready(*, role: Role = "owner", tells: bool = False, signs: bool = False) -> Iterator[None]:
    """Make the settings, the database and Django ready, and keep the database running meanwhile.

    With role "web" the process keeps no way into the database but the web role's. Commands that end by themselves
    print what matters; those that serve tell in the log what they do. One that ``signs`` sessions or links does not
    run without a key of the installation's own. Raises CannotRun, EmbeddedError.
    """
    with database_ready(role=role), _logging(tells=tells):
        if signs and not os.environ.get("COMPTOIR_SECRET_KEY"):
            raise CannotRun(
                "Set COMPTOIR_SECRET_KEY to 50 random characters, the same for web, worker and commands: "
                "without it anybody could make the links that let people in. See docs/operations.md."
            )
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comptoir.config.settings")
        import django

        try:
            django.setup()
        except ValueError as error:
            raise CannotRun(f"The settings are not usable: {error}") from error
        yield


@contextmanager
def database_ready(*, role: Role = "owner") -> Iterator[None]:
    """Put the way into the database into the environment, and keep the database running meanwhile.

    Without DATABASE_URL it is the embedded one of COMPTOIR_HOME. Raises CannotRun, EmbeddedError.
    """
    os.environ["COMPTOIR_HOME"] = str(home())
    os.environ["COMPTOIR_ROLE"] = role
    with ExitStack() as stack:
        if not (os.environ.get("DATABASE_URL") or (role == "web" and os.environ.get("DATABASE_WEB_URL"))):
            cluster = stack.enter_context(embedded.ensure(home()))
            os.environ.update(DATABASE_URL=cluster.owner_url, DATABASE_WEB_URL=cluster.web_url)
            os.environ.update(home_environment(home()) | os.environ)
        if role == "web":
            if not os.environ.get("DATABASE_WEB_URL"):
                raise CannotRun(
                    "Set DATABASE_WEB_URL to the database's address for the role comptoir_web: "
                    "web processes do not work as the database's owner. See docs/operations.md."
                )
            os.environ.pop("DATABASE_URL", None)
        yield


@contextmanager
def _logging(*, tells: bool) -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.NOTSET if tells else logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


def home_environment(directory: Path) -> dict[str, str]:
    """Read the settings that a home with a database of its own keeps for all its processes."""
    return keep_in_home(directory, {})


def keep_in_home(directory: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Add settings to those that a home keeps, in a file that only its owner can read, and give them all.

    There is always a secret key among them, and a key for messages.
    """
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "environment.json"
    with FileLock(directory / "environment.lock") as lock:
        lock.take()
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        made_up = {
            "COMPTOIR_SECRET_KEY": secrets.token_urlsafe(50),
            "COMPTOIR_MESSAGE_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        wanted = made_up | kept | dict(settings)
        if wanted != kept:
            unfinished = file.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            unfinished.touch(mode=0o600)
            unfinished.write_text(json.dumps(wanted, indent=1))
            unfinished.replace(file)
    return wanted
