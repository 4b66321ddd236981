"""Taking a bank's file in: all of it in one transaction, in the billing team's door, or nothing.

A deposit that ties out is closed at once; one that does not stays open with its difference, for a person. What the
bank tells of a deposit that was typed before is tied to that one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from comptoir.kit.account_numbers import masked
from comptoir.payments.models import BankFile, CheckStatus, Deposit, DepositStatus, ReceivedCheck
from comptoir.tenancy.audit import Actor, record
from comptoir.work.operations import open_work

from .bai2_file import read_bai2
from .confirming import BANK_TELLS_WITHIN, agrees_now
from .csv_file import parse_csv_profile, read_csv
from .deciding import return_check
from .deposits import close_deposit
from .errors import BankFileRefused, DecisionRefused
from .lines import BankDeposit, BankLine, BankNews, total_of


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A bank's file as it was handed over; without a profile it is BAI2."""

    filename: str
    content: bytes
    profile_name: str = ""
    profile: str = ""


def take_bank_file(
    *, vendor_id: int, currency: str, file: UploadedFile, actor: Actor, today: date, now: datetime
) -> int:
    """Take in what a bank's file says of checks, and return its number.

    Must run in a transaction. Raises ProfileInvalid; BankFileRefused for a file that was taken before or cannot be
    read.
    """
    news = _read(file, currency=currency)
    row = BankFile(
        vendor_id=vendor_id,
        filename=masked(file.filename),
        sha256=hashlib.sha256(file.content).hexdigest(),
        profile_name=file.profile_name,
        profile=file.profile,
        other_lines=news.other_lines,
        uploaded_by=actor.label,
    )
    deposits = [deposit for deposit in news.deposits if not _is_known(deposit, vendor_id=vendor_id)]
    row.checks_read = sum(len(deposit.checks) for deposit in deposits)
    row.known_before = len(news.deposits) - len(deposits)
    came_back, row.returns_unknown = _find_returned(news.returns, vendor_id=vendor_id)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise BankFileRefused(_("This file was read before; nothing of it is taken twice.")) from error
    try:
        with transaction.atomic():
            for deposit in deposits:
                _take_deposit(deposit, file=row, currency=currency, actor=actor, now=now)
    except IntegrityError as error:
        raise BankFileRefused(
            _("A check of this file was read before, in another deposit. Nothing of it is taken twice.")
        ) from error
    if row.returns_unknown:
        open_work(vendor_id=vendor_id, kind="check_return_unknown", subject=f"bank_file:{row.id}", now=now)
    for check in came_back:
        _take_return(check, file=row, actor=actor, today=today)
    record(
        actor=actor,
        action="bank file read",
        subject=f"bank_file:{row.id}",
        vendor_id=vendor_id,
        after={"filename": row.filename, "sha256": row.sha256, "checks": row.checks_read},
    )
    return row.id


def _read(file: UploadedFile, *, currency: str) -> BankNews:
    if file.profile:
        profile = parse_csv_profile(text=file.profile, source=file.profile_name, currency=currency)
        return read_csv(file.content, profile=profile)
    try:
        text = file.content.decode("ascii")
    except UnicodeDecodeError as error:
        raise BankFileRefused(_("This is no BAI2 file. For a CSV file, hand its profile over, too.")) from error
    return read_bai2(text, currency=currency)


def _is_known(deposit: BankDeposit, *, vendor_id: int) -> bool:
    known = Deposit.objects.filter(vendor_id=vendor_id, bank_line=deposit.total.print_of).first()
    if known is not None and known.control_minor != deposit.total.amount_minor:
        raise BankFileRefused(
            _(
                "The deposit of %(day)s was read before with another total. Nothing of this file is taken; "
                "type what is new as a deposit of its own."
            )
            % {"day": deposit.total.booked_on.isoformat()}
        )
    return known is not None


def _take_deposit(deposit: BankDeposit, *, file: BankFile, currency: str, actor: Actor, now: datetime) -> None:
    total = deposit.total
    typed = (
        Deposit.objects.select_for_update()
        .filter(
            vendor_id=file.vendor_id,
            bank_line=None,
            told_by=None,
            control_minor=total.amount_minor,
            currency=currency,
            deposited_on__range=(total.booked_on - BANK_TELLS_WITHIN, total.booked_on),
        )
        .exclude(status=DepositStatus.DROPPED)
        .order_by("deposited_on", "id")
        .first()
    )
    if typed is not None:
        typed.bank_file, typed.bank_line, typed.bank_reference = file, total.print_of, total.reference
        typed.save(update_fields=["bank_file", "bank_line", "bank_reference"])
        agrees_now(typed, now=now)
        return
    made = Deposit.objects.create(
        vendor_id=file.vendor_id,
        currency=currency,
        deposited_on=total.booked_on,
        control_minor=total.amount_minor,
        bank_file=file,
        bank_line=total.print_of,
        bank_reference=total.reference,
        opened_by=actor.label,
        opened_at=now,
    )
    ReceivedCheck.objects.bulk_create(
        ReceivedCheck(
            vendor_id=file.vendor_id,
            deposit=made,
            amount_minor=check.amount_minor,
            number=check.number,
            payer=check.payer,
            remittance=check.remittance,
            bank_line=check.print_of,
        )
        for check in deposit.checks
    )
    if total_of(deposit.checks) == total.amount_minor:
        close_deposit(vendor_id=file.vendor_id, deposit_id=made.id, actor=actor)


def _find_returned(lines: list[BankLine], *, vendor_id: int) -> tuple[list[ReceivedCheck], list[Mapping[str, Any]]]:
    """Return the checks that came back, and what the bank says of those that are not known here, or not for sure."""
    found: list[ReceivedCheck] = []
    unknown: list[Mapping[str, Any]] = []
    for line in lines:
        alike = list(
            ReceivedCheck.objects.filter(
                vendor_id=vendor_id,
                amount_minor=line.amount_minor,
                number=line.number,
                deposit__deposited_on__lte=line.booked_on,  # one handed in again later did not come back before
            )
            .exclude(number="")
            .exclude(status=CheckStatus.ENTERED)
        )
        in_books = [check for check in alike if check.status != CheckStatus.RETURNED and check not in found]
        if len(in_books) == 1:
            found.append(in_books[0])
        elif in_books or not alike:
            unknown.append(
                {
                    "on": line.booked_on.isoformat(),
                    "amount_minor": line.amount_minor,
                    "number": line.number,
                    "payer": line.payer,
                }
            )
    return found, unknown


def _take_return(check: ReceivedCheck, *, file: BankFile, actor: Actor, today: date) -> None:
    """Have a check taken back; where a colleague is deciding it at this moment, the bank's word is told again later."""
    try:
        return_check(vendor_id=file.vendor_id, public_id=check.public_id, actor=actor, today=today, note=file.filename)
    except DecisionRefused as error:
        raise BankFileRefused(
            _("A check that this file sends back is just being decided; hand the file over again in a minute.")
        ) from error
