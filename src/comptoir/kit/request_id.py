"""One id from the click to the log lines: set by the web's middleware, carried into the worker by events and jobs."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

Result = TypeVar("Result")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request being served, or an empty string outside of one."""
    return _request_id.get()


@contextmanager
def request_id_of(value: str) -> Iterator[None]:
    """Work under the request id ``value``."""
    token = _request_id.set(value)
    try:
        yield
    finally:
        _request_id.reset(token)


def under_request_id(job: Callable[..., Result]) -> Callable[..., Result]:
    """Return a task's function that works under the ``request_id`` with which the job was put into the queue."""

    @wraps(job)
    def work(*args: Any, request_id: str = "", **arguments: Any) -> Result:
        with request_id_of(request_id):
            return job(*args, **arguments)

    return work


class RequestIdFilter(logging.Filter):
    """Puts the request id on each log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True
