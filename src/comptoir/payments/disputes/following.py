"""Following a dispute: what was withdrawn is in the books as long as it is open, and what it cost for good."""

from datetime import date, datetime
from typing import Literal

from comptoir.tenancy.audit import system
from comptoir.work.operations import close_work, open_work

from ..gateways import Dispute as ToldDispute
from ..models import OPEN_DISPUTES, Dispute, DisputeStatus, Payment
from ..postings import post_dispute
from ..return_codes import DISPUTE

News = Literal["opened", "won", "lost", "lost_at_once"]


def note_dispute(payment: Payment, told: ToldDispute, *, on: date, now: datetime) -> News | None:
    """Write down how a locked payment's dispute stands, and post what was withdrawn or given back, and its fee.

    Return what is new, if anything is: a bank's late return is lost the moment that it is heard of, and what it took is
    left to whoever asks to post. Must run in a transaction.
    """
    known = Dispute.objects.select_for_update().filter(gateway_id=told.id).first()
    was_open = known is not None and known.status in OPEN_DISPUTES
    is_open = told.status in OPEN_DISPUTES
    if known is not None and not was_open:
        return None
    dispute = known or _new(payment, told, on=on, now=now)
    given_back = told.amount_minor if was_open and told.status == "won" else 0
    post_dispute(
        payment,
        dispute=str(dispute.public_id),
        withdrawn_minor=told.amount_minor if known is None and is_open else -given_back,
        fee_minor=told.fee_minor - (dispute.fee_minor if known else 0),
        posted_on=on,
    )
    _follow(dispute, told, on=on)
    if is_open:
        _have_it_answered(payment, dispute, now=now)
        return "opened" if known is None else None
    _take_off_the_list(payment, dispute, now=now)
    if told.status == "won":
        return "won"
    return "lost" if was_open else "lost_at_once"


def dispute_code(told: ToldDispute) -> str:
    """Return the code under which a payment came back: the network's of a bank debit, else the card holder's reason."""
    return f"{DISPUTE}{told.reason}" if told.is_of_card else told.code


def _new(payment: Payment, told: ToldDispute, *, on: date, now: datetime) -> Dispute:
    return Dispute(
        payment=payment,
        gateway_id=told.id,
        amount_minor=told.amount_minor,
        fee_minor=told.fee_minor,
        reason=told.reason,
        code=told.code,
        opened_on=on,
        opened_at=now,
    )


def _follow(dispute: Dispute, told: ToldDispute, *, on: date) -> None:
    dispute.status, dispute.fee_minor, dispute.respond_by = told.status, told.fee_minor, told.respond_by
    dispute.decided_on = None if told.status in OPEN_DISPUTES else on
    dispute.save()


def _have_it_answered(payment: Payment, dispute: Dispute, *, now: datetime) -> None:
    if dispute.status != DisputeStatus.NEEDS_RESPONSE:
        _take_off_the_list(payment, dispute, now=now)
        return
    open_work(
        vendor_id=payment.company.vendor_id,
        company_id=payment.company_id,
        kind="dispute",
        subject=f"dispute:{dispute.public_id}",
        urgent=True,
        due_at=dispute.respond_by,
        now=now,
    )


def _take_off_the_list(payment: Payment, dispute: Dispute, *, now: datetime) -> None:
    close_work(
        vendor_id=payment.company.vendor_id,
        kind="dispute",
        subject=f"dispute:{dispute.public_id}",
        actor=system("disputes"),
        now=now,
    )
