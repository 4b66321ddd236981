"""Each account's own clock: it stands still until it is set; what falls due on the way happens in order."""

import sqlite3

from . import balance, checkout, disputes, intents, microdeposits, refunds
from .errors import ApiError
from .store import PLATFORM, Account, Body
from .webhooks import send

ACTS_ON = {
    "settle": "payment_intent",
    "complain": "charge",
    "arrive": "refund",
    "expire": "checkout.session",
    "evidence_due": "dispute",
    "land": "payout",
    "tell": "event",
}
# What an account's days bring by themselves, which setting its clock does not count.
UNCOUNTED = ("pay_out", "land", "tell")


def new_account(platform: Account, body: Body, *, now: int) -> Body:
    """Open an account whose clock stands at ``now`` (seconds since 1970)."""
    platform.db.execute("INSERT INTO account (id, now) VALUES (?, ?)", (body["id"], now))
    return platform.add(body)


def advance(db: sqlite3.Connection, identifier: str, *, to: int) -> int:
    """Set an account's clock and give how much fell due; it never goes backwards (400)."""
    account = Account.find(db, identifier)
    if account is None or identifier == PLATFORM:
        raise ApiError(f"No such account: '{identifier}'", status=404, code="resource_missing", param="account")
    if to < account.now:
        raise ApiError("The clock of an account never goes backwards.", param="now")
    done = catch_up(db, identifier, to=to)
    db.execute("UPDATE account SET now = ? WHERE id = ?", (to, identifier))
    return done


def catch_up(db: sqlite3.Connection, identifier: str, *, to: int) -> int:
    """Do what is due up to an instant, in order of time, and give how much it was."""
    done = 0
    while row := db.execute(
        "SELECT seq, due_at, action, subject FROM due WHERE account = ? AND due_at <= ? ORDER BY due_at, seq LIMIT 1",
        (identifier, to),
    ).fetchone():
        db.execute("DELETE FROM due WHERE seq = ?", (row["seq"],))
        then = Account(db=db, id=identifier, now=row["due_at"])
        _happen(then, row["action"], row["subject"])
        done += row["action"] not in UNCOUNTED
    return done


def _happen(account: Account, action: str, subject: str) -> None:
    if action == "pay_out":
        balance.pay_out(account)
        return
    if action == "time_out":
        kind = "setup_intent" if subject.startswith("seti_") else "payment_intent"
        microdeposits.give_up(account, account.get(kind, subject), microdeposits.TIMED_OUT)
        return
    body = account.get(ACTS_ON[action], subject)
    match action:
        case "settle":
            checkout.settled(account, body, intents.settle(account, body))
        case "complain":
            disputes.complain(account, body)
        case "arrive":
            refunds.arrive(account, body)
        case "expire":
            checkout.expire(account, body)
        case "evidence_due":
            disputes.evidence_due(account, body)
        case "land":
            balance.land(account, body)
        case "tell":
            send(account, body)
