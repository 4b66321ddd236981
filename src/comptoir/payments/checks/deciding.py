"""What a person decides of a check. It is written down at once; the worker, who alone moves money, does it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.invoicing.queries import invoices_by_public_ids
from comptoir.kit.events import emit
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.payments.models import CheckDecision, CheckStatus, DecisionKind, ReceivedCheck
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import find_company

from .errors import CheckNotFound, DecisionRefused


def apply_check(
    *,
    vendor_id: int,
    public_id: UUID,
    company: UUID,
    amounts: Mapping[UUID, int],
    actor: Actor,
    today: date,
) -> None:
    """Say whose a check in suspense is: ``amounts`` (minor units by invoice) of it are paid, the rest is credit.

    The name on it is remembered as the company's. For the billing team's door. Raises DecisionRefused, CheckNotFound.
    """
    check = _check(vendor_id, public_id)
    payer = find_company(vendor_id=vendor_id, public_id=company)
    if payer is None:
        raise DecisionRefused(_("There is no such company here; choose one of the list."))
    rows = [row for row in invoices_by_public_ids(amounts) if row.company_id == payer.id]
    if len(rows) != len(amounts) or any(minor <= 0 for minor in amounts.values()):
        raise DecisionRefused(_("Choose invoices of the company, each with an amount above zero."))
    if sum(amounts.values()) > check.amount_minor:
        raise DecisionRefused(_("That is more than the check is over; lower an amount."))
    if any(amounts[row.public_id] > row.payable_minor for row in rows):
        raise DecisionRefused(
            _("That is more than is open on one of the invoices; what is left over becomes the company's credit.")
        )
    if check.status != CheckStatus.WAITING:
        raise _decided_already()
    _decide(
        check,
        DecisionKind.APPLY,
        actor=actor,
        today=today,
        company_id=payer.id,
        amounts={str(row.id): amounts[row.public_id] for row in rows},
    )


def undo_check(*, vendor_id: int, public_id: UUID, actor: Actor, today: date, note: str) -> None:
    """Say that a check was applied wrongly: its invoices are open again, and it waits in suspense as before.

    Raises DecisionRefused, CheckNotFound.
    """
    check = _check(vendor_id, public_id)
    if check.status != CheckStatus.APPLIED:
        raise DecisionRefused(_("Only a check that was applied can be taken off again."))
    _decide(check, DecisionKind.UNDO, actor=actor, today=today, note=note)


def return_check(*, vendor_id: int, public_id: UUID, actor: Actor, today: date, note: str) -> None:
    """Say that the bank sent a check back unpaid: what it paid is open again, and the company is told.

    Raises DecisionRefused, CheckNotFound.
    """
    check = _check(vendor_id, public_id)
    if check.status not in (CheckStatus.APPLIED, CheckStatus.WAITING):
        raise DecisionRefused(_("This check is not in the books, or came back before."))
    _decide(check, DecisionKind.RETURN, actor=actor, today=today, note=note)


def _decide(
    check: ReceivedCheck,
    kind: DecisionKind,
    *,
    actor: Actor,
    today: date,
    company_id: int | None = None,
    amounts: Mapping[str, int] | None = None,
    note: str = "",
) -> None:
    refuse_account_numbers(note)
    try:
        with transaction.atomic():
            decision = CheckDecision.objects.create(
                received=check,
                kind=kind,
                company_id=company_id,
                amounts=dict(amounts or {}),
                note=note,
                decided_by=actor.label,
                decided_on=today,
            )
    except IntegrityError as error:
        raise _decided_already() from error
    record(
        actor=actor,
        action=f"check decided: {kind}",
        subject=f"check:{check.public_id}",
        vendor_id=check.vendor_id,
        company_id=company_id,
        after={"amounts": dict(amounts or {})},
        reason=note,
    )
    emit(
        name="check_decided",
        topic=f"check:{check.public_id}",
        vendor_id=check.vendor_id,
        company_id=company_id,
        data={"decision": decision.id},
    )


def _check(vendor_id: int, public_id: UUID) -> ReceivedCheck:
    found = ReceivedCheck.objects.filter(vendor_id=vendor_id, public_id=public_id).first()
    if found is None:
        raise CheckNotFound(_("There is no such check; the list of checks shows those there are."))
    return found


def _decided_already() -> DecisionRefused:
    return DecisionRefused(_("A colleague decided this check a moment ago; look at it again."))
