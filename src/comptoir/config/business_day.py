"""What happens on a vendor's business day, and how a test clock goes through days.

A sandbox vendor's clock moves day by day: first the vendor's, then its connected account's at the processor, then
everything that follows (webhooks, events, jobs) is waited for, and only then comes the next day.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

from django.db import connection, transaction
from django.utils.translation import gettext as _

from comptoir.access.news import emit_stores_falling_due
from comptoir.cutover.tasks import ask_for_letters_due, remind_those_who_moved
from comptoir.dunning.running import run_dunning
from comptoir.invoicing.recognition import recognise
from comptoir.invoicing.reminding import ask_for_bill_run
from comptoir.kit.clocks import wall_now
from comptoir.kit.errors import ComptoirError
from comptoir.notices.debits import announce_debits
from comptoir.payments.checks.confirming import watch_deposits
from comptoir.payments.expiring import remind_of_expiring_cards
from comptoir.payments.operations import advance_gateway_clock
from comptoir.payments.return_rates import watch_return_rates
from comptoir.payments.tasks import reconcile_soon, submit_due_autopay, submit_due_retries
from comptoir.tenancy.operations import set_business_date
from comptoir.tenancy.queries import vendor
from comptoir.transfers.passing import pass_over_due

log = logging.getLogger("comptoir.worker")

SECONDS_A_DAY_MAY_TAKE = 120


class DayDidNotSettle(ComptoirError):
    """What a business day started has not come to rest in time."""


class DayIncomplete(ComptoirError):
    """A part of a business day has failed; all others were lived."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a business day brings."""

    name: str
    live: Callable[[int, date], object]


# In this order: what is debited is not reminded of. From whom a debit was not begun, dunning leaves in peace by itself.
PARTS = (
    Part("stores", lambda vendor, day: pass_over_due(vendor_id=vendor, on=day, now=wall_now())),
    Part("revenue", lambda vendor, day: recognise(vendor_id=vendor, until=day.replace(day=1))),
    Part("bill run", lambda vendor, day: ask_for_bill_run(vendor_id=vendor, on=day, now=wall_now())),
    Part("autopay", lambda vendor, day: submit_due_autopay(vendor_id=vendor, on=day)),
    Part("retries", lambda vendor, day: submit_due_retries(vendor_id=vendor, on=day)),
    Part("announced debits", lambda vendor, day: announce_debits(vendor_id=vendor, on=day, now=wall_now())),
    Part("return rates", lambda vendor, day: watch_return_rates(vendor_id=vendor, on=day, now=wall_now())),
    Part("deposits", lambda vendor, day: watch_deposits(vendor_id=vendor, on=day, now=wall_now())),
    Part("cards", lambda vendor, day: remind_of_expiring_cards(vendor_id=vendor, on=day)),
    Part("letters of the move", lambda vendor, day: ask_for_letters_due(vendor_id=vendor, on=day)),
    Part("reminders of the move", lambda vendor, day: remind_those_who_moved(vendor_id=vendor, on=day)),
    Part("dunning", lambda vendor, day: run_dunning(vendor_id=vendor, on=day, now=wall_now())),
    Part("access", lambda vendor, day: emit_stores_falling_due(vendor_id=vendor, on=day)),
    Part("comparison with the processor", lambda vendor, day: reconcile_soon(vendor_id=vendor, on=day)),
)


def run_business_day(*, vendor_id: int, day: date) -> None:
    """Do what falls due for a vendor on ``day``: stores that change owner, revenue, the bill run that is due, autopay
    and its news, deposits that the bank has not named, cards, letters and reminders of the move, reminders of what is
    not paid, standings, what stores may use from now on, and yesterday's books compared with the processor's.

    A part that fails keeps no other from being lived. Again, it does nothing new.
    Raises DayIncomplete at the end where any has failed.
    """
    missing: list[str] = []
    for part in PARTS:
        try:
            part.live(vendor_id, day)
        except Exception:  # whatever is wrong with one part, the others' day passes
            log.exception("vendor %s, business day %s: %s failed", vendor_id, day, part.name)
            missing.append(part.name)
    if missing:
        raise DayIncomplete(
            _("Of the business day %(day)s this is missing: %(parts)s. The log says why; it is tried again.")
            % {"day": day.isoformat(), "parts": ", ".join(missing)}
        )


def advance(*, vendor_id: int, to: date) -> None:
    """Move a sandbox vendor's clock on to ``to``, living through each day. Where it was interrupted, it goes on.

    Raises DayDidNotSettle when a day's jobs and webhooks have not come to rest within two minutes.
    """
    while (today := vendor(vendor_id).business_date) is not None and today < to:
        tomorrow = today + timedelta(days=1)
        with transaction.atomic():
            set_business_date(vendor_id=vendor_id, day=tomorrow)
        advance_gateway_clock(vendor_id=vendor_id, now=datetime.combine(tomorrow, time_of_day(12), tzinfo=UTC))
        wait_until_quiet()
        run_business_day(vendor_id=vendor_id, day=tomorrow)
        wait_until_quiet()


def wait_until_quiet() -> None:
    """Wait until no event is undelivered and no job waits or runs, but for those that move clocks."""
    deadline = time.monotonic() + SECONDS_A_DAY_MAY_TAKE
    while _work_left():
        if time.monotonic() > deadline:
            raise DayDidNotSettle(
                _("The day's work has not come to rest; is the worker running, and is the processor reachable?")
            )
        time.sleep(0.02)


def _work_left() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT 1 FROM kit_eventdelivery WHERE done_at IS NULL
                           AND event_id NOT IN (SELECT id FROM kit_event WHERE name = 'clock_advance_requested'))
                OR EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name <> 'clock'
                           AND (scheduled_at IS NULL OR scheduled_at <= now()))
            """
        )
        (left,) = cursor.fetchone() or (False,)
    return bool(left)
