"""Python's search for garbage in cycles, and when not to search."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collecting() -> Iterator[None]:
    """Work without looking for garbage in cycles: among hundreds of thousands of rows, the search takes a third.

    For work in bulk that makes no cycles and has an end. Whatever was garbage before is found afterwards.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
