"""Living through months of a sandbox vendor: every day's bill run, autopay and revenue, in this process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

from django.db import transaction
from django.utils.translation import gettext as _

from comptoir.invoicing.bill_run_queries import Issued, bill_run, bill_runs, issued_by_runs
from comptoir.invoicing.bill_runs import (
    approve_bill_run,
    cancel_bill_run,
    divide,
    issue_parts,
    plan_holds,
    plan_parts,
    request_bill_run,
)
from comptoir.invoicing.due import anything_due
from comptoir.kit.clocks import wall_now
from comptoir.kit.errors import ComptoirError
from comptoir.payments.operations import advance_gateway_clock
from comptoir.payments.queries import needs_processor
from comptoir.subscriptions.calculation.periods import add_months
from comptoir.tenancy.audit import system
from comptoir.tenancy.operations import set_business_date
from comptoir.tenancy.queries import VendorRow, vendor

from .business_day import run_business_day
from .worker import work_off

SIMULATION = system("simulation")


class NotSimulated(ComptoirError):
    """The vendor lives by the calendar, and the calendar is not ours to move."""


@dataclass(frozen=True, slots=True)
class Month:
    """What a month brought: the first day of it, and the invoices that its bill runs issued."""

    starts_on: date
    issued: Issued


def simulate(*, vendor_id: int, months: int) -> Iterator[Month]:
    """Move a sandbox vendor's test clock on, day by day, through ``months`` months, and yield each when it is over.

    On each day what falls due within the vendor's lead is billed, as if the team had planned and approved a bill run.
    Interrupted, it goes on from the day that was reached. Raises NotSimulated for a vendor that is no sandbox.
    """
    today = vendor(vendor_id).business_date
    if today is None:
        raise NotSimulated(_("This vendor lives by the calendar; only a sandbox vendor's clock can be moved."))
    for number in range(1, months + 1):
        end = add_months(today, months=number, anchor_day=today.day)
        begun = _begun(vendor_id, today=_business_date(vendor_id))
        runs = [begun] if begun else []
        _live_until(end, vendor_id=vendor_id, on_run=runs.append)
        yield Month(starts_on=add_months(end, months=-1, anchor_day=today.day), issued=issued_by_runs(runs))


def _live_until(end: date, *, vendor_id: int, on_run: Callable[[int], None]) -> None:
    while (today := _business_date(vendor_id)) < end:
        tomorrow = today + timedelta(days=1)
        with transaction.atomic():
            set_business_date(vendor_id=vendor_id, day=tomorrow)
        if needs_processor(vendor_id):
            advance_gateway_clock(vendor_id=vendor_id, now=datetime.combine(tomorrow, time_of_day(12), tzinfo=UTC))
        work_off()
        run_id = _bill(vendor(vendor_id), today=tomorrow)
        if run_id is not None:
            on_run(run_id)
        run_business_day(vendor_id=vendor_id, day=tomorrow)
        work_off()


def _bill(seller: VendorRow, *, today: date) -> int | None:
    """Take a bill run from request to issue, where something falls due within the lead.

    One that was begun before, by a simulation that was interrupted or by hand, is finished instead, unless its plan
    holds no more.
    """
    run_id = _begun(seller.id, today=today) or _requested(seller, today=today)
    if run_id is None:
        return None
    divide(run_id=run_id)
    plan_parts(run_id=run_id, now=wall_now())
    if bill_run(vendor_id=seller.id, run_id=run_id).status == "planned":
        with transaction.atomic():
            approve_bill_run(run_id=run_id, today=today, actor=SIMULATION, now=wall_now())
    issue_parts(run_id=run_id, now=wall_now())
    return run_id


def _begun(vendor_id: int, *, today: date) -> int | None:
    latest = bill_runs(vendor_id=vendor_id, limit=1)
    if latest and latest[0].status == "planned" and not plan_holds(issue_date=latest[0].issue_date, today=today):
        with transaction.atomic():
            cancel_bill_run(run_id=latest[0].id, actor=SIMULATION)
        return None
    return latest[0].id if latest and latest[0].status in ("requested", "planned", "issuing") else None


def _requested(seller: VendorRow, *, today: date) -> int | None:
    through = today + timedelta(days=seller.invoice_lead_days)
    if not anything_due(vendor_id=seller.id, through=through):
        return None
    with transaction.atomic():
        return request_bill_run(vendor_id=seller.id, through=through, issue_date=today, actor=SIMULATION)


def _business_date(vendor_id: int) -> date:
    found = vendor(vendor_id).business_date
    if found is None:
        raise NotSimulated(_("This vendor lives by the calendar; only a sandbox vendor's clock can be moved."))
    return found
