"""Whether companies may use products, why, and how it came to that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from comptoir.kit.lookups import Ids
from comptoir.kit.together import Question
from comptoir.subscriptions.queries import products_taken

from .models import Standing, StandingChange, State
from .reasons import way_back, words_of

RESTRICTED = (State.LIMITED, State.SUSPENDED)


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A company's standing with a product: good, warned (until a day), limited or suspended; since when and why."""

    company_id: int
    product_id: int
    product_code: str
    product_name: str
    state: str
    since: datetime
    reason: str
    facts: Mapping[str, Any] = field(hash=False)
    warned_until: date | None

    @property
    def is_closed(self) -> bool:
        """Whether the product refuses the company."""
        return self.state == State.SUSPENDED

    @property
    def why(self) -> str:
        """The reason in a sentence of the active language."""
        return words_of(reason=self.reason, facts=self.facts)

    @property
    def way_back(self) -> str:
        """When access returns, in the active language; empty where paying would not help."""
        return way_back(reason=self.reason, facts=self.facts)


@dataclass(frozen=True, slots=True)
class StandingChangeRow:
    """What became of a standing: from what to what, when, why, and by whom (``by_kind``: customer, staff, system)."""

    id: int
    company_id: int
    product_id: int
    product_code: str
    product_name: str
    before: str
    state: str
    reason: str
    facts: Mapping[str, Any] = field(hash=False)
    warned_until: date | None
    at: datetime
    by_kind: str
    by: str

    @property
    def restricts(self) -> bool:
        """Whether the product was closed to the company, or limited."""
        return self.state in RESTRICTED and self.state != self.before

    @property
    def restores(self) -> bool:
        """Whether the company may use the product again as it is meant."""
        return self.before in RESTRICTED and self.state not in RESTRICTED

    @property
    def why(self) -> str:
        """The reason in a sentence of the active language."""
        return words_of(reason=self.reason, facts=self.facts)

    @property
    def way_back(self) -> str:
        """When access returns, in the active language; empty where paying would not help."""
        return way_back(reason=self.reason, facts=self.facts)


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product that a company takes or that was ever in question; without a ``standing`` it has always been good."""

    name: str
    standing: StandingRow | None

    @property
    def state(self) -> str:
        """Good, warned, limited or suspended."""
        return self.standing.state if self.standing else State.GOOD


STANDING = (
    "company_id", "product_id", "product__code", "product__name", "state", "since", "reason", "facts", "warned_until",
)  # fmt: skip
CHANGE = (
    "id", "company_id", "product_id", "product__code", "product__name", "before", "state", "reason", "facts",
    "warned_until", "at", "by_kind", "by",
)  # fmt: skip


def standing(*, company_id: int, product_id: int) -> StandingRow | None:
    """Return a company's standing with a product; None where it has always been good."""
    row = Standing.objects.filter(company_id=company_id, product_id=product_id).values_list(*STANDING).first()
    return StandingRow(*row) if row else None


def standings_of(company_id: int) -> list[StandingRow]:
    """Return a company's standings, by product's name; a product that is not there is in good."""
    return standings_of_companies([company_id]).get(company_id, [])


def products_of(company_id: int, *, on: date) -> list[ProductRow]:
    """Return how a company stands with each product that it takes on a day or that was ever in question, by name."""
    found = {row.product_id: ProductRow(row.product_name, row) for row in standings_of(company_id)}
    for product_id, name in products_taken(company_id, on=on).items():
        found.setdefault(product_id, ProductRow(name, None))
    return sorted(found.values(), key=lambda product: product.name)


def standings_of_companies(company_ids: Iterable[int]) -> dict[int, list[StandingRow]]:
    """Return the standings of each company that has any, by product's name."""
    found: dict[int, list[StandingRow]] = {}
    rows = Standing.objects.filter(company_id__any=Ids(company_ids)).order_by("product__name", "product_id")
    for row in rows.values_list(*STANDING):
        found.setdefault(row[0], []).append(StandingRow(*row))
    return found


def _not_good(company_id: int) -> "QuerySet[Standing, tuple[Any, ...]]":
    found = Standing.objects.filter(company_id=company_id).exclude(state=State.GOOD)
    return found.order_by("product__name", "product_id").values_list(*STANDING)


# What a company may not use, or not for long, by product's name.
standings_in_question: Question[list[StandingRow]] = Question(
    _not_good, lambda rows: [StandingRow(*row) for row in rows]
)


def standing_history(company_id: int, *, limit: int = 100) -> list[StandingChangeRow]:
    """Return what became of a company's standings, the latest first."""
    rows = StandingChange.objects.filter(company_id=company_id).order_by("-id").values_list(*CHANGE)
    return [StandingChangeRow(*row) for row in rows[:limit]]


def standing_changes(change_ids: Iterable[int]) -> list[StandingChangeRow]:
    """Return changes by their ids, as the event ``standing_changed`` names them, in order."""
    rows = StandingChange.objects.filter(id__any=Ids(change_ids)).order_by("id").values_list(*CHANGE)
    return [StandingChangeRow(*row) for row in rows]
