"""What came of what a company said of its stores, as its own people hear it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from comptoir.kit.together import Question

from .models import Outcome, StoreDifference

NEWS_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class SaidRow:
    """The latest that a company said otherwise than our list of a store, or of one that is missing (``store_id`` None).

    ``closed_on`` is the last day of one that closes. ``outcome`` is put_right, left or taken_back, with the team's note
    and when; empty while the team looks into it.
    """

    store_id: int | None
    kind: str
    name: str
    closed_on: date | None
    outcome: str
    note: str
    settled_at: datetime | None

    @property
    def is_answered(self) -> bool:
        """Whether the team has put our list right, or left it as it is."""
        return self.outcome in (Outcome.PUT_RIGHT, Outcome.LEFT)

    def is_news(self, now: datetime) -> bool:
        """Return whether the team answered within the last two weeks."""
        return self.is_answered and self.settled_at is not None and now - NEWS_FOR < self.settled_at


def _said(company_id: int) -> "QuerySet[StoreDifference, tuple[Any, ...]]":
    found = StoreDifference.objects.filter(company_id=company_id).order_by("id")
    return found.values_list("location_id", "kind", "theirs", "outcome", "note", "settled_at", "id")


def _latest(rows: list[tuple[Any, ...]]) -> list[SaidRow]:
    found = {
        (store_id, None if store_id else row_id): SaidRow(
            store_id, kind, theirs.get("name", ""), _day(theirs.get("closed_on")), *rest
        )
        for store_id, kind, theirs, *rest, row_id in rows
    }
    return list(found.values())


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


# What a company said otherwise than our list, the latest of each store, each missing one by itself.
said_of_stores = Question(_said, _latest)
