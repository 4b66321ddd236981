"""Two invoices beside each other, line by line, and by which rule they differ. Pure: plain rows in and out.

A line of the old invoice is explained where this system's own calculation charges the same for the same days.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from comptoir.kit.periods import Period
from comptoir.subscriptions.calculation.periods import MONTHS, PeriodDue, add_months, periods_due
from comptoir.subscriptions.calculation.proration import prorate

ONE_DAY = timedelta(days=1)
ROUNDING_MINOR = 1
MILLION = 1_000_000
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OldLine:
    """A line of the old system's invoice: ``amount_minor`` without tax, for ``days``."""

    store: str
    plan: str
    description: str
    days: Period
    amount_minor: int

    @property
    def key(self) -> Key:
        """What the line is for: a plan at a store, or the company's own."""
        return self.store, self.plan


@dataclass(frozen=True, slots=True)
class OldInvoice:
    """The old system's invoice; ``tax_minor`` is what it charged beyond its lines."""

    issued_on: date
    lines: Sequence[OldLine]
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What the company takes here, and what its next period costs: ``amount_minor`` without tax, for ``days``.

    ``prices`` are the full period's by the day from which they hold, the oldest first. ``is_due`` says whether the
    next invoice has it. ``millionths`` is its rate of tax. ``ends_on`` is set where it has ended: it has no next.
    """

    store: str
    plan: str
    description: str
    cadence: str
    anchor_day: int
    begins_on: date
    days: Period | None
    amount_minor: int
    discount_minor: int
    prices: Sequence[tuple[date, int]]
    millionths: int
    is_due: bool
    ends_on: date | None = None

    @property
    def key(self) -> Key:
        """What it is for, as an old line names it."""
        return self.store, self.plan


class Why(NamedTuple):
    """Why two lines differ: ``reasons``, the ``day`` that one names, and ``off_minor`` that no rule explains."""

    reasons: tuple[str, ...] = ()
    day: date | None = None
    off_minor: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of either side or of both; ``reasons`` are none where they are alike, "unexplained" where none holds.

    ``off_minor`` is what no rule explains, in minor units: more than none where it is unexplained.
    """

    store: str
    description: str
    old_days: Period | None
    old_minor: int
    new_days: Period | None
    new_minor: int
    reasons: tuple[str, ...]
    day: date | None = None
    off_minor: int = 0

    @property
    def difference_minor(self) -> int:
        """What this system charges more than the old one."""
        return self.new_minor - self.old_minor


@dataclass(frozen=True, slots=True)
class Compared:
    """The pairs, lines first and the tax last; ``unexplained_minor`` is what no rule explains, whichever way."""

    pairs: Sequence[Pair]
    unexplained_minor: int
    verdict: str


def compare(
    *,
    old: OldInvoice,
    taken: Sequence[Taken],
    charges: Mapping[str, int],
    tax_minor: int,
    tolerance_minor: int,
) -> Compared:
    """Return the two invoices side by side. ``charges`` are billed once, by description; ``tax_minor`` is new.

    Up to ``tolerance_minor``, what no rule explains is let pass.
    """
    lines_of: dict[Key, list[OldLine]] = {}
    for line in old.lines:
        lines_of.setdefault(line.key, []).append(line)
    taken_of: dict[Key, list[Taken]] = {}
    for each in taken:
        taken_of.setdefault(each.key, []).append(each)
    pairs = [
        _pair(old=old, lines=lines_of.get(key, []), taken=taken_of.get(key, []))
        for key in sorted({*lines_of, *taken_of})
        if key in lines_of or any(each.is_due for each in taken_of[key])
    ]
    pairs += [Pair("", what, None, 0, None, amount, ("charge",)) for what, amount in sorted(charges.items())]
    pairs.append(_tax(old=old, taken=taken_of, tax_minor=tax_minor))
    unexplained = sum(pair.off_minor for pair in pairs)
    if unexplained > tolerance_minor:
        return Compared(pairs, unexplained, "unexplained")
    pairs = [replace(pair, reasons=("tolerance",)) if pair.off_minor else pair for pair in pairs]
    return Compared(pairs, 0, "explained" if any(pair.reasons for pair in pairs) else "matched")


def _pair(*, old: OldInvoice, lines: Sequence[OldLine], taken: Sequence[Taken]) -> Pair:
    """What one plan at one store costs on both sides; several of the same are added up."""
    due = [each for each in taken if each.is_due]
    old_minor, new_minor = sum(line.amount_minor for line in lines), sum(each.amount_minor for each in due)
    first = (lines or due)[0]
    why = _why(lines=lines, taken=taken, due=due, old_minor=old_minor) if lines else _new_alone(old=old, due=due)
    return Pair(
        store=first.store,
        description=first.description,
        old_days=_span([line.days for line in lines]),
        old_minor=old_minor,
        new_days=_span([each.days for each in due if each.days]),
        new_minor=new_minor,
        reasons=why.reasons,
        day=why.day,
        off_minor=why.off_minor,
    )


