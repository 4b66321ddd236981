"""From what a company takes to what its next invoices say. Pure: plain rows in, plain rows out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from comptoir.kit.periods import Period
from comptoir.subscriptions.calculation.discounts import DiscountTerms, discount_on, discounted
from comptoir.subscriptions.calculation.due import ChargeDue, SubscriptionDue
from comptoir.subscriptions.calculation.periods import periods_due
from comptoir.subscriptions.calculation.proration import prorate
from comptoir.taxes.calculation import ApplicableRate, TaxTotal, reckon
from comptoir.taxes.places import Place

from .vat import PIECE, UNITS, VatCategory

NOWHERE = Place("", "", "", "")


class PricePoint(Protocol):
    """What a plan costs per full period, in minor units, for periods that start from ``valid_from`` on."""

    @property
    def valid_from(self) -> date: ...
    @property
    def amount_minor(self) -> int: ...


class PlanTerms(Protocol):
    """What a plan is sold as; ``prices`` are the oldest first."""

    @property
    def name(self) -> str: ...
    @property
    def cadence(self) -> str: ...
    @property
    def tax_category(self) -> str: ...
    @property
    def prices(self) -> Sequence[PricePoint]: ...


class Store(NamedTuple):
    """Where a line's service is used: what the invoice calls the store, and the place whose taxes fall on it."""

    label: str
    place: Place


class _PeriodTaken(NamedTuple):
    """What lines have in common that pay for the same days of the same plan in the same place.

    ``list_minor`` is the plan's price of the full period, None where it has none.
    """

    description: str
    days: Period
    full: Period
    full_days: int
    list_minor: int | None
    rates: tuple[ApplicableRate, ...]
    unit: str
    vat_category: VatCategory


# What tells such lines: plan, place, anchor day, the first day not billed and the first without service, through when.
_Taken = tuple[int, Place, int, date, date | None, date]


@dataclass(frozen=True, slots=True)
class Terms:
    """All that invoices of many companies are reckoned from: plans, stores, discounts and tax rates.

    ``taxed`` are the places where the vendor collects some tax, with the categories that bear it.
    """

    plans: Mapping[int, PlanTerms]
    stores: Mapping[int, Store]
    discounts: Mapping[int, Sequence[DiscountTerms]]
    rates: Mapping[tuple[Place, str], tuple[ApplicableRate, ...]]
    taxed: Mapping[Place, Collection[str]] = field(default_factory=dict)
    _known: dict[_Taken, list[_PeriodTaken]] = field(default_factory=dict, init=False)

    def periods(self, taken: _Taken) -> list[_PeriodTaken]:
        """Return the periods due of a plan, reckoned once for all who take it alike."""
        found = self._known.get(taken)
        if found is None:
            found = self._known[taken] = list(self._periods(*taken))
        return found

    def _periods(
        self, plan_id: int, place: Place, anchor_day: int, billed_through: date, ends_on: date | None, through: date
    ) -> Iterator[_PeriodTaken]:
        plan = self.plans[plan_id]
        rates = self.rates[place, plan.tax_category]
        for due in periods_due(
            billed_through=billed_through, through=through, ends_on=ends_on, cadence=plan.cadence, anchor_day=anchor_day
        ):
            days, full = due.days, due.full
            valid = [price.amount_minor for price in plan.prices if price.valid_from <= days.starts_on]
            yield _PeriodTaken(
                plan.name,
                days,
                full,
                full.days,
                valid[-1] if valid else None,
                rates,
                UNITS[plan.cadence],
                "S" if rates else self.untaxed(place=place, tax_category=plan.tax_category),
            )

    def untaxed(self, *, place: Place, tax_category: str) -> VatCategory:
        """Return what a category of products is to the tax of a place where it bears none.

        It is exempt by itself, or where others bear a tax by a certificate.
        """
        taxed = self.taxed.get(place)
        if tax_category == "exempt" or (taxed and tax_category in taxed):
            return "E"
        return "Z" if taxed else "O"


class LineDue(NamedTuple):
    """One line to be: what it is for, the days it pays for, prices of the full period, its own amount, its taxes.

    A charge has no days. Amounts are minor units, without taxes. ``unit`` is what the price is for, ``vat_category``
    what the line is to a tax; ``vat`` says how they are written.
    """

    subscription_id: int | None
    charge_id: int | None
    location_id: int | None
    location_label: str
    description: str
    days: Period | None
    full_days: int | None
    unit_minor: int
    discount_minor: int
    amount_minor: int
    rates: tuple[ApplicableRate, ...] = ()
    unit: str = PIECE
    vat_category: VatCategory = "O"


