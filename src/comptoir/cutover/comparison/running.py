"""Comparing all of a vendor's companies, some hundred at a time; killed, it goes on where it stood."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg.errors import RestrictViolation

from comptoir.catalog.prices import prices_of
from comptoir.customers.models import Location
from comptoir.invoicing.calculation.invoices import InvoiceDue, LineDue
from comptoir.invoicing.due import reckon_due
from comptoir.invoicing.problems import Problem
from comptoir.kit.events import emit
from comptoir.kit.periods import Period
from comptoir.subscriptions.models import Subscription
from comptoir.taxes.calculation import TaxTotal, reckon
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.models import Company
from comptoir.tenancy.queries import VendorRow, vendor

from ..errors import ComparisonRefused
from ..plan_names import legacy_plan
from ..taking_turns import compare_alone
from .models import Comparison, ComparisonRun, LegacyInvoice, Verdict
from .rules import Compared, OldInvoice, OldLine, Pair, Taken, compare

COMPANIES_AT_ONCE = 500
REFRESHED = (
    "run",
    "old_invoice",
    "verdict",
    "is_current",
    "old_minor",
    "new_minor",
    "difference_minor",
    "unexplained_minor",
    "lines",
    "problem",
    "fingerprint",
    "compared_at",
)


@dataclass(slots=True)
class _Next:
    """A company's next invoice: what is taken with its next period, what is charged once, the tax of what is due."""

    taken: Sequence[Taken] = ()
    charges: Mapping[str, int] | None = None
    tax_minor: int = 0
    problem: Problem | None = None

    @property
    def total_minor(self) -> int:
        """What the invoice comes to, taxes included."""
        lines = sum(each.amount_minor for each in self.taken if each.is_due)
        return lines + sum((self.charges or {}).values()) + self.tax_minor


def request_comparison(*, vendor_id: int, tolerance_minor: int, actor: Actor) -> int:
    """Ask the worker to compare every company that is not billed here yet; return the run's id.

    What no rule explains is let pass up to ``tolerance_minor`` per company; only a manager lets more pass than the run
    before. Raises ComparisonRefused, also while another run is under way.
    """
    companies = Company.objects.filter(vendor_id=vendor_id, billed_since=None).count()
    try:
        with transaction.atomic():
            run = ComparisonRun.objects.create(
                vendor_id=vendor_id, tolerance_minor=tolerance_minor, requested_by=actor.label, companies=companies
            )
    except IntegrityError as error:
        if isinstance(error.__cause__, RestrictViolation):
            why = _("To let more pass without a reason than so far is for a manager; ask one to compare.")
        else:
            why = _("The companies are being compared already; wait until that is finished.")
        raise ComparisonRefused(why) from error
    record(
        actor=actor,
        action="comparison requested",
        subject=f"comparison:{run.id}",
        vendor_id=vendor_id,
        after={"tolerance_minor": tolerance_minor},
    )
    emit(name="comparison_requested", topic=f"comparison:{run.id}", vendor_id=vendor_id, data={"run": run.id})
    return run.id


def runs_under_way() -> list[int]:
    """Return the runs that are not finished."""
    return list(ComparisonRun.objects.filter(finished_at=None).values_list("id", flat=True))


def compare_all(*, run_id: int, now: datetime) -> None:
    """Compare what a run has not compared yet, part by part, each in a transaction of its own."""
    while compare_next(run_id=run_id, now=now):
        pass


def compare_next(*, run_id: int, now: datetime, size: int = COMPANIES_AT_ONCE) -> bool:
    """Compare the next ``size`` companies of a run; return whether there were any. One that has moved is left out."""
    with transaction.atomic():
        run = ComparisonRun.objects.select_for_update().get(id=run_id)
        if run.finished_at is not None:
            return False
        compare_alone(vendor_id=run.vendor_id)
        waiting = Company.objects.filter(vendor_id=run.vendor_id, billed_since=None, id__gt=run.reached)
        company_ids = list(waiting.order_by("id").values_list("id", flat=True)[:size])
        if company_ids:
            _compare(run, company_ids=company_ids, now=now)
            run.reached, run.compared = company_ids[-1], run.compared + len(company_ids)
        else:
            run.finished_at = now
        run.save(update_fields=["reached", "compared", "finished_at"])
        return bool(company_ids)


