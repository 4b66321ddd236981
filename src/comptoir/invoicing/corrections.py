"""Corrections that the billing team asks for: within the own limit at once, above it when someone else allows it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comptoir.kit.errors import ComptoirError
from comptoir.kit.events import emit
from comptoir.kit.money import format_money
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.ledger.operations import Entry, PostingLine, accounts, post
from comptoir.subscriptions.terms import charge_again
from comptoir.taxes.calculation import reverse
from comptoir.tenancy.audit import Actor, record, system
from comptoir.tenancy.queries import business_today, vendor

from .crediting import CreditLine, issue_credit_note, remaining_lines
from .errors import CreditRefused
from .models import (
    Allocation,
    ApprovalLimit,
    Correction,
    CorrectionKind,
    CorrectionStatus,
    CreditReason,
    Invoice,
    InvoiceBalance,
    InvoiceLine,
    WriteOff,
)


def request_credit(
    *,
    invoice_id: int,
    amounts: Mapping[int, int],
    reason: CreditReason,
    explanation: str,
    actor: Actor,
    role: str,
) -> Correction:
    """Ask for a credit note over ``amounts`` (minor units without taxes, by position of the line); return the request.

    Raises CreditRefused where a line has less left than is asked for.
    """
    left = {line.corrects: line.amount_minor for line in remaining_lines(invoice_id)}
    asked = {position: minor for position, minor in amounts.items() if minor}
    for position, minor in asked.items():
        if not 0 < minor <= left.get(position, 0):
            raise CreditRefused(
                _("Line %(line)s has less left than that to give back; look at what was credited before.")
                % {"line": position}
            )
    if not asked:
        raise CreditRefused(_("Say what to give back: an amount for one line at least."))
    return _request(
        invoice_id=invoice_id,
        kind=CorrectionKind.CREDIT,
        lines=sorted(asked.items()),
        amount_minor=sum(asked.values()) + _taxes_of(invoice_id, asked),
        reason=reason,
        explanation=explanation,
        actor=actor,
        role=role,
    )


def request_void(*, invoice_id: int, explanation: str, actor: Actor, role: str) -> Correction:
    """Ask for a credit note over all that is left of an invoice: its days and one-off charges are billed anew.

    Days that cost nothing are left, too. Raises CreditRefused where nothing is.
    """
    left = {line.corrects: line.amount_minor for line in remaining_lines(invoice_id)}
    if not left:
        raise CreditRefused(_("Nothing is left of this invoice; it was credited in full."))
    return _request(
        invoice_id=invoice_id,
        kind=CorrectionKind.VOID,
        lines=[],
        amount_minor=sum(left.values()) + _taxes_of(invoice_id, left),
        reason=CreditReason.VOID,
        explanation=explanation,
        actor=actor,
        role=role,
    )


def request_write_off(*, invoice_id: int, explanation: str, actor: Actor, role: str) -> Correction:
    """Ask to give up what is open on an invoice and not on its way. Raises CreditRefused where nothing is."""
    balance = InvoiceBalance.objects.get(invoice_id=invoice_id)
    if balance.open_minor == balance.in_flight_minor:
        raise CreditRefused(_("Nothing is open on this invoice that is not on its way already."))
    return _request(
        invoice_id=invoice_id,
        kind=CorrectionKind.WRITE_OFF,
        lines=[],
        amount_minor=balance.open_minor - balance.in_flight_minor,
        reason=CreditReason.CORRECTION,
        explanation=explanation,
        actor=actor,
        role=role,
    )


def approve_correction(*, correction_id: int, actor: Actor, role: str) -> None:
    """Allow a correction that waits.

    Raises CreditRefused above the limit of ``role``, for what oneself asked for, or when it does not wait.
    """
    asked = Correction.objects.select_for_update().get(id=correction_id)
    if asked.status != CorrectionStatus.REQUESTED:
        raise CreditRefused(_("This correction does not wait for anybody; look at what became of it."))
    if actor.user_id is not None and asked.requested_by_user_id == actor.user_id:
        raise CreditRefused(_("You asked for this yourself; somebody else has to allow it."))
    if asked.amount_minor > approval_limit(vendor_id=asked.vendor_id, role=role):
        currency = Invoice.objects.values_list("currency", flat=True).get(id=asked.invoice_id)
        raise CreditRefused(above_limit(amount_minor=asked.amount_minor, currency=currency))
    _approve(asked, actor=actor, role=role)


def refuse_correction(*, correction_id: int, why: str, actor: Actor) -> None:
    """Turn down a correction that waits. Raises CreditRefused when it does not wait."""
    refuse_account_numbers(why)
    waiting = Correction.objects.filter(id=correction_id, status=CorrectionStatus.REQUESTED)
    if not waiting.update(status=CorrectionStatus.REFUSED, outcome=why):
        raise CreditRefused(_("This correction does not wait for anybody; look at what became of it."))
    asked = Correction.objects.get(id=correction_id)
    record(
        actor=actor,
        action="correction refused",
        subject=f"correction:{correction_id}",
        vendor_id=asked.vendor_id,
        reason=why,
    )


def approval_limit(*, vendor_id: int, role: str) -> int:
    """Return how much a role may allow at once, in minor units; PostgreSQL keeps to the same function."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT invoicing_approval_limit(%s, %s)", [vendor_id, role])
        (limit_minor,) = cursor.fetchone() or (0,)
    return int(limit_minor)


