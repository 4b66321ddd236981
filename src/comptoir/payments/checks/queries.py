"""What others may know of deposits, checks and the bank's files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from comptoir.payments.models import (
    BankFile,
    CheckDecision,
    CheckStatus,
    DecisionStatus,
    Deposit,
    DepositStatus,
    ReceivedCheck,
)

from .confirming import BANK_TELLS_WITHIN, unconfirmed
from .errors import BankFileNotFound, CheckNotFound, DepositNotFound
from .matching import Candidate, candidates
from .words import in_words


@dataclass(frozen=True, slots=True)
class DepositRow:
    """A deposit, and how far it ties out: amounts in minor units; ``control_count`` None where the bank says none.

    ``bank_minor`` is what the bank credited, None as long as it has not said so; ``told_note`` why that differs.
    """

    id: int
    currency: str
    deposited_on: date
    status: str
    control_minor: int
    control_count: int | None
    minor: int
    count: int
    waiting: int
    bank_reference: str
    from_bank: bool
    bank_minor: int | None
    told_note: str
    opened_by: str

    @property
    def difference_minor(self) -> int:
        """What the checks lack of the total; below zero where they are too much."""
        return self.control_minor - self.minor

    @property
    def missing(self) -> int | None:
        """How many checks are missing; below zero where there are too many."""
        return None if self.control_count is None else self.control_count - self.count

    @property
    def bank_difference_minor(self) -> int:
        """What the bank credited more than the total; below zero where less, zero as long as it has said nothing."""
        return 0 if self.bank_minor is None else self.bank_minor - self.control_minor

    @property
    def ties_out(self) -> bool:
        """Whether it may be closed."""
        return not self.difference_minor and not self.missing and self.count > 0


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check that was received. ``decided`` names what a person asked for and the worker has yet to do."""

    id: int
    public_id: UUID
    vendor_id: int
    deposit_id: int
    received_on: date
    amount_minor: int
    currency: str
    number: str
    payer: str
    remittance: str
    status: str
    confidence: int | None
    reasons: tuple[str, ...]
    matched_by: str
    company_id: int | None
    payment_public_id: UUID | None
    returned_on: date | None
    decided: str
    refusal: str


@dataclass(frozen=True, slots=True)
class BankFileRow:
    """A file of the bank's, and what came of it."""

    id: int
    filename: str
    checks_read: int
    known_before: int
    other_lines: int
    returns_unknown: tuple[Mapping[str, Any], ...]
    uploaded_by: str
    uploaded_at: datetime


def deposits(*, vendor_id: int, limit: int = 50) -> list[DepositRow]:
    """Return a vendor's deposits, those that do not tie out yet first, then the latest."""
    found = _deposits().filter(vendor_id=vendor_id).exclude(status=DepositStatus.DROPPED)
    ordered = found.order_by(Case(When(status=DepositStatus.OPEN, then=0), default=1), "-deposited_on", "-id")
    return [_deposit(row) for row in ordered[:limit]]


def deposit(*, vendor_id: int, deposit_id: int) -> DepositRow:
    """Return one deposit. Raises DepositNotFound."""
    found = _deposits().filter(vendor_id=vendor_id, id=deposit_id).first()
    if found is None:
        raise DepositNotFound(_("There is no such deposit; the list of checks shows those there are."))
    return _deposit(found)


def may_be(told: DepositRow, *, vendor_id: int) -> list[DepositRow]:
    """Return the deposits of ours that the bank has not named, one of which may be ``told``, of the bank's."""
    handed_in = unconfirmed(vendor_id).filter(
        currency=told.currency,
        deposited_on__range=(told.deposited_on - BANK_TELLS_WITHIN, told.deposited_on + BANK_TELLS_WITHIN),
    )
    found = _deposits().filter(id__in=handed_in.values("id")).order_by("-deposited_on", "id")
    return [_deposit(row) for row in found]


def deposits_of_file(bank_file_id: int) -> list[DepositRow]:
    """Return the deposits that a bank file told of."""
    return [_deposit(row) for row in _deposits().filter(bank_file_id=bank_file_id).order_by("deposited_on", "id")]


def checks_of_deposit(deposit_id: int) -> list[CheckRow]:
    """Return a deposit's checks in the order in which they were typed or read."""
    return _rows(_checks().filter(deposit_id=deposit_id).order_by("id"))


def checks_waiting(*, vendor_id: int, limit: int = 50, offset: int = 0) -> list[CheckRow]:
    """Return the checks whose payer nobody knows for sure, the longest waiting first."""
    found = _checks().filter(vendor_id=vendor_id, status=CheckStatus.WAITING).order_by("deposit__deposited_on", "id")
    return _rows(found[offset : offset + limit])


