"""Letters that wait: put on paper, written anew before they go out, and given once more."""

import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import cast

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from comptoir.tenancy.queries import VendorRow

from .announcing import DueStep
from .calculation.steps import STEP_KINDS, StepKind
from .facts import CompanyFacts, facts_of, lock, slices
from .letters import Desk, desk_for, keep_paper, write_letter
from .models import Notice, NoticeItem
from .papers import day_is_near, have_somebody_call, letters_that_wait, received_on
from .sending import LETTERS_AT_ONCE, send

log = logging.getLogger(__name__)

Write = Callable[[Notice, CompanyFacts, Desk, datetime], None]


def write_papers(*, seller: VendorRow, on: date, now: datetime) -> int:
    """Write the letters that wait for the printer as things stand today, those too whose mail came back by now.

    A final notice whose mail came back, or was kept back, proves nothing as it is: it goes on paper. What was written
    before is written anew where it says anything else by now, as is a final notice that was printed, and whose day has
    come too near; one whose mail was received names the day that the mail named. While anything pauses a company its
    letters wait; where there is no address, somebody calls. Return how many could not be written; they hold up no
    other.
    """
    came_back = (
        Q(message__returned_at__isnull=False) | Q(message__failed_at__isnull=False) | Q(message__held_at__isnull=False)
    )
    returned = Notice.objects.filter(
        came_back, vendor_id=seller.id, kind="final_notice", has_paper=False, items__invoice__balance__open_minor__gt=0
    )
    waiting = letters_that_wait(seller.id).filter(Q(printed_in=None) | day_is_near(on))
    ids = {*returned.values_list("id", flat=True), *waiting.values_list("id", flat=True)}
    return _each(ids, _write_paper, seller=seller, on=on, now=now)


def give_again(*, seller: VendorRow, on: date, now: datetime) -> int:
    """Give the final notices once more that the post brought back, and of which somebody of the team asked it.

    With a new date, a new day that it names, and a proof of its own; about what is still open. Return how many could
    not be written; they hold up no other.
    """
    asked = _not_given_again().filter(vendor_id=seller.id).exclude(again_by="").values_list("id", flat=True)
    return _each(set(asked), _give_again, seller=seller, on=on, now=now)


def _not_given_again() -> QuerySet[Notice]:
    """Final notices about something that is open, and of which none was given later."""
    later = NoticeItem.objects.filter(
        invoice_id=OuterRef("invoice_id"), kind="final_notice", notice_id__gt=OuterRef("notice_id")
    )
    last_word = NoticeItem.objects.filter(
        ~Exists(later), notice_id=OuterRef("id"), kind="final_notice", invoice__balance__open_minor__gt=0
    )
    return Notice.objects.filter(Exists(last_word), kind="final_notice")


def _each(notice_ids: set[int], write: Write, *, seller: VendorRow, on: date, now: datetime) -> int:
    failed = 0
    for some in slices(sorted(notice_ids), of=LETTERS_AT_ONCE):
        with transaction.atomic():
            notices = list(Notice.objects.filter(id__in=some).select_related("charge").order_by("id"))
            companies = sorted({notice.company_id for notice in notices})
            lock(companies)
            known = {facts.company_id: facts for facts in facts_of(companies, vendor=seller, on=on)}
            desk = desk_for(companies, vendor=seller, on=on)
            failed += sum(not _written(notice, write, known=known, desk=desk, now=now) for notice in notices)
    return failed


def _written(notice: Notice, write: Write, *, known: Mapping[int, CompanyFacts], desk: Desk, now: datetime) -> bool:
    if known[notice.company_id].pauses:
        return True
    try:
        with transaction.atomic():
            write(notice, known[notice.company_id], desk, now)
    except Exception:  # whatever is wrong with one letter must not keep the others
        log.exception("notice %s could not be written anew", notice.id)
        return False
    return True


def _due(notice: Notice, facts: CompanyFacts, *, on: date) -> list[DueStep]:
    """What a notice was about, as far as its company is to be reminded of it still, by a step of its policy."""
    kinds = {invoice_id: cast("StepKind", kind) for invoice_id, kind in notice.items.values_list("invoice_id", "kind")}
    owed = facts.to_remind_of(on)
    about = [row for row in facts.invoices if row.facts.id in kinds and row.facts.id in owed]
    return [DueStep(row, kinds[row.facts.id]) for row in about if facts.policy.step(kinds[row.facts.id])]


def _write_paper(notice: Notice, facts: CompanyFacts, desk: Desk, now: datetime) -> None:
    if not (due := _due(notice, facts, on=desk.on)):
        return
    if not desk.buyers[notice.company_id].address_lines:
        have_somebody_call(vendor_id=desk.vendor.id, company_id=notice.company_id, now=now)
        return
    told = notice.kind == "final_notice" and received_on(notice.id) is not None
    letter = write_letter(
        facts,
        due=due,
        kind=max((step.kind for step in due), key=STEP_KINDS.index),
        desk=desk,
        fee_minor=notice.charge.amount_minor if notice.charge else 0,
        on_paper=not told,
        named=notice.closes_from,
    )
    if told and letter.closes_from not in (None, notice.closes_from):
        return  # the day that the mail named has come: it stands, and so does what was written
    closes_from = notice.closes_from if told else letter.closes_from
    if letter.reference(notice.public_id) == notice.paper and closes_from == notice.closes_from:
        return
    # Unless somebody has had it printed, or posted it, at this moment.
    Notice.objects.filter(id=notice.id, printed_in=notice.printed_in_id, posted_on=None).update(
        has_paper=True,
        paper=keep_paper(letter, notice=notice.public_id, desk=desk),
        closes_from=closes_from,
        printed_in=None,
    )


def _give_again(notice: Notice, facts: CompanyFacts, desk: Desk, now: datetime) -> None:
    if Notice.objects.filter(company_id=notice.company_id, sent_on=desk.on).exists():
        return  # one message a day: tomorrow
    about = [
        step
        for step in _due(notice, facts, on=desk.on)
        if step.kind == "final_notice" and not step.invoice.facts.proven_on
    ]
    if about:
        send(facts, due=about, desk=desk, now=now, again=True)
