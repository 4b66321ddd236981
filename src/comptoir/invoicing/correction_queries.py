"""What others may know of corrections: those of an invoice, those that wait, and what each role may allow."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from .corrections import approval_limit
from .errors import CorrectionNotFound
from .models import Correction, CorrectionStatus
from .numbering import written_number

NO_LIMIT = 2**63 - 1
ROLES = ("clerk", "manager", "admin")


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """What was asked for an invoice: ``amount_minor`` with taxes; ``status`` is requested, approved, done, refused."""

    id: int
    invoice_public_id: UUID
    invoice_number: str
    company_name: str
    kind: str
    amount_minor: int
    currency: str
    explanation: str
    status: str
    requested_by: str
    requested_by_user_id: int | None
    requested_at: datetime
    approved_by: str
    outcome: str


@dataclass(frozen=True, slots=True)
class LimitRow:
    """What a role may allow at once, in minor units of the vendor's currency; None: without limit."""

    role: str
    limit_minor: int | None


def corrections(*, invoice_id: int) -> list[CorrectionRow]:
    """Return what was asked for an invoice, newest first."""
    return _rows(Correction.objects.filter(invoice_id=invoice_id).values_list("id", flat=True))


def waiting_corrections(vendor_id: int) -> list[CorrectionRow]:
    """Return what waits for someone with a higher limit, newest first."""
    waiting = Correction.objects.filter(vendor_id=vendor_id, status=CorrectionStatus.REQUESTED)
    return _rows(waiting.values_list("id", flat=True))


def correction(*, vendor_id: int, correction_id: int) -> CorrectionRow:
    """Return one correction. Raises CorrectionNotFound."""
    found = _rows(Correction.objects.filter(vendor_id=vendor_id, id=correction_id).values_list("id", flat=True))
    if not found:
        raise CorrectionNotFound(_("There is no such correction here; the list shows those that wait."))
    return found[0]


def limits(vendor_id: int) -> list[LimitRow]:
    """Return what each role may allow at once: what the vendor set, else what holds without."""
    found = []
    for role in ROLES:
        minor = approval_limit(vendor_id=vendor_id, role=role)
        found.append(LimitRow(role=role, limit_minor=None if minor == NO_LIMIT else minor))
    return found


def _rows(ids: Iterable[int]) -> list[CorrectionRow]:
    rows = (
        Correction.objects.filter(id__in=list(ids))
        .select_related("invoice__company", "invoice__numbered")
        .annotate(prefix=F("invoice__numbered__series__prefix"))
        .order_by("-id")
    )
    return [
        CorrectionRow(
            id=row.id,
            invoice_public_id=row.invoice.public_id,
            invoice_number=written_number(prefix=row.prefix, number=row.invoice.numbered.number),
            company_name=row.invoice.company.name,
            kind=row.kind,
            amount_minor=row.amount_minor,
            currency=row.invoice.currency,
            explanation=row.explanation,
            status=row.status,
            requested_by=row.requested_by,
            requested_by_user_id=row.requested_by_user_id,
            requested_at=row.requested_at,
            approved_by=row.approved_by,
            outcome=row.outcome,
        )
        for row in rows
    ]