def above_limit(*, amount_minor: int, currency: str) -> str:
    """Return what is said to whoever may not allow so much."""
    written = format_money(amount_minor=amount_minor, currency=currency, language=get_language() or "en")
    return _("%(amount)s is above what you may allow; ask someone whose limit is higher.") % {"amount": written}


def set_approval_limit(*, vendor_id: int, role: str, limit_minor: int | None, actor: Actor) -> None:
    """Set how much a role may allow at once, in minor units; None is without limit. PostgreSQL lets admins alone."""
    before = ApprovalLimit.objects.filter(vendor_id=vendor_id, role=role).first()
    ApprovalLimit.objects.update_or_create(
        vendor_id=vendor_id,
        role=role,
        defaults={"limit_minor": limit_minor},
    )
    record(
        actor=actor,
        action="approval limit set",
        subject=f"role:{role}",
        vendor_id=vendor_id,
        before={"limit_minor": before.limit_minor} if before else None,
        after={"limit_minor": limit_minor},
    )


def carry_out(*, correction_id: int, now: datetime) -> None:
    """Do what was allowed, once. Where the invoice no longer has so much left, the correction is refused with why."""
    try:
        with transaction.atomic():
            asked = Correction.objects.select_for_update().get(id=correction_id)
            if asked.status != CorrectionStatus.APPROVED:
                return
            _do(asked, now=now)
            asked.status = CorrectionStatus.DONE
            asked.save(update_fields=["status"])
    except ComptoirError as error:
        Correction.objects.filter(id=correction_id, status=CorrectionStatus.APPROVED).update(
            status=CorrectionStatus.REFUSED, outcome=str(error)
        )


def _request(
    *,
    invoice_id: int,
    kind: CorrectionKind,
    lines: list[tuple[int, int]],
    amount_minor: int,
    reason: CreditReason,
    explanation: str,
    actor: Actor,
    role: str,
) -> Correction:
    refuse_account_numbers(explanation)
    if not explanation.strip():
        raise CreditRefused(_("Say why; it stays on record."))
    vendor_id = Invoice.objects.values_list("vendor_id", flat=True).get(id=invoice_id)
    asked = Correction.objects.create(
        vendor_id=vendor_id,
        invoice_id=invoice_id,
        kind=kind,
        lines=lines,
        amount_minor=amount_minor,
        reason=reason,
        explanation=explanation,
        status=CorrectionStatus.REQUESTED,
        requested_by=actor.label,
        requested_by_user_id=actor.user_id,
    )
    record(
        actor=actor,
        action="correction requested",
        subject=f"correction:{asked.id}",
        vendor_id=vendor_id,
        after={"invoice": invoice_id, "kind": kind.value, "amount_minor": amount_minor},
        reason=explanation,
    )
    if amount_minor <= approval_limit(vendor_id=vendor_id, role=role):
        _approve(asked, actor=actor, role=role)
    return asked


