"""The last step: what was given out of the team's hands, as a list to take away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import companies_by_ids
from comptoir.work.operations import close_work, open_work

from .calculation.standing import OpenInvoice, overdue, owed_minor
from .facts import CompanyFacts
from .models import HandOver


@dataclass(frozen=True, slots=True)
class HandOverRow:
    """A company to be handed over: whom to reach, and what is overdue since when, in minor units."""

    company_public_id: UUID
    number: str
    name: str
    address: str
    emails: str
    listed_on: date
    due_on: date | None
    overdue_minor: int
    invoices: int


def follow_hand_over(companies: Sequence[CompanyFacts], *, vendor_id: int, on: date, now: datetime) -> None:
    """Put the companies that have come to the last step on the list, and take off those that owe no more than the
    policy lets pass.

    Must run in the transaction that decides their standings, under the companies' locks.
    """
    ids = [facts.company_id for facts in companies]
    listed = set(HandOver.objects.filter(company_id__in=ids, ended_on=None).values_list("company_id", flat=True))
    come, gone = set(), set()
    for facts in companies:
        late = overdue(facts.facts, terms=facts.policy.terms, today=on)
        owes = owed_minor(late, facts=facts.facts, terms=facts.policy.terms) > 0
        if facts.company_id in listed:
            if not owes:
                gone.add(facts.company_id)
        elif owes and _has_come(facts, late=late, on=on):
            come.add(facts.company_id)
    if come or gone:
        HandOver.objects.bulk_create(
            HandOver(vendor_id=vendor_id, company_id=company_id, listed_on=on) for company_id in sorted(come)
        )
        HandOver.objects.filter(company_id__in=gone, ended_on=None).update(ended_on=on)
        _follow_work(come | gone, come=come, vendor_id=vendor_id, now=now)


def among_handed_over(company_ids: Iterable[int]) -> set[int]:
    """Return which of some companies are on the list, by id."""
    listed = HandOver.objects.filter(company_id__in=list(company_ids), ended_on=None)
    return set(listed.values_list("company_id", flat=True))


def handed_over(vendor_id: int, *, on: date) -> list[HandOverRow]:
    """Return a vendor's list, by company number, with what is overdue on a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.public_id, c.number, c.name,
                   coalesce((SELECT string_agg(line, ', ') FROM jsonb_array_elements_text(c.address_lines) line), ''),
                   coalesce((SELECT string_agg(DISTINCT k.email, ' ') FROM customers_contact k
                             WHERE k.company_id = c.id), ''),
                   h.listed_on, owed.due_on, coalesce(owed.minor, 0)::bigint, coalesce(owed.invoices, 0)
            FROM dunning_handover h JOIN tenancy_company c ON c.id = h.company_id
            LEFT JOIN LATERAL (
                SELECT min(i.due_date) AS due_on, sum(b.open_minor) AS minor, count(*) AS invoices
                FROM invoicing_invoice i JOIN invoicing_invoicebalance b ON b.invoice_id = i.id
                WHERE i.company_id = c.id AND b.open_minor > 0 AND i.due_date < %(on)s) owed ON true
            WHERE h.vendor_id = %(vendor)s AND h.ended_on IS NULL ORDER BY c.number
            """,
            {"vendor": vendor_id, "on": on},
        )
        return [HandOverRow(*row) for row in cursor.fetchall()]


def _has_come(facts: CompanyFacts, *, late: Sequence[OpenInvoice], on: date) -> bool:
    """Whether a final notice was received about something that is overdue for as long as the last step says."""
    step = facts.policy.step("hand_over")
    if step is None or facts.pauses:
        return False
    return any(
        row.proven_on is not None and row.due_on + timedelta(days=step.days) <= on and not row.is_being_paid
        for row in late
    )


def _follow_work(company_ids: Iterable[int], *, come: set[int], vendor_id: int, now: datetime) -> None:
    for company in companies_by_ids(company_ids).values():
        subject = f"company:{company.public_id}"
        if company.id in come:
            open_work(vendor_id=vendor_id, company_id=company.id, kind="hand_over", subject=subject, now=now)
        else:
            close_work(vendor_id=vendor_id, kind="hand_over", subject=subject, actor=system("dunning"), now=now)
