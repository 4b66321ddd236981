"""What others may know of bill runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from .errors import BillRunNotFound
from .models import BillRun, BillRunItem, BillRunPart, CreditNote, Invoice, ItemStatus, RunStatus
from .problems import in_words


@dataclass(frozen=True, slots=True)
class BillRunRow:
    """A bill run and how far it is; amounts in minor units of the vendor's currency, taxes included.

    ``done`` counts the companies planned, and once the run is approved those issued.
    """

    id: int
    through: date
    issue_date: date
    status: str
    requested_by: str
    companies: int
    done: int
    exceptions: int
    planned_minor: int
    credit_minor: int

    @property
    def under_way(self) -> bool:
        """Whether the worker has something to do for it."""
        return self.status in ("requested", "issuing")


@dataclass(frozen=True, slots=True)
class BillRunItemRow:
    """One company in a bill run."""

    company_id: int
    company_public_id: UUID
    company_name: str
    company_number: str
    status: str
    planned_minor: int
    planned_lines: int
    credit_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class Issued:
    """What bill runs issued, in minor units, taxes included; ``exceptions`` are companies that could not be billed."""

    invoices: int
    total_minor: int
    credit_minor: int
    exceptions: int


def issued_by_runs(run_ids: Sequence[int]) -> Issued:
    """Return what the bill runs issued together."""
    invoices = Invoice.objects.filter(batch__run_id__in=run_ids).aggregate(n=Count("id"), minor=Sum("total_minor"))
    credited = CreditNote.objects.filter(run_id__in=run_ids).aggregate(minor=Sum("total_minor"))
    failed = BillRunItem.objects.filter(run_id__in=run_ids, status=ItemStatus.EXCEPTION)
    return Issued(
        invoices=invoices["n"],
        total_minor=invoices["minor"] or 0,
        credit_minor=credited["minor"] or 0,
        exceptions=failed.values("company_id").distinct().count(),
    )


def bill_runs(*, vendor_id: int, limit: int = 50) -> list[BillRunRow]:
    """Return a vendor's latest bill runs, newest first."""
    return [_run(run) for run in _runs().filter(vendor_id=vendor_id).order_by("-id")[:limit]]


def runs_under_way() -> list[tuple[int, str]]:
    """Return the runs of all vendors that the worker has something to do for, as id and status."""
    rows = BillRun.objects.filter(status__in=[RunStatus.REQUESTED, RunStatus.ISSUING]).order_by("id")
    return list(rows.values_list("id", "status"))


def bill_run(*, vendor_id: int, run_id: int) -> BillRunRow:
    """Return one bill run. Raises BillRunNotFound."""
    found = _runs().filter(vendor_id=vendor_id, id=run_id).first()
    if found is None:
        raise BillRunNotFound(_("There is no such bill run; the list shows those of this vendor."))
    return _run(found)


def bill_run_items(*, run_id: int, status: str = "", limit: int = 100, offset: int = 0) -> list[BillRunItemRow]:
    """Return the companies of a bill run, exceptions first, then the largest amounts; of one status if given."""
    found = BillRunItem.objects.filter(run_id=run_id).select_related("company")
    if status:
        found = found.filter(status=status)
    ordered = found.order_by(Case(When(status=ItemStatus.EXCEPTION, then=0), default=1), "-planned_minor", "company_id")
    return [
        BillRunItemRow(
            company_id=item.company_id,
            company_public_id=item.company.public_id,
            company_name=item.company.name,
            company_number=item.company.number,
            status=item.status,
            planned_minor=item.planned_minor,
            planned_lines=item.planned_lines,
            credit_minor=item.credit_minor,
            reason=in_words(item.reason) if item.reason else "",
        )
        for item in ordered[offset : offset + limit]
    ]


def _runs() -> QuerySet[BillRun]:
    """Runs with how far they are: counted in parts, of which there are few, but for exceptions and the amount."""
    parts = BillRunPart.objects.filter(run=OuterRef("pk")).order_by().values("run")
    size = Coalesce(Func(F("company_ids"), function="cardinality", output_field=IntegerField()), 0)
    items = BillRunItem.objects.filter(run=OuterRef("pk")).order_by().values("run")
    return BillRun.objects.annotate(
        companies=_total(parts.annotate(n=Sum(size)).values("n")),
        planned=_total(parts.annotate(n=Sum(size, filter=Q(planned_at__isnull=False))).values("n")),
        issued=_total(parts.annotate(n=Sum(size, filter=Q(issued_at__isnull=False))).values("n")),
        exceptions=_total(items.filter(status=ItemStatus.EXCEPTION).annotate(n=Count("company_id")).values("n")),
        planned_minor=_total(items.annotate(n=Sum("planned_minor")).values("n")),
        credit_minor=_total(items.annotate(n=Sum("credit_minor")).values("n")),
    )


def _total(sums: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def _run(found: Any) -> BillRunRow:
    return BillRunRow(
        id=found.id,
        through=found.through,
        issue_date=found.issue_date,
        status=found.status,
        requested_by=found.requested_by,
        companies=found.companies,
        done=found.planned if found.status == "requested" else found.issued,
        exceptions=found.exceptions,
        planned_minor=found.planned_minor,
        credit_minor=found.credit_minor,
    )
