"""A folder that ends with its process: by itself, or, where that was killed, when the next one makes a folder."""

from __future__ import annotations

import os
import shutil
import weakref
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from comptoir.embedded.locks import FileLock

PREFIX = "comptoir-documents-"
HELD = "held"


class OwnFolder:
    """A folder of this process's own, held by a lock for as long as the process lives."""

    def __init__(self) -> None:
        remove_abandoned()
        self.path, lock = _held_folder()
        weakref.finalize(self, _end, self.path, lock)


def remove_abandoned() -> None:
    """Remove the folders of processes that are gone; a folder that is held stays."""
    for held in Path(gettempdir()).glob(f"{PREFIX}*/{HELD}"):
        folder = held.parent
        try:
            if folder.lstat().st_uid != os.getuid():
                continue
            with FileLock(held) as lock:
                if lock.try_take():
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # it ended meanwhile
            continue


def _held_folder() -> tuple[Path, FileLock]:
    """Make a folder and hold it; another process may have cleaned it away before it was held."""
    while True:
        folder = Path(mkdtemp(prefix=PREFIX))
        lock = FileLock(folder / HELD)
        lock.take()
        if lock.is_current():
            return folder, lock
        lock.close()


def _end(folder: Path, lock: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.close()
