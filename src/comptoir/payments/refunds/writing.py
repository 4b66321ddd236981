"""Refunds by check: a person writes the check outside, and says here under which number, or that it was not written."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, system
from comptoir.work.operations import close_work

from ..errors import RefundNotFound, RefundRefused
from ..models import Refund, RefundStatus
from .sending import NOT_WRITTEN, fail, tell


def check_was_written(refund_public_id: UUID, *, number: str, today: date, actor: Actor, now: datetime) -> None:
    """Put down under which number the check of a refund was written; the customer is told.

    Must run in the vendor's door. Raises RefundNotFound, RefundRefused.
    """
    refund = _waits_for_its_check(refund_public_id)
    if not number.strip():
        raise RefundRefused(_("Enter the number of the check."))
    refund.status, refund.check_number, refund.succeeded_on = RefundStatus.SUCCEEDED, number.strip(), today
    refund.save(update_fields=["status", "check_number", "succeeded_on"])
    _settled(refund, actor=actor, now=now)
    tell(refund, "refund_made", actor=actor)


def check_was_not_written(refund_public_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Have the worker make credit again of a refund whose check was not written.

    Must run in the vendor's door. Raises RefundNotFound, RefundRefused.
    """
    refund = _waits_for_its_check(refund_public_id)
    _settled(refund, actor=actor, now=now)
    emit(
        name="refund_check_unwritten",
        topic=f"refund:{refund.public_id}",
        vendor_id=refund.company.vendor_id,
        company_id=refund.company_id,
        data={"refund": str(refund.public_id), "who": actor.label},
    )


def fail_unwritten(refund_public_id: UUID, *, who: str, now: datetime) -> None:
    """Make credit again of a refund whose check was not written, unless it was meanwhile."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(public_id=refund_public_id)
        if refund.status == RefundStatus.PROCESSING and refund.payment_id is None:
            fail(refund, code=NOT_WRITTEN, now=now, actor=system(who))


def _waits_for_its_check(public_id: UUID) -> Refund:
    refund = Refund.objects.select_for_update().filter(public_id=public_id).first()
    if refund is None:
        raise RefundNotFound(_("There is no such refund here; the list of refunds shows those that are."))
    if refund.payment_id is not None or refund.status != RefundStatus.PROCESSING:
        raise RefundRefused(_("This refund waits for no check; look at what became of it."))
    return refund


def _settled(refund: Refund, *, actor: Actor, now: datetime) -> None:
    close_work(
        vendor_id=refund.company.vendor_id,
        kind="refund_check",
        subject=f"refund:{refund.public_id}",
        actor=actor,
        now=now,
    )
