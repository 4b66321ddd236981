"""Reminders on paper: kept as they were written, put together for the printer, and posted by somebody."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents import operations as documents
from comptoir.documents.data import OverdueInvoice
from comptoir.documents.printing import Sheet, batch_row, request_printing
from comptoir.documents.rendering import render
from comptoir.invoicing.queries import InvoiceRow
from comptoir.kit.events import emit
from comptoir.notices import links
from comptoir.notices.papers import party
from comptoir.notices.reminders import reminder_document
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import CompanyRow, VendorRow, companies_by_ids
from comptoir.work.operations import open_work
from comptoir.work.queries import was_open_since

from .errors import DunningRefused, NotDecidable
from .facts import in_slices
from .models import Notice, NoticeItem
from .texts import Words

# Why a letter is not to go to the post: nothing of it is left to pay, or something pauses its company.
KeptBack = Literal["paid", "paused"]
# How long nobody is asked again to call the same company.
CALLED_LATELY = timedelta(days=7)


def paper_reference(notice: UUID) -> str:
    """Return the name under which a reminder's PDF is stored."""
    return f"reminder:{notice}"


def keep_paper(
    notice: UUID, *, buyer: CompanyRow, vendor: VendorRow, invoices: Sequence[InvoiceRow], words: Words, on: date
) -> None:
    """Make a reminder's PDF and keep it, once. Must run in the transaction of its notice."""
    document = reminder_document(
        vendor=vendor,
        bill_to=party(buyer),
        invoices=[
            OverdueInvoice(number=row.number, due_on=row.due_date, open_minor=row.open_minor)
            for row in invoices
            if row.due_date <= on
        ],
        portal_url=links.start_url(),
        today=on,
        language=buyer.language,
        subject=words.subject,
        paragraphs=words.paragraphs,
    )
    with translation.override(buyer.language):
        filename = _("Reminder {number}.pdf").format(number=buyer.number)
    documents.store(
        vendor_id=vendor.id,
        company_id=buyer.id,
        reference=paper_reference(notice),
        filename=filename,
        content=render(document),
    )


def kept_back(notice_ids: Iterable[int], *, vendor: VendorRow, on: date) -> dict[int, KeptBack]:
    """Return which of a vendor's letters are not to go to the post on a day, by id, and why.

    Those about nothing that is still open, or whose payment is under way; those to companies that anything pauses.
    """
    about: dict[int, set[int]] = {notice_id: set() for notice_id in notice_ids}
    for notice_id, invoice_id in NoticeItem.objects.filter(notice_id__in=about).values_list("notice_id", "invoice_id"):
        about[notice_id].add(invoice_id)
    company_of = dict(Notice.objects.filter(id__in=about).values_list("id", "company_id"))
    known = {facts.company_id: facts for facts in in_slices(sorted(set(company_of.values())), vendor=vendor, on=on)}
    found: dict[int, KeptBack] = {}
    for notice_id, company_id in company_of.items():
        facts = known[company_id]
        unpaid = {row.facts.id for row in facts.invoices if not row.facts.coming_minor}
        if not unpaid & about[notice_id]:
            found[notice_id] = "paid"
        elif facts.pauses:
            found[notice_id] = "paused"
    return found


@transaction.atomic
def print_unposted(*, vendor: VendorRow, title: str, today: date, actor: Actor) -> int:
    """Have the reminders that were not printed yet put together for the printer; return the batch's id.

    What is kept back is left out, and waits. Raises NothingToPrint where there is none.
    """
    unprinted = letters_that_wait(vendor.id).filter(printed_in=None)
    held = kept_back(unprinted.values_list("id", flat=True), vendor=vendor, on=today)
    rows = list(
        unprinted.exclude(id__in=held)
        .order_by("company__number", "id")
        .values_list("id", "public_id", "company__number", "company__name")
    )
    sheets = [Sheet(number, name, (paper_reference(public_id),)) for _id, public_id, number, name in rows]
    batch = request_printing(vendor_id=vendor.id, title=title, sheets=sheets, today=today, actor=actor)
    Notice.objects.filter(id__in=[row[0] for row in rows]).update(printed_in=batch)
    return batch


@transaction.atomic
def note_posted(*, vendor: VendorRow, batch_id: int, seen: Iterable[int], on: date, actor: Actor) -> int:
    """Put on record that what was printed in a batch was put into the post, as far as it was ``seen``; return how many.

    ``seen`` are the letters that whoever says so was shown. From then on they count as received after some days. What
    is kept back by now is printed anew once nothing keeps it. Raises DunningRefused where there are none.
    """
    printed = Notice.objects.filter(vendor_id=vendor.id, printed_in_id=batch_id, posted_on=None)
    waiting = set(printed.values_list("id", flat=True))
    if waiting and batch_row(batch_id).under_way:
        raise DunningRefused(_("These letters are still being put together; print them first, then say so."))
    held = kept_back(waiting, vendor=vendor, on=on)
    posted = printed.filter(id__in=waiting & set(seen) - set(held)).update(posted_on=on, posted_by=actor.label)
    if not posted:
        raise DunningRefused(_("There is no reminder that waits to be posted."))
    printed.filter(id__in=held).update(printed_in=None)
    record(
        actor=actor,
        action="reminders posted",
        subject=f"print_batch:{batch_id}",
        vendor_id=vendor.id,
        after={"letters": posted, "on": on.isoformat()},
    )
    emit(name="dunning_changed", topic=f"vendor:{vendor.id}", vendor_id=vendor.id, data={})
    return posted


@transaction.atomic
def note_came_back(*, vendor_id: int, company_id: int, public_id: UUID, on: date, actor: Actor, now: datetime) -> None:
    """Put on record that the post brought a letter back: it proves nothing any more, and somebody has to call.

    Raises NotDecidable where it was not posted, or came back before.
    """
    sent = Notice.objects.filter(vendor_id=vendor_id, company_id=company_id, public_id=public_id)
    if not sent.filter(posted_on__isnull=False, paper_returned_on=None).update(
        paper_returned_on=on, paper_returned_by=actor.label
    ):
        raise NotDecidable(_("This letter was not posted, or somebody has said before that it came back."))
    _ask_to_call(vendor_id=vendor_id, company_id=company_id, now=now)
    record(
        actor=actor,
        action="reminder came back",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"notice": str(public_id)},
    )
    emit(
        name="dunning_changed",
        topic=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        data={},
    )


def have_somebody_call(*, vendor_id: int, company_id: int, now: datetime) -> None:
    """Put a company that no reminder reaches on the team's list; again after some days, if nothing has changed."""
    if not was_open_since(kind="reminder_to_call", company_id=company_id, since=now - CALLED_LATELY):
        _ask_to_call(vendor_id=vendor_id, company_id=company_id, now=now)


def _ask_to_call(*, vendor_id: int, company_id: int, now: datetime) -> None:
    subject = f"company:{companies_by_ids([company_id])[company_id].public_id}"
    open_work(vendor_id=vendor_id, company_id=company_id, kind="reminder_to_call", subject=subject, now=now)


def letters_that_wait(vendor_id: int) -> QuerySet[Notice]:
    """Return the reminders on paper that nobody has posted, about something that is still open."""
    open_ones = NoticeItem.objects.filter(notice=OuterRef("id"), invoice__balance__open_minor__gt=0)
    return Notice.objects.filter(Exists(open_ones), vendor_id=vendor_id, has_paper=True, posted_on=None)
