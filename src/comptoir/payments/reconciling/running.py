"""A day's comparison, from asking the processor to what is put on the team's list."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from comptoir.payments.gateways.books import ProcessorBooks, TakenPayment
from comptoir.payments.models import Difference, DifferenceKind, Explanation, Payment, PaymentStatus, ReconciledDay
from comptoir.payments.operations import books_of
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import VendorRow, business_today
from comptoir.tenancy.queries import vendor as vendor_row
from comptoir.work.operations import close_work, open_work

from .comparing import (
    Found,
    compare_clearing,
    compare_fees,
    compare_missing,
    compare_money,
    compare_payments,
    compare_payouts,
)
from .fetching import Fetched, fetch, first_day, keep, start_of

log = logging.getLogger(__name__)

# Longer than a bank debit is under way, and than a payout that arrived may still be sent back.
PAYMENTS_CHANGE_FOR = timedelta(days=10)
PAYOUTS_CHANGE_FOR = timedelta(days=35)
WORK_SUBJECT = "books:processor"
# What is compared payment by payment, and so looked at again for as long as it is open.
ASKED_ONE_BY_ONE = (
    DifferenceKind.STATE,
    DifferenceKind.AMOUNT,
    DifferenceKind.CURRENCY,
    DifferenceKind.NOT_THEIRS,
)
NOT_SENT = (PaymentStatus.CREATED, PaymentStatus.CANCELED)

FIGURES = """
WITH theirs AS (
    SELECT m.currency,
           coalesce(sum(m.amount_minor) FILTER (WHERE m.moved_on = %(day)s AND m.kind = 'payment'), 0) AS came,
           coalesce(sum(m.amount_minor) FILTER (WHERE m.moved_on = %(day)s AND m.kind IN ('back', 'other')), 0) AS back,
           coalesce(sum(m.fee_minor) FILTER (WHERE m.moved_on = %(day)s), 0) AS fees,
           coalesce(sum(m.amount_minor) FILTER (WHERE m.moved_on = %(day)s AND m.kind = 'payout'), 0) AS paid_out,
           sum(m.amount_minor - m.fee_minor) AS balance,
           coalesce(-sum(m.amount_minor) FILTER (WHERE m.kind = 'payout'), 0) AS left_it
    FROM payments_processormovement m WHERE m.vendor_id = %(vendor)s AND m.moved_on <= %(day)s GROUP BY 1
), ours AS (
    SELECT a.currency, sum(x.amount_minor) AS clearing,
           coalesce(-sum(x.amount_minor) FILTER (WHERE b.reason LIKE 'payout:%%'), 0) AS arrived
    FROM ledger_ledgeraccount a
    JOIN ledger_posting x ON x.account_id = a.id
    JOIN ledger_journalentry e ON e.id = x.entry_id
    JOIN ledger_journalbatch b ON b.id = e.batch_id
    WHERE a.vendor_id = %(vendor)s AND a.code = 'processor_clearing' AND b.posted_on <= %(day)s GROUP BY 1
)
SELECT coalesce(o.currency, t.currency), coalesce(came, 0), coalesce(back, 0), coalesce(fees, 0),
       coalesce(paid_out, 0), coalesce(clearing, 0), coalesce(balance, 0), coalesce(left_it, 0) - coalesce(arrived, 0)
FROM ours o FULL JOIN theirs t ON t.currency = o.currency ORDER BY 1
"""


def days_to_reconcile(*, vendor_id: int, on: date) -> list[date]:
    """Return the days before ``on`` through which a vendor's books were not compared, from its first payment on."""
    last = ReconciledDay.objects.filter(vendor_id=vendor_id).order_by("-day").values_list("day", flat=True).first()
    since = last + timedelta(days=1) if last else first_day(vendor_id)
    return [since + timedelta(days=number) for number in range((on - since).days)] if since else []


def reconcile(*, vendor_id: int, day: date, now: datetime) -> list[int]:
    """Compare a vendor's books with the processor's through ``day``, post its fees and payouts, and list what differs.

    May be done again. Returns the payments that the processor should be asked about once more. Calls the processor:
    must not run in a transaction. Raises GatewayUnclear, GatewayRefused.
    """
    vendor = vendor_row(vendor_id)
    books = books_of(vendor_id)
    fetched = fetch(
        books,
        since=start_of(day - PAYMENTS_CHANGE_FOR, vendor=vendor),
        payouts_since=start_of(day - PAYOUTS_CHANGE_FOR, vendor=vendor),
    )
    listed, missing = _listed(books, vendor=vendor, day=day)
    with transaction.atomic():
        keep(fetched, vendor=vendor)
        found = _found(fetched, listed=listed, missing=missing, vendor=vendor, day=day)
        _put_figures(found, vendor=vendor, day=day, now=now)
        if not ReconciledDay.objects.filter(vendor_id=vendor_id, day__gt=day).exists():
            _put_differences(found, vendor=vendor, day=day, today=business_today(vendor, now=now))
            put_on_list(vendor_id=vendor_id, now=now)
    asked_again = (DifferenceKind.STATE, DifferenceKind.MONEY)
    return sorted({each.payment_id for each in found if each.payment_id and each.kind in asked_again})


def put_on_list(*, vendor_id: int, now: datetime) -> None:
    """Put on the team's list that books differ, if a difference needs a person, else take it off. In a transaction."""
    if Difference.objects.filter(vendor_id=vendor_id, closed_on=None, explanation=Explanation.NONE).exists():
        open_work(vendor_id=vendor_id, kind="books_differ", subject=WORK_SUBJECT, now=now)
    else:
        close_work(
            vendor_id=vendor_id, kind="books_differ", subject=WORK_SUBJECT, actor=system("reconciliation"), now=now
        )


