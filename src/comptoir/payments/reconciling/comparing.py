"""Our books beside the processor's, through a day. Nothing here asks the processor, or writes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import connection

from comptoir.ledger.closing import closed_through
from comptoir.payments.gateways.books import Movement, TakenPayment
from comptoir.payments.models import (
    DifferenceKind,
    Explanation,
    Payment,
    PayoutStatus,
    ProcessorMovement,
    ProcessorPayout,
    WebhookEvent,
)
from comptoir.payments.news import read_reference

# What a payment of ours may be while the processor says this of it. What came back is compared by its money.
ARRIVED = frozenset({"succeeded", "disputed", "returned", "refunded"})
FITTING: dict[str, frozenset[str]] = {
    "waiting": frozenset({"created", "action_required"}),
    "failed": frozenset({"failed", "action_required"}),
    "action_required": frozenset({"action_required"}),
    "processing": frozenset({"processing"}),
    "canceled": frozenset({"canceled", "failed"}),
    "succeeded": ARRIVED,
}
TOOK_OR_MAY = ("processing", "succeeded")

# What payments moved in our books, and in the processor's, by then and by now: with what was refunded and disputed, and
# what a dispute cost.
MONEY = """
WITH about AS (
    SELECT id AS payment_id, 'payment:' || public_id AS reason FROM payments_payment
    UNION ALL SELECT payment_id, 'refund:' || public_id FROM payments_refund WHERE payment_id IS NOT NULL
    UNION ALL SELECT payment_id, 'dispute:' || public_id FROM payments_dispute
), ours AS (
    SELECT coalesce(p.intent_id, p.public_id::text) AS subject, p.id AS payment_id, a.currency,
           coalesce(sum(x.amount_minor) FILTER (WHERE b.posted_on <= %(day)s), 0) AS by_then,
           sum(x.amount_minor) AS by_now
    FROM ledger_ledgeraccount a
    JOIN ledger_posting x ON x.account_id = a.id
    JOIN ledger_journalentry e ON e.id = x.entry_id
    JOIN ledger_journalbatch b ON b.id = e.batch_id
    JOIN about ON about.reason = b.reason
    JOIN payments_payment p ON p.id = about.payment_id
    WHERE a.vendor_id = %(vendor)s AND a.code = 'processor_clearing'
    GROUP BY 1, 2, 3
), theirs AS (
    SELECT coalesce(nullif(m.intent_id, ''), m.gateway_id) AS subject, m.currency,
           coalesce(sum(m.minor) FILTER (WHERE m.moved_on <= %(day)s), 0) AS by_then, sum(m.minor) AS by_now
    FROM (SELECT *, amount_minor - CASE WHEN fee_entry_id IS NULL THEN fee_minor ELSE 0 END AS minor
          FROM payments_processormovement) m
    WHERE m.vendor_id = %(vendor)s AND m.kind IN ('payment', 'back', 'other')
    GROUP BY 1, 2
)
SELECT coalesce(o.subject, t.subject), coalesce(o.currency, t.currency),
       coalesce(o.payment_id, (SELECT id FROM payments_payment WHERE intent_id = t.subject)),
       o.by_then, t.by_then, coalesce(o.by_now, 0), coalesce(t.by_now, 0)
FROM ours o FULL JOIN theirs t ON t.subject = o.subject AND t.currency = o.currency
WHERE coalesce(o.by_then, 0) <> coalesce(t.by_then, 0)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A difference as it is now. ``minor`` is what it makes our books differ by, ours less theirs."""

    kind: DifferenceKind
    subject: str
    currency: str
    ours: str
    theirs: str
    payment_id: int | None = None
    explanation: Explanation = Explanation.NONE
    minor: int = 0


def compare_money(*, vendor_id: int, day: date) -> list[Found]:
    """Return the payments whose money differs through ``day``, and money of none of ours."""
    with connection.cursor() as cursor:
        cursor.execute(MONEY, {"vendor": vendor_id, "day": day})
        rows = cursor.fetchall()
    return [_money(*row) for row in rows]


def _money(
    subject: str,
    currency: str,
    payment_id: int | None,
    ours: int | None,
    theirs: int | None,
    ours_now: int,
    theirs_now: int,
) -> Found:
    kind = DifferenceKind.MONEY
    if payment_id is None:
        kind = DifferenceKind.NOT_OURS
    elif theirs is None:
        kind = DifferenceKind.NOT_THEIRS
    agrees_by_now = ours_now == theirs_now
    return Found(
        kind=kind,
        subject=subject,
        currency=currency,
        ours=str(int(ours or 0)),
        theirs=str(int(theirs or 0)),
        payment_id=payment_id,
        explanation=Explanation.OVER_MIDNIGHT if agrees_by_now else _news_waits(subject),
        minor=int(ours or 0) - int(theirs or 0),
    )


def compare_payments(*, vendor_id: int, listed: Iterable[TakenPayment]) -> Iterator[Found]:
    """Yield where the processor's payments are not ours, or say another state, amount or currency than ours."""
    told = {taken.id: taken for taken in listed}
    references = {taken.reference for taken in told.values()}
    mine = Payment.objects.filter(company__vendor_id=vendor_id)
    by_reference = {
        str(payment.public_id): payment
        for payment in mine.filter(public_id__in=[each for each in references if read_reference(each)])
    }
    for taken in told.values():
        payment = by_reference.get(taken.reference)
        if payment is None or payment.intent_id not in (None, taken.id):
            if taken.status in TOOK_OR_MAY:
                yield _of_nobody(taken, payment=payment)
            continue
        yield from _differing(taken, payment)


