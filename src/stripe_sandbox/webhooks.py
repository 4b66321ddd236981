"""Events are written with what they tell of; a thread delivers them, signed, until they are taken."""

import hmac
import json
import logging
import sqlite3
import threading
import time
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from . import faults, shapes
from .store import PLATFORM, Account, Body, reading, transaction, written

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
MOST_ATTEMPTS = 20
ANSWER_WITHIN_SECONDS = 10


def emit(account: Account, kind: str, body: Body, *, before: Body | None = None) -> None:
    """Record that ``kind`` happened to ``body``, and have it delivered to whoever asked.

    ``before`` holds what changed, as it was, for the kinds that tell of an update.
    """
    endpoints = _listening(account, kind)
    data = {"object": body, **({"previous_attributes": before} if before is not None else {})}
    connected = account.id != PLATFORM
    event = shapes.event(account=account, kind=kind, data=data, pending=len(endpoints), connected=connected)
    account.add(event)
    fault = faults.strike(account.id, faults.OF_WEBHOOKS) if endpoints else ""
    match fault:
        case "drop":
            _deliver(account, event, endpoints, dropped=True)
        case "reorder":
            account.schedule("tell", subject=event["id"], due_at=account.now)
        case "delay":
            days = 1 + int(faults.chance(account.id, "delay of") * faults.LONGEST_DELAY_DAYS)
            account.schedule("tell", subject=event["id"], due_at=account.now + days * 86_400)
        case "duplicate":
            _deliver(account, event, endpoints * 2)
        case _:
            _deliver(account, event, endpoints)


def send(account: Account, event: Body) -> None:
    """Have an event delivered that was held back."""
    _deliver(account, event, _listening(account, event["type"]))


def _listening(account: Account, kind: str) -> list[str]:
    platform = Account(db=account.db, id=PLATFORM, now=account.now)
    return [
        each["id"]
        for each in platform.all("webhook_endpoint")
        if each["status"] == "enabled"
        and platform.hidden(each["id"])["connect"] == (account.id != PLATFORM)
        and ("*" in each["enabled_events"] or kind in each["enabled_events"])
    ]


def _deliver(account: Account, event: Body, endpoints: list[str], *, dropped: bool = False) -> None:
    account.db.executemany(
        "INSERT INTO delivery (account, event, endpoint, next_attempt, state, last_answer) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                account.id,
                event["id"],
                endpoint,
                time.time(),
                *(("abandoned", "dropped") if dropped else ("pending", "")),
            )
            for endpoint in endpoints
        ],
    )


def signature(payload: bytes, *, secret: str, at: int) -> str:
    """Give the value of Stripe-Signature."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + payload, sha256).hexdigest()
    return f"t={at},v1={signed}"


def pending(db: sqlite3.Connection, account: str) -> int:
    """Count the account's deliveries that nobody has taken yet."""
    row = db.execute("SELECT count(*) FROM delivery WHERE account = ? AND state = 'pending'", (account,)).fetchone()
    return int(row[0])


def wait_until_delivered(account: str, *, at_most_seconds: float) -> int:
    """Try the account's deliveries again, wait, and give how many are not taken."""
    with transaction() as db:
        db.execute(
            "UPDATE delivery SET next_attempt = ? WHERE account = ? AND state = 'pending'",
            (time.time(), account),
        )
    deadline = time.monotonic() + at_most_seconds
    while True:
        with reading() as db:
            left = pending(db, account)
        if not left or time.monotonic() >= deadline:
            return left
        time.sleep(0.02)


class Courier(threading.Thread):
    """The thread that delivers events in the order in which they happened, and refused ones again later."""

    def __init__(self) -> None:
        super().__init__(name="courier", daemon=True)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End the thread after the delivery under way."""
        self._stopping.set()
        written.set()
        self.join(timeout=ANSWER_WITHIN_SECONDS + 1)

    def run(self) -> None:
        """Deliver until it is told to stop."""
        while not self._stopping.is_set():
            written.clear()
            try:
                worked = self._deliver_next()
            except sqlite3.Error:
                logger.exception("The sandbox could not read its deliveries; it tries again.")
                worked = False
            if not worked:
                written.wait(timeout=FIRST_PAUSE_SECONDS / 2)

    def _deliver_next(self) -> bool:
        with reading() as db:
            row = db.execute(
                "SELECT d.seq, d.attempts, event.body AS event, endpoint.body AS endpoint, endpoint.hidden"
                " FROM delivery d JOIN thing event ON event.id = d.event"
                " JOIN thing endpoint ON endpoint.id = d.endpoint"
                " WHERE d.state = 'pending' AND d.next_attempt <= ? ORDER BY d.seq LIMIT 1",
                (time.time(),),
            ).fetchone()
        if row is None:
            return False
        secret = json.loads(row["hidden"])["secret"]
        answer = _post(json.loads(row["endpoint"])["url"], row["event"].encode(), secret=secret)
        taken = answer.isdigit() and 200 <= int(answer) < 300
        attempts = row["attempts"] + 1
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
        state = "delivered" if taken else "abandoned" if attempts >= MOST_ATTEMPTS else "pending"
        if not taken:
            logger.warning("Webhook %s: attempt %d was answered %s", state, attempts, answer)
        with transaction() as db:
            db.execute(
                "UPDATE delivery SET state = ?, attempts = ?, next_attempt = ?, last_answer = ? WHERE seq = ?",
                (state, attempts, time.time() + pause, answer, row["seq"]),
            )
        return True


def _post(url: str, payload: bytes, *, secret: str) -> str:
    """Gives the status answered, or what went wrong; like Stripe it follows no redirect."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_WITHIN_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (sandbox)",
        "Stripe-Signature": signature(payload, secret=secret, at=int(time.time())),
    }
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body=payload, headers=headers)
        return str(connection.getresponse().status)
    except (OSError, HTTPException) as problem:
        return type(problem).__name__
    finally:
        connection.close()
