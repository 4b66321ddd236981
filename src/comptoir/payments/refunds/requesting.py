"""Asking for a refund: within the own limit allowed at once, above it when somebody else may and does allow it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.tenancy.audit import record

from ..confirmation import new_confirmation
from ..errors import RefundNotFound, RefundRefused
from ..models import Refund, RefundItem, RefundReason, RefundRequest, RefundStatus, RequestStatus
from ..second_word import Asker, say_of
from .planning import Part, plan_of_credit, plan_of_payment

TURNED_DOWN = "turned_down"


@dataclass(frozen=True, slots=True)
class Why:
    """Why money goes back: a reason that the customer reads, and the team's own words."""

    reason: str
    explanation: str


def request_payment_refund(
    payment_public_id: UUID, *, amount_minor: int, invoices: Sequence[UUID], why: Why, asker: Asker
) -> RefundRequest:
    """Ask to give a payment back, ``amount_minor`` of it: from the company's credit first, then off ``invoices``.

    Must run in the vendor's door; the worker sends it once it is allowed. Raises PaymentNotFound, RefundRefused.
    """
    payment, part = plan_of_payment(payment_public_id, amount_minor=amount_minor, invoices=invoices, today=asker.today)
    return _request(company_id=payment.company_id, currency=payment.currency, parts=[part], why=why, asker=asker)


def request_credit_refund(
    company_id: int, *, currency: str, amount_minor: int, why: Why, asker: Asker
) -> RefundRequest:
    """Ask to give back a company's credit: by the payments that brought money, the newest first, else by a check.

    Must run in the vendor's door. Raises RefundRefused.
    """
    parts = plan_of_credit(company_id, currency=currency, amount_minor=amount_minor, today=asker.today)
    return _request(company_id=company_id, currency=currency, parts=parts, why=why, asker=asker)


def approve_refund(request_public_id: UUID, *, asker: Asker) -> None:
    """Allow a refund that waits. Must run in the vendor's door.

    Raises RefundNotFound; RefundRefused above the own limit, for what oneself asked for, and where it does not wait.
    """
    asked = _waiting(request_public_id)
    if why_not := say_of(asker).why_not(
        asked_by_id=asked.requested_by_id, amount_minor=asked.amount_minor, currency=asked.currency
    ):
        raise RefundRefused(why_not)
    _approve(asked, asker=asker)


def refuse_refund(request_public_id: UUID, *, why: str, asker: Asker) -> None:
    """Turn down a refund that waits. Must run in the vendor's door. Raises RefundNotFound, RefundRefused."""
    asked = _waiting(request_public_id)
    if not why.strip():
        raise RefundRefused(_("Say why; it stays on record."))
    refuse_account_numbers(why)
    asked.outcome = why.strip()
    _decide(asked, RequestStatus.REFUSED, asker=asker)
    asked.parts.update(status=RefundStatus.CANCELED, ended_on=asker.today, failure_code=TURNED_DOWN)
    _record(asked, "refund_turned_down", asker=asker, reason=why)


def _request(*, company_id: int, currency: str, parts: Sequence[Part], why: Why, asker: Asker) -> RefundRequest:
    if not why.explanation.strip() or why.reason not in RefundReason.values:
        raise RefundRefused(_("Say why; it stays on record."))
    refuse_account_numbers(why.explanation)
    asked = RefundRequest.objects.create(
        company_id=company_id,
        currency=currency,
        amount_minor=sum(part.amount_minor for part in parts),
        reason=why.reason,
        explanation=why.explanation.strip(),
        requested_by_id=asker.user_id,
        requested_by_label=asker.actor.label,
        requested_role=asker.role,
        requested_at=asker.now,
    )
    for part in parts:
        refund = Refund.objects.create(
            asked=asked,
            company_id=company_id,
            payment=part.payment,
            currency=currency,
            amount_minor=part.amount_minor,
            from_credit_minor=part.from_credit_minor,
            confirmation=new_confirmation(),
            created_at=asker.now,
        )
        RefundItem.objects.bulk_create(
            RefundItem(refund=refund, invoice_id=invoice_id, amount_minor=minor) for invoice_id, minor in part.items
        )
    _record(asked, "refund_requested", asker=asker, reason=asked.explanation)
    if say_of(asker).covers(asked.amount_minor):
        _approve(asked, asker=asker)
    return asked


def _approve(asked: RefundRequest, *, asker: Asker) -> None:
    _decide(asked, RequestStatus.APPROVED, asker=asker)
    _record(asked, "refund_approved", asker=asker)
    emit(
        name="refund_approved",
        topic=f"company:{asked.company_id}",
        vendor_id=asker.vendor_id,
        company_id=asked.company_id,
        data={"request": str(asked.public_id)},
    )


def _decide(asked: RefundRequest, status: RequestStatus, *, asker: Asker) -> None:
    asked.status = status
    asked.decided_by_id, asked.decided_by_label, asked.decided_role = asker.user_id, asker.actor.label, asker.role
    asked.decided_at = asker.now
    asked.save(update_fields=["status", "decided_by", "decided_by_label", "decided_role", "decided_at", "outcome"])


def _waiting(public_id: UUID) -> RefundRequest:
    asked = RefundRequest.objects.select_for_update().filter(public_id=public_id).first()
    if asked is None:
        raise RefundNotFound(_("There is no such refund here; the list of refunds shows those that are."))
    if asked.status != RequestStatus.REQUESTED:
        raise RefundRefused(_("This refund does not wait for anybody; look at what became of it."))
    return asked


def _record(asked: RefundRequest, action: str, *, asker: Asker, reason: str = "") -> None:
    """Put it on record, of each payment that it gives back, too."""
    subjects = [f"refund_request:{asked.public_id}"]
    subjects += [f"payment:{part.payment.public_id}" for part in asked.parts.select_related("payment") if part.payment]
    for subject in subjects:
        record(
            actor=asker.actor,
            action=action,
            subject=subject,
            vendor_id=asker.vendor_id,
            company_id=asked.company_id,
            after={"amount_minor": asked.amount_minor},
            reason=reason,
        )