def compare_missing(*, missing: Iterable[Payment]) -> Iterator[Found]:
    """Yield payments of ours that the processor does not know."""
    for payment in missing:
        yield Found(
            kind=DifferenceKind.NOT_THEIRS,
            subject=payment.intent_id or str(payment.public_id),
            currency=payment.currency,
            ours=payment.status,
            theirs="",
            payment_id=payment.id,
        )


def compare_fees(*, vendor_id: int, told: Iterable[Movement]) -> Iterator[Found]:
    """Yield movements of which the processor now says something else than what is in our books."""
    by_id = {movement.id: movement for movement in told}
    for row in ProcessorMovement.objects.filter(vendor_id=vendor_id, gateway_id__in=list(by_id)):
        movement = by_id[row.gateway_id]
        ours, theirs = (f"{each.amount_minor} {each.fee_minor} {each.currency}" for each in (row, movement))
        if ours != theirs:
            yield Found(
                kind=DifferenceKind.FEE, subject=row.gateway_id, currency=row.currency, ours=ours, theirs=theirs
            )


def compare_payouts(*, vendor_id: int) -> Iterator[Found]:
    """Yield payouts that are not what their movements add up to, and payouts that did not stay in the bank."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.gateway_id, p.currency, p.amount_minor, coalesce(sum(m.amount_minor - m.fee_minor), 0)
            FROM payments_processorpayout p LEFT JOIN payments_processormovement m ON m.payout_id = p.id
            WHERE p.vendor_id = %s AND p.is_itemised
            GROUP BY p.id HAVING p.amount_minor <> coalesce(sum(m.amount_minor - m.fee_minor), 0)
            """,
            [vendor_id],
        )
        rows = cursor.fetchall()
    for gateway_id, currency, amount, items in rows:
        yield Found(
            kind=DifferenceKind.PAYOUT, subject=gateway_id, currency=currency, ours=str(items), theirs=str(amount)
        )
    lost = ProcessorPayout.objects.filter(
        vendor_id=vendor_id, status__in=[PayoutStatus.FAILED, PayoutStatus.CANCELED]
    ).exclude(gateway_id__in=[row[0] for row in rows])
    for payout in lost:
        yield Found(
            kind=DifferenceKind.PAYOUT,
            subject=payout.gateway_id,
            currency=payout.currency,
            ours=PayoutStatus.PAID,
            theirs=payout.status,
        )


def compare_clearing(
    *, vendor_id: int, day: date, currency: str, clearing_minor: int, theirs_minor: int, differing_minor: int
) -> Iterator[Found]:
    """Yield what is with the processor by our books, if more than the known differences tell it from theirs."""
    if clearing_minor - theirs_minor == differing_minor:
        return
    closed = closed_through(vendor_id)
    yield Found(
        kind=DifferenceKind.CLEARING,
        subject="processor_clearing",
        currency=currency,
        ours=str(clearing_minor),
        theirs=str(theirs_minor + differing_minor),
        explanation=Explanation.BOOKS_CLOSED if closed is not None and closed >= day else Explanation.NONE,
    )


def _differing(taken: TakenPayment, payment: Payment) -> Iterator[Found]:
    state = "failed" if taken.status == "waiting" and taken.has_failed else taken.status
    pairs = (
        (DifferenceKind.STATE, payment.status, state, payment.status in FITTING[state]),
        (
            DifferenceKind.AMOUNT,
            str(payment.amount_minor),
            str(taken.amount_minor),
            payment.amount_minor == taken.amount_minor,
        ),
        (DifferenceKind.CURRENCY, payment.currency, taken.currency, payment.currency == taken.currency),
    )
    for kind, ours, theirs, agrees in pairs:
        if not agrees:
            yield Found(
                kind=kind,
                subject=taken.id,
                currency=payment.currency,
                ours=ours,
                theirs=theirs,
                payment_id=payment.id,
                explanation=_news_waits(taken.id) if kind is DifferenceKind.STATE else Explanation.NONE,
            )


def _of_nobody(taken: TakenPayment, *, payment: Payment | None) -> Found:
    return Found(
        kind=DifferenceKind.NOT_OURS if payment is None else DifferenceKind.TWICE,
        subject=taken.id,
        currency=taken.currency,
        ours="" if payment is None else payment.intent_id or "",
        theirs=f"{taken.status} {taken.amount_minor}" if payment is None else taken.id,
        payment_id=None if payment is None else payment.id,
    )


def _news_waits(intent_id: str) -> Explanation:
    """Whether the processor told us, and we have not looked yet."""
    waits = WebhookEvent.objects.filter(handled_at=None)
    about = waits.filter(object_id=intent_id) | waits.filter(payload__data__object__payment_intent=intent_id)
    return Explanation.NEWS_WAITS if about.exists() else Explanation.NONE
