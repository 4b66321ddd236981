"""Workers as processes of their own, which a test may kill."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.databases import Database

SECONDS = 40


@contextmanager
def worker(database: Database, log: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own process on the test's database."""
    own = {"DATABASE_URL": database.owner_url, "COMPTOIR_SECRET_KEY": "test" * 15}
    environment = os.environ | own | settings
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [sys.executable, "-m", "comptoir.cli", "worker"], env=environment, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def eventually(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)


def is_gone() -> None:
    """Let the heartbeat of whoever was killed be long ago, so that the next worker takes up what it had in hand."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
