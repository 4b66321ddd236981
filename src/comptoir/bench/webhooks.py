"""Signed news over HTTP, each committed before it is answered, beside a view that does nothing, in one web process."""

import hashlib
import hmac
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg

from .requests import free_port, send_all, wait_until_served
from .scratch import scratch_database

CONNECTIONS = 16
ROUNDS = 5
SECRET = "whsec_bench"  # noqa: S105  signs nothing but this bench's own news
EMPTY = b"GET /bench/empty HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def run(*, events: int) -> dict[str, float | int]:
    """Measure ``events`` pieces of news, no two alike, and as many empty views, in turns; return the figures.

    Raises RuntimeError when an answer is not 200, when an event was not kept, or where the database would forget.
    """
    a_round = max(events // ROUNDS, CONNECTIONS)
    ours = empty = 0.0
    with scratch_database() as url, psycopg.connect(url, autocommit=True) as owner, _served(url) as port:
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


@contextmanager
def _served(url: str) -> Iterator[int]:
    """Serve the pages, and the empty one, from one process over the web's login; yield the port."""
    web_url = os.environ.get("DATABASE_WEB_URL")
    if not web_url:
        raise RuntimeError("set DATABASE_WEB_URL to the database's address for the role comptoir_web")
    port = free_port()
    command = [sys.executable, "-m", "comptoir.cli", "web", "--workers", "1", "--port", str(port)]
    settings = {
        "DATABASE_WEB_URL": urlunsplit(urlsplit(web_url)._replace(path=urlsplit(url).path)),
        "DJANGO_SETTINGS_MODULE": "comptoir.bench.web_settings",
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "COMPTOIR_SECRET_KEY": secrets.token_urlsafe(50),
        "COMPTOIR_MESSAGE_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    server = subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.DEVNULL)
    try:
        wait_until_served(port=port, request=EMPTY, server=server)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