def _listed(books: ProcessorBooks, *, vendor: VendorRow, day: date) -> tuple[list[TakenPayment], list[Payment]]:
    """Return the processor's payments of the last days, and those of ours that it does not know."""
    since = day - PAYMENTS_CHANGE_FOR
    listed = {taken.id: taken for taken in books.payments(since=start_of(since, vendor=vendor))}
    sent = Payment.objects.filter(company__vendor_id=vendor.id, intent_id__isnull=False).exclude(status__in=NOT_SENT)
    differing = Difference.objects.filter(vendor_id=vendor.id, closed_on=None, kind__in=ASKED_ONE_BY_ONE)
    lately = Q(initiated_on__gte=since, initiated_on__lte=day)
    of_open = Q(intent_id__in=differing.values_list("subject", flat=True))
    missing = []
    for payment in sent.filter(lately | of_open).exclude(intent_id__in=list(listed)):
        taken = books.payment(payment.intent_id or "")
        if taken is None:
            missing.append(payment)
        else:
            listed[taken.id] = taken
    return list(listed.values()), missing


def _found(
    fetched: Fetched, *, listed: list[TakenPayment], missing: list[Payment], vendor: VendorRow, day: date
) -> list[Found]:
    """Return what differs, each thing once."""
    found: dict[tuple[DifferenceKind, str, str], Found] = {}
    for each in (
        *_known_twice(compare_money(vendor_id=vendor.id, day=day), vendor_id=vendor.id),
        *compare_payments(vendor_id=vendor.id, listed=listed),
        *compare_missing(missing=missing),
        *compare_fees(vendor_id=vendor.id, told=fetched.movements),
        *compare_payouts(vendor_id=vendor.id),
    ):
        twice = (DifferenceKind.NOT_OURS, each.subject, each.currency)
        if each.kind is DifferenceKind.TWICE and twice in found:
            each = replace(each, minor=found.pop(twice).minor)
        found.setdefault((each.kind, each.subject, each.currency), each)
    return list(found.values())


def _known_twice(found: Iterable[Found], *, vendor_id: int) -> Iterator[Found]:
    """Call money of none of our payments what it was found to be while the processor still listed it with ours."""
    rows = Difference.objects.filter(vendor_id=vendor_id, kind=DifferenceKind.TWICE)
    twice = {row.subject: row for row in rows}
    for each in found:
        row = twice.get(each.subject) if each.kind is DifferenceKind.NOT_OURS else None
        yield (
            each
            if row is None
            else replace(each, kind=DifferenceKind.TWICE, ours=row.ours, theirs=row.theirs, payment_id=row.payment_id)
        )


def _put_figures(found: list[Found], *, vendor: VendorRow, day: date, now: datetime) -> None:
    """Keep what either side stood at when the day was over; what nothing explains becomes a difference, too.

    A day through which nothing ever moved stands at zero: it was compared, and need not be again.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"vendor": vendor.id, "day": day})
        rows = cursor.fetchall() or [(vendor.currency, 0, 0, 0, 0, 0, 0, 0)]
    payments = Payment.objects.filter(company__vendor_id=vendor.id, initiated_on__lte=day)
    compared = payments.filter(initiated_on__gte=day - PAYMENTS_CHANGE_FOR, intent_id__isnull=False)
    for currency, came, back, fees, paid_out, clearing, balance, on_its_way in rows:
        differing = sum(each.minor for each in found if each.currency == currency)
        ReconciledDay.objects.update_or_create(
            vendor_id=vendor.id,
            day=day,
            currency=currency,
            defaults={
                "came_minor": came,
                "back_minor": back,
                "fees_minor": fees,
                "paid_out_minor": paid_out,
                "clearing_minor": clearing,
                "balance_minor": balance,
                "on_its_way_minor": on_its_way,
                "differing_minor": differing,
                "payments": compared.filter(currency=currency).count(),
                "compared_at": now,
            },
        )
        found += compare_clearing(
            vendor_id=vendor.id,
            day=day,
            currency=currency,
            clearing_minor=clearing,
            theirs_minor=balance + on_its_way,
            differing_minor=differing,
        )


def _put_differences(found: Iterable[Found], *, vendor: VendorRow, day: date, today: date) -> None:
    """Open what is new, follow what is open, and close what is gone. What a person settled is not opened again."""
    rows = Difference.objects.filter(vendor_id=vendor.id)
    still_open = {(row.kind, row.subject, row.currency): row for row in rows.filter(closed_on=None)}
    settled = set(rows.exclude(settled_by="").values_list("kind", "subject", "currency", "ours", "theirs"))
    for each in found:
        values = {"ours": each.ours, "theirs": each.theirs, "explanation": each.explanation}
        row = still_open.pop((each.kind, each.subject, each.currency), None)
        if row is not None:
            rows.filter(id=row.id).update(**values)
        elif (each.kind, each.subject, each.currency, each.ours, each.theirs) not in settled:
            log.warning("vendor %s: %s %s is %s here, %s there", vendor.slug, each.kind, each.subject, *_pair(each))
            Difference.objects.create(
                vendor_id=vendor.id,
                kind=each.kind,
                subject=each.subject,
                currency=each.currency,
                payment_id=each.payment_id,
                found_on=day,
                **values,
            )
    rows.filter(id__in=[row.id for row in still_open.values()]).update(closed_on=today)


def _pair(found: Found) -> tuple[str, str]:
    return found.ours or "nothing", found.theirs or "nothing"
