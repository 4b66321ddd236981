"""What others may know of disputes: those of a vendor or payment, and what the team answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from ..errors import DisputeNotFound
from ..models import OPEN_DISPUTES, AnswerStatus, Dispute, DisputeAnswer
from ..queries import payment_label


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A payment that a bank took back, or may: what was withdrawn and what that cost, in minor units.

    ``reason`` is the processor's word, ``code`` the network's; ``respond_by`` is until when evidence is taken;
    ``waits_for_word``, which the list alone says: someone wants to give in, and somebody else has to allow it.
    """

    public_id: UUID
    payment_public_id: UUID
    confirmation: str
    company_public_id: UUID
    company_name: str
    label: str
    kind: str
    amount_minor: int
    fee_minor: int
    currency: str
    status: str
    reason: str
    code: str
    respond_by: datetime | None
    opened_on: date
    decided_on: date | None
    waits_for_word: bool


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What the team answered (submit) or that it gives in (accept), who allowed it, whether the processor took it.

    ``decided_by`` is empty where nobody else had to say a word.
    """

    kind: str
    text: str
    status: str
    outcome: str
    answered_by: str
    answered_by_id: int
    answered_at: datetime
    decided_by: str


def disputes(vendor_id: int, *, limit: int, offset: int) -> tuple[list[DisputeRow], int]:
    """Return a vendor's disputes, those that wait for an answer first by their last day, and how many there are."""
    found = _disputes().filter(payment__company__vendor_id=vendor_id)
    ordered = found.order_by(F("decided_on").desc(nulls_first=True), F("respond_by").asc(nulls_last=True), "-id")
    rows = list(ordered[offset : offset + limit])
    waiting = DisputeAnswer.objects.filter(dispute__in=rows, status=AnswerStatus.WAITING)
    waits = set(waiting.values_list("dispute_id", flat=True))
    return [_row(row, waits_for_word=row.id in waits) for row in rows], found.count()


def disputes_of_payment(payment_public_id: UUID) -> list[DisputeRow]:
    """Return the disputes of a payment, the latest first."""
    return [_row(row) for row in _disputes().filter(payment__public_id=payment_public_id).order_by("-id")]


def dispute(public_id: UUID) -> DisputeRow:
    """Return one dispute. Raises DisputeNotFound."""
    found = _disputes().filter(public_id=public_id).first()
    if found is None:
        raise DisputeNotFound(_("There is no such dispute here; the list of disputes shows those that are."))
    return _row(found)


def answers(dispute_public_id: UUID) -> list[AnswerRow]:
    """Return what the team answered to a dispute, the latest first."""
    return [
        AnswerRow(
            kind=row.kind,
            text=row.text,
            status=row.status,
            outcome=row.outcome,
            answered_by=row.answered_by_label,
            answered_by_id=row.answered_by_id,
            answered_at=row.answered_at,
            decided_by=row.decided_by_label,
        )
        for row in DisputeAnswer.objects.filter(dispute__public_id=dispute_public_id).order_by("-id")
    ]


def _disputes() -> QuerySet[Dispute]:
    return Dispute.objects.select_related("payment__company")


def _row(found: Dispute, *, waits_for_word: bool = False) -> DisputeRow:
    payment = found.payment
    return DisputeRow(
        public_id=found.public_id,
        payment_public_id=payment.public_id,
        confirmation=payment.confirmation,
        company_public_id=payment.company.public_id,
        company_name=payment.company.name,
        label=payment_label(payment),
        kind=payment.kind,
        amount_minor=found.amount_minor,
        fee_minor=found.fee_minor,
        currency=payment.currency,
        status=found.status,
        reason=found.reason,
        code=found.code,
        respond_by=found.respond_by,
        opened_on=found.opened_on,
        decided_on=found.decided_on,
        waits_for_word=waits_for_word,
    )


def companies_in_dispute(company_ids: Iterable[int]) -> set[int]:
    """Return those of the companies that have a payment in dispute which is not decided yet."""
    found = Dispute.objects.filter(payment__company_id__in=list(company_ids), status__in=OPEN_DISPUTES)
    return set(found.values_list("payment__company_id", flat=True))