def waiting_sum(vendor_id: int) -> tuple[int, int]:
    """Return how many checks wait, and what they are over in minor units: what is in suspense for checks."""
    found = ReceivedCheck.objects.filter(vendor_id=vendor_id, status=CheckStatus.WAITING)
    told = found.aggregate(n=Count("id"), minor=Sum("amount_minor"))
    return told["n"], told["minor"] or 0


def check(*, vendor_id: int, public_id: UUID) -> CheckRow:
    """Return one check. Raises CheckNotFound."""
    rows = _rows(_checks().filter(vendor_id=vendor_id, public_id=public_id))
    if not rows:
        raise CheckNotFound(_("There is no such check; the list of checks shows those there are."))
    return rows[0]


def candidates_of(check_ids: Iterable[int]) -> dict[int, list[Candidate]]:
    """Return, by check, the companies that it may be of, the likeliest first, as things stand now."""
    found = ReceivedCheck.objects.select_related("deposit").filter(id__in=list(check_ids))
    return {row.id: candidates(row) for row in found}


def bank_files(*, vendor_id: int, limit: int = 20) -> list[BankFileRow]:
    """Return a vendor's bank files, the latest first."""
    return [_file(row) for row in BankFile.objects.defer("profile").filter(vendor_id=vendor_id).order_by("-id")[:limit]]


def known_profile(vendor_id: int) -> tuple[str, str] | None:
    """Return the name and text of the profile that a CSV file of the vendor's bank was read through last."""
    found = BankFile.objects.filter(vendor_id=vendor_id).exclude(profile="").order_by("-id").first()
    return (found.profile_name, found.profile) if found else None


def bank_file(*, vendor_id: int, bank_file_id: int) -> BankFileRow:
    """Return one bank file. Raises BankFileNotFound."""
    found = BankFile.objects.defer("profile").filter(vendor_id=vendor_id, id=bank_file_id).first()
    if found is None:
        raise BankFileNotFound(_("There is no such file; the list of checks shows those there are."))
    return _file(found)


def _deposits() -> QuerySet[Deposit]:
    return Deposit.objects.select_related("told_by").annotate(
        minor=Coalesce(Sum("checks__amount_minor"), 0),
        count=Count("checks"),
        waiting=Count("checks", filter=Q(checks__status=CheckStatus.WAITING)),
    )


def _checks() -> QuerySet[ReceivedCheck]:
    last = CheckDecision.objects.filter(received=OuterRef("pk")).order_by("-id")
    return ReceivedCheck.objects.select_related("deposit", "payment").annotate(
        last_kind=Subquery(last.values("kind")[:1]),
        last_status=Subquery(last.values("status")[:1]),
        last_outcome=Subquery(last.values("outcome")[:1]),
    )


def _deposit(row: Deposit) -> DepositRow:
    return DepositRow(
        id=row.id,
        currency=row.currency,
        deposited_on=row.deposited_on,
        status=row.status,
        control_minor=row.control_minor,
        control_count=row.control_count,
        minor=row.minor,  # type: ignore[attr-defined]
        count=row.count,  # type: ignore[attr-defined]
        waiting=row.waiting,  # type: ignore[attr-defined]
        bank_reference=row.told_by.bank_reference if row.told_by else row.bank_reference,
        from_bank=row.bank_file_id is not None,
        bank_minor=_bank_minor(row),
        told_note=row.told_note,
        opened_by=row.opened_by,
    )


def _bank_minor(row: Deposit) -> int | None:
    if row.told_by:
        return row.told_by.control_minor
    return row.control_minor if row.bank_line is not None else None


def _rows(found: QuerySet[ReceivedCheck]) -> list[CheckRow]:
    return [_row(row) for row in found]


def _row(row: ReceivedCheck) -> CheckRow:
    requested = row.last_status == DecisionStatus.REQUESTED  # type: ignore[attr-defined]
    return CheckRow(
        id=row.id,
        public_id=row.public_id,
        vendor_id=row.vendor_id,
        deposit_id=row.deposit_id,
        received_on=row.deposit.deposited_on,
        amount_minor=row.amount_minor,
        currency=row.deposit.currency,
        number=row.number,
        payer=row.payer,
        remittance=row.remittance,
        status=row.status,
        confidence=row.confidence,
        reasons=tuple(in_words((code, facts) for code, facts in row.reasons)),
        matched_by=row.matched_by,
        company_id=row.payment.company_id if row.payment else None,
        payment_public_id=row.payment.public_id if row.payment else None,
        returned_on=row.returned_on,
        decided=row.last_kind if requested else "",  # type: ignore[attr-defined]
        refusal="" if requested else row.last_outcome or "",  # type: ignore[attr-defined]
    )


def _file(row: BankFile) -> BankFileRow:
    return BankFileRow(
        id=row.id,
        filename=row.filename,
        checks_read=row.checks_read,
        known_before=row.known_before,
        other_lines=row.other_lines,
        returns_unknown=tuple(row.returns_unknown),
        uploaded_by=row.uploaded_by,
        uploaded_at=row.uploaded_at,
    )