def _approve(asked: Correction, *, actor: Actor, role: str) -> None:
    asked.status = CorrectionStatus.APPROVED
    asked.approved_by = actor.label
    asked.approved_role = role
    asked.save(update_fields=["status", "approved_by", "approved_role"])
    record(
        actor=actor,
        action="correction approved",
        subject=f"correction:{asked.id}",
        vendor_id=asked.vendor_id,
    )
    emit(
        name="correction_approved",
        topic=f"invoice:{asked.invoice_id}",
        vendor_id=asked.vendor_id,
        data={"correction": asked.id},
    )


def _do(asked: Correction, *, now: datetime) -> None:
    seller = vendor(asked.vendor_id)
    today = business_today(seller, now=now)
    if asked.kind == CorrectionKind.WRITE_OFF:
        _write_off(asked, now=now)
        return
    done_by = system(asked.approved_by)
    lines = (
        remaining_lines(asked.invoice_id)
        if asked.kind == CorrectionKind.VOID
        else [CreditLine(corrects=position, amount_minor=minor) for position, minor in asked.lines]
    )
    issue_credit_note(
        vendor=seller,
        invoice_id=asked.invoice_id,
        lines=lines,
        reason=CreditReason(asked.reason),
        explanation=asked.explanation,
        issue_date=today,
        actor=done_by,
        now=now,
    )
    if asked.kind == CorrectionKind.VOID:
        taken_back = InvoiceLine.objects.filter(invoice_id=asked.invoice_id, charge__isnull=False).filter(
            position__in=[line.corrects for line in lines]
        )
        charge_again(charge_ids=taken_back.values_list("charge_id", flat=True), actor=done_by)


def _write_off(asked: Correction, *, now: datetime) -> None:
    """Post what is given up against bad debt. Taxes owed stay owed: claiming them back is between vendor and state."""
    invoice = Invoice.objects.get(id=asked.invoice_id)
    balance = InvoiceBalance.objects.select_for_update().get(invoice_id=invoice.id)
    amount_minor = asked.amount_minor
    if balance.open_minor - balance.in_flight_minor < amount_minor:
        raise CreditRefused(_("Less is open on the invoice by now; look at it and ask again."))
    today = business_today(vendor(asked.vendor_id), now=now)
    given_up = WriteOff.objects.create(
        invoice=invoice,
        amount_minor=amount_minor,
        reason=asked.explanation,
        written_off_on=today,
        written_off_by=asked.approved_by,
    )
    account = accounts(vendor_id=invoice.vendor_id, currency=invoice.currency)
    (entry_id,) = post(
        vendor_id=invoice.vendor_id,
        posted_on=today,
        reason=f"write_off:{given_up.id}",
        entries=[
            Entry(
                company_id=invoice.company_id,
                description="written off",
                postings=[
                    PostingLine(account["bad_debt"], amount_minor),
                    PostingLine(account["receivable"], -amount_minor, invoice.id),
                ],
            )
        ],
    )
    balance.open_minor -= amount_minor
    balance.settled_at = None if balance.open_minor else now
    balance.save(update_fields=["open_minor", "settled_at"])
    Allocation.objects.create(
        invoice=invoice, write_off=given_up, entry_id=entry_id, amount_minor=amount_minor, allocated_at=now
    )
    emit(
        name="invoice_written_off",
        topic=f"invoice:{invoice.id}",
        vendor_id=invoice.vendor_id,
        company_id=invoice.company_id,
        data={"write_off": given_up.id},
    )


def _taxes_of(invoice_id: int, amounts: Mapping[int, int]) -> int:
    """Return what taxes come back with these amounts, were nothing credited before: close enough for a limit."""
    rows = InvoiceLine.objects.filter(invoice_id=invoice_id, position__in=list(amounts))
    return sum(
        sum(reverse(line_minor=line.amount_minor, parts=line.tax_parts, before_minor=0, credit_minor=minor))
        for line in rows
        if (minor := amounts[line.position])
    )