class InvoiceDue(NamedTuple):
    """One invoice to be, for one store or for the whole company (``location_id`` None)."""

    location_id: int | None
    lines: Sequence[LineDue]
    taxes: Sequence[TaxTotal]

    @property
    def net_minor(self) -> int:
        """What the lines add up to."""
        return sum([line.amount_minor for line in self.lines])

    @property
    def tax_minor(self) -> int:
        """What the taxes add up to."""
        return sum([total.tax_minor for total in self.taxes])


class NoPrice(ValueError):
    """A plan has no price for a period that is due."""

    def __init__(self, *, plan: str, day: date) -> None:
        super().__init__(f"{plan} has no price on {day.isoformat()}")
        self.plan, self.day = plan, day


def invoices_due(
    *,
    subscriptions: Iterable[SubscriptionDue],
    charges: Iterable[ChargeDue],
    through: date,
    terms: Terms,
    home: Place = NOWHERE,
    per_store: bool = False,
    abroad: VatCategory = "O",
) -> list[InvoiceDue]:
    """Return a company's invoices for every period that starts on or before ``through`` and every charge due.

    ``home`` is the place that is taxed for what belongs to no store; ``abroad`` is what lines are to a tax where the
    vendor collects none. Raises NoPrice where a plan has no price on the day a period starts, and what looking up
    ``terms.rates`` raises where a place lacks its rate.
    """
    lines: list[LineDue] = []
    for taken in subscriptions:
        lines.extend(_periods(taken, through=through, terms=terms, home=home))
    lines.extend(_charge(charge, terms=terms, home=home) for charge in charges)
    lines.sort(key=_order)
    if abroad != "O":
        lines = [line._replace(vat_category=abroad) if line.vat_category == "O" else line for line in lines]
    if not lines:
        return []
    if not per_store:
        return [_invoice(None, lines)]
    stores = dict.fromkeys(line.location_id for line in lines)
    return [_invoice(store, [line for line in lines if line.location_id == store]) for store in stores]


def due_date(*, lines: Sequence[LineDue], issue_date: date, terms_days: int) -> date:
    """Return when an invoice is due: when its earliest period starts, plus terms, and never before it was issued."""
    starts = [line.days.starts_on for line in lines if line.days]
    return max(issue_date, min(starts, default=issue_date) + timedelta(terms_days))


def _invoice(location_id: int | None, lines: Sequence[LineDue]) -> InvoiceDue:
    taxes = reckon(lines=[(line.amount_minor, line.rates) for line in lines])
    return InvoiceDue(location_id=location_id, lines=lines, taxes=taxes)


def _order(line: LineDue) -> tuple[str, str, int, date]:
    starts_on = line.days.starts_on if line.days else date.max
    return (line.location_label, line.description, line.subscription_id or 0, starts_on)


def _periods(taken: SubscriptionDue, *, through: date, terms: Terms, home: Place) -> Iterator[LineDue]:
    subscription_id, _company_id, location_id, plan_id, anchor_day, agreed_minor, billed_through, ends_on = taken
    label, place = ("", home) if location_id is None else terms.stores[location_id]
    discounts = terms.discounts.get(subscription_id)
    for description, days, full, full_days, list_minor, rates, unit, vat_category in terms.periods(
        (plan_id, place, anchor_day, billed_through, ends_on, through)
    ):
        unit_minor = list_minor if agreed_minor is None else agreed_minor
        if unit_minor is None:
            raise NoPrice(plan=description, day=days.starts_on)
        price_minor = unit_minor
        if discounts:
            price_minor = discounted(price_minor=unit_minor, terms=discount_on(discounts=discounts, day=days.starts_on))
        yield LineDue(
            subscription_id,
            None,
            location_id,
            label,
            description,
            days,
            full_days,
            unit_minor,
            unit_minor - price_minor,
            price_minor if days is full else prorate(price_minor=price_minor, days=days, full=full),
            rates,
            unit,
            vat_category,
        )


def _charge(charge: ChargeDue, *, terms: Terms, home: Place) -> LineDue:
    label, place = ("", home) if charge.location_id is None else terms.stores[charge.location_id]
    rates = terms.rates[place, charge.tax_category]
    return LineDue(
        subscription_id=None,
        charge_id=charge.id,
        location_id=charge.location_id,
        location_label=label,
        description=charge.description,
        days=None,
        full_days=None,
        unit_minor=charge.amount_minor,
        discount_minor=0,
        amount_minor=charge.amount_minor,
        rates=rates,
        vat_category="S" if rates else terms.untaxed(place=place, tax_category=charge.tax_category),
    )
