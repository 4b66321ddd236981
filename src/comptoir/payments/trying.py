"""One company after another, each by itself: what fails for one keeps no other waiting, and a person looks at it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from comptoir.tenancy.audit import record, system
from comptoir.tenancy.queries import companies_by_ids
from comptoir.work.operations import close_work, open_work

log = logging.getLogger(__name__)

AUTOPAY = system("autopay")


@contextmanager
def trying_company(*, vendor_id: int, company_id: int, now: datetime) -> Iterator[None]:
    """Run what a business day does for a company in a transaction of its own; if it fails, put it on the team's list.

    Nothing of it is kept then but the work, and the error's name in the company's trail; the log has the rest. It is
    off the list once the same succeeds. Must not run in a transaction.
    """
    subject = f"company:{companies_by_ids([company_id])[company_id].public_id}"
    try:
        with transaction.atomic():
            yield
            close_work(vendor_id=vendor_id, kind="debit_not_begun", subject=subject, actor=AUTOPAY, now=now)
    except Exception as error:  # whatever is wrong with one company, the others are debited
        log.exception("the automatic payment of company %s could not be begun", company_id)
        with transaction.atomic():
            open_work(
                vendor_id=vendor_id,
                company_id=company_id,
                kind="debit_not_begun",
                subject=subject,
                now=now,
                urgent=True,
            )
            record(
                actor=AUTOPAY,
                action="debit_not_begun",
                subject=subject,
                vendor_id=vendor_id,
                company_id=company_id,
                reason=type(error).__name__,
            )
