"""What the worker does for access. Listeners only put jobs down: a job may call a product, a listener may not."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from oauth2_provider.models import clear_expired
from procrastinate import JobContext, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from comptoir.customers.models import Member
from comptoir.customers.queries import stores
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import Happened
from comptoir.kit.request_id import current_request_id, under_request_id
from comptoir.kit.urgency import AT_ONCE
from comptoir.tenancy.queries import business_today, vendor

from .errors import NotTaken
from .logging_out import tell_product
from .models import SignOn, State
from .news import give_up, is_overtaken, tell_of_standing, tell_of_stores, tell_to_ask_again
from .programs import news_url_of
from .queries import standing_changes
from .sign_ons import end_begun_before, end_sign_ons
from .signing import rotate_if_old

log = logging.getLogger("comptoir.worker")


class AfterOthers(RetryStrategy):
    """Tries again, after whatever has not been tried yet."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when, if at all, and behind what was asked for at once."""
        decision = super().get_retry_decision(exception=exception, job=job)
        if decision is not None:
            decision.priority = BEHIND
        return decision


# Calls to the programs of others wait in a queue of their own: one that hangs holds up other calls, and nothing else.
# Among them, what ends a login goes first, and what was not taken last.
CALLS = "calls"
BEHIND = -10
# Products that are down for a while are told when they are back: after 1, 2, 4 … seconds, for some four hours.
LAST_TRY = 14
AGAIN = AfterOthers(max_attempts=LAST_TRY, exponential_wait=2)
STORES_A_CALL = 200
LONGEST = KEPT_FOR = timedelta(days=30)


def lock_out(event: Happened) -> None:
    """End what the company is logged in to with a product that it may not use any more."""
    for change in standing_changes(event.data["changes"]):
        if change.state == State.SUSPENDED:
            of_company = SignOn.objects.filter(company_id=change.company_id, application__product_id=change.product_id)
            end_sign_ons(of_company, why="suspended")


def log_out_member(event: Happened) -> None:
    """End what a person came in to for a company that they do not act for any more."""
    company_id, user_id = event.data["company"], event.data["user"]
    if not Member.objects.filter(company_id=company_id, user_id=user_id, ended_at=None).exists():
        end_sign_ons(SignOn.objects.filter(company_id=company_id, user_id=user_id), why="member ended")


def take_up_client(event: Happened) -> None:
    """Have a key to sign with for a new client, and end what was come in to by one that is disabled."""
    rotate_if_old(now=wall_now())
    end_sign_ons(
        SignOn.objects.filter(application_id=event.data["client"], application__disabled_at__isnull=False),
        why="client disabled",
    )


def tell_products(event: Happened) -> None:
    """Have a job tell the product of each sign-on that ended."""
    for sign_on_id in event.data["sign_ons"]:
        tell_of_logout.configure(priority=AT_ONCE).defer(sign_on_id=sign_on_id, request_id=current_request_id())


@app.task(name="access.tell_of_logout", queue=CALLS, retry=AGAIN)
@under_request_id
def tell_of_logout(sign_on_id: int) -> None:
    """Tell one product that a sign-on has ended; it is told again until it has answered."""
    tell_product(sign_on_id, now=wall_now())


def tell_programs(event: Happened) -> None:
    """Have a job tell the vendor's program of each change; its number tells in which order they came about."""
    assert event.vendor_id is not None  # noqa: S101  a standing is a company's
    if not news_url_of(event.vendor_id):
        return
    for change in standing_changes(event.data["changes"]):
        tell_of_change.defer(vendor_id=event.vendor_id, change_id=change.id, request_id=current_request_id())


@app.task(name="access.tell_of_change", queue=CALLS, retry=AGAIN, pass_context=True)
@under_request_id
def tell_of_change(context: JobContext, vendor_id: int, change_id: int) -> None:
    """Tell a vendor's program of one change; it is told again until it has answered, or a later change was made."""
    if context.job.attempts and is_overtaken(change_id):
        return
    with _given_up_in_the_end(context, vendor_id=vendor_id):
        tell_of_standing(change_id, now=wall_now())


def tell_programs_of_changed_stores(event: Happened) -> None:
    """Have the vendor's program told of stores at which something has changed; what is to change, its day brings."""
    assert event.vendor_id is not None  # noqa: S101  stores are a company's
    assert event.company_id is not None  # noqa: S101  likewise
    if not news_url_of(event.vendor_id):
        return
    data, today = event.data, business_today(vendor(event.vendor_id), now=wall_now())
    if date.fromisoformat(data["on"]) <= today:
        whole = [store.id for store in stores(event.company_id, on=today)] if data["whole_company"] else []
        _tell_of_stores({*data["locations"], *whole}, event=event)


def tell_programs_of_due_stores(event: Happened) -> None:
    """Have the vendor's program told of stores at which a day brought something."""
    _tell_of_stores(event.data["locations"], event=event)


def _tell_of_stores(location_ids: Collection[int], *, event: Happened) -> None:
    ids = sorted(location_ids)
    for first in range(0, len(ids), STORES_A_CALL):
        tell_of_access.defer(
            vendor_id=event.vendor_id,
            location_ids=[*ids[first : first + STORES_A_CALL]],
            named=f"access_stores_{event.id}_{first}",
            request_id=current_request_id(),
        )


@app.task(name="access.tell_of_access", queue=CALLS, retry=AGAIN, pass_context=True)
@under_request_id
def tell_of_access(context: JobContext, vendor_id: int, location_ids: list[int], named: str) -> None:
    """Tell a vendor's program what some stores may use; it is told again, as it is then, until it has answered."""
    with _given_up_in_the_end(context, vendor_id=vendor_id):
        tell_of_stores(location_ids, vendor_id=vendor_id, named=named, now=wall_now())


def tell_programs_to_ask_again(event: Happened) -> None:
    """Have the vendor's program told that it had better ask for all stores again."""
    ask_again.defer(vendor_id=event.vendor_id, named=f"access_all_{event.id}", request_id=current_request_id())


@app.task(name="access.ask_again", queue=CALLS, retry=AGAIN, pass_context=True)
@under_request_id
def ask_again(context: JobContext, vendor_id: int, named: str) -> None:
    """Tell a vendor's program that any store may have changed; it is told again until it has answered."""
    with _given_up_in_the_end(context, vendor_id=vendor_id):
        tell_to_ask_again(vendor_id=vendor_id, named=named, now=wall_now())


@contextmanager
def _given_up_in_the_end(context: JobContext, *, vendor_id: int) -> Iterator[None]:
    """Have a person look where nobody took the call, though it was made for hours."""
    try:
        yield
    except NotTaken:
        if context.job.attempts < LAST_TRY:
            raise
        log.exception("a program was not told")
        give_up(vendor_id=vendor_id, now=wall_now())


@app.periodic(cron="17 4 * * *")
@app.task(name="access.keep_in_order", queueing_lock="access.keep_in_order")
def keep_in_order(timestamp: int) -> None:
    """Take up a new signing key when it is time, end what goes on for too long, and forget what ended long ago."""
    now = wall_now()
    rotate_if_old(now=now)
    clear_expired()
    end_begun_before(now - LONGEST)
    SignOn.objects.filter(ended_at__lt=now - KEPT_FOR).delete()
