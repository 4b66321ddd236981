"""What tax an invoice bears, how it falls on the lines, and what a credit gives back. docs/tax.md is its table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class ApplicableRate:
    """A jurisdiction's rate for a category of products, 0.0625 for 6.25 %, with at most six places."""

    jurisdiction_id: int
    jurisdiction_code: str
    category: str
    rate: Decimal
    millionths: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        millionths = self.rate * MILLION
        if millionths < 0 or millionths != int(millionths):
            raise ValueError(f"A tax rate has at most six places and is not negative: {self.rate}")
        object.__setattr__(self, "millionths", int(millionths))

    def __hash__(self) -> int:
        return self.jurisdiction_id  # bill runs ask by the million; of one jurisdiction there are few


class TaxTotal(NamedTuple):
    """What one rate takes from an invoice: the tax on the sum of the lines under it, in minor units.

    ``lines`` are those lines' indexes.
    """

    applicable: ApplicableRate
    taxable_minor: int
    tax_minor: int
    lines: Sequence[int]


class Borne(NamedTuple):
    """What a line bears: ``parts`` of the totals at ``positions`` (from 1) of the invoice's, in minor units."""

    positions: tuple[int, ...]
    parts: tuple[int, ...]


def reckon(*, lines: Sequence[tuple[int, tuple[ApplicableRate, ...]]]) -> tuple[TaxTotal, ...]:
    """Return the tax on an invoice whose ``lines`` are amounts (minor units, not negative) with their rates.

    Tax is rounded half up, once for each jurisdiction, category and rate of the invoice, in the order in which lines
    name them.
    """
    shared = lines[0][1] if lines else ()
    if not [rates for _amount, rates in lines if rates is not shared]:  # mostly all lines are taxed alike
        taxable, everywhere = sum([amount for amount, _rates in lines]), range(len(lines))
        return tuple([_total(rate, taxable, everywhere) for rate in dict.fromkeys(shared)])
    under = _lines_under(lines)
    return tuple([_total(rate, sum([lines[i][0] for i in indexes]), indexes) for rate, indexes in under.items()])


def _total(rate: ApplicableRate, taxable_minor: int, lines: Sequence[int]) -> TaxTotal:
    return TaxTotal(rate, taxable_minor, (taxable_minor * rate.millionths + MILLION // 2) // MILLION, lines)


def borne(*, amounts: Sequence[int], totals: Sequence[TaxTotal]) -> Sequence[Borne]:
    """Return what each line, of ``amounts`` in minor units, bears of an invoice's taxes.

    Each total is allocated to its lines by largest remainder, so that their parts add up to it.
    """
    if totals and not [total for total in totals if len(total.lines) < len(amounts)]:  # mostly all are taxed alike
        return _borne_alike(tuple(amounts), tuple([total.tax_minor for total in totals]))
    columns = [allocate(total=tax, weights=[amounts[i] for i in lines]) for _rate, _taxable, tax, lines in totals]
    positions: list[list[int]] = [[] for _line in amounts]
    parts_of: list[list[int]] = [[] for _line in amounts]
    for position, (total, column) in enumerate(zip(totals, columns, strict=True), 1):
        for line, part in zip(total.lines, column, strict=True):
            positions[line].append(position)
            parts_of[line].append(part)
    return [Borne(tuple(where), tuple(parts)) for where, parts in zip(positions, parts_of, strict=True)]


@lru_cache(maxsize=256)
def _borne_alike(amounts: tuple[int, ...], taxes: tuple[int, ...]) -> tuple[Borne, ...]:
    """Return what lines bear that bear all taxes; at list prices, many invoices are alike."""
    everywhere = tuple(range(1, len(taxes) + 1))
    columns = [allocate(total=tax_minor, weights=amounts) for tax_minor in taxes]
    return tuple([Borne(everywhere, parts) for parts in zip(*columns, strict=True)])


def _lines_under(lines: Sequence[tuple[int, tuple[ApplicableRate, ...]]]) -> dict[ApplicableRate, Sequence[int]]:
    """Return the indexes of the lines under each rate, in the order in which lines name rates."""
    under: dict[ApplicableRate, list[int]] = {}
    for index, (_amount, rates) in enumerate(lines):
        for rate in rates:
            under.setdefault(rate, []).append(index)
    return dict(under)


def allocate(*, total: int, weights: Sequence[int]) -> list[int]:
    """Return ``total`` in parts by ``weights`` (not negative), the odd units to the largest remainders.

    Ties go to the first. The parts add up to the total; when all weights are zero, so must be the total.
    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("There is nothing to allocate by")
        return [0] * len(weights)
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(total * weight, whole)
        parts.append(part)
        remainders.append(remainder)
    odd = total - sum(parts)
    if odd == 1:
        parts[remainders.index(max(remainders))] += 1
    elif odd:
        for index in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:odd]:
            parts[index] += 1
    return parts


def reverse(*, line_minor: int, parts: Sequence[int], before_minor: int, credit_minor: int) -> tuple[int, ...]:
    """Return what a credit of ``credit_minor`` of a line gives back of each of its tax ``parts``, in minor units.

    ``before_minor`` is what was credited of the line before. What is given back up to an amount is that amount's share,
    rounded half up; a credit gives the difference. So credits of the whole line give back its parts exactly.
    """
    after_minor = before_minor + credit_minor
    if before_minor < 0 or credit_minor < 0 or after_minor > line_minor:
        raise ValueError(f"Of {line_minor}, {before_minor} is credited; {credit_minor} more is not possible")
    if line_minor == 0:
        return (0,) * len(parts)
    return tuple(
        _share(part, of=line_minor, up_to=after_minor) - _share(part, of=line_minor, up_to=before_minor)
        for part in parts
    )


def _share(part: int, *, of: int, up_to: int) -> int:
    return (2 * part * up_to + of) // (2 * of)
