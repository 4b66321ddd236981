"""What moves on an account's balance: with which fee, when it is available, and the payout of what is."""

import json

from . import shapes
from .banking_days import start_of_banking_day
from .store import Account, Body
from .webhooks import emit

# What Stripe asks in the United States: published prices, not a promise.
CARD_FEE_PER_MILLE, CARD_FEE_MINOR = 29, 30
BANK_FEE_PER_MILLE, BANK_FEE_AT_MOST_MINOR = 8, 500
FAILED_DEBIT_FEE_MINOR = 400
DISPUTE_FEE_MINOR = 1_500
CARD_IS_AVAILABLE_AFTER_BANKING_DAYS = 2


def fee_of_charge(amount: int, *, kind: str) -> int:
    """Give what taking a payment costs: half-up, in minor units."""
    if kind == "card":
        return (amount * CARD_FEE_PER_MILLE + 500) // 1000 + CARD_FEE_MINOR
    return min((amount * BANK_FEE_PER_MILLE + 500) // 1000, BANK_FEE_AT_MOST_MINOR)


def move(
    account: Account,
    *,
    amount: int,
    currency: str,
    kind: str,
    source: str | None,
    fee: int = 0,
    available_on: int | None = None,
) -> Body:
    """Move money on the account's balance, and have it paid out when it is available."""
    moved = shapes.balance_transaction(
        created=account.now,
        available_on=account.now if available_on is None else available_on,
        amount=amount,
        fee=fee,
        currency=currency,
        kind=kind,
        source=source,
    )
    account.add(moved)
    account.db.execute(
        "INSERT INTO balance_line (txn, account, currency, available_on) VALUES (?, ?, ?, ?)",
        (moved["id"], account.id, currency, moved["available_on"]),
    )
    later = moved["available_on"] > account.now
    day = moved["available_on"] if later else start_of_banking_day(account.now, days_later=1)
    known = account.db.execute(
        "SELECT 1 FROM due WHERE account = ? AND due_at = ? AND action = 'pay_out'", (account.id, day)
    ).fetchone()
    if known is None:
        account.schedule("pay_out", subject=account.id, due_at=day)
    return moved


def take_charge(account: Account, charge: Body) -> Body:
    """Put what was paid on the balance, less the fee; a card's money is there two days later."""
    kind = charge["payment_method_details"]["type"]
    days = CARD_IS_AVAILABLE_AFTER_BANKING_DAYS if kind == "card" else 0
    return move(
        account,
        amount=charge["amount"],
        fee=fee_of_charge(charge["amount"], kind=kind),
        currency=charge["currency"],
        kind="charge" if kind == "card" else "payment",
        source=charge["id"],
        available_on=start_of_banking_day(account.now, days_later=days) if days else None,
    )


def take_fee(account: Account, *, amount: int, currency: str) -> None:
    """Take a fee that belongs to no payment, such as that of a debit that failed."""
    move(account, amount=-amount, currency=currency, kind="stripe_fee", source=None)


def pay_out(account: Account) -> None:
    """Pay out what is available, by currency; what is owed to Stripe waits for the next payment."""
    account.db.execute(
        "UPDATE thing SET body = json_set(body, '$.status', 'available') WHERE body ->> 'status' = 'pending' AND id IN"
        " (SELECT txn FROM balance_line WHERE account = ? AND payout IS NULL AND available_on <= ?)",
        (account.id, account.now),
    )
    totals = account.db.execute(
        "SELECT l.currency, sum(t.body ->> 'net') AS net FROM balance_line l JOIN thing t ON t.id = l.txn"
        " WHERE l.account = ? AND l.payout IS NULL AND l.available_on <= ? GROUP BY l.currency",
        (account.id, account.now),
    ).fetchall()
    for row in totals:
        if row["net"] > 0:
            _send(account, currency=row["currency"], amount=row["net"])


def _send(account: Account, *, currency: str, amount: int) -> None:
    arrives = start_of_banking_day(account.now, days_later=1)
    sent = shapes.payout(created=account.now, amount=amount, currency=currency, arrives=arrives)
    account.db.execute(
        "UPDATE balance_line SET payout = ?"
        " WHERE account = ? AND currency = ? AND payout IS NULL AND available_on <= ?",
        (sent["id"], account.id, currency, account.now),
    )
    moved = shapes.balance_transaction(
        created=account.now,
        available_on=account.now,
        amount=-amount,
        fee=0,
        currency=currency,
        kind="payout",
        source=sent["id"],
    )
    account.add(moved)
    account.db.execute(
        "INSERT INTO balance_line (txn, account, currency, available_on, payout) VALUES (?, ?, ?, ?, ?)",
        (moved["id"], account.id, currency, account.now, sent["id"]),
    )
    sent["balance_transaction"] = moved["id"]
    account.add(sent)
    emit(account, "payout.created", sent)
    account.schedule("land", subject=sent["id"], due_at=arrives)


def land(account: Account, payout: Body) -> None:
    """Have a payout arrive at the account's bank."""
    payout["status"] = "paid"
    account.save(payout)
    emit(account, "payout.paid", payout)


def available(account: Account) -> Body:
    """Give the account's balance: what is available, and what will be."""
    rows = account.db.execute(
        "SELECT l.currency, l.available_on <= ? AS ready, t.body FROM balance_line l JOIN thing t ON t.id = l.txn"
        " WHERE l.account = ? AND l.payout IS NULL",
        (account.now, account.id),
    )
    sums: dict[tuple[bool, str], int] = {}
    for row in rows:
        key = (bool(row["ready"]), row["currency"])
        sums[key] = sums.get(key, 0) + json.loads(row["body"])["net"]
    return shapes.balance(
        available={currency: net for (ready, currency), net in sums.items() if ready},
        pending={currency: net for (ready, currency), net in sums.items() if not ready},
    )
