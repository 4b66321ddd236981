"""Typing checks in: a deposit is opened with what it must add up to, and closed only when it does."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from comptoir.kit.events import emit
from comptoir.kit.safe_words import refuse_account_numbers
from comptoir.payments.models import Deposit, DepositStatus, ReceivedCheck
from comptoir.tenancy.audit import Actor, record

from .errors import CheckNotFound, DepositNotFound, DepositRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedCheck:
    """What stands on a check and what came with it. ``remittance``: scan lines and invoice numbers, if any."""

    amount_minor: int
    number: str = ""
    payer: str = ""
    remittance: str = ""


def open_deposit(
    *,
    vendor_id: int,
    currency: str,
    deposited_on: date,
    control_minor: int,
    control_count: int,
    actor: Actor,
    today: date,
    now: datetime,
) -> int:
    """Open a deposit with the total (minor units) and number of its checks; return its number.

    For the billing team's door. Raises DepositRefused for a day to come, or a total that is not above zero.
    """
    if deposited_on > today:
        raise DepositRefused(_("The day of the deposit lies ahead; give the day on which the checks go to the bank."))
    if control_minor <= 0 or control_count <= 0:
        raise DepositRefused(_("Give the total and the number of the checks, both above zero."))
    deposit = Deposit.objects.create(
        vendor_id=vendor_id,
        currency=currency,
        deposited_on=deposited_on,
        control_minor=control_minor,
        control_count=control_count,
        opened_by=actor.label,
        opened_at=now,
    )
    _record(
        deposit,
        "deposit opened",
        actor=actor,
        after={"on": str(deposited_on), "control_minor": control_minor, "control_count": control_count},
    )
    return deposit.id


def add_check(*, vendor_id: int, deposit_id: int, check: TypedCheck) -> UUID:
    """Type a check into an open deposit; return its id. For the billing team's door. Raises DepositRefused."""
    deposit = held_deposit(vendor_id=vendor_id, deposit_id=deposit_id)
    _refuse_unless_open(deposit)
    if check.amount_minor <= 0:
        raise DepositRefused(_("A check's amount is above zero."))
    refuse_account_numbers(check.number, check.payer, check.remittance)
    made = ReceivedCheck.objects.create(
        vendor_id=vendor_id,
        deposit=deposit,
        amount_minor=check.amount_minor,
        number=check.number.strip(),
        payer=" ".join(check.payer.split()),
        remittance=check.remittance.strip(),
    )
    return made.public_id


def remove_check(*, vendor_id: int, deposit_id: int, public_id: UUID) -> None:
    """Take a check out of an open deposit again. Raises DepositRefused, CheckNotFound."""
    deposit = held_deposit(vendor_id=vendor_id, deposit_id=deposit_id)
    _refuse_unless_open(deposit)
    gone, _by_table = ReceivedCheck.objects.filter(deposit=deposit, public_id=public_id).delete()
    if not gone:
        raise CheckNotFound(_("This check is not in the deposit any more."))


def close_deposit(*, vendor_id: int, deposit_id: int, actor: Actor) -> None:
    """Close a deposit that ties out; the worker puts it into the books, and nothing of it changes any more.

    Raises DepositRefused, saying what is missing or too much.
    """
    deposit = held_deposit(vendor_id=vendor_id, deposit_id=deposit_id)
    _refuse_unless_open(deposit)
    found = ReceivedCheck.objects.filter(deposit=deposit).aggregate(n=Count("id"), minor=Sum("amount_minor"))
    count, minor = found["n"], found["minor"] or 0
    if minor != deposit.control_minor or deposit.control_count not in (None, count):
        raise DepositRefused(
            _("The deposit does not tie out yet: compare the checks with the total and the number on the slip.")
        )
    deposit.status, deposit.closed_by = DepositStatus.CLOSED, actor.label
    try:
        with transaction.atomic():
            deposit.save(update_fields=["status", "closed_by"])
    except IntegrityError as error:
        raise DepositRefused(_("The deposit was changed a moment ago; look at it again.")) from error
    _record(deposit, "deposit closed", actor=actor, after={"checks": count, "minor": minor})
    emit(
        name="deposit_closed",
        topic=f"deposit:{deposit.id}",
        vendor_id=vendor_id,
        data={"deposit": deposit.id},
    )


def drop_deposit(*, vendor_id: int, deposit_id: int, actor: Actor, reason: str) -> None:
    """Give an open deposit up, as if it had never been typed. Raises DepositRefused, also for one of the bank's."""
    deposit = held_deposit(vendor_id=vendor_id, deposit_id=deposit_id)
    _refuse_unless_open(deposit)
    if deposit.bank_file_id is not None:
        raise DepositRefused(_("The bank credited this deposit: find its checks, it cannot be given up."))
    refuse_account_numbers(reason)
    deposit.status = DepositStatus.DROPPED
    deposit.save(update_fields=["status"])
    _record(deposit, "deposit dropped", actor=actor, reason=reason)


def held_deposit(*, vendor_id: int, deposit_id: int) -> Deposit:
    """Return a vendor's deposit, held until the transaction ends. Raises DepositNotFound."""
    found = Deposit.objects.select_for_update().filter(vendor_id=vendor_id, id=deposit_id).first()
    if found is None:
        raise DepositNotFound(_("There is no such deposit; the list of checks shows those there are."))
    return found


def _refuse_unless_open(deposit: Deposit) -> None:
    if deposit.status != DepositStatus.OPEN:
        raise DepositRefused(
            _("The deposit is closed; its checks never change. What is wrong is put right check by check.")
        )


def _record(
    deposit: Deposit, action: str, *, actor: Actor, after: dict[str, object] | None = None, reason: str = ""
) -> None:
    record(
        actor=actor,
        action=action,
        subject=f"deposit:{deposit.id}",
        vendor_id=deposit.vendor_id,
        after=after,
        reason=reason,
    )
