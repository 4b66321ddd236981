"""The processor's books, read in full and kept: what moved, what was paid out, and their postings to our own books.

The processor is asked outside of a transaction; what it answered is kept in one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from comptoir.payments.gateways.books import Movement, Payout, ProcessorBooks
from comptoir.payments.models import Payment, PayoutStatus, ProcessorMovement, ProcessorPayout
from comptoir.tenancy.queries import VendorRow

from .posting import FeesOf, post_fees, post_payout

GONE = (PayoutStatus.FAILED, PayoutStatus.CANCELED)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the processor's books say since a day; ``paid_out`` names the movements of payouts, by its name for them."""

    movements: tuple[Movement, ...]
    payouts: tuple[Payout, ...]
    paid_out: dict[str, tuple[str, ...]]


def zone_of(vendor: VendorRow) -> tzinfo:
    """Return where a vendor's days begin: a test clock has days alone, and the processor's follows it in UTC."""
    return UTC if vendor.is_sandbox else ZoneInfo(vendor.time_zone)


def start_of(day: date, *, vendor: VendorRow) -> datetime:
    """Return when a vendor's day begins."""
    return datetime.combine(day, time(), tzinfo=zone_of(vendor))


def fetch(books: ProcessorBooks, *, since: datetime, payouts_since: datetime) -> Fetched:
    """Read what moved and what was paid out. Calls the processor. Raises GatewayUnclear, GatewayRefused."""
    payouts = tuple(books.payouts(since=payouts_since))
    kept = ProcessorPayout.objects.filter(gateway_id__in=[payout.id for payout in payouts], is_itemised=True)
    known = set(kept.values_list("gateway_id", flat=True))
    told = [payout.id for payout in payouts if payout.is_itemised and payout.id not in known]
    return Fetched(
        # Payouts first: what they pay out had moved before.
        movements=tuple(books.movements(since=since)),
        payouts=payouts,
        paid_out={payout_id: tuple(books.paid_out_by(payout_id)) for payout_id in told},
    )


def keep(fetched: Fetched, *, vendor: VendorRow) -> None:
    """Keep what is new, and post fees and payouts that arrived; again, nothing. Must run in a transaction."""
    _keep_movements(fetched.movements, vendor=vendor)
    for payout in reversed(fetched.payouts):
        _keep_payout(payout, vendor=vendor)
    for payout_id, movement_ids in fetched.paid_out.items():
        payout_row = ProcessorPayout.objects.get(vendor_id=vendor.id, gateway_id=payout_id)
        ProcessorMovement.objects.filter(vendor_id=vendor.id, gateway_id__in=movement_ids).update(payout=payout_row)
        payout_row.is_itemised = True
        payout_row.save(update_fields=["is_itemised"])


def _keep_movements(movements: Iterable[Movement], *, vendor: VendorRow) -> None:
    zone = zone_of(vendor)
    told = {movement.id: movement for movement in movements}
    known = set(ProcessorMovement.objects.filter(gateway_id__in=list(told)).values_list("gateway_id", flat=True))
    new = sorted((each for each in told.values() if each.id not in known), key=lambda each: (each.moved_at, each.id))
    days = {movement.id: movement.moved_at.astimezone(zone).date() for movement in new}
    fees: Counter[FeesOf] = Counter()
    for movement in new:
        if not movement.is_dispute:  # the fee of a dispute is posted with it, see ``disputes``
            fees[days[movement.id], movement.currency, movement.fee_minor < 0] += movement.fee_minor
    entries = post_fees(vendor_id=vendor.id, fees={of: minor for of, minor in fees.items() if minor})
    ProcessorMovement.objects.bulk_create(
        ProcessorMovement(
            vendor_id=vendor.id,
            gateway_id=movement.id,
            kind=movement.kind,
            currency=movement.currency,
            amount_minor=movement.amount_minor,
            fee_minor=movement.fee_minor,
            moved_at=movement.moved_at,
            moved_on=days[movement.id],
            intent_id=movement.intent_id,
            source_id=movement.source_id,
            fee_entry_id=entries[days[movement.id], movement.currency, movement.fee_minor < 0]
            if movement.fee_minor and not movement.is_dispute
            else None,
        )
        for movement in new
    )


def _keep_payout(payout: Payout, *, vendor: VendorRow) -> None:
    """Keep a payout as it stands; what arrived is posted, and posted back should it not have stayed."""
    row, _made = ProcessorPayout.objects.get_or_create(
        gateway_id=payout.id,
        defaults={
            "vendor_id": vendor.id,
            "currency": payout.currency,
            "amount_minor": payout.amount_minor,
            "status": PayoutStatus.ON_ITS_WAY,
            "sent_on": payout.sent_at.astimezone(zone_of(vendor)).date(),
            "arrives_on": payout.arrives_on,
        },
    )
    status = PayoutStatus(payout.status)
    if status == row.status:
        return
    if status is PayoutStatus.PAID and row.entry_id is None:
        row.entry_id = _post(row, minor=row.amount_minor, on=payout.arrives_on)
    elif status in GONE and row.entry_id is not None and row.back_entry_id is None:
        row.back_entry_id = _post(row, minor=-row.amount_minor, on=payout.arrives_on)
    row.status = status
    row.save(update_fields=["status", "entry", "back_entry"])


def _post(row: ProcessorPayout, *, minor: int, on: date) -> int:
    return post_payout(
        vendor_id=row.vendor_id, payout_id=row.gateway_id, currency=row.currency, amount_minor=minor, on=on
    )


def first_day(vendor_id: int) -> date | None:
    """Return the business day of a vendor's first payment through the processor, or None before there was one."""
    ours = Payment.objects.filter(company__vendor_id=vendor_id).exclude(origin="check")
    return ours.order_by("initiated_on").values_list("initiated_on", flat=True).first()
