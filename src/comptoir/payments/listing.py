"""A vendor's payments as its team looks for them, and one payment's whole story."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from comptoir.invoicing.queries import InvoiceRow, invoices_by_ids

from .evidence import AuthorisationRow, evidence_of
from .models import Payment
from .queries import PaymentRow, payment, payment_label

LETTERS_OF_A_CONFIRMATION = 5


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What a list of payments is narrowed by; empty means any. Days are business dates, both included."""

    text: str = ""
    status: str = ""
    kind: str = ""
    origin: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """A payment in a list, with whose it is."""

    public_id: UUID
    confirmation: str
    company_public_id: UUID
    company_name: str
    amount_minor: int
    currency: str
    status: str
    failure_code: str
    kind: str
    method_label: str
    origin: str
    initiated_on: date


@dataclass(frozen=True, slots=True)
class Step:
    """A state that a payment came into, and when."""

    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentStory:
    """All that is known of one payment: its states with their times, what it is for, the processor's names for it."""

    row: PaymentRow
    steps: tuple[Step, ...]
    items: tuple[tuple[InvoiceRow, int], ...]
    intent_id: str
    session_id: str
    evidence: AuthorisationRow | None


def search_payments(
    *, vendor_id: int, wanted: PaymentFilter, limit: int, offset: int
) -> tuple[list[ListedPayment], int]:
    """Return a vendor's payments that are wanted, the latest first, and how many there are.

    ``text`` is a confirmation number, with or without its hyphen, or part of the company's name or number.
    """
    found = _narrowed(Payment.objects.filter(company__vendor_id=vendor_id), wanted)
    rows = found.select_related("company").order_by("-id")[offset : offset + limit]
    return [_listed(row) for row in rows], found.count()


def find_confirmation(*, vendor_id: int, text: str) -> UUID | None:
    """Return the public id of the vendor's payment with that confirmation number, or None."""
    found = Payment.objects.filter(company__vendor_id=vendor_id, confirmation=_written(text))
    return found.values_list("public_id", flat=True).first()


def story(public_id: UUID) -> PaymentStory:
    """Return all that is known of a payment. Raises PaymentNotFound."""
    row = payment(public_id)
    found = Payment.objects.get(public_id=public_id)
    bills = invoices_by_ids(invoice_id for invoice_id, _minor in row.items)
    times = (
        ("created", found.created_at),
        ("submitted", found.submitting_at),
        ("processing", found.processing_at),
        ("succeeded", found.succeeded_at),
        (found.status, found.ended_at),
    )
    return PaymentStory(
        row=row,
        steps=tuple(Step(status=status, at=at) for status, at in times if at is not None),
        items=tuple((bills[invoice_id], minor) for invoice_id, minor in row.items),
        intent_id=found.intent_id or "",
        session_id=found.session_id or "",
        evidence=evidence_of(found),
    )


def _narrowed(found: QuerySet[Payment], wanted: PaymentFilter) -> QuerySet[Payment]:
    exact = {"status": wanted.status, "kind": wanted.kind, "origin": wanted.origin}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.since:
        found = found.filter(initiated_on__gte=wanted.since)
    if wanted.until:
        found = found.filter(initiated_on__lte=wanted.until)
    if wanted.text:
        named = found.filter(company__name__icontains=wanted.text) | found.filter(company__number=wanted.text)
        found = found.filter(confirmation=_written(wanted.text)) | named
    return found


def _written(text: str) -> str:
    """Write a confirmation number the way that it is kept, however it was typed."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    return f"{letters[:LETTERS_OF_A_CONFIRMATION]}-{letters[LETTERS_OF_A_CONFIRMATION:]}"


def _listed(row: Payment) -> ListedPayment:
    return ListedPayment(
        public_id=row.public_id,
        confirmation=row.confirmation,
        company_public_id=row.company.public_id,
        company_name=row.company.name,
        amount_minor=row.amount_minor,
        currency=row.currency,
        status=row.status,
        failure_code=row.failure_code,
        kind=row.kind,
        method_label=payment_label(row),
        origin=row.origin,
        initiated_on=row.initiated_on,
    )
