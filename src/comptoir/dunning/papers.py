"""Reminders on paper: kept as they were written, put together for the printer, and posted by somebody."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.documents import operations as documents
from comptoir.documents.data import OverdueInvoice
from comptoir.documents.printing import Sheet, request_printing
from comptoir.documents.rendering import render
from comptoir.invoicing.queries import InvoiceRow
from comptoir.kit.events import emit
from comptoir.notices import links
from comptoir.notices.papers import party
from comptoir.notices.reminders import reminder_document
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .errors import DunningRefused
from .models import Notice
from .texts import Words


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


@transaction.atomic
def print_unposted(*, vendor_id: int, title: str, today: date, actor: Actor) -> int:
    """Have the reminders that nobody has posted put together for the printer; return the batch's id.

    Raises NothingToPrint where there is none.
    """
    waiting = Notice.objects.filter(vendor_id=vendor_id, has_paper=True, posted_on=None).order_by("company__number")
    sheets = [
        Sheet(number, name, (paper_reference(public_id),))
        for public_id, number, name in waiting.values_list("public_id", "company__number", "company__name")
    ]
    return request_printing(vendor_id=vendor_id, title=title, sheets=sheets, today=today, actor=actor)


@transaction.atomic
def note_posted(*, vendor_id: int, through_id: int, on: date, actor: Actor) -> int:
    """Put on record that the reminders up to one were put into the post; return how many.

    From then on they count as received after some days. Raises DunningRefused where there are none.
    """
    waiting = Notice.objects.filter(vendor_id=vendor_id, has_paper=True, posted_on=None, id__lte=through_id)
    posted = waiting.update(posted_on=on, posted_by=actor.label)
    if not posted:
        raise DunningRefused(_("There is no reminder that waits to be posted."))
    record(
        actor=actor,
        action="reminders posted",
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        after={"letters": posted, "on": on.isoformat()},
    )
    emit(name="dunning_changed", topic=f"vendor:{vendor_id}", vendor_id=vendor_id, data={})
    return posted
