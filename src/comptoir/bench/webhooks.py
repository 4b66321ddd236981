"""Signed news over HTTP, each committed before it is answered, beside a view that does nothing, in one web process."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from uuid import uuid4

import psycopg

from .processes import EMPTY, web
from .requests import send_all
from .scratch import scratch_database

CONNECTIONS = 16
ROUNDS = 5
SECRET = "whsec_bench"  # noqa: S105  signs nothing but this bench's own news


def run(*, events: int) -> dict[str, float | int]:
    """Measure ``events`` pieces of news, no two alike, and as many empty views, in turns; return the figures.

    Raises RuntimeError when an answer is not 200, when an event was not kept, or where the database would forget.
    """
    a_round = max(events // ROUNDS, CONNECTIONS)
    ours = empty = 0.0
    with (
        scratch_database() as url,
        psycopg.connect(url, autocommit=True) as owner,
        web(url, settings={"STRIPE_WEBHOOK_SECRET": SECRET}) as port,
    ):
        _see_that_commits_last(owner)
        _round(port, a_round)  # warms up
        for _turn in range(ROUNDS):
            one_empty, one_ours = _round(port, a_round)
            empty, ours = empty + one_empty, ours + one_ours
        kept = owner.execute("SELECT count(*) FROM payments_webhookevent").fetchone()
        waiting = owner.execute("SELECT count(*) FROM kit_eventdelivery WHERE done_at IS NULL").fetchone()
    sent = a_round * (ROUNDS + 1)
    if kept != (sent,) or waiting != (sent,):
        raise RuntimeError(f"{sent} events were answered, {kept} kept, {waiting} put in hand")
    return {
        "events": a_round * ROUNDS,
        "connections": CONNECTIONS,
        "per_second": round(a_round * ROUNDS / ours, 1),
        "empty_view_per_second": round(a_round * ROUNDS / empty, 1),
        "ratio_to_empty_view": round(empty / ours, 2),
    }


def _round(port: int, count: int) -> tuple[float, float]:
    """Return the seconds that so many empty views took, and so many pieces of news."""
    news = [_news() for _each in range(count)]
    return _seconds(port, [EMPTY] * count), _seconds(port, news)


def _seconds(port: int, requests: Sequence[bytes]) -> float:
    started = time.perf_counter()
    send_all(port=port, requests=requests, connections=CONNECTIONS)
    return time.perf_counter() - started


def _news() -> bytes:
    """Write a request as the processor does: news of a payment that succeeded, of the usual size, signed now."""
    intent = {
        "id": f"pi_{uuid4().hex[:24]}",
        "object": "payment_intent",
        "amount": 30_812,
        "currency": "usd",
        "description": "Invoices NW-1042 and NW-1043",
        "metadata": {"payment": str(uuid4())},
        "payment_method_options": {"us_bank_account": {"verification_method": "automatic"}},
        "status": "succeeded",
        **{f"field_{number}": "a value of usual length" for number in range(40)},
    }
    event = {
        "id": f"evt_{uuid4().hex[:24]}",
        "object": "event",
        "account": "acct_bench",
        "created": int(time.time()),
        "data": {"object": intent},
        "type": "payment_intent.succeeded",
    }
    body = json.dumps(event, indent=2).encode()
    now = int(time.time())
    signed = hmac.new(SECRET.encode(), b"%d.%b" % (now, body), hashlib.sha256).hexdigest()
    head = (
        "POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Stripe-Signature: t={now},v1={signed}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _see_that_commits_last(owner: "psycopg.Connection[tuple[object, ...]]") -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        if owner.execute("SELECT current_setting(%s)", [setting]).fetchone() != ("on",):
            raise RuntimeError(f"{setting} is not on in this database: what it commits may be lost, and proves nothing")
