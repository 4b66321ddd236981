"""The bill run: ask, plan, approve, issue. Workers take parts of it; each part is planned and issued once."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from comptoir.kit.collecting import no_collecting
from comptoir.kit.copying import copy_rows
from comptoir.kit.events import emit
from comptoir.kit.lookups import Ids
from comptoir.ledger.closing import closed_through
from comptoir.subscriptions.queries import PLAIN
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow, vendor

from .calculation.invoices import InvoiceDue
from .company_credit import use_credit
from .due import Due, companies_due, reckon_due
from .ended_service import credit_ended_service, credit_owed
from .errors import BillRunRefused, PlanTooOld
from .issuing import Draft, check_all_now, issue
from .models import BillRun, BillRunItem, BillRunPart, ItemStatus, RunStatus
from .problems import Problem, problem_of
from .reminding import settle_bill_run

log = logging.getLogger(__name__)

COMPANIES_PER_PART = 2_000
FURTHEST_AHEAD = timedelta(days=366)
PLAN_HOLDS_FOR = timedelta(days=7)


def request_bill_run(*, vendor_id: int, through: date, issue_date: date, actor: Actor) -> int:
    """Ask the worker to plan a bill run for periods that start on or before ``through``; return the run's id.

    Invoices will bear ``issue_date``. Raises BillRunRefused while another run of the vendor is under way, for a day
    more than a year ahead, and where the books are closed through the issue date.
    """
    if through - issue_date > FURTHEST_AHEAD:
        raise BillRunRefused(_("That is more than a year ahead; choose an earlier day."))
    _refuse_closed(vendor_id=vendor_id, issue_date=issue_date)
    try:
        with transaction.atomic():
            run = BillRun.objects.create(
                vendor_id=vendor_id, through=through, issue_date=issue_date, requested_by=actor.label
            )
    except IntegrityError as error:
        raise BillRunRefused(
            _("Another bill run is under way; approve it, cancel it, or wait until it is issued.")
        ) from error
    record(
        actor=actor,
        action="bill run requested",
        subject=f"bill_run:{run.id}",
        vendor_id=vendor_id,
        after={"through": str(through), "issue_date": str(issue_date)},
    )
    emit(name="bill_run_requested", topic=f"bill_run:{run.id}", vendor_id=vendor_id, data={"run": run.id})
    return run.id


def approve_bill_run(*, run_id: int, today: date, actor: Actor, now: datetime) -> None:
    """Let a planned run issue its invoices; ``today`` is the vendor's.

    Raises PlanTooOld where the day of issue is more than PLAN_HOLDS_FOR ago, and BillRunRefused unless the run is
    planned, and its day still open.
    """
    run = BillRun.objects.get(id=run_id)
    if not plan_holds(issue_date=run.issue_date, today=today):
        raise PlanTooOld(
            _(
                "This run was planned more than %(days)d days ago, and its invoices would bear that day; "
                "cancel it, and plan another."
            )
            % {"days": PLAN_HOLDS_FOR.days}
        )
    _refuse_closed(vendor_id=run.vendor_id, issue_date=run.issue_date)
    if not BillRun.objects.filter(id=run_id, status=RunStatus.PLANNED).update(status=RunStatus.ISSUING):
        raise BillRunRefused(_("This bill run is not waiting for approval; look at where it stands."))
    settle_bill_run(vendor_id=run.vendor_id, actor=actor, now=now)
    record(actor=actor, action="bill run approved", subject=f"bill_run:{run_id}", vendor_id=run.vendor_id)
    emit(name="bill_run_approved", topic=f"bill_run:{run_id}", vendor_id=run.vendor_id, data={"run": run_id})


def plan_holds(*, issue_date: date, today: date) -> bool:
    """Return whether a plan for that day of issue may still be approved ``today``, the vendor's."""
    return today - issue_date <= PLAN_HOLDS_FOR


def cancel_bill_run(*, run_id: int, actor: Actor) -> None:
    """Give up a run that was not approved: nothing was issued. Raises BillRunRefused once it was approved."""
    run = BillRun.objects.get(id=run_id)
    waiting = BillRun.objects.filter(id=run_id, status__in=[RunStatus.REQUESTED, RunStatus.PLANNED])
    if not waiting.update(status=RunStatus.CANCELED):
        raise BillRunRefused(_("This bill run was approved; what it issues is corrected by credit notes."))
    record(actor=actor, action="bill run canceled", subject=f"bill_run:{run_id}", vendor_id=run.vendor_id)


