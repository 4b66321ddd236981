"""What happens on a vendor's business day, and how a test clock goes through days.

A sandbox vendor's clock moves day by day: first the vendor's, then its connected account's at the processor, then
everything that follows (webhooks, events, jobs) is waited for, and only then comes the next day.
"""

import time
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
from comptoir.payments.expiring import remind_of_expiring_cards
from comptoir.payments.operations import advance_gateway_clock
from comptoir.payments.return_rates import watch_return_rates
from comptoir.payments.tasks import reconcile_soon, submit_due_autopay, submit_due_retries
from comptoir.tenancy.operations import set_business_date
from comptoir.tenancy.queries import vendor
from comptoir.transfers.passing import pass_over_due

SECONDS_A_DAY_MAY_TAKE = 120


class DayDidNotSettle(ComptoirError):
    """What a business day started has not come to rest in time."""


def run_business_day(*, vendor_id: int, day: date) -> None:
    """Do what falls due for a vendor on ``day``: stores that change owner, revenue, the bill run that is due, autopay
    and its news, cards, letters and reminders of the move, reminders of what is not paid, standings, what stores may
    use from now on, and yesterday's books compared with the processor's.

    Again, it does nothing new.
    """
    pass_over_due(vendor_id=vendor_id, on=day, now=wall_now())
    recognise(vendor_id=vendor_id, until=day.replace(day=1))
    ask_for_bill_run(vendor_id=vendor_id, on=day, now=wall_now())
    submit_due_autopay(vendor_id=vendor_id, on=day)
    submit_due_retries(vendor_id=vendor_id, on=day)
    announce_debits(vendor_id=vendor_id, on=day, now=wall_now())
    watch_return_rates(vendor_id=vendor_id, on=day, now=wall_now())
    remind_of_expiring_cards(vendor_id=vendor_id, on=day)
    ask_for_letters_due(vendor_id=vendor_id, on=day)
    remind_those_who_moved(vendor_id=vendor_id, on=day)
    run_dunning(vendor_id=vendor_id, on=day, now=wall_now())
    emit_stores_falling_due(vendor_id=vendor_id, on=day)
    reconcile_soon(vendor_id=vendor_id, on=day)


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
