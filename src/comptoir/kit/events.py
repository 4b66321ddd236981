"""The outbox's two ends: ``emit`` inside the transaction, ``deliver_next`` in the worker."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from .models import Event, EventDelivery
from .request_id import current_request_id, request_id_of

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Happened:
    """What a listener is told."""

    id: int
    name: str
    topic: str
    vendor_id: int | None
    company_id: int | None
    data: Mapping[str, Any]


Listener = Callable[[Happened], None]


def emit(
    *,
    name: str,
    topic: str,
    vendor_id: int | None,
    company_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Record that ``name`` happened to ``topic``, for every listener that the wiring names.

    Must be called inside the transaction that makes it true. One event stands for a batch in bulk work.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"the event {name} must be emitted inside the transaction that makes it true")
    listeners: Sequence[str] = settings.EVENT_LISTENERS[name]
    event = Event.objects.create(
        name=name,
        topic=topic,
        vendor_id=vendor_id,
        company_id=company_id,
        data=dict(data or {}),
        request_id=current_request_id(),
    )
    EventDelivery.objects.bulk_create(
        EventDelivery(event=event, listener=listener, topic=topic) for listener in listeners
    )


def deliver_next(*, now: datetime) -> bool:
    """Deliver the oldest event that is due and not held by another worker; return whether there was one.

    Listeners that somebody waits for (``DELIVERED_FIRST``) are told before the others.
    The listener runs in the transaction that marks the delivery done. One that fails is tried again later,
    after 1, 2, 4 … seconds, at most an hour; meanwhile later events of the same vendor and topic wait for it: pages
    write topics, and nobody holds up another vendor's.
    """
    with transaction.atomic():
        delivery = _lock_next(now=now, listeners=settings.DELIVERED_FIRST) or _lock_next(now=now)
        if delivery is None:
            return False
        event = delivery.event
        happened = Happened(
            id=event.id,
            name=event.name,
            topic=event.topic,
            vendor_id=event.vendor_id,
            company_id=event.company_id,
            data=event.data,
        )
        try:
            with request_id_of(event.request_id), transaction.atomic():
                _listener(event.name, named=delivery.listener)(happened)
        except Exception as error:
            log.exception("listener %s failed on %s (%s)", delivery.listener, event.name, event.topic)
            delivery.attempts += 1
            delivery.last_error = f"{type(error).__name__}: {error}"[:500]
            delivery.next_attempt_at = now + min(timedelta(seconds=2 ** min(delivery.attempts, 20)), LONGEST_WAIT)
        else:
            delivery.done_at = now
        delivery.save(update_fields=["attempts", "last_error", "next_attempt_at", "done_at"])
        return True


def pending(*, vendor_id: int | None = None) -> int:
    """Return how many deliveries are still to be made, of one vendor or of all."""
    waiting = EventDelivery.objects.filter(done_at=None)
    if vendor_id is not None:
        waiting = waiting.filter(event__vendor_id=vendor_id)
    return waiting.count()


def _listener(name: str, *, named: str) -> Listener:
    """Return the listener that a delivery names, if the wiring does, too: pages may write deliveries."""
    wired: Sequence[str] = settings.EVENT_LISTENERS[name]
    if named not in wired:
        raise LookupError(f"{named} is not among the listeners of {name}; the wiring has {', '.join(wired) or 'none'}")
    listener: Listener = import_string(named)
    return listener


def _lock_next(*, now: datetime, listeners: Sequence[str] = ()) -> EventDelivery | None:
    among = "AND d.listener = ANY(%(listeners)s)" if listeners else ""
    rows = EventDelivery.objects.raw(
        f"""
        SELECT d.* FROM kit_eventdelivery d JOIN kit_event event ON event.id = d.event_id
        WHERE d.done_at IS NULL AND d.next_attempt_at <= %(now)s {among}
          AND NOT EXISTS (
            SELECT 1 FROM kit_eventdelivery earlier JOIN kit_event before ON before.id = earlier.event_id
            WHERE earlier.listener = d.listener AND earlier.topic = d.topic
              AND before.vendor_id IS NOT DISTINCT FROM event.vendor_id
              AND earlier.done_at IS NULL AND earlier.id < d.id)
        ORDER BY d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
        """,
        {"now": now, "listeners": list(listeners)},
    )
    return next(iter(rows), None)
