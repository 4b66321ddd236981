"""What people make of a difference: notes, a manager's signature, and who may not move without one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from comptoir.tenancy.audit import Actor, record

from ..errors import ComparisonNotFound, ComparisonRefused
from .models import Comparison, ComparisonNote, ComparisonSignature, LegacyInvoice, Verdict


def add_note(*, vendor_id: int, company_public_id: UUID, text: str, actor: Actor, now: datetime) -> None:
    """Keep what somebody found out about a company's difference. Raises ComparisonNotFound."""
    row = _compared(vendor_id=vendor_id, company_public_id=company_public_id)
    ComparisonNote.objects.create(
        company_id=row.company_id,
        text=text,
        written_by_id=_person(actor),
        written_by_name=actor.label,
        written_at=now,
    )


def sign(
    *, vendor_id: int, company_public_id: UUID, fingerprint: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Let a company move in spite of its unexplained difference, with the reason; for managers.

    It holds for what they looked at, which ``fingerprint`` names. Raises ComparisonNotFound, ComparisonRefused where
    that has changed meanwhile, is explained, or is signed already.
    """
    row = _compared(vendor_id=vendor_id, company_public_id=company_public_id)
    if row.fingerprint != fingerprint or not row.is_current:
        raise ComparisonRefused(_("The invoices have changed since you looked at them; look at them again."))
    if row.verdict != Verdict.UNEXPLAINED:
        raise ComparisonRefused(_("There is nothing unexplained here; the company may move without a signature."))
    try:
        with transaction.atomic():
            ComparisonSignature.objects.create(
                company_id=row.company_id,
                fingerprint=fingerprint,
                reason=reason,
                signed_by_id=_person(actor),
                signed_by_name=actor.label,
                signed_at=now,
            )
    except IntegrityError as error:
        raise ComparisonRefused(
            _("Somebody has signed this already, or the invoices have just changed; look at it again.")
        ) from error
    record(
        actor=actor,
        action="difference signed",
        subject=f"comparison:{row.id}",
        vendor_id=vendor_id,
        company_id=row.company_id,
        after={"difference_minor": row.difference_minor, "unexplained_minor": row.unexplained_minor},
        reason=reason,
    )


def withdraw(*, vendor_id: int, company_public_id: UUID, actor: Actor, now: datetime) -> None:
    """Take back the signature under a company's difference; for managers.

    Raises ComparisonNotFound, ComparisonRefused where there is none.
    """
    row = _compared(vendor_id=vendor_id, company_public_id=company_public_id)
    if not _signatures(row).update(withdrawn_by_id=_person(actor), withdrawn_by_name=actor.label, withdrawn_at=now):
        raise ComparisonRefused(_("There is no signature to take back."))
    record(
        actor=actor,
        action="signature under difference withdrawn",
        subject=f"comparison:{row.id}",
        vendor_id=vendor_id,
        company_id=row.company_id,
    )


def may_not_move(company_ids: Sequence[int]) -> set[int]:
    """Return which companies may not move: with an old invoice, but no comparison that is explained or signed.

    PostgreSQL keeps the same rule, whoever moves a company.
    """
    signed = ComparisonSignature.objects.filter(
        company_id=OuterRef("company_id"), fingerprint=OuterRef("fingerprint"), withdrawn_at=None
    )
    current = Comparison.objects.filter(company_id__in=company_ids, is_current=True)
    settled = set(current.exclude(~Exists(signed), verdict=Verdict.UNEXPLAINED).values_list("company_id", flat=True))
    old = LegacyInvoice.objects.filter(company_id__in=company_ids).values_list("company_id", flat=True).distinct()
    return set(old) - settled


def _compared(*, vendor_id: int, company_public_id: UUID) -> Comparison:
    row = Comparison.objects.filter(company__vendor_id=vendor_id, company__public_id=company_public_id).first()
    if row is None:
        raise ComparisonNotFound(_("This company has not been compared; the list of comparisons shows those that are."))
    return row


def _signatures(row: Comparison) -> "QuerySet[ComparisonSignature]":
    return ComparisonSignature.objects.filter(company_id=row.company_id, fingerprint=row.fingerprint, withdrawn_at=None)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise ComparisonRefused(_("Only a person decides about a difference."))
    return actor.user_id
