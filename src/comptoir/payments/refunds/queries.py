"""What others may know of refunds: those of a payment, what waits for a second person, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _

from ..errors import RefundNotFound
from ..models import Refund, RefundItem, RefundRequest, RequestStatus
from ..queries import payment_label


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money that goes back on one way, in minor units; ``items`` came off invoices (by id), the rest out of credit.

    ``label`` is where it goes: the method that it came from, or the check; ``sent_on`` when it left our books;
    ``was_sent`` says that the processor took it, or its check was written.
    """

    public_id: UUID
    company_id: int
    payment_public_id: UUID | None
    payment_confirmation: str
    label: str
    confirmation: str
    amount_minor: int
    from_credit_minor: int
    currency: str
    status: str
    reason: str
    items: tuple[tuple[int, int], ...]
    check_number: str
    was_sent: bool
    failure_code: str
    sent_on: date | None
    succeeded_on: date | None
    ended_on: date | None

    @property
    def by_check(self) -> bool:
        """Whether it goes back by a check that a person writes."""
        return self.payment_public_id is None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What someone asks to give back: ``status`` is requested, approved or refused; ``parts`` are its ways."""

    public_id: UUID
    company_public_id: UUID
    company_name: str
    amount_minor: int
    currency: str
    reason: str
    explanation: str
    status: str
    requested_by: str
    requested_by_id: int
    requested_at: datetime
    decided_by: str
    outcome: str
    parts: tuple[RefundRow, ...]


def refunds_of_payment(payment_public_id: UUID) -> list[RefundRow]:
    """Return what went back of a payment, or is about to, the latest first."""
    return [_row(refund) for refund in _refunds().filter(payment__public_id=payment_public_id)]


def refunds_by_public_ids(public_ids: Iterable[UUID]) -> dict[UUID, RefundRow]:
    """Return those of the refunds that the caller may see, by public id."""
    return {refund.public_id: _row(refund) for refund in _refunds().filter(public_id__in=list(public_ids))}


def refund(public_id: UUID) -> RefundRow:
    """Return one refund. Raises RefundNotFound."""
    found = refunds_by_public_ids([public_id])
    if public_id not in found:
        raise RefundNotFound(_("There is no such refund here; the list of refunds shows those that are."))
    return found[public_id]


def waiting_requests(vendor_id: int) -> list[RequestRow]:
    """Return what waits for someone else of a vendor's team to allow it, the oldest first."""
    return _requests(
        RefundRequest.objects.filter(company__vendor_id=vendor_id, status=RequestStatus.REQUESTED).order_by("id")
    )


def decided_requests(vendor_id: int, *, limit: int, offset: int) -> tuple[list[RequestRow], int]:
    """Return what was allowed or turned down for a vendor, the latest first, and how many there are."""
    found = RefundRequest.objects.filter(company__vendor_id=vendor_id).exclude(status=RequestStatus.REQUESTED)
    return _requests(found.order_by("-id")[offset : offset + limit]), found.count()


def request(public_id: UUID) -> RequestRow:
    """Return what someone asked to give back. Raises RefundNotFound."""
    found = _requests(RefundRequest.objects.filter(public_id=public_id))
    if not found:
        raise RefundNotFound(_("There is no such refund here; the list of refunds shows those that are."))
    return found[0]


def request_of(refund_public_id: UUID) -> UUID:
    """Return the public id of the request that a refund is a part of. Raises RefundNotFound."""
    found = RefundRequest.objects.filter(parts__public_id=refund_public_id).values_list("public_id", flat=True).first()
    if found is None:
        raise RefundNotFound(_("There is no such refund here; the list of refunds shows those that are."))
    return found


def _refunds() -> QuerySet[Refund]:
    """Refunds with what a customer's page may read of the request: the reason alone."""
    items = RefundItem.objects.filter(refund=OuterRef("id")).order_by("id")
    found = Refund.objects.annotate(
        why=F("asked__reason"),
        pays=ArraySubquery(items.values("invoice_id")),
        parts=ArraySubquery(items.values("amount_minor")),
    )
    return found.select_related("payment").order_by("-id")


def _requests(found: QuerySet[RefundRequest]) -> list[RequestRow]:
    parts = Prefetch("parts", queryset=_refunds().order_by("id"))
    return [
        RequestRow(
            public_id=row.public_id,
            company_public_id=row.company.public_id,
            company_name=row.company.name,
            amount_minor=row.amount_minor,
            currency=row.currency,
            reason=row.reason,
            explanation=row.explanation,
            status=row.status,
            requested_by=row.requested_by_label,
            requested_by_id=row.requested_by_id,
            requested_at=row.requested_at,
            decided_by=row.decided_by_label,
            outcome=row.outcome,
            parts=tuple(_row(part) for part in row.parts.all()),
        )
        for row in found.select_related("company").prefetch_related(parts)
    ]


def _row(found: Refund) -> RefundRow:
    by_check = _("Check %(number)s") % {"number": found.check_number} if found.check_number else _("A check")
    return RefundRow(
        public_id=found.public_id,
        company_id=found.company_id,
        payment_public_id=found.payment.public_id if found.payment else None,
        payment_confirmation=found.payment.confirmation if found.payment else "",
        label=payment_label(found.payment) if found.payment else by_check,
        confirmation=found.confirmation,
        amount_minor=found.amount_minor,
        from_credit_minor=found.from_credit_minor,
        currency=found.currency,
        status=found.status,
        reason=found.why,  # type: ignore[attr-defined]
        items=tuple(zip(found.pays, found.parts, strict=True)),  # type: ignore[attr-defined]
        check_number=found.check_number,
        was_sent=bool(found.gateway_id or found.check_number),
        failure_code=found.failure_code,
        sent_on=found.posted_on,
        succeeded_on=found.succeeded_on,
        ended_on=found.ended_on,
    )
