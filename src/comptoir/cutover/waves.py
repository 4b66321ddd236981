"""What the console may know of waves: who is in one, what to look at before it is sent, how far its companies are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from comptoir.customers.queries import answered_store_counts, billing_emails, store_counts
from comptoir.invoicing.due import reckon_due
from comptoir.invoicing.models import Invoice
from comptoir.invoicing.problems import in_words
from comptoir.payments.queries import pays_by_companies
from comptoir.subscriptions.calculation.periods import add_months
from comptoir.tenancy.queries import vendor

from .errors import WaveNotFound
from .models import Move, Wave

STAGES = ("moved", "letter", "opened", "stores", "method", "invoice", "paid")


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave. ``first_invoice_month`` is the first day of the month; ``letters`` counts those on their way."""

    id: int
    vendor_id: int
    name: str
    first_invoice_month: date
    deadline: date
    status: str
    sent_at: datetime | None
    sent_on: date | None
    companies: int
    letters: int

    @property
    def is_sent(self) -> bool:
        """Whether its companies have moved."""
        return self.sent_at is not None


@dataclass(frozen=True, slots=True)
class Planned:
    """A company of a planned wave: its address, and what it would be billed; ``problem`` when that cannot be said.

    ``due_minor`` is what falls due by the wave's month, in minor units. ``catches_up`` tells that some of it is for
    earlier months.
    """

    public_id: UUID
    number: str
    name: str
    language: str
    email: str
    due_minor: int
    catches_up: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A company of a sent wave, and the stages that it has reached."""

    public_id: UUID
    number: str
    name: str
    language: str
    letter_to: str
    letter_sent_at: datetime | None
    pays_by: str
    stages: frozenset[str]


def waves(vendor_id: int) -> list[WaveRow]:
    """Return a vendor's waves, newest first."""
    return [_wave_row(found) for found in _waves().filter(vendor_id=vendor_id).order_by("-id")]


def wave(*, vendor_id: int, wave_id: int) -> WaveRow:
    """Return one wave. Raises WaveNotFound."""
    found = _waves().filter(vendor_id=vendor_id, id=wave_id).first()
    if found is None:
        raise WaveNotFound(_("There is no such wave; the list of waves shows those there are."))
    return _wave_row(found)


def wave_of(company_id: int) -> WaveRow | None:
    """Return the wave that a company is in, or None."""
    found = _waves().filter(id__in=Move.objects.filter(company_id=company_id).values("wave_id")).first()
    return _wave_row(found) if found else None


def planned_companies(row: WaveRow) -> list[Planned]:
    """Return a planned wave's companies with what to look at before it is sent, by number."""
    moves = Move.objects.filter(wave_id=row.id).select_related("company").order_by("company__number")
    company_ids = [move.company_id for move in moves]
    emails = billing_emails(company_ids)
    through = add_months(row.first_invoice_month, months=1, anchor_day=1) - timedelta(days=1)
    due = reckon_due(
        seller=vendor(row.vendor_id), company_ids=company_ids, through=through, issue_date=row.first_invoice_month
    )
    planned = []
    for move in moves:
        invoices = due.invoices.get(move.company_id, ())
        problem = due.problems.get(move.company_id)
        starts = [line.days.starts_on for invoice in invoices for line in invoice.lines if line.days]
        planned.append(
            Planned(
                public_id=move.company.public_id,
                number=move.company.number,
                name=move.company.name,
                language=move.company.language,
                email=emails.get(move.company_id, ""),
                due_minor=sum(invoice.net_minor + invoice.tax_minor for invoice in invoices),
                catches_up=any(day < row.first_invoice_month for day in starts),
                problem=in_words(problem) if problem else "",
            )
        )
    return planned


def moved_companies(row: WaveRow, *, today: date) -> list[Moved]:
    """Return a sent wave's companies with the stages of STAGES that each has reached, by number."""
    moves = list(Move.objects.filter(wave_id=row.id).select_related("company").order_by("company__number"))
    company_ids = [move.company_id for move in moves]
    owned = store_counts(company_ids, on=today)
    answered = answered_store_counts(company_ids, on=today)
    pays_by = pays_by_companies(company_ids)
    invoiced, paid = _invoiced_and_paid(company_ids)
    return [
        Moved(
            public_id=move.company.public_id,
            number=move.company.number,
            name=move.company.name,
            language=move.company.language,
            letter_to=move.letter_to,
            letter_sent_at=move.letter_sent_at,
            pays_by=pays_by[move.company_id],
            stages=frozenset(
                stage
                for stage, reached in {
                    "moved": True,
                    "letter": move.letter_sent_at is not None,
                    "opened": move.portal_opened_at is not None,
                    "stores": 0 < owned.get(move.company_id, 0) == answered.get(move.company_id, 0),
                    "method": pays_by[move.company_id] != "check",
                    "invoice": move.company_id in invoiced,
                    "paid": move.company_id in paid,
                }.items()
                if reached
            ),
        )
        for move in moves
    ]


def _invoiced_and_paid(company_ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return who has an invoice, and who has paid the first one."""
    first = (
        Invoice.objects.filter(company_id__in=company_ids)
        .order_by("company_id", "issue_date", "id")
        .distinct("company_id")
        .values_list("company_id", "balance__open_minor")
    )
    rows = list(first)
    return {company_id for company_id, _open in rows}, {company_id for company_id, left in rows if left == 0}


def _waves() -> QuerySet[Wave]:
    return Wave.objects.annotate(
        companies=Count("moves"), letters=Count("moves", filter=Q(moves__letter_sent_at__isnull=False))
    )


def _wave_row(found: Wave) -> WaveRow:
    return WaveRow(
        id=found.id,
        vendor_id=found.vendor_id,
        name=found.name,
        first_invoice_month=found.first_invoice_month,
        deadline=found.deadline,
        status=found.status,
        sent_at=found.sent_at,
        sent_on=found.sent_on,
        companies=found.companies,  # type: ignore[attr-defined]  # annotated by _waves
        letters=found.letters,  # type: ignore[attr-defined]
    )
