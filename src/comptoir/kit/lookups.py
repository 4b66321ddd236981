"""Lookups of our own."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Field, ForeignObject, Lookup


class Ids:
    """Many ids as one array parameter, of which Django and the driver do not look at each, by the thousand."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.literal = f"{{{','.join(map(str, ids))}}}"


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``field__any=Ids(…)``: one array parameter, however many ids; with ``__in`` each costs, by the thousand."""

    lookup_name = "any"
    prepare_rhs = False
    rhs: Ids

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison with the array."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*parameters, self.rhs.literal)
