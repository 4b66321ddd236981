"""The operating system's user that PostgreSQL runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from comptoir.embedded.errors import EmbeddedError

# Nothing of the caller's environment (PGDATA, PGOPTIONS, LD_PRELOAD …) reaches the server.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user of this machine, and whether one has to become that user first."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        """Tell whether the account is not the current user."""
        return self.uid != os.geteuid()

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        text: str | None = None,
        keep: Iterable[int] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with `text` as its input, and wait for it.

        Output goes to the result's `stdout`, errors included. `keep` are the file descriptors it inherits.
        Raises PermissionError when the account may not run the program.
        """
        become = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_another else {}
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(part) for part in argv],
            input=text or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=tuple(keep),
            **become,  # type: ignore[call-overload]
        )
        return done

    def must_run(self, argv: Sequence[str | Path], *, text: str | None = None, keep: Iterable[int] = ()) -> str:
        """Run a program as this account and raise EmbeddedError when it fails."""
        try:
            done = self.run(argv, text=text, keep=keep)
        except PermissionError as error:
            raise EmbeddedError(f"The user {self.name} may not run {argv[0]}: {error.strerror}.") from error
        if done.returncode:
            raise EmbeddedError(f"{Path(argv[0]).name} failed: {done.stdout.strip() or done.returncode}")
        return done.stdout

    def write(self, path: Path, text: str) -> None:
        """Write a file, private to this account, as this account."""
        self.must_run(["/bin/sh", "-c", 'umask 077; cat > "$1"', "write", path], text=text)

    def can_enter(self, directory: Path) -> bool:
        """Tell whether this account reaches `directory`."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "enter", directory]).returncode == 0

    def make_directory(self, directory: Path) -> None:
        """Make `directory` if it is missing, owned by and private to this account."""
        if directory.exists():
            return
        directory.mkdir(mode=0o700)
        if self.is_another:
            shutil.chown(directory, self.uid, self.gid)


def choose_account(*, home: Path, server_directory: Path) -> Account:
    """Choose the account for the server of `home`.

    The current user; for root the owner of what is there already, else of `home`, else `nobody`. Raises
    EmbeddedError when the server's directory belongs to somebody whom the current user cannot become.
    """
    current = os.geteuid()
    owner = server_directory.stat().st_uid if server_directory.exists() else None
    if current != 0:
        if owner not in (None, current):
            raise EmbeddedError(
                f"The database in {server_directory} belongs to another user. "
                "Run Comptoir as that user or as root, or choose another directory with COMPTOIR_HOME."
            )
        return _account(current)
    if owner:
        return _account(owner)
    if home.stat().st_uid:
        return _account(home.stat().st_uid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "PostgreSQL does not run as root, and this machine has no user 'nobody' to run it as. "
            "Run Comptoir as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        ) from None
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(
            f"PostgreSQL does not run as user {uid}, who has no name on this machine. "
            "Give the user a name, or set DATABASE_URL to a PostgreSQL server."
        ) from None
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
