"""What the processor's own books say of a bench's debits, beside ours: read where it keeps them, not asked for."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

# How often each test account is debited for one invoice, by its bank's answer: it pays; no money (twice more); closed;
# no money, said after it was paid (twice more); not authorised.
ATTEMPTS = {"000123456789": 1, "000222222227": 3, "000111111113": 1, "000444444440": 3, "000555555559": 1}
PAYS = frozenset({"000123456789"})


@dataclass(frozen=True, slots=True)
class Settled:
    """How often more was taken than once, how many debits never were made, and what money nobody can explain."""

    doubled: int
    forgotten: int
    unexplained_minor: int
    attempts: int
    came_back_minor: int


def compare(*, books: Path, account_id: str, vendor_id: int, banks: Mapping[str, str]) -> Settled:
    """Compare the processor's file with our ledger. ``banks`` are the test accounts by the processor's customer.

    Doubled: two debits that took money, or may, for one payment or one invoice of ours; forgotten: a debit that its
    account's behaviour asks for and that was not made, or one that took money and that our ledger does not have.
    """
    intents = list(_things(books, account_id, "payment_intent"))
    charges = {charge["id"]: charge for charge in _things(books, account_id, "charge")}
    ours, invoices = _ours(vendor_id), _invoices(vendor_id)
    theirs: Counter[str] = Counter()
    takes_by_payment: Counter[str] = Counter()
    kept_by_invoice: Counter[int] = Counter()
    tried: defaultdict[str, int] = defaultdict(int)
    came_back = 0
    for intent in intents:
        reference = intent["metadata"].get("payment", intent["id"])
        tried[intent["customer"]] += 1
        theirs[reference] += 0
        if intent["status"] not in ("succeeded", "processing"):
            continue
        takes_by_payment[reference] += 1
        if charges[intent["latest_charge"]]["disputed"]:
            came_back += intent["amount"]
            continue
        theirs[reference] += intent["amount"]
        for invoice in invoices.get(reference, ()):
            kept_by_invoice[invoice] += 1
    differing = {reference: ours.get(reference, 0) - theirs[reference] for reference in ours.keys() | theirs.keys()}
    clearing, their_balance = _clearing(vendor_id), _balance(books, account_id)
    missing = sum(max(ATTEMPTS[number] - tried[customer], 0) for customer, number in banks.items())
    return Settled(
        doubled=sum(times > 1 for times in takes_by_payment.values()) + sum(n > 1 for n in kept_by_invoice.values()),
        forgotten=missing + sum(minor < 0 for minor in differing.values()),
        unexplained_minor=sum(map(abs, differing.values())) + abs(clearing - their_balance),
        attempts=len(intents),
        came_back_minor=came_back,
    )


def _things(books: Path, account_id: str, kind: str) -> Iterator[dict[str, Any]]:
    with sqlite3.connect(books) as file:
        rows = file.execute("SELECT body FROM thing WHERE account = ? AND kind = ?", (account_id, kind)).fetchall()
    file.close()
    return (json.loads(body) for (body,) in rows)


def _balance(books: Path, account_id: str) -> int:
    """What the processor owes the vendor, or is sending it."""
    moved: int = sum(each["net"] for each in _things(books, account_id, "balance_transaction"))
    for payout in _things(books, account_id, "payout"):
        moved += payout["amount"] if payout["status"] in ("pending", "in_transit") else 0
    return moved


def _ours(vendor_id: int) -> dict[str, int]:
    """What each payment moved in our ledger, by its public id."""
    return dict(
        _rows(
            """
            SELECT p.public_id::text, coalesce(sum(x.amount_minor), 0)::bigint
            FROM payments_payment p JOIN tenancy_company c ON c.id = p.company_id
            LEFT JOIN ledger_journalbatch b ON b.reason = 'payment:' || p.public_id
            LEFT JOIN ledger_journalentry e ON e.batch_id = b.id
            LEFT JOIN (ledger_posting x JOIN ledger_ledgeraccount a
                       ON a.id = x.account_id AND a.code = 'processor_clearing') ON x.entry_id = e.id
            WHERE c.vendor_id = %s GROUP BY 1
            """,
            vendor_id,
        )
    )


def _invoices(vendor_id: int) -> dict[str, list[int]]:
    return dict(
        _rows(
            """
            SELECT p.public_id::text, array_agg(item.invoice_id) FROM payments_payment p
            JOIN tenancy_company c ON c.id = p.company_id JOIN payments_paymentitem item ON item.payment_id = p.id
            WHERE c.vendor_id = %s GROUP BY 1
            """,
            vendor_id,
        )
    )


def _clearing(vendor_id: int) -> int:
    ((minor,),) = _rows(
        """
        SELECT coalesce(sum(x.amount_minor), 0)::bigint FROM ledger_posting x
        JOIN ledger_ledgeraccount a ON a.id = x.account_id
        WHERE a.vendor_id = %s AND a.code = 'processor_clearing'
        """,
        vendor_id,
    )
    return int(minor)


def _rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
