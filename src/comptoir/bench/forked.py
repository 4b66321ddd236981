"""Work in a process of its own, so that its memory is its own, too."""

import multiprocessing
import resource
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from django.db import connections

FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, and the most memory that the process took."""

    result: Any
    peak_rss_mb: int


@dataclass(frozen=True, slots=True)
class Started:
    """A process that works."""

    process: BaseProcess
    told: Connection

    def wait(self) -> Done:
        """Return what came of it. Raises RuntimeError when it broke down."""
        try:
            return self.told.recv()  # type: ignore[no-any-return]  # it sends nothing else
        except EOFError:
            raise RuntimeError("a process of the bench broke down; what it said stands above") from None
        finally:
            self.process.join()


def start(work: Callable[..., Any], **given: Any) -> Started:
    """Have ``work`` done, beside what goes on."""
    connections.close_all()
    told, tells = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_do, args=(tells, work, given))
    process.start()
    tells.close()
    return Started(process, told)


def in_own_process(work: Callable[..., Any], **given: Any) -> Done:
    """Have ``work`` done, and wait for it."""
    return start(work, **given).wait()


def _do(tells: Connection, work: Callable[..., Any], given: dict[str, Any]) -> None:
    result = work(**given)
    tells.send(Done(result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
    tells.close()
