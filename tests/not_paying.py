"""A company that does not pay, as tests need it: a row in every table of dunning."""

from datetime import date, time, timedelta
from typing import Any

from comptoir.customers.models import Location
from comptoir.documents import operations as documents
from comptoir.documents.models import PrintBatch
from comptoir.dunning.models import (
    BrakeStop,
    Closing,
    HandOver,
    Notice,
    NoticeItem,
    Pause,
    Policy,
    PolicyChoice,
    ProductRule,
    StepText,
    StoreDay,
    StoreHours,
)
from comptoir.dunning.papers import paper_reference
from comptoir.invoicing.models import Invoice
from comptoir.tenancy.models import Company
from tests.factories import NOW, TODAY


def final_notice(company: Company, *, invoice: Invoice, posted_on: date) -> Notice:
    """Send a final notice on paper, and post it."""
    notice = Notice.objects.create(
        vendor=company.vendor, company=company, kind="final_notice", sent_on=posted_on, sent_at=NOW, has_paper=True,
        closes_from=posted_on + timedelta(days=8),
    )  # fmt: skip
    NoticeItem.objects.create(notice=notice, invoice=invoice, kind="final_notice", open_minor=1)
    put_into_the_post(notice, on=posted_on)
    return notice


def put_into_the_post(notice: Notice, *, on: date) -> None:
    """Print a letter, and post it."""
    company, reference = notice.company, paper_reference(notice.public_id)
    documents.store(
        vendor_id=company.vendor_id, company_id=company.id, reference=reference, filename="Reminder.pdf",
        content=b"%PDF-1.7 of a reminder",
    )  # fmt: skip
    batch = PrintBatch.objects.create(
        vendor=company.vendor, title="Reminders", sheets=[[company.number, company.name, [reference]]],
        requested_by="Nora", requested_on=on,
    )  # fmt: skip
    Notice.objects.filter(id=notice.id).update(printed_in=batch, posted_on=on, posted_by="Nora")


def does_not_pay(company: Company, *, invoice: Invoice, store: Location) -> dict[str, Any]:
    """Let a company be written to, held, about to be suspended under a stop, and handed over."""
    vendor, product = company.vendor, company.subscriptions.get().plan.product
    notice = final_notice(company, invoice=invoice, posted_on=TODAY - timedelta(days=20))
    pause = Pause.objects.create(
        vendor=vendor, company=company, kind="hold", until=TODAY + timedelta(days=3), reason="because",
        made_on=TODAY, made_at=NOW, made_by="Nora",
    )  # fmt: skip
    stop, _made = BrakeStop.objects.get_or_create(
        vendor=vendor, decided_at=None, defaults={"day": TODAY, "stopped_at": NOW}
    )
    Closing.objects.create(
        vendor=vendor, company=company, product=product, effect="suspend", proof=notice, notice_days=7,
        proven_on=TODAY - timedelta(days=15), decided_on=TODAY, decided_at=NOW, at=NOW, stop=stop,
    )  # fmt: skip
    HandOver.objects.create(vendor=vendor, company=company, listed_on=TODAY)
    hours = StoreHours.objects.create(location=store, zone="America/Chicago", opens=time(6), closes=time(23))
    StoreDay.objects.create(hours=hours, weekday=7)
    policy = Policy.objects.create(vendor=vendor, name=f"Like {company.name}")
    PolicyChoice.objects.create(company=company, policy=policy)
    StepText.objects.create(policy=policy, kind="reminder", language="en", subject="Pay", words=f"{company.name}, pay.")
    ProductRule.objects.create(policy=policy, product=product, effect="never")
    return {"pause": pause.public_id, "stop": stop.public_id, "policy": policy.public_id, "notice": notice.public_id}
