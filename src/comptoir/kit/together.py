"""Small reads that a page asks of many packages: each put into SQL once, and all sent in one round trip."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import QuerySet
from psycopg.types.numeric import Int8

from .lookups import Ids, Texts, Uuids

T = TypeVar("T")
Row = tuple[Any, ...]

# What stands for an argument while its question is put into SQL. Nobody has these ids, and nobody asks for that day.
SLOTS: dict[str, Any] = {
    "vendor_id": 8_999_999_999_000_000,
    "company_id": 8_999_999_999_000_001,
    "user_id": 8_999_999_999_000_002,
    "invoice_ids": Ids([8_999_999_999_000_003]),
    "company_ids": Ids([8_999_999_999_000_004]),
    "ids": Ids([8_999_999_999_000_005]),
    "public_ids": Uuids([UUID("8feb2f1f-94bb-4a0b-8b1e-8a8f4e2d7c51")]),
    "codes": Texts(["8feb2f1f-94bb-4a0b-8b1e-8a8f4e2d7c52"]),
    "on": date(1066, 10, 14),
}


class Asked(Generic[T]):
    """A question with its arguments: fetched together with others, or by itself when it is read."""

    def __init__(self, *, sql: str, parameters: Sequence[Any], read: Callable[[list[Row]], T]) -> None:
        self.sql, self.parameters, self._read = sql, parameters, read
        self.rows: list[Row] | None = None

    def read(self) -> T:
        """Return the answer."""
        if self.rows is None:
            ask_together(self)
        assert self.rows is not None  # noqa: S101  it was asked just now
        return self._read(self.rows)


class Question(Generic[T]):
    """Rows of values that ``build`` selects by arguments named in SLOTS, and how they are read.

    Making SQL of a queryset takes longer than the database takes to answer it, so it is made once.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], read: Callable[[list[Row]], T]) -> None:
        self._build, self._read = build, read

    def __call__(self, **arguments: Any) -> Asked[T]:
        """Ask for the rows of these arguments, all by name."""
        statement = _compiled(self._build, tuple(sorted(arguments)))
        filled = [_plain(arguments[part.name]) if isinstance(part, _Slot) else part for part in statement.parameters]
        return Asked(sql=statement.sql, parameters=filled, read=lambda rows: self._read(statement.converted(rows)))


def ask_together(*asked: Asked[Any]) -> None:
    """Fetch by one message to the database what is asked; each is read afterwards, and asks nothing more.

    Each is a statement of its own, which the connection keeps prepared: planning it took longer than answering it.
    """
    with connection.cursor() as cursor:
        cursor._execute_with_wrappers(  # so that whoever watches queries sees this one
            ";\n".join(one.sql for one in asked),
            [parameter for one in asked for parameter in one.parameters],
            many=False,
            executor=lambda *_: _send(asked),
        )


def _send(asked: Sequence[Asked[Any]]) -> None:
    raw = connection.connection
    alone = len(asked) == 1  # then a pipeline costs more than it saves
    with connection.wrap_database_errors, nullcontext() if alone else raw.pipeline():
        cursors = [psycopg.Cursor(raw).execute(one.sql, one.parameters, prepare=True) for one in asked]
    for one, cursor in zip(asked, cursors, strict=True):
        one.rows = cursor.fetchall()


class _Slot:
    """The place of an argument among a statement's parameters."""

    def __init__(self, name: str) -> None:
        self.name = name


@dataclass(frozen=True, slots=True)
class _Statement:
    """The SQL of a question, with its parameters, among them the arguments' places; and what its columns need."""

    sql: str
    parameters: tuple[Any, ...]
    converters: dict[int, tuple[list[Callable[..., Any]], Any]]

    def converted(self, rows: list[Row]) -> list[Row]:
        """Return the rows as the models' fields have them, JSON read."""
        if not self.converters:
            return rows
        mutable = [list(row) for row in rows]
        for place, (converters, column) in self.converters.items():
            for row in mutable:
                for convert in converters:
                    row[place] = convert(row[place], column, connection)
        return [tuple(row) for row in mutable]


@lru_cache(maxsize=256)
def _compiled(build: Callable[..., QuerySet[Any, Any]], names: tuple[str, ...]) -> _Statement:
    """Put a question into SQL. Raises TypeError where an argument is not found in it."""
    found = build(**{name: SLOTS[name] for name in names})
    compiler = found.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    marked = tuple(_marked(parameter, names) for parameter in parameters)
    missing = set(names) - {part.name for part in marked if isinstance(part, _Slot)}
    if missing or compiler.has_extra_select:
        raise TypeError(
            f"{build.__qualname__} cannot be a question: {missing or 'it orders by what it does not select'}"
        )
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    return _Statement(sql=sql, parameters=marked, converters=converters)


def _marked(parameter: Any, names: Sequence[str]) -> Any:
    return next((_Slot(name) for name in names if parameter == _plain(SLOTS[name])), parameter)


def _plain(argument: Any) -> Any:
    """Return an argument as it is sent; a number always as the same type, since each makes a statement of its own."""
    match argument:
        case Ids() | Uuids() | Texts():
            return argument.literal
        case int():
            return Int8(argument)
        case _:
            return argument