def _compare(run: ComparisonRun, *, company_ids: Sequence[int], now: datetime) -> None:
    last = LegacyInvoice.objects.filter(company_id__in=company_ids).order_by("company_id", "-issued_on", "-id")
    old = {row.company_id: row for row in last.distinct("company_id")}
    following = _next_invoices(seller=vendor(run.vendor_id), company_ids=company_ids)
    Comparison.objects.bulk_create(
        [
            _row(run, company_id=company_id, old=old.get(company_id), new=following.get(company_id, _Next()), now=now)
            for company_id in company_ids
        ],
        update_conflicts=True,
        unique_fields=["company"],
        update_fields=REFRESHED,
    )


def _row(run: ComparisonRun, *, company_id: int, old: LegacyInvoice | None, new: _Next, now: datetime) -> Comparison:
    compared = _compared(run, old=old, new=new)
    lines = [_plain(pair) for pair in compared.pairs]
    old_minor = old.total_minor if old else None
    kept = json.dumps([old and old.number, old_minor, lines, new.problem], sort_keys=True)
    return Comparison(
        company_id=company_id,
        run=run,
        old_invoice=old,
        verdict=compared.verdict,
        is_current=True,
        old_minor=old_minor,
        new_minor=new.total_minor,
        difference_minor=new.total_minor - (old_minor or 0),
        unexplained_minor=compared.unexplained_minor,
        lines=lines,
        problem=new.problem,
        fingerprint=sha256(kept.encode()).hexdigest(),
        compared_at=now,
    )


def _compared(run: ComparisonRun, *, old: LegacyInvoice | None, new: _Next) -> Compared:
    if old is None:
        return Compared((), 0, Verdict.ALONE)
    if new.problem is not None:
        return Compared((), old.total_minor, Verdict.UNEXPLAINED)
    return compare(
        old=_old_invoice(old),
        taken=new.taken,
        charges=new.charges or {},
        tax_minor=new.tax_minor,
        tolerance_minor=run.tolerance_minor,
    )


def _old_invoice(row: LegacyInvoice) -> OldInvoice:
    return OldInvoice(
        issued_on=row.issued_on,
        tax_minor=row.tax_minor,
        lines=[
            OldLine(
                store=line["store"],
                plan=line["plan"],
                description=line["description"],
                days=Period(date.fromisoformat(line["starts_on"]), date.fromisoformat(line["ends_on"])),
                amount_minor=line["amount_minor"],
            )
            for line in row.lines
        ],
    )


def _next_invoices(*, seller: VendorRow, company_ids: Sequence[int]) -> dict[int, _Next]:
    """Each company's next invoice, by the bill run's own calculation, all that bill on the same days at once."""
    taken_of: dict[int, list[Subscription]] = {}
    rows = Subscription.objects.filter(company_id__in=company_ids).select_related("plan")
    for row in rows.order_by("company_id", "id"):
        taken_of.setdefault(row.company_id, []).append(row)
    stores = dict(
        Location.objects.filter(id__in={row.location_id for rows in taken_of.values() for row in rows}).values_list(
            "id", "number"
        )
    )
    prices = prices_of({row.plan_id for rows in taken_of.values() for row in rows})
    known = {plan_id: [(price.valid_from, price.amount_minor) for price in rows] for plan_id, rows in prices.items()}
    together: dict[tuple[date, date], list[int]] = {}
    for company_id, owned in taken_of.items():
        days = [row.billed_through for row in owned if not _has_ended(row)]
        if days:
            together.setdefault((min(days), max(days)), []).append(company_id)
    found: dict[int, _Next] = {
        company_id: _Next(taken=[_ended(row, stores) for row in owned]) for company_id, owned in taken_of.items()
    }
    for (first_day, last_day), companies in together.items():
        issued = first_day - timedelta(days=seller.invoice_lead_days)
        due = reckon_due(seller=seller, company_ids=companies, through=last_day, issue_date=issued)
        for company_id in companies:
            if company_id in due.problems:
                found[company_id] = _Next(problem=due.problems[company_id])
                continue
            invoices = due.invoices.get(company_id, ())
            found[company_id] = _next(taken_of[company_id], invoices, first_day=first_day, stores=stores, prices=known)
    return found


