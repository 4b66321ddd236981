"""A vendor whose customers do not pay, and its days, one after the other."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from comptoir.access.queries import standing_history, standings_of
from comptoir.dunning.models import Notice
from comptoir.dunning.papers import note_posted, print_unposted
from comptoir.dunning.queries import letters_to_post
from comptoir.dunning.running import run_dunning
from comptoir.tenancy.models import Company, Vendor
from comptoir.tenancy.queries import vendor as vendor_row
from tests.factories import TESTS
from tests.integration.notices.conftest import World, work, world

__all__ = ["work", "world"]

DUE = date(2020, 10, 1)
Work = Callable[[], list[str]]


def live(world: World, through: date, *, work: Work, times: int = 1) -> None:
    """Live through a vendor's days, each run so many times, and deliver the mail."""
    vendor = world.vendor
    while (vendor.business_date or through) < through:
        day = (vendor.business_date or through) + timedelta(days=1)
        Vendor.objects.filter(id=vendor.id).update(business_date=day)
        vendor.business_date = day
        for _time in range(times):
            run_dunning(vendor_id=vendor.id, on=day, now=noon(day))
        work()


def print_letters(vendor: Vendor, *, on: date, work: Work) -> int:
    """Have what waits printed, and return the batch."""
    batch = print_unposted(vendor=vendor_row(vendor.id), title="Reminders", today=on, actor=TESTS)
    work()
    return batch


def post_letters(vendor: Vendor, *, on: date, work: Work) -> int:
    """Print what waits and put it into the post; return how many letters that were."""
    batch, seller = print_letters(vendor, on=on, work=work), vendor_row(vendor.id)
    (pile,) = (pile for pile in letters_to_post(vendor=seller, on=on) if pile.batch and pile.batch.id == batch)
    return note_posted(vendor=seller, batch_id=batch, seen=pile.to_go, on=on, actor=TESTS)


def noon(day: date) -> datetime:
    """Return the instant at which a sandbox vendor's day is lived."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def state_of(company: Company) -> str:
    """Return how a company stands with its one product."""
    return next((row.state for row in standings_of(company.id)), "good")


def states_of(company: Company) -> list[str]:
    """Return all that became of its standing, the oldest first, each state once."""
    found: list[str] = []
    for change in reversed(standing_history(company.id)):
        if change.state != (found[-1] if found else ""):
            found.append(change.state)
    return found


def notices_of(company: Company) -> list[tuple[str, date]]:
    """Return what was written to a company, and when."""
    return list(Notice.objects.filter(company=company).order_by("id").values_list("kind", "sent_on"))
