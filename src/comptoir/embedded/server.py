"""One PostgreSQL server: made, started, asked whether it lives, stopped.

Whether it lives is told by a lock, not by a process number, which may be another's by now: the postmaster and
all its children hold a copy of the lock on `alive`, from before they start until the last of them has ended.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from psycopg import pq

from comptoir.embedded.errors import EmbeddedError
from comptoir.embedded.locks import FileLock, is_held
from comptoir.embedded.place import Place

START_SECONDS = 300  # recovery after a crash may replay max_wal_size
STOP_SECONDS = 120
POLL_SECONDS = 0.01
LOG_BYTES = 10_000_000
PORT = 5432  # part of the socket's name; nothing listens on the network

CONFIGURATION = """
listen_addresses = ''
unix_socket_directories = '"{sockets}"'
unix_socket_permissions = 0700
port = {port}
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '256MB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_wal_size = '4GB'
checkpoint_timeout = '15min'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """The PostgreSQL server of a place. Whoever starts or stops it holds the gate (see `cluster`)."""

    place: Place
    sockets: Path

    def answers(self) -> bool:
        """Tell whether the server accepts connections."""
        conninfo = f"host='{_quoted(self.sockets)}' port={PORT} user=postgres dbname=postgres"
        return pq.PGconn.ping(conninfo.encode()) == pq.Ping.OK

    def create(self, *, superuser_password: str) -> None:
        """Make the data directory if there is none. One half made by an interrupted call is made anew."""
        place, account = self.place, self.place.account
        if place.data.exists():
            return
        unfinished, password_file = place.directory / "data.unfinished", place.directory / "password"
        account.must_run(["rm", "-rf", unfinished])
        account.write(password_file, superuser_password)
        options = [
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
        ]
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        account.must_run([place.programs / "initdb", f"--pgdata={unfinished}", "--no-instructions", *options, *locale])
        account.must_run(["rm", password_file])
        account.must_run(["mv", unfinished, place.data])

    def start(self) -> None:
        """Start the server if it does not run, and wait until it accepts connections.

        A server that is starting, or going down, or whose children outlive it for a moment, is waited for.
        Raises EmbeddedError with the end of the log when it cannot start.
        """
        deadline, spawned = time.monotonic() + START_SECONDS, False
        while not self.answers():
            if is_held(self.place.alive):
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"PostgreSQL does not answer. Its log: {self.place.log}")
                time.sleep(POLL_SECONDS)
            elif spawned:
                raise EmbeddedError(f"PostgreSQL does not start. The end of {self.place.log}:\n{self._log_end()}")
            else:
                self._check_version()
                self._spawn()
                spawned = True

    def _spawn(self) -> None:
        place, account = self.place, self.place.account
        # Nothing lives here, so these are a killed server's. PostgreSQL would refuse to start when the number
        # in them is by now another process's.
        socket = self.sockets / f".s.PGSQL.{PORT}"
        account.must_run(["rm", "-f", place.data / "postmaster.pid", socket, f"{socket}.lock"])
        account.write(
            place.data / "postgresql.auto.conf",
            CONFIGURATION.format(sockets=str(self.sockets).replace("'", "''"), port=PORT),
        )
        if place.log.exists() and place.log.stat().st_size > LOG_BYTES:
            account.must_run(["mv", place.log, place.log.with_suffix(".log.old")])
        # pg_ctl gives it a session of its own, so that Ctrl-C in a terminal reaches those who use it first.
        with FileLock(place.alive) as lock:
            lock.take()
            account.must_run(
                [place.programs / "pg_ctl", "start", "-W", "-s", "-D", place.data, "-l", place.log],
                keep=[lock.fd],
            )

    def stop(self) -> None:
        """Stop the server, ending its sessions and keeping what was committed; wait until all has ended.

        Raises EmbeddedError when it does not end in time.
        """
        if self.answers():
            pg_ctl: list[str | Path] = [
                self.place.programs / "pg_ctl",
                "stop",
                "-W",
                "-s",
                "-m",
                "fast",
                "-D",
                self.place.data,
            ]
            self.place.account.must_run(pg_ctl)
        deadline = time.monotonic() + STOP_SECONDS
        while is_held(self.place.alive):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL does not stop. Its log: {self.place.log}")
            time.sleep(POLL_SECONDS)

    def _check_version(self) -> None:
        account, data = self.place.account, self.place.data
        made_by = account.must_run(["cat", data / "PG_VERSION"]).strip()
        ours = account.must_run([self.place.programs / "postgres", "--version"]).split()[-1].split(".")[0]
        if made_by != ours:
            raise EmbeddedError(
                f"The database in {data} was made by PostgreSQL {made_by}; this is {ours}. "
                "Write a backup with the Comptoir that made it, and restore that into a new COMPTOIR_HOME."
            )

    def _log_end(self) -> str:
        return "\n".join(self.place.account.must_run(["tail", "-n", "12", self.place.log]).splitlines())


def _quoted(value: Path) -> str:
    return str(value).replace("\\", "\\\\").replace("'", "\\'")
