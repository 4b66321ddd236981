"""Where the stand-in keeps its objects: one SQLite file, JSON bodies, one writer at a time.

There is one writer at any moment (BEGIN IMMEDIATE), so a request sees and leaves a whole state, and two
requests with one idempotency key cannot both run.
"""

import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import missing_object

Body = dict[str, Any]

PLATFORM = "acct_sandboxplatform"

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (id TEXT PRIMARY KEY, now INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS thing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL CHECK (json_valid(body)),
    hidden TEXT NOT NULL CHECK (json_valid(hidden))
);
CREATE INDEX IF NOT EXISTS thing_kind ON thing (account, kind, seq);
CREATE INDEX IF NOT EXISTS thing_customer ON thing (account, kind, body ->> 'customer', seq);
CREATE INDEX IF NOT EXISTS thing_intent ON thing (account, kind, body ->> 'payment_intent', seq);
CREATE INDEX IF NOT EXISTS thing_mandate ON thing (account, body ->> 'payment_method', seq) WHERE kind = 'mandate';
CREATE TABLE IF NOT EXISTS due (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account (id),
    due_at INTEGER NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL REFERENCES thing (id)
);
CREATE INDEX IF NOT EXISTS due_order ON due (account, due_at, seq);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account (id),
    event TEXT NOT NULL REFERENCES thing (id),
    endpoint TEXT NOT NULL REFERENCES thing (id),
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'abandoned')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt REAL NOT NULL,
    last_answer TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_pending ON delivery (next_attempt) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS balance_line (
    txn TEXT PRIMARY KEY REFERENCES thing (id),
    account TEXT NOT NULL REFERENCES account (id),
    currency TEXT NOT NULL,
    available_on INTEGER NOT NULL,
    payout TEXT
);
CREATE INDEX IF NOT EXISTS balance_unpaid ON balance_line (account, available_on) WHERE payout IS NULL;
CREATE INDEX IF NOT EXISTS balance_paid ON balance_line (payout) WHERE payout IS NOT NULL;
CREATE TABLE IF NOT EXISTS reply (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (account, key)
);
"""

_local = threading.local()
_place: list[Path] = []
written = threading.Event()


def open_store(folder: Path) -> None:
    """Make the folder and the tables where they are missing, and use them from here on."""
    folder.mkdir(parents=True, exist_ok=True)
    _place[:] = [folder / "sandbox.sqlite3"]
    _connection().executescript(SCHEMA)
    with transaction() as db:
        db.execute("INSERT OR IGNORE INTO account (id, now) VALUES (?, ?)", (PLATFORM, 0))


def _connection() -> sqlite3.Connection:
    known: sqlite3.Connection | None = getattr(_local, "connection", None)
    if known is None:
        known = sqlite3.connect(_place[0], timeout=30, isolation_level=None)
        known.row_factory = sqlite3.Row
        known.execute("PRAGMA journal_mode = WAL")
        known.execute("PRAGMA synchronous = NORMAL")
        known.execute("PRAGMA foreign_keys = ON")
        _local.connection = known
    return known


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """Run the block as the one writer, keep all or nothing of it, and wake the courier."""
    db = _connection()
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
    written.set()


@contextmanager
def reading() -> Iterator[sqlite3.Connection]:
    """Show the block one state of the store, and let nothing be written."""
    db = _connection()
    db.execute("BEGIN")
    try:
        yield db
    finally:
        db.execute("ROLLBACK")


def new_id(prefix: str, *, length: int = 24) -> str:
    """Give an identifier that looks like Stripe's."""
    letters = string.ascii_letters + string.digits
    return f"{prefix}_" + "".join(secrets.choice(letters) for _ in range(length))


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account's objects, as one request sees them; no method reaches another account's."""

    db: sqlite3.Connection
    id: str
    now: int
    request_id: str | None = None
    idempotency_key: str | None = None
    base_url: str = ""

    @classmethod
    def find(cls, db: sqlite3.Connection, identifier: str) -> "Account | None":
        """Give the account with its clock, or None; the platform's clock is the wall's."""
        row = db.execute("SELECT id, now FROM account WHERE id = ?", (identifier,)).fetchone()
        if row is None:
            return None
        now = int(time.time()) if identifier == PLATFORM else row["now"]
        return cls(db=db, id=identifier, now=now)

    def add(self, body: Body, **hidden: Any) -> Body:
        """Keep a new object; what is hidden never leaves the sandbox."""
        self.db.execute(
            "INSERT INTO thing (id, account, kind, created, body, hidden) VALUES (?, ?, ?, ?, ?, ?)",
            (body["id"], self.id, body["object"], self.now, json.dumps(body), json.dumps(hidden)),
        )
        return body

    def save(self, body: Body) -> Body:
        """Keep an object's new state."""
        self.db.execute(
            "UPDATE thing SET body = ? WHERE id = ? AND account = ?", (json.dumps(body), body["id"], self.id)
        )
        return body

    def drop(self, identifier: str) -> None:
        """Forget an object and the deliveries to it."""
        self.db.execute("DELETE FROM delivery WHERE endpoint = ?", (identifier,))
        self.db.execute("DELETE FROM thing WHERE id = ? AND account = ?", (identifier, self.id))

    def look(self, identifier: str) -> Body | None:
        """Give an object of this account, of whatever kind, or None."""
        row = self.db.execute("SELECT body FROM thing WHERE id = ? AND account = ?", (identifier, self.id)).fetchone()
        return None if row is None else json.loads(row["body"])

    def get(self, kind: str, identifier: str, *, param: str = "id") -> Body:
        """Give an object of this account; raises the API's 404 when there is none."""
        body = self.look(identifier)
        if body is None or body["object"] != kind:
            raise missing_object(kind=kind, identifier=identifier, param=param)
        return body

    def hidden(self, identifier: str) -> Body:
        """Give what the sandbox alone knows of an object."""
        row = self.db.execute("SELECT hidden FROM thing WHERE id = ?", (identifier,)).fetchone()
        return {} if row is None else json.loads(row["hidden"])

    def hide(self, identifier: str, **more: Any) -> None:
        """Add to what the sandbox alone knows of an object."""
        hidden = json.dumps(self.hidden(identifier) | more)
        self.db.execute("UPDATE thing SET hidden = ? WHERE id = ? AND account = ?", (hidden, identifier, self.id))

    def all(self, kind: str) -> list[Body]:
        """Give every object of a kind, the oldest first."""
        rows = self.db.execute("SELECT body FROM thing WHERE account = ? AND kind = ? ORDER BY seq", (self.id, kind))
        return [json.loads(row["body"]) for row in rows]

    def mandates(self, method: str) -> list[Body]:
        """Give the authorisations to debit a payment method, the oldest first."""
        rows = self.db.execute(
            "SELECT body FROM thing WHERE account = ? AND kind = 'mandate' AND body ->> 'payment_method' = ?"
            " ORDER BY seq",
            (self.id, method),
        )
        return [json.loads(row["body"]) for row in rows]

    def unschedule(self, action: str, *, subject: str) -> None:
        """Have ``action`` not done any more."""
        self.db.execute("DELETE FROM due WHERE account = ? AND action = ? AND subject = ?", (self.id, action, subject))

    def schedule(self, action: str, *, subject: str, due_at: int) -> None:
        """Have ``action`` done when the account's clock reaches ``due_at``."""
        self.db.execute(
            "INSERT INTO due (account, due_at, action, subject) VALUES (?, ?, ?, ?)",
            (self.id, due_at, action, subject),
        )
