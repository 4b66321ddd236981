"""The bill run: request, plan, approve, issue. Each stage may be killed and repeated; every company is billed once.

What makes it so is in the database: an item of a run is locked while its company is billed, and coverage refuses days
that are billed already, whichever run comes first.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from comptoir.kit.copying import copy_rows
from comptoir.kit.events import emit
from comptoir.subscriptions.queries import companies_with_periods_due, lock
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import companies_by_ids, vendor

from .billables import billables
from .calculation.invoices import Billable, NoPrice, lines_due
from .errors import BillRunRefused
from .issuing import Draft, issue
from .models import BillRun, BillRunItem, ItemStatus, RunStatus

COMPANIES_PER_BATCH = 2_000


def request_bill_run(*, vendor_id: int, through: date, issue_date: date, actor: Actor) -> int:
    """Ask the worker to plan a bill run for periods that start on or before ``through``; return the run's id.

    Invoices will bear ``issue_date``. Raises BillRunRefused while another run of the vendor is under way.
    """
    if BillRun.objects.filter(vendor_id=vendor_id).exclude(status=RunStatus.ISSUED).exists():
        raise BillRunRefused(_("Another bill run is under way; approve it, or wait until it has issued its invoices."))
    run = BillRun.objects.create(vendor_id=vendor_id, through=through, issue_date=issue_date, requested_by=actor.label)
    record(
        actor=actor,
        action="bill run requested",
        subject=f"bill_run:{run.id}",
        vendor_id=vendor_id,
        after={"through": str(through), "issue_date": str(issue_date)},
    )
    emit(name="bill_run_requested", topic=f"bill_run:{run.id}", vendor_id=vendor_id, data={"run": run.id})
    return run.id


def approve_bill_run(*, run_id: int, actor: Actor) -> None:
    """Let a planned run issue its invoices. Raises BillRunRefused unless it is planned."""
    run = BillRun.objects.get(id=run_id)
    if not BillRun.objects.filter(id=run_id, status=RunStatus.PLANNED).update(status=RunStatus.ISSUING):
        raise BillRunRefused(_("This bill run is not waiting for approval; look at where it stands."))
    record(actor=actor, action="bill run approved", subject=f"bill_run:{run_id}", vendor_id=run.vendor_id)
    emit(name="bill_run_approved", topic=f"bill_run:{run_id}", vendor_id=run.vendor_id, data={"run": run_id})


def plan(*, run_id: int, now: datetime) -> None:
    """Write down who will be billed how much, and who cannot be and why. Planning twice plans once."""
    with transaction.atomic():
        run = BillRun.objects.select_for_update().get(id=run_id)
        if run.status != RunStatus.REQUESTED:
            return
        due = companies_with_periods_due(vendor_id=run.vendor_id, through=run.through)
        for first in range(0, len(due), COMPANIES_PER_BATCH):
            company_ids = due[first : first + COMPANIES_PER_BATCH]
            copy_rows(
                table="invoicing_billrunitem",
                columns=["run_id", "company_id", "status", "planned_minor", "planned_lines", "reason"],
                rows=_planned_items(run_id=run_id, company_ids=company_ids, through=run.through),
            )
        run.status = RunStatus.PLANNED
        run.planned_at = now
        run.save(update_fields=["status", "planned_at"])


def issue_next_batch(*, run_id: int, size: int = COMPANIES_PER_BATCH) -> int:
    """Issue the invoices of the next companies of an approved run; return how many companies were taken.

    Companies held by another worker are passed over. One transaction: a kill leaves the batch to be done again.
    """
    with transaction.atomic():
        run = BillRun.objects.get(id=run_id)
        if run.status != RunStatus.ISSUING:
            return 0
        seller = vendor(run.vendor_id)
        company_ids = _take_items(run_id=run_id, size=size)
        if not company_ids:
            return 0
        lock(company_ids=company_ids)
        drafts, exceptions = _draft(company_ids=company_ids, through=run.through)
        _mark(run_id, [draft.company.id for draft in drafts], ItemStatus.INVOICED)
        for company_id, reason in exceptions.items():
            _mark(run_id, [company_id], ItemStatus.EXCEPTION, reason=reason)
        if drafts:
            invoice_ids = issue(vendor=seller, drafts=drafts, issue_date=run.issue_date, run_id=run_id)
            emit(
                name="invoices_issued",
                topic=f"bill_run:{run_id}",
                vendor_id=run.vendor_id,
                data={"invoice_ids": invoice_ids},
            )
        return len(company_ids)


def finish(*, run_id: int, now: datetime) -> bool:
    """Close a run in which no company is left to do; return whether it is closed."""
    with transaction.atomic():
        run = BillRun.objects.select_for_update().get(id=run_id)
        if run.status == RunStatus.ISSUING and not _left_to_do(run_id):
            run.status = RunStatus.ISSUED
            run.issued_at = now
            run.save(update_fields=["status", "issued_at"])
        return run.status == RunStatus.ISSUED


def _planned_items(*, run_id: int, company_ids: Sequence[int], through: date) -> list[tuple[object, ...]]:
    due = billables(company_ids=company_ids, through=through)
    return [_planned_item(run_id, company_id, due[company_id], through) for company_id in company_ids]


def _planned_item(run_id: int, company_id: int, due: Sequence[Billable], through: date) -> tuple[object, ...]:
    try:
        lines = lines_due(billables=due, through=through)
    except NoPrice as error:
        return (run_id, company_id, ItemStatus.EXCEPTION.value, 0, 0, str(error))
    total = sum(line.amount_minor for line in lines)
    return (run_id, company_id, ItemStatus.PLANNED.value, total, len(lines), "")


def _draft(*, company_ids: Sequence[int], through: date) -> tuple[list[Draft], dict[int, str]]:
    """Reckon again what is due, now that the subscriptions are held: another run may have come first."""
    due = billables(company_ids=company_ids, through=through)
    companies = companies_by_ids(list(due))
    drafts: list[Draft] = []
    exceptions: dict[int, str] = {}
    for company_id, own in due.items():
        try:
            drafts.append(Draft(company=companies[company_id], lines=lines_due(billables=own, through=through)))
        except NoPrice as error:
            exceptions[company_id] = str(error)
    return drafts, exceptions


def _take_items(*, run_id: int, size: int) -> list[int]:
    """Hold the next planned companies and mark them as having nothing due, until the batch finds otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE invoicing_billrunitem SET status = 'nothing_due' WHERE id IN (
                SELECT id FROM invoicing_billrunitem WHERE run_id = %s AND status = 'planned'
                ORDER BY company_id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING company_id
            """,
            [run_id, size],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _mark(run_id: int, company_ids: Sequence[int], status: ItemStatus, *, reason: str = "") -> None:
    BillRunItem.objects.filter(run_id=run_id, company_id__in=company_ids).update(status=status, reason=reason)


def _left_to_do(run_id: int) -> bool:
    return BillRunItem.objects.filter(run_id=run_id, status=ItemStatus.PLANNED).exists()
