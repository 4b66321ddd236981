"""What was billed beyond the end of service is given back: the days, and what they cost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from comptoir.subscriptions.queries import SubscriptionRow, overbilled
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import VendorRow

from .calculation.credits import DaysBilled, unused
from .crediting import CreditLine, credit_totals, credited, issue_credit_note
from .models import Coverage, CreditReason, InvoiceLine
from .operations import hold_still

EXPLANATION = "service ended"


def credit_owed(*, company_ids: Sequence[int]) -> Mapping[int, int]:
    """Return what companies will be given back for service that ended, in minor units with taxes."""
    lines = _lines_owed(company_ids)
    totals = credit_totals({invoice_id: lines[company_id, invoice_id] for company_id, invoice_id in lines})
    owed: dict[int, int] = defaultdict(int)
    for company_id, invoice_id in lines:
        owed[company_id] += totals[invoice_id]
    return owed


def credit_foreseen(ended: Iterable[SubscriptionRow]) -> Mapping[int, int]:
    """Return what would be given back if subscriptions ended as they are told here: minor units by invoice, taxed."""
    by_invoice: dict[int, list[CreditLine]] = defaultdict(list)
    for _company_id, invoice_id, line in _unused_lines(row for row in ended if row.billed_through > row.billed_from):
        by_invoice[invoice_id].append(line)
    return credit_totals(by_invoice)


def credit_ended_service(
    *, vendor: VendorRow, company_ids: Sequence[int], issue_date: date, run_id: int | None, now: datetime
) -> set[int]:
    """Credit the days billed beyond the end of service, by a note per invoice; return the companies that got one.

    Must run in a transaction. A credit that somebody else is giving on one of the invoices is waited for, and counts.
    """
    by_invoice = _lines_owed(company_ids)
    if by_invoice:
        hold_still(*{invoice_id for _company_id, invoice_id in by_invoice})
        by_invoice = _lines_owed(company_ids)  # as it is now that nobody else gives anything back
    # The newest invoice first: days are given back from billed-through.
    for (_company_id, invoice_id), lines in sorted(by_invoice.items(), key=lambda item: -item[0][1]):
        issue_credit_note(
            vendor=vendor,
            invoice_id=invoice_id,
            lines=lines,
            reason=CreditReason.SERVICE_ENDED,
            explanation=EXPLANATION,
            issue_date=issue_date,
            actor=system("bill run"),
            run_id=run_id,
            now=now,
        )
    return {company_id for company_id, _invoice_id in by_invoice}


def _lines_owed(company_ids: Sequence[int]) -> Mapping[tuple[int, int], Sequence[CreditLine]]:
    """Return what is to be given back for service that ended, by company and invoice."""
    found: dict[tuple[int, int], list[CreditLine]] = defaultdict(list)
    for company_id, invoice_id, line in _unused_lines(overbilled(company_ids=company_ids)):
        found[company_id, invoice_id].append(line)
    return found


def _unused_lines(ended: Iterable[SubscriptionRow]) -> Iterable[tuple[int, int, CreditLine]]:
    """Yield what each line billed beyond the end of its subscription, as company, invoice and line of a credit.

    What was given back of a line for other reasons is not given back again: at most what is left of it.
    """
    over = {row.id: row for row in ended}
    if not over:
        return
    covered = Coverage.objects.filter(subscription_id__in=list(over)).order_by("-invoice_id", "-starts_on")
    beyond = [
        coverage
        for coverage in covered
        if coverage.live_until > max(_end(over[coverage.subscription_id].ends_on), coverage.starts_on)
    ]
    lines = {
        (line.invoice_id, line.position): line
        for line in InvoiceLine.objects.filter(invoice_id__in={coverage.invoice_id for coverage in beyond})
    }
    before = credited({coverage.invoice_id for coverage in beyond})
    for coverage in beyond:
        row = over[coverage.subscription_id]
        line = lines[coverage.invoice_id, coverage.position]
        left_minor = line.amount_minor - before.get((coverage.invoice_id, coverage.position), 0)
        keep_until = max(_end(row.ends_on), coverage.starts_on)
        billed = DaysBilled(
            starts_on=coverage.starts_on,
            live_until=coverage.live_until,
            full_days=line.full_days or 1,
            price_minor=line.unit_minor - line.discount_minor,
        )
        yield (
            row.company_id,
            coverage.invoice_id,
            CreditLine(
                corrects=coverage.position,
                amount_minor=min(unused(billed=billed, keep_until=keep_until), left_minor),
                starts_on=keep_until,
                ends_on=coverage.live_until,
            ),
        )


def _end(ends_on: date | None) -> date:
    if ends_on is None:
        raise ValueError("service that has no end is not overbilled")
    return ends_on
