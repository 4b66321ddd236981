"""Reminders on paper: kept as they were written, put together for the printer, and posted by somebody."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateField, Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from comptoir.documents.printing import Sheet, batch_row, request_printing
from comptoir.kit.events import emit
from comptoir.tenancy.audit import Actor, record
from comptoir.tenancy.queries import VendorRow, companies_by_ids
from comptoir.work.operations import open_work
from comptoir.work.queries import was_open_since

from .calculation.steps import StepKind
from .errors import DunningRefused, NotDecidable
from .facts import in_slices
from .models import Notice, NoticeItem

# Why a letter is not to go to the post: nothing of it is left to pay, something pauses its company, nobody is reminded
# of so little or by such a step any more, or the day that it names is too near to arrive before it.
KeptBack = Literal["paid", "paused", "spared", "near"]
# How long a letter is taken to be in the post. PostgreSQL takes the same (dunning_received_on).
IN_THE_POST = timedelta(days=5)
# How long nobody is asked again to call the same company.
CALLED_LATELY = timedelta(days=7)


def paper_reference(notice: UUID) -> str:
    """Return the name under which a reminder's PDF is stored, as it was first written."""
    return f"reminder:{notice}"


def kept_back(notice_ids: Iterable[int], *, vendor: VendorRow, on: date) -> dict[int, KeptBack]:
    """Return which of a vendor's letters are not to go to the post on a day, by id, and why.

    Those about nothing that is still open, or whose payment is under way; those to companies that anything pauses, that
    owe too little by now, or whose policy leaves the step out; and final notices whose day has come too near, which are
    written anew.
    """
    about: dict[int, set[int]] = {notice_id: set() for notice_id in notice_ids}
    for notice_id, invoice_id in NoticeItem.objects.filter(notice_id__in=about).values_list("notice_id", "invoice_id"):
        about[notice_id].add(invoice_id)
    letters = list(Notice.objects.filter(id__in=about).values_list("id", "company_id", "kind"))
    companies = sorted({company_id for _id, company_id, _kind in letters})
    known = {facts.company_id: facts for facts in in_slices(companies, vendor=vendor, on=on)}
    near = set(Notice.objects.filter(day_is_near(on), id__in=about).values_list("id", flat=True))
    found: dict[int, KeptBack] = {}
    for notice_id, company_id, kind in letters:
        facts = known[company_id]
        unpaid = {row.facts.id for row in facts.invoices if not row.facts.is_being_paid}
        if not unpaid & about[notice_id]:
            found[notice_id] = "paid"
        elif facts.pauses:
            found[notice_id] = "paused"
        elif not (facts.to_remind_of(on) & about[notice_id] and facts.policy.step(cast("StepKind", kind))):
            found[notice_id] = "spared"
        elif notice_id in near:
            found[notice_id] = "near"
    return found


def day_is_near(on: date) -> Q:
    """Return what holds of final notices that, posted on a day, would not arrive before the day that they name.

    What a mail proves already does not depend on the post: its day stands, and comes.
    """
    received = Func(F("id"), function="dunning_received_on", output_field=DateField())
    return Q(IsNull(received, True), kind="final_notice", posted_on=None, closes_from__lte=on + IN_THE_POST)  # noqa: FBT003


@transaction.atomic
def print_unposted(*, vendor: VendorRow, title: str, today: date, actor: Actor) -> int:
    """Have the reminders that were not printed yet put together for the printer; return the batch's id.

    What is kept back is left out, and waits. Raises NothingToPrint where there is none.
    """
    unprinted = letters_that_wait(vendor.id).filter(printed_in=None)
    # Who prints at the same moment waits here, and finds what is left then.
    unprinted = unprinted.filter(id__in=list(unprinted.select_for_update(of=("self",)).values_list("id", flat=True)))
    held = kept_back(unprinted.values_list("id", flat=True), vendor=vendor, on=today)
    rows = list(
        unprinted.exclude(id__in=held)
        .order_by("company__number", "id")
        .values_list("id", "public_id", "paper", "company__number", "company__name")
    )
    sheets = [
        Sheet(number, name, (paper or paper_reference(public_id),)) for _id, public_id, paper, number, name in rows
    ]
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


@transaction.atomic
def ask_again(*, vendor_id: int, company_id: int, public_id: UUID, actor: Actor) -> None:
    """Have a final notice that the post brought back given once more, with the next run of the business day.

    Raises NotDecidable where it did not come back, or proves something all the same, or was given again already.
    """
    sent = Notice.objects.filter(vendor_id=vendor_id, company_id=company_id, public_id=public_id, kind="final_notice")
    found = sent.filter(paper_returned_on__isnull=False, again_by="").select_for_update().first()
    if found is None or received_on(found.id) is not None:
        raise NotDecidable(_("This notice did not come back, was received by mail, or is given again already."))
    sent.update(again_by=actor.label)
    record(
        actor=actor,
        action="final notice given again",
        subject=f"company:{company_id}",
        vendor_id=vendor_id,
        company_id=company_id,
        after={"notice": str(public_id)},
    )


def received_on(notice_id: int) -> date | None:
    """Return when a notice counts as received: None while it proves nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT dunning_received_on(%s)", [notice_id])
        (day,) = cursor.fetchone() or (None,)
    return day


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