def divide(*, run_id: int, size: int = COMPANIES_PER_PART) -> int:
    """Write down which companies the run is about, in parts of ``size``; return how many parts there are.

    Dividing again changes nothing.
    """
    with transaction.atomic():
        run = BillRun.objects.select_for_update().get(id=run_id)
        if run.status == RunStatus.REQUESTED and not run.parts.exists():
            due = companies_due(vendor_id=run.vendor_id, through=run.through)
            copy_rows(
                table="invoicing_billrunpart",
                columns=["run_id", "position", "company_ids"],
                rows=(
                    (run_id, position, Ids(due[first : first + size]).literal)
                    for position, first in enumerate(range(0, len(due), size), 1)
                ),
            )
        return run.parts.count()


def plan_next_part(*, run_id: int, now: datetime) -> bool:
    """Plan one part that no other worker holds: who will be billed how much, and who cannot be and why.

    Returns whether there was one. One transaction: a kill leaves the part to be planned again. Companies that cannot be
    reckoned become exceptions with their reason, and stop nobody else.
    """
    with no_collecting(), transaction.atomic():
        part = _take_part(run_id=run_id, status=RunStatus.REQUESTED, lacking="planned_at")
        if part is None:
            return False
        run, seller = part.run, vendor(part.run.vendor_id)
        _by_halves(
            part.company_ids,
            run_id=run_id,
            work=lambda some: _plan_due(run=run, seller=seller, company_ids=some),
            refused=lambda company_id, problem: _write_items([_exception_item(run_id, company_id, problem)]),
        )
        part.planned_at = now
        part.save(update_fields=["planned_at"])
        return True


def plan_parts(*, run_id: int, now: datetime) -> bool:
    """Plan parts until none is left that no other worker holds; return whether the run is planned."""
    while plan_next_part(run_id=run_id, now=now):
        pass
    return finish_plan(run_id=run_id, now=now)


def finish_plan(*, run_id: int, now: datetime) -> bool:
    """Let a run whose parts are all planned wait for approval; return whether it is planned."""
    with transaction.atomic():
        run = BillRun.objects.select_for_update().get(id=run_id)
        if run.status == RunStatus.REQUESTED and not run.parts.filter(planned_at=None).exists():
            run.status = RunStatus.PLANNED
            run.planned_at = now
            run.save(update_fields=["status", "planned_at"])
        return run.status == RunStatus.PLANNED


def issue_next_part(*, run_id: int, now: datetime) -> bool:
    """Issue the invoices of one part of an approved run that no other worker holds; return whether there was one.

    One transaction: a kill leaves the part to be done again. What is due is reckoned anew under the subscriptions'
    hold. Companies that cannot be billed become exceptions with their reason, and stop nobody else.
    """
    with no_collecting(), transaction.atomic():
        part = _take_part(run_id=run_id, status=RunStatus.ISSUING, lacking="issued_at")
        if part is None:
            return False
        run, seller = part.run, vendor(part.run.vendor_id)
        _by_halves(
            part.company_ids,
            run_id=run_id,
            work=lambda some: _issue_due(run=run, seller=seller, company_ids=some, now=now),
            refused=lambda company_id, problem: _mark(run_id, [company_id], ItemStatus.EXCEPTION, problem=problem),
        )
        part.issued_at = now
        part.save(update_fields=["issued_at"])
        return True


def issue_parts(*, run_id: int, now: datetime) -> bool:
    """Issue parts until none is left that no other worker holds; return whether the run is issued."""
    while issue_next_part(run_id=run_id, now=now):
        pass
    return finish(run_id=run_id, now=now)


def finish(*, run_id: int, now: datetime) -> bool:
    """Close a run of which all parts are issued; return whether it is closed."""
    with transaction.atomic():
        run = BillRun.objects.select_for_update().get(id=run_id)
        if run.status == RunStatus.ISSUING and not run.parts.filter(issued_at=None).exists():
            run.status = RunStatus.ISSUED
            run.issued_at = now
            run.save(update_fields=["status", "issued_at"])
        return run.status == RunStatus.ISSUED


def _refuse_closed(*, vendor_id: int, issue_date: date) -> None:
    closed = closed_through(vendor_id)
    if closed is not None and issue_date <= closed:
        raise BillRunRefused(
            _("The books are closed through the day that the invoices would bear; plan a run for a later day.")
        )


def _take_part(*, run_id: int, status: RunStatus, lacking: str) -> BillRunPart | None:
    return (
        BillRunPart.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("run")
        .filter(**{"run_id": run_id, "run__status": status, lacking: None})
        .order_by("position")
        .first()
    )


