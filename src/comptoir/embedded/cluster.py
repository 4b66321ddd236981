"""The embedded PostgreSQL of one COMPTOIR_HOME, shared by all processes that use it.

Three lock files under `home/postgres`:

- `gate`: held for the moment in which a process joins or leaves, and so starts or stops the server;
- `users`: held by every process that uses the server, beside the others; who leaves last stops the server;
- `alive`: held by the server itself (see `server`).

Locks end with their holder, so a killed process leaves none. The server that it leaves is found by the next.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from comptoir.embedded import roles
from comptoir.embedded.errors import ClusterInUse, EmbeddedError
from comptoir.embedded.locks import FileLock
from comptoir.embedded.place import Place, control_directory, find_place, find_socket_directory
from comptoir.embedded.server import Server


@dataclass(kw_only=True)
class Cluster:
    """A running PostgreSQL, ours until `close`."""

    home: Path
    _server: Server
    _passwords: dict[str, str]
    _users: FileLock
    _process: int = field(default_factory=os.getpid)
    _closed: bool = False

    @property
    def owner_url(self) -> str:
        """The address of Comptoir's database for the role that owns it."""
        return self.url()

    @property
    def web_url(self) -> str:
        """The address of Comptoir's database for the web processes' role."""
        return self.url(role=roles.WEB)

    @property
    def programs(self) -> Path:
        """The directory of psql, pg_dump, pg_restore of this very version."""
        return self._server.place.programs

    def url(self, *, role: roles.Role = roles.OWNER, database: str = roles.DATABASE) -> str:
        """Compose the address of a database of this cluster for one of its roles."""
        return roles.url(role=role, password=self._passwords[role], sockets=self._server.sockets, database=database)

    def create_database(self, *, name: str, template: str | None = None) -> None:
        """Create a database of the owner's, empty or as a copy of `template`, which nobody may be using."""
        roles.create_database(self._superuser_url, name=name, template=template)

    def drop_database(self, *, name: str) -> None:
        """Drop a database if it exists, ending its sessions."""
        roles.drop_database(self._superuser_url, name=name)

    @property
    def _superuser_url(self) -> str:
        return self.url(role=roles.SUPERUSER, database="postgres")

    def revive(self) -> bool:
        """Start the server again if it was killed, and tell whether it was; what was committed is there.

        Raises EmbeddedError when it cannot start.
        """
        if self._server.answers():
            return False
        with _passed_gate(self.home):
            self._server.start()
        return True

    def close(self) -> None:
        """Leave the server; stop it if nobody else uses it. In a fork of the process that joined: nothing."""
        if self._closed or os.getpid() != self._process:
            return
        self._closed = True
        with _passed_gate(self.home), self._users as users:
            if users.try_take():
                self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def ensure(home: Path) -> Cluster:
    """Join the embedded PostgreSQL of `home`, made and started if need be.

    The result is to be closed, or used in a `with` statement. Raises EmbeddedError when there is no way.
    """
    home = home.resolve()
    try:
        with _passed_gate(home):
            place = find_place(home)
            server = Server(place=place, sockets=find_socket_directory(place))
            passwords = _prepare(server)
            users = FileLock(place.control / "users")
            users.share()
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise EmbeddedError(
            f"The database in {home} cannot be used: {error.strerror} ({error.filename}). "
            "Run Comptoir as the user whom the directory belongs to, or choose another with COMPTOIR_HOME."
        ) from error
    return Cluster(home=home, _server=server, _passwords=passwords, _users=users)


def discard(home: Path) -> None:
    """Stop the embedded PostgreSQL of `home` if one was left running, and delete it with all its data.

    Raises ClusterInUse when a process still uses it.
    """
    home = home.resolve()
    control = control_directory(home)
    if not control.exists():
        return
    with _passed_gate(home), FileLock(control / "users") as users:
        if not users.try_take():
            raise ClusterInUse(f"Comptoir is running in {home}. Stop it first.")
        place = find_place(home)
        sockets = find_socket_directory(place)
        Server(place=place, sockets=sockets).stop()
        for directory in (sockets, place.directory, control):
            shutil.rmtree(directory, ignore_errors=directory == sockets)


def _prepare(server: Server) -> dict[str, str]:
    place: Place = server.place
    passwords = roles.read_passwords(place.control / "passwords.json", may_create=not place.data.exists())
    server.create(superuser_password=passwords[roles.SUPERUSER])
    server.start()
    provisioned = place.control / "provisioned"
    if not provisioned.exists():
        superuser_url = roles.url(
            role=roles.SUPERUSER,
            password=passwords[roles.SUPERUSER],
            sockets=server.sockets,
            database="postgres",
        )
        roles.provision(superuser_url, passwords=passwords)
        provisioned.touch()
    return passwords


@contextmanager
def _passed_gate(home: Path) -> Iterator[None]:
    """Hold the gate of `home`; wait while another process holds it, or has just deleted it."""
    while True:
        control = control_directory(home)
        control.mkdir(parents=True, exist_ok=True)
        with FileLock(control / "gate") as gate:
            gate.take()
            if gate.is_current():
                yield
                return
