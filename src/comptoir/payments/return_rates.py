"""How many of a vendor's bank debits come back, beside what the network allows.

Nacha Operating Rules, subsection 2.17.2 (ODFI return rate reporting): over the last sixty days, at most 0.5 % of the
debits may come back as unauthorised, 3 % for administrative reasons, 15 % for any reason.

A debit that the processor refused to send is none of them: it never reached the network.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count, Q

from comptoir.tenancy.audit import system
from comptoir.work.operations import close_work, open_work

from .models import MethodKind, Payment, PaymentStatus

DAYS = timedelta(days=60)
LIMITS = {"unauthorised": Decimal("0.5"), "administrative": Decimal(3), "overall": Decimal(15)}


class Sort(StrEnum):
    """What the network counts a return as, beside counting all of them."""

    UNAUTHORISED = "unauthorised"
    ADMINISTRATIVE = "administrative"
    OTHER = "other"


# The processor gives the network's code where it has one, else its own word, which often stands for several codes.
SORTS: dict[str, Sort] = {
    **dict.fromkeys(("R05", "R07", "R10", "R11", "R29", "R51"), Sort.UNAUTHORISED),
    **dict.fromkeys(("R02", "R03", "R04"), Sort.ADMINISTRATIVE),
    # It says so of payments that were stopped, too (R08): rather too early than too late.
    "debit_not_authorized": Sort.UNAUTHORISED,
    **dict.fromkeys(
        (
            "account_closed",
            "bank_account_closed",
            "bank_account_invalid_details",
            "incorrect_account_details",
            "invalid_account_number",
            "no_account",
        ),
        Sort.ADMINISTRATIVE,
    ),
    **dict.fromkeys(
        (
            "bank_account_frozen",
            "bank_account_restricted",
            "bank_cannot_process",
            "bank_ownership_changed",
            "could_not_process",
            "customer_initiated",
            "insufficient_funds",
            "recipient_deceased",
        ),
        Sort.OTHER,
    ),
}
NETWORK_CODE = r"^R\d\d$"
NEAR = Decimal("0.8")
# One return among few debits says nothing yet.
FEWEST_RETURNS = 3
NOT_SENT = Q(status__in=(PaymentStatus.CREATED, PaymentStatus.ACTION_REQUIRED, PaymentStatus.CANCELED)) | (
    Q(status=PaymentStatus.FAILED, processing_at=None)
    & ~Q(failure_code__in=SORTS)
    & ~Q(failure_code__regex=NETWORK_CODE)
)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of the debits came back of one sort, in per cent, and the most that the network allows."""

    name: str
    returns: int
    percent: Decimal
    limit: Decimal

    @property
    def state(self) -> str:
        """Whether it is over the limit, near it (80 % of it, from three returns on), or fine."""
        if self.percent > self.limit:
            return "over" if self.returns >= FEWEST_RETURNS else "few"
        return "near" if self.percent >= self.limit * NEAR and self.returns >= FEWEST_RETURNS else "fine"


@dataclass(frozen=True, slots=True)
class ReturnRates:
    """The rates of the sixty days through a date, the debits that they are of, and how often each code came."""

    since: date
    debits: int
    rates: tuple[Rate, ...]
    codes: tuple[tuple[str, int], ...]


def return_rates(vendor_id: int, *, on: date) -> ReturnRates:
    """Return how many of a vendor's bank debits came back in the sixty days through ``on``."""
    since = on - DAYS
    debits = Payment.objects.filter(company__vendor_id=vendor_id, kind=MethodKind.BANK_ACCOUNT).exclude(NOT_SENT)
    sent = debits.filter(initiated_on__gt=since, initiated_on__lte=on).count()
    back = debits.filter(refused_on__gt=since, refused_on__lte=on).values_list("failure_code")
    codes = dict(back.annotate(times=Count("id")).order_by("failure_code"))
    counted = {
        **{
            sort.value: sum(times for code, times in codes.items() if SORTS.get(code) is sort)
            for sort in (Sort.UNAUTHORISED, Sort.ADMINISTRATIVE)
        },
        "overall": sum(codes.values()),
    }
    rates = tuple(
        Rate(name=name, returns=returns, percent=_percent(returns, of=sent), limit=LIMITS[name])
        for name, returns in counted.items()
    )
    return ReturnRates(since=since + timedelta(days=1), debits=sent, rates=rates, codes=tuple(codes.items()))


def watch_return_rates(*, vendor_id: int, on: date, now: datetime) -> None:
    """Put on the team's list each rate that is near or over what the network allows; take off what is fine."""
    for rate in return_rates(vendor_id, on=on).rates:
        subject = f"rate:{rate.name}"
        if rate.state in ("near", "over"):
            open_work(vendor_id=vendor_id, kind="return_rate", subject=subject, now=now, urgent=rate.state == "over")
        else:
            close_work(vendor_id=vendor_id, kind="return_rate", subject=subject, actor=system("payments"), now=now)


def _percent(returns: int, *, of: int) -> Decimal:
    return (Decimal(100 * returns) / of).quantize(Decimal("0.01")) if of else Decimal(0)
