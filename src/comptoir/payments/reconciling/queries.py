"""What the team sees of it: days, differences, payouts and what each pays out."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from comptoir.payments.errors import DayNotReconciled, DifferenceNotOpen, PayoutNotFound
from comptoir.payments.models import Difference, Payment, ProcessorMovement, ProcessorPayout, ReconciledDay


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day in one currency, minor units: what moved, and what either side stood at when it was over."""

    day: date
    currency: str
    came_minor: int
    back_minor: int
    fees_minor: int
    paid_out_minor: int
    clearing_minor: int
    balance_minor: int
    on_its_way_minor: int
    differing_minor: int
    payments: int
    compared_at: datetime

    @property
    def sent_minor(self) -> int:
        """What left for the bank on that day."""
        return -self.paid_out_minor

    @property
    def differs_by_minor(self) -> int:
        """What our books have more, or less, than the processor's and what is on its way."""
        return self.clearing_minor - self.balance_minor - self.on_its_way_minor

    @property
    def unexplained_minor(self) -> int:
        """What is left when all that is known is taken off: zero, or there is a difference of its own."""
        return self.differs_by_minor - self.differing_minor


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A difference with both values: minor units or a word, as its kind says."""

    public_id: UUID
    kind: str
    subject: str
    payment_public_id: UUID | None
    confirmation: str
    currency: str
    ours: str
    theirs: str
    explanation: str
    found_on: date
    closed_on: date | None
    settled_by: str
    note: str


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A payout; ``items_minor`` is what its movements add up to, None where the processor does not tell them."""

    gateway_id: str
    amount_minor: int
    currency: str
    status: str
    sent_on: date
    arrives_on: date
    items_minor: int | None


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A line of the processor's books, with the payment it belongs to, if it is one of ours."""

    gateway_id: str
    kind: str
    amount_minor: int
    fee_minor: int
    currency: str
    moved_on: date
    payment_public_id: UUID | None
    confirmation: str

    @property
    def net_minor(self) -> int:
        """What it changed the balance by."""
        return self.amount_minor - self.fee_minor


def reconciled_days(*, vendor_id: int, limit: int, offset: int = 0) -> tuple[list[DayRow], int]:
    """Return a page of the days that were compared, the latest first, and how many there are."""
    rows = ReconciledDay.objects.filter(vendor_id=vendor_id).order_by("-day", "currency")
    return [_day(row) for row in rows[offset : offset + limit]], rows.count()


def reconciled_day(*, vendor_id: int, day: date) -> list[DayRow]:
    """Return a day, by currency. Raises DayNotReconciled."""
    rows = [_day(row) for row in ReconciledDay.objects.filter(vendor_id=vendor_id, day=day).order_by("currency")]
    if not rows:
        raise DayNotReconciled(_("The books were not compared through that day. Look at the list of days."))
    return rows


def differences(*, vendor_id: int, is_open: bool, limit: int = 200) -> list[DifferenceRow]:
    """Return what differs, the oldest first; or what is settled or gone, the latest first."""
    rows = Difference.objects.filter(vendor_id=vendor_id, closed_on__isnull=is_open).select_related("payment")
    ordered = rows.order_by("found_on", "id") if is_open else rows.order_by("-closed_on", "-id")
    return [_difference(row) for row in ordered[:limit]]


def differences_of_day(*, vendor_id: int, day: date) -> list[DifferenceRow]:
    """Return what was found when the books were compared through a day."""
    rows = Difference.objects.filter(vendor_id=vendor_id, found_on=day).select_related("payment").order_by("id")
    return [_difference(row) for row in rows]


def difference(*, vendor_id: int, public_id: UUID) -> DifferenceRow:
    """Return one that is open. Raises DifferenceNotOpen."""
    rows = Difference.objects.filter(vendor_id=vendor_id, public_id=public_id, closed_on=None)
    row = rows.select_related("payment").first()
    if row is None:
        raise DifferenceNotOpen(_("This is settled, or gone. Look at the list again; what settles it needs a note."))
    return _difference(row)


def payouts(*, vendor_id: int, limit: int) -> list[PayoutRow]:
    """Return the latest payouts, the latest first."""
    return [_payout(row) for row in _payouts(vendor_id).order_by("-sent_on", "-id")[:limit]]


def payout(*, vendor_id: int, gateway_id: str) -> PayoutRow:
    """Return a payout. Raises PayoutNotFound."""
    row = _payouts(vendor_id).filter(gateway_id=gateway_id).first()
    if row is None:
        raise PayoutNotFound(_("There is no such payout here. Look at the list of payouts."))
    return _payout(row)


def movements_of_payout(*, vendor_id: int, gateway_id: str) -> list[MovementRow]:
    """Return what a payout pays out."""
    return _movements(ProcessorMovement.objects.filter(vendor_id=vendor_id, payout__gateway_id=gateway_id))


def movements_of_day(*, vendor_id: int, day: date, limit: int, offset: int = 0) -> tuple[list[MovementRow], int]:
    """Return a page of what moved on a day, and how much there is."""
    rows = ProcessorMovement.objects.filter(vendor_id=vendor_id, moved_on=day)
    return _movements(rows, limit=limit, offset=offset), rows.count()


def _payouts(vendor_id: int) -> QuerySet[ProcessorPayout]:
    items = Sum(F("movements__amount_minor") - F("movements__fee_minor"))
    return ProcessorPayout.objects.filter(vendor_id=vendor_id).annotate(items=items)


def _movements(rows: QuerySet[ProcessorMovement], *, limit: int | None = None, offset: int = 0) -> list[MovementRow]:
    page = list(rows.order_by("moved_at", "id")[offset : offset + limit if limit else None])
    paid = payments_by_intent([row.intent_id for row in page if row.intent_id])
    return [
        MovementRow(
            row.gateway_id,
            row.kind,
            row.amount_minor,
            row.fee_minor,
            row.currency,
            row.moved_on,
            *paid.get(row.intent_id, (None, "")),
        )
        for row in page
    ]


def payments_by_intent(intent_ids: list[str]) -> dict[str, tuple[UUID | None, str]]:
    """Return our id and confirmation number of the payments behind the processor's names for them."""

    rows = Payment.objects.filter(intent_id__in=intent_ids).values_list("intent_id", "public_id", "confirmation")
    return {intent_id or "": (public_id, confirmation) for intent_id, public_id, confirmation in rows}


def _day(row: ReconciledDay) -> DayRow:
    return DayRow(
        row.day,
        row.currency,
        row.came_minor,
        row.back_minor,
        row.fees_minor,
        row.paid_out_minor,
        row.clearing_minor,
        row.balance_minor,
        row.on_its_way_minor,
        row.differing_minor,
        row.payments,
        row.compared_at,
    )


def _difference(row: Difference) -> DifferenceRow:
    return DifferenceRow(
        row.public_id,
        row.kind,
        row.subject,
        row.payment.public_id if row.payment else None,
        row.payment.confirmation if row.payment else "",
        row.currency,
        row.ours,
        row.theirs,
        row.explanation,
        row.found_on,
        row.closed_on,
        row.settled_by,
        row.note,
    )


def _payout(row: ProcessorPayout) -> PayoutRow:
    items: int | None = getattr(row, "items", None)
    return PayoutRow(
        row.gateway_id,
        row.amount_minor,
        row.currency,
        row.status,
        row.sent_on,
        row.arrives_on,
        (items or 0) if row.is_itemised else None,
    )