def _next(
    owned: Sequence[Subscription],
    invoices: Sequence[InvoiceDue],
    *,
    first_day: date,
    stores: Mapping[int, str],
    prices: Mapping[int, list[tuple[date, int]]],
) -> _Next:
    lines = [line for invoice in invoices for line in invoice.lines]
    following = {line.subscription_id: line for line in reversed(lines) if line.subscription_id}
    taken = [_taken(row, following[row.id], stores, prices, first_day) for row in owned if row.id in following]
    active = {each.key for each in taken}
    ended = [each for row in owned if row.id not in following and (each := _ended(row, stores)).key not in active]
    charges: dict[str, int] = {}
    for line in lines:
        if line.charge_id:
            charges[line.description] = charges.get(line.description, 0) + line.amount_minor
    tax_minor = sum(total.tax_minor for invoice in invoices for total in _taxes(invoice, first_day=first_day))
    return _Next(taken=[*taken, *ended], charges=charges, tax_minor=tax_minor)


def _taxes(invoice: InvoiceDue, *, first_day: date) -> Sequence[TaxTotal]:
    """The taxes on what the next invoice has: the first periods, not the later ones that were reckoned with them."""
    due = [line for line in invoice.lines if line.days is None or line.days.starts_on == first_day]
    return reckon(lines=[(line.amount_minor, line.rates) for line in due])


def _taken(
    row: Subscription,
    line: LineDue,
    stores: Mapping[int, str],
    prices: Mapping[int, list[tuple[date, int]]],
    first_day: date,
) -> Taken:
    agreed = row.agreed_price_minor
    return Taken(
        store=stores[row.location_id] if row.location_id else "",
        plan=legacy_plan(row.plan),
        description=line.description,
        cadence=row.plan.cadence,
        anchor_day=row.anchor_day,
        begins_on=row.starts_on,
        days=line.days,
        amount_minor=line.amount_minor,
        discount_minor=line.discount_minor,
        prices=[(date.min, agreed)] if agreed is not None else prices[row.plan_id],
        millionths=sum(rate.millionths for rate in line.rates),
        is_due=line.days is not None and line.days.starts_on == first_day,
    )


def _ended(row: Subscription, stores: Mapping[int, str]) -> Taken:
    return Taken(
        store=stores[row.location_id] if row.location_id else "",
        plan=legacy_plan(row.plan),
        description=row.plan.name,
        cadence=row.plan.cadence,
        anchor_day=row.anchor_day,
        begins_on=row.starts_on,
        days=None,
        amount_minor=0,
        discount_minor=0,
        prices=(),
        millionths=0,
        is_due=False,
        ends_on=row.ends_on,
    )


def _has_ended(row: Subscription) -> bool:
    return row.ends_on is not None and row.billed_through >= row.ends_on


def _plain(pair: Pair) -> dict[str, Any]:
    """A pair as it is kept."""
    return {
        "store": pair.store,
        "description": pair.description,
        "old": _days(pair.old_days),
        "old_minor": pair.old_minor,
        "new": _days(pair.new_days),
        "new_minor": pair.new_minor,
        "reasons": list(pair.reasons),
        "off_minor": pair.off_minor,
        "day": pair.day.isoformat() if pair.day else None,
    }


def _days(days: Period | None) -> list[str] | None:
    return [days.starts_on.isoformat(), days.ends_on.isoformat()] if days else None
