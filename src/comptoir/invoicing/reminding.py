"""Telling the team that a bill run is due: none is planned by itself."""

from datetime import date, datetime, timedelta

from django.db import transaction

from comptoir.tenancy.audit import Actor, system
from comptoir.tenancy.queries import vendor
from comptoir.work.operations import close_work, open_work

from .due import anything_due
from .models import BillRun, RunStatus

SUBJECT = "bill_run:next"


def ask_for_bill_run(*, vendor_id: int, on: date, now: datetime) -> None:
    """Put on the team's list that something is to be invoiced by ``on``, the vendor's lead ahead; else take it off.

    A run that waits for approval leaves it there, since it may be forgotten; one that is issuing has settled it.
    """
    if BillRun.objects.filter(vendor_id=vendor_id, status=RunStatus.ISSUING).exists():
        return
    through = on + timedelta(days=vendor(vendor_id).invoice_lead_days)
    is_due = anything_due(vendor_id=vendor_id, through=through)
    with transaction.atomic():
        if is_due:
            open_work(vendor_id=vendor_id, kind="bill_run_due", subject=SUBJECT, now=now)
        else:
            settle_bill_run(vendor_id=vendor_id, actor=system("bill runs"), now=now)


def settle_bill_run(*, vendor_id: int, actor: Actor, now: datetime) -> None:
    """Take off the team's list that a bill run is due. Must run in the transaction of what settles it."""
    close_work(vendor_id=vendor_id, kind="bill_run_due", subject=SUBJECT, actor=actor, now=now)