def _by_halves(
    company_ids: Sequence[int],
    *,
    run_id: int,
    work: Callable[[Sequence[int]], None],
    refused: Callable[[int, Problem], None],
) -> None:
    """Work in a savepoint. What is refused, also by PostgreSQL, is halved until the company it is about is alone."""
    try:
        with transaction.atomic():
            work(company_ids)
    except (OperationalError, InterfaceError):  # of the server, not of a company: the part is tried again
        raise
    except Exception as error:
        if len(company_ids) == 1:
            log.exception("bill run %s cannot bill company %s", run_id, company_ids[0])
            refused(company_ids[0], problem_of(error))
            return
        half = len(company_ids) // 2
        for some in (company_ids[:half], company_ids[half:]):
            _by_halves(some, run_id=run_id, work=work, refused=refused)


def _plan_due(*, run: BillRun, seller: VendorRow, company_ids: Sequence[int]) -> None:
    due = reckon_due(seller=seller, company_ids=company_ids, through=run.through, issue_date=run.issue_date)
    owed = credit_owed(company_ids=company_ids)
    _write_items([_planned_item(run.id, company_id, due, owed.get(company_id, 0)) for company_id in company_ids])


def _write_items(rows: Sequence[tuple[object, ...]]) -> None:
    copy_rows(
        table="invoicing_billrunitem",
        columns=["run_id", "company_id", "status", "planned_minor", "planned_lines", "credit_minor", "reason"],
        rows=rows,
    )


def _planned_item(run_id: int, company_id: int, due: Due, credit_minor: int) -> tuple[object, ...]:
    if company_id in due.problems:
        return _exception_item(run_id, company_id, due.problems[company_id], credit_minor=credit_minor)
    invoices = due.invoices.get(company_id, ())
    planned_minor = sum(invoice.net_minor + invoice.tax_minor for invoice in invoices)
    planned_lines = sum(len(invoice.lines) for invoice in invoices)
    return run_id, company_id, ItemStatus.PLANNED.value, planned_minor, planned_lines, credit_minor, None


def _exception_item(run_id: int, company_id: int, problem: Problem, *, credit_minor: int = 0) -> tuple[object, ...]:
    return run_id, company_id, ItemStatus.EXCEPTION.value, 0, 0, credit_minor, json.dumps(problem)


def _issue_due(*, run: BillRun, seller: VendorRow, company_ids: Sequence[int], now: datetime) -> None:
    due = reckon_due(seller=seller, company_ids=company_ids, through=run.through, issue_date=run.issue_date, hold=True)
    due = replace(due, invoices=_of_billed_here(due))
    noted = credit_ended_service(
        vendor=seller, company_ids=company_ids, issue_date=run.issue_date, run_id=run.id, now=now
    )
    drafts = _drafts(due=due, seller=seller)
    invoice_ids = issue(vendor=seller, drafts=drafts, issue_date=run.issue_date, run_id=run.id) if drafts else []
    use_credit(vendor=seller, company_ids=[*{*due.invoices, *noted}], posted_on=run.issue_date, now=now)
    check_all_now()
    _mark(run.id, [*{*due.invoices, *noted} - due.problems.keys()], ItemStatus.INVOICED)
    _mark_nothing_due(run.id, company_ids, billed={*due.invoices, *noted, *due.problems})
    for company_id, problem in due.problems.items():
        _mark(run.id, [company_id], ItemStatus.EXCEPTION, problem=problem)
    if invoice_ids:
        emit(
            name="invoices_issued",
            topic=f"bill_run:{run.id}",
            vendor_id=run.vendor_id,
            data={"invoice_ids": invoice_ids},
        )


def _of_billed_here(due: Due) -> Mapping[int, Sequence[InvoiceDue]]:
    """Leave out who went back to the old system after the run was planned: what is held now, goes back no more."""
    return {
        company_id: invoices
        for company_id, invoices in due.invoices.items()
        if due.buyers[company_id].billed_since is not None
    }


def _drafts(*, due: Due, seller: VendorRow) -> list[Draft]:
    drafts: list[Draft] = []
    for company_id, invoices in due.invoices.items():
        wishes = due.preferences.get(company_id, PLAIN)
        terms_days = seller.terms_days if wishes.terms_days is None else wishes.terms_days
        drafts.extend(Draft(due.buyers[company_id], invoice, terms_days, wishes.purchase_order) for invoice in invoices)
    return drafts


def _mark(run_id: int, company_ids: Sequence[int], status: ItemStatus, *, problem: Problem | None = None) -> None:
    BillRunItem.objects.filter(run_id=run_id, company_id__any=Ids(company_ids)).update(status=status, reason=problem)


def _mark_nothing_due(run_id: int, company_ids: Sequence[int], *, billed: set[int]) -> None:
    idle = [company_id for company_id in company_ids if company_id not in billed]
    if idle:
        _mark(run_id, idle, ItemStatus.NOTHING_DUE)
