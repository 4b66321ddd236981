"""Whether the bank credited what was handed in: its file says so, or a person where the totals differ."""

from datetime import date, datetime, timedelta

from django.db.models import Min, QuerySet
from django.utils.translation import gettext as _

from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.payments.models import Deposit, DepositStatus
from comptoir.tenancy.audit import Actor, record, system
from comptoir.work.operations import close_work, open_work
from comptoir.work.queries import settled_by_word, subjects_waiting

from .deposits import held_deposit
from .errors import DepositRefused

BANK_TELLS_WITHIN = timedelta(days=7)
HANDED_IN = (DepositStatus.CLOSED, DepositStatus.POSTED)


def unconfirmed(vendor_id: int) -> QuerySet[Deposit]:
    """Return the deposits that were handed in, and that the bank has not named."""
    return Deposit.objects.filter(vendor_id=vendor_id, status__in=HANDED_IN, bank_line=None, told_by=None)


def say_it_is(*, vendor_id: int, told_id: int, deposit_id: int, note: str, actor: Actor, now: datetime) -> None:
    """Say that the bank's deposit ``told_id``, over another total, is our ``deposit_id``; ``note`` says what differs.

    For the billing team's door. The bank's is no deposit of its own any more, the difference stays shown. Raises
    DepositNotFound; DepositRefused where either is not what it takes.
    """
    told = held_deposit(vendor_id=vendor_id, deposit_id=told_id)
    ours = held_deposit(vendor_id=vendor_id, deposit_id=deposit_id)
    if told.bank_line is None or told.status != DepositStatus.OPEN or told.checks.exists():
        raise DepositRefused(_("Only what the bank credited, and has no checks yet, can be another deposit."))
    if ours.currency != told.currency or not unconfirmed(vendor_id).filter(id=ours.id).exists():
        raise DepositRefused(_("The bank has named this deposit before, or it is not closed. Look at it again."))
    if not note.strip():
        raise DepositRefused(_("Say what the difference is; it stays on record."))
    refuse_account_numbers(note)
    told.status = DepositStatus.DROPPED
    told.save(update_fields=["status"])
    ours.told_by, ours.told_note = told, note.strip()
    ours.save(update_fields=["told_by", "told_note"])
    record(
        actor=actor,
        action="deposit confirmed",
        subject=f"deposit:{ours.id}",
        vendor_id=vendor_id,
        before={"control_minor": ours.control_minor},
        after={"bank_minor": told.control_minor, "bank_reference": told.bank_reference},
        reason=ours.told_note,
    )
    for each in (told, ours):
        agrees_now(each, now=now)


def agrees_now(deposit: Deposit, *, now: datetime) -> None:
    """Take a deposit off the team's list."""
    subject = f"deposit:{deposit.id}"
    close_work(vendor_id=deposit.vendor_id, kind="deposit_differs", subject=subject, actor=system("checks"), now=now)


def watch_deposits(*, vendor_id: int, on: date, now: datetime) -> None:
    """Put on the team's list the deposits that do not tie out to the bank's total; take off those that do.

    Ours, where the bank has not named them for a week, from when it named the first; the bank's, where the checks are
    missing on the next day. What a person settled by a word is not listed again.
    """
    named = Deposit.objects.filter(vendor_id=vendor_id).exclude(bank_line=None)
    since = named.aggregate(first=Min("deposited_on"))["first"]
    if since is None:
        return
    late = unconfirmed(vendor_id).filter(
        deposited_on__gte=since - BANK_TELLS_WITHIN, deposited_on__lt=on - BANK_TELLS_WITHIN
    )
    lacking = named.filter(status=DepositStatus.OPEN, deposited_on__lt=on)
    differ = {f"deposit:{each}" for found in (late, lacking) for each in found.values_list("id", flat=True)}
    for subject in sorted(differ - settled_by_word(vendor_id=vendor_id, kind="deposit_differs")):
        open_work(vendor_id=vendor_id, kind="deposit_differs", subject=subject, now=now)
    for subject in subjects_waiting(vendor_id=vendor_id, kind="deposit_differs") - differ:
        close_work(vendor_id=vendor_id, kind="deposit_differs", subject=subject, actor=system("checks"), now=now)
