"""What was read of a file, put aside on disk until it is written: a file's customers take no memory together."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from itertools import islice
from tempfile import TemporaryFile
from typing import Generic, TypeVar
from weakref import finalize

T = TypeVar("T")

# So many go to the file, and come back, at once: more are quicker, but one alone is then dearer to fetch.
BLOCK = 32
OPEN = 2 * BLOCK


class Shelf(Generic[T]):
    """Records by key, in the order in which their keys first came. The latest are at hand, the others in a file.

    The file has no name and goes with the shelf; nobody else can write in it.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115  as long as the shelf is there
        finalize(self, self._file.close)
        self._places: dict[str, int] = {}  # where a key's block begins in the file, and which of its block it is
        self._open: dict[str, T] = {}
        self._block: tuple[int, list[T]] = (-1, [])

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __getitem__(self, key: str) -> T:
        """Return a key's record as it was put down last, or as whoever has it at hand has changed it since."""
        if key in self._open:
            return self._open[key]
        offset, position = divmod(self._places[key], BLOCK)
        if offset != self._block[0]:
            self._file.seek(offset)
            self._block = offset, pickle.load(self._file)  # noqa: S301  our own file
        return self._block[1][position]

    def at_hand(self, key: str) -> T | None:
        """Return a key's record to be changed in place until another is asked for; None if there is none."""
        if key not in self._places:
            return None
        if key not in self._open:
            self.put(key, self[key])
        return self._open[key]

    def put(self, key: str, record: T) -> None:
        """Put down a key's record in the place of any earlier."""
        self._places.setdefault(key, -1)
        self._open[key] = record
        if len(self._open) > OPEN:
            self._put_aside()

    def _put_aside(self) -> None:
        keys = list(islice(self._open, BLOCK))
        offset = self._file.seek(0, 2)
        pickle.dump([self._open.pop(key) for key in keys], self._file, protocol=pickle.HIGHEST_PROTOCOL)
        for position, key in enumerate(keys):
            self._places[key] = offset * BLOCK + position
