"""Lookups of our own."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Field, ForeignObject, Lookup


class Ids:
    """Many ids as one array parameter, of which Django and the driver do not look at each, by the thousand."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.literal = f"{{{','.join(map(str, ids))}}}"


class Uuids:
    """Many public ids as one array parameter, likewise."""

    def __init__(self, ids: Iterable[UUID]) -> None:
        self.literal = list(ids)


class Texts:
    """Many texts as one array parameter, likewise."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.literal = list(texts)


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``field__any=Ids(…)``, ``Uuids(…)`` or ``Texts(…)``: one array parameter; with ``__in`` each of them costs."""

    lookup_name = "any"
    prepare_rhs = False
    rhs: Ids | Uuids | Texts

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison with the array."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*parameters, self.rhs.literal)
