"""What is due, for many companies at once: bulk reads, then the pure calculation. Plan, preview and issue share it."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from django.db import connection

from comptoir.catalog.prices import terms_of
from comptoir.customers.queries import first_stores, store_addresses
from comptoir.kit.errors import ComptoirError
from comptoir.subscriptions.calculation.due import ChargeDue, SubscriptionDue
from comptoir.subscriptions.queries import (
    PLAIN,
    PreferencesRow,
    any_period_or_credit_due,
    charges,
    companies_with_periods_due,
    discounts_of,
    overbilled_companies,
    preferences_of,
    with_periods_due,
)
from comptoir.taxes.places import Place
from comptoir.taxes.port import Rates
from comptoir.taxes.queries import applicable_rates, exemptions
from comptoir.tenancy.queries import CompanyRow, VendorRow, companies_by_ids

from .calculation.invoices import NOWHERE, InvoiceDue, NoPrice, Store, Terms, invoices_due
from .calculation.vat import untaxed_abroad
from .models import InvoiceLine
from .problems import Problem, problem_of

log = logging.getLogger(__name__)

Row = TypeVar("Row", SubscriptionDue, ChargeDue)


@dataclass(frozen=True, slots=True)
class Due:
    """Invoices to be, by company, and why others cannot be billed. Companies with nothing due are in neither.

    ``preferences`` are of those that said how they want to be billed; ``buyers`` are all.
    """

    invoices: Mapping[int, Sequence[InvoiceDue]]
    problems: Mapping[int, Problem]
    preferences: Mapping[int, PreferencesRow]
    buyers: Mapping[int, CompanyRow]


def companies_due(*, vendor_id: int, through: date) -> list[int]:
    """Return the companies billed here to which something falls due up to ``through``, or a credit is owed."""
    return sorted(
        {
            *companies_with_periods_due(vendor_id=vendor_id, through=through),
            *overbilled_companies(vendor_id=vendor_id),
            *_companies_with_charges(vendor_id=vendor_id, through=through),
        }
    )


def anything_due(*, vendor_id: int, through: date) -> bool:
    """Return whether ``companies_due`` has any; it names none, and stops at the first."""
    return any_period_or_credit_due(vendor_id=vendor_id, through=through) or _any_charge_due(
        vendor_id=vendor_id, through=through
    )


def reckon_due(
    *, seller: VendorRow, company_ids: Sequence[int], through: date, issue_date: date, hold: bool = False
) -> Due:
    """Reckon the invoices of the seller's companies for what is due up to ``through``, taxed by ``issue_date``'s rates.

    With ``hold``, their subscriptions are held until the transaction ends, so that what is reckoned stays true.
    """
    taken = with_periods_due(company_ids=company_ids, through=through, hold=hold)
    charged = _unbilled_charges(company_ids=company_ids, through=through, hold=hold)
    buyers = companies_by_ids({row.company_id for rows in (taken, charged) for row in rows})
    return reckon_taken(
        seller=seller, buyers=buyers, taken=taken, charged=charged, through=through, issue_date=issue_date
    )


def reckon_taken(
    *,
    seller: VendorRow,
    buyers: Mapping[int, CompanyRow],
    taken: Sequence[SubscriptionDue],
    through: date,
    issue_date: date,
    charged: Sequence[ChargeDue] = (),
) -> Due:
    """Reckon the invoices of ``buyers`` for what is told here, whether or not it, or they, are on record."""
    subscriptions_of = _by_company(taken)
    charges_of = _by_company(charged)
    billed = sorted({*subscriptions_of, *charges_of})
    preferences = preferences_of(billed)
    exempt = exemptions(company_ids=billed, on=issue_date)
    stores = {row.location_id for row in taken} | {row.location_id for row in charged}
    at_home = {row.company_id for rows in (taken, charged) for row in rows if row.location_id is None}
    homes = first_stores(at_home, on=issue_date) if at_home else {}
    seats = {company_id: Place(buyers[company_id].ids.country, "", "", "") for company_id in at_home - homes.keys()}
    terms, rates = _terms(
        vendor_id=seller.id,
        taken=taken,
        stores=stores | set(homes.values()),
        seats=seats.values(),
        issue_date=issue_date,
    )
    found: dict[int, Sequence[InvoiceDue]] = {}
    problems: dict[int, Problem] = {}
    for company_id in billed:
        try:
            found[company_id] = invoices_due(
                subscriptions=subscriptions_of.get(company_id, ()),
                charges=charges_of.get(company_id, ()),
                through=through,
                terms=replace(terms, rates=rates.relieved(exempt[company_id])) if company_id in exempt else terms,
                home=terms.stores[homes[company_id]].place if company_id in homes else seats.get(company_id, NOWHERE),
                per_store=preferences.get(company_id, PLAIN).invoice_per_store,
                abroad=untaxed_abroad(seller=seller.ids, buyer=buyers[company_id].ids),
            )
        except (ComptoirError, NoPrice) as error:
            problems[company_id] = problem_of(error)
        except Exception as error:  # of whatever kind, it is this company's alone
            log.exception("company %s cannot be reckoned", company_id)
            problems[company_id] = problem_of(error)
    return Due(invoices=found, problems=problems, preferences=preferences, buyers=buyers)


def _terms(
    *,
    vendor_id: int,
    taken: Sequence[SubscriptionDue],
    stores: set[int | None],
    seats: Iterable[Place],
    issue_date: date,
) -> tuple[Terms, Rates]:
    addresses = store_addresses(location_id for location_id in stores if location_id is not None)
    places: dict[tuple[str, ...], Place] = {seat: seat for seat in seats}
    known = {
        location_id: Store(label, places.get(where) or places.setdefault(where, Place._make(where)))
        for location_id, (label, *area) in addresses.items()
        for where in (tuple(area),)
    }
    rates = applicable_rates(vendor_id=vendor_id, places=places.values(), on=issue_date)
    terms = Terms(
        plans=terms_of(row.plan_id for row in taken),
        stores=known,
        discounts={
            subscription_id: [row.terms for row in rows]
            for subscription_id, rows in discounts_of([row.id for row in taken]).items()
        },
        rates=rates,
        taxed=rates.taxed(),
    )
    return terms, rates


def _by_company(rows: Sequence[Row]) -> Mapping[int, Sequence[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.company_id].append(row)
    return found


def _unbilled_charges(*, company_ids: Sequence[int], through: date, hold: bool) -> list[ChargeDue]:
    rows = [row for row in charges(company_ids=company_ids, through=through, hold=hold) if not row.is_withdrawn]
    if not rows:
        return []
    lines = InvoiceLine.objects.filter(charge_id__in=[row.id for row in rows])
    billed = set(lines.values_list("charge_id", flat=True))
    return [
        ChargeDue(
            id=row.id,
            company_id=row.company_id,
            location_id=row.location_id,
            description=row.description,
            tax_category=row.tax_category,
            amount_minor=row.amount_minor,
            charge_on=row.charge_on,
        )
        for row in rows
        if row.id not in billed
    ]


CHARGES_DUE = """
    FROM subscriptions_oneoffcharge g
    JOIN tenancy_company c ON c.id = g.company_id AND c.vendor_id = %s AND c.billed_since IS NOT NULL
    WHERE g.charge_on <= %s AND NOT EXISTS (SELECT 1 FROM invoicing_invoiceline l WHERE l.charge_id = g.id)
      AND NOT EXISTS (SELECT 1 FROM subscriptions_chargewithdrawal w WHERE w.charge_id = g.id)
"""


def _companies_with_charges(*, vendor_id: int, through: date) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT g.company_id {CHARGES_DUE}", [vendor_id, through])
        return [row[0] for row in cursor.fetchall()]


def _any_charge_due(*, vendor_id: int, through: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 {CHARGES_DUE})", [vendor_id, through])
        (found,) = cursor.fetchone() or (False,)
        return bool(found)