def _why(*, lines: Sequence[OldLine], taken: Sequence[Taken], due: Sequence[Taken], old_minor: int) -> Why:
    """Why the old invoice's lines of a plan at a store are not what the next invoice says."""
    if taken and all(each.ends_on for each in taken):
        return Why(("ended",), max(each.ends_on for each in taken if each.ends_on))
    if len(taken) != len(lines):
        return _unexplained(old_minor - sum(each.amount_minor for each in due))
    pairs = list(zip(taken, lines, strict=True))
    off_minor = abs(sum(_charged_here(each, line) for each, line in pairs) - old_minor)
    in_part = sum(_full_periods(each, line.days) is None for each, line in pairs)
    if off_minor > ROUNDING_MINOR * in_part:
        return _unexplained(off_minor)
    beyond = {(each.days.starts_on - line.days.ends_on).days for each, line in pairs if each.days} - {0}
    if beyond:
        return _unexplained(old_minor, "gap" if min(beyond) > 0 else "overlap")
    if not due:
        return Why(("not_due",), min(each.days.starts_on for each in taken if each.days))
    if old_minor == sum(each.amount_minor for each in due):
        return Why()
    return Why(_reasons(due=due, lines=lines) or ("rounding",))


def _unexplained(off_minor: int, *more: str) -> Why:
    return Why(("unexplained", *more), None, max(abs(off_minor), 1))


def _reasons(*, due: Sequence[Taken], lines: Sequence[OldLine]) -> tuple[str, ...]:
    """Why this system charges otherwise for its days than for the old invoice's."""
    found = []
    pairs = list(zip(due, lines, strict=False))
    if any(each.days and not _alike(each, line) for each, line in pairs):
        found.append("proration")
    if any(
        each.days and _price(each, each.days.starts_on) != _price(each, line.days.starts_on) for each, line in pairs
    ):
        found.append("price")
    if any(each.discount_minor for each in due):
        found.append("discount")
    return tuple(found)


def _alike(taken: Taken, line: OldLine) -> bool:
    """Whether both pay for as many full periods."""
    return _full_periods(taken, taken.days) == _full_periods(taken, line.days)


def _full_periods(taken: Taken, days: Period | None) -> int | None:
    if days is None:
        return None
    periods = list(_periods(taken, days))
    return len(periods) if all(due.days == due.full for due in periods) else None


def _new_alone(*, old: OldInvoice, due: Sequence[Taken]) -> Why:
    """Why the old invoice did not have it: begun since, or not billed in every invoice."""
    begins_on = min(each.begins_on for each in due)
    if begins_on >= old.issued_on:
        return Why(("opened",), begins_on)
    first_old = min((line.days.starts_on for line in old.lines), default=old.issued_on)
    before = max(
        add_months(each.days.starts_on, months=-MONTHS[each.cadence], anchor_day=each.anchor_day)
        for each in due
        if each.days
    )
    if before < first_old:
        return Why(("cadence",), before)
    return _unexplained(sum(each.amount_minor for each in due))


def _tax(*, old: OldInvoice, taken: Mapping[Key, Sequence[Taken]], tax_minor: int) -> Pair:
    """The tax on both sides: explained where ours, on the old invoice's lines, is theirs but for the rounding."""
    why = Why() if old.tax_minor == tax_minor else _why_tax(old=old, taken=taken, tax_minor=tax_minor)
    return Pair("", "", None, old.tax_minor, None, tax_minor, why.reasons, None, why.off_minor)


def _why_tax(*, old: OldInvoice, taken: Mapping[Key, Sequence[Taken]], tax_minor: int) -> Why:
    millionths = sum(
        line.amount_minor * max((each.millionths for each in taken.get(line.key, ())), default=0) for line in old.lines
    )
    off_minor = abs((millionths + MILLION // 2) // MILLION - old.tax_minor)
    rounding = ROUNDING_MINOR * max(len(old.lines), 1)
    if off_minor > rounding:
        return _unexplained(off_minor)
    return Why(("tax_follows",) if abs(tax_minor - old.tax_minor) > rounding else ("tax_rounding",))


def _charged_here(taken: Taken, line: OldLine) -> int:
    """What this system charges for the old line's days, in minor units."""
    return sum(
        prorate(price_minor=_price(taken, due.days.starts_on), days=due.days, full=due.full)
        for due in _periods(taken, line.days)
    )


def _periods(taken: Taken, days: Period) -> Iterator[PeriodDue]:
    return periods_due(
        billed_through=days.starts_on,
        through=days.ends_on - ONE_DAY,
        ends_on=days.ends_on,
        cadence=taken.cadence,
        anchor_day=taken.anchor_day,
    )


def _price(taken: Taken, day: date) -> int:
    """The full period's price on a day; before the first price, the first."""
    valid = [amount for since, amount in taken.prices if since <= day]
    return valid[-1] if valid else taken.prices[0][1]


def _span(days: Sequence[Period]) -> Period | None:
    return Period(min(each.starts_on for each in days), max(each.ends_on for each in days)) if days else None
