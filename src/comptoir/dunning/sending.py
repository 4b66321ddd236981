"""Writing what is to be written to a vendor's customers on a day: each step once, one message a company."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from comptoir.kit.dates import format_date
from comptoir.kit.money import format_money
from comptoir.mailer.models import Message
from comptoir.notices import links
from comptoir.notices.composing import Reached, write_to
from comptoir.subscriptions.terms import NewCharge, charge_once
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import CompanyRow, VendorRow

from .announcing import DueStep
from .calculation.standing import overdue
from .calculation.steps import STEP_KINDS, next_step
from .facts import FURTHEST_AHEAD, CompanyFacts, companies_that_owe, facts_of, in_slices, lock, slices
from .letters import Desk, Letter, desk_for, keep_paper, write_letter
from .models import Notice, NoticeItem
from .papers import have_somebody_call

log = logging.getLogger(__name__)

RULE = system("dunning")
# Written in one transaction, for whose end the news of a payment of theirs waits.
LETTERS_AT_ONCE = 50


def send_notices(*, seller: VendorRow, on: date, now: datetime) -> int:
    """Write to each of a vendor's companies what a business date brings; return how many could not be written to.

    Some at a time, each transaction whole: killed, it goes on where it was, and nobody gets a message twice. One that
    cannot be written to holds up no other; it is tried again with the next run.
    """
    owing = companies_that_owe(vendor_id=seller.id, due_by=on + FURTHEST_AHEAD)
    come = [facts.company_id for facts in in_slices(owing, vendor=seller, on=on) if due_steps(facts, on=on)]
    held_up = 0
    for some in slices(come, of=LETTERS_AT_ONCE):
        with transaction.atomic():
            held_up += _send_some(some, vendor=seller, on=on, now=now)
    return held_up


def due_steps(facts: CompanyFacts, *, on: date) -> list[DueStep]:
    """Return what a company is to be written to about on a day: nothing while anything pauses it.

    An invoice that a payment is under way for waits for it; below the policy's least amount nobody is reminded.
    """
    if facts.pauses or facts.is_too_little:
        return []
    late, owed = overdue(facts.facts, terms=facts.policy.terms, today=on), facts.to_remind_of(on)
    found = []
    for row in facts.invoices:
        kind = next_step(due_on=row.facts.due_on, told=row.facts.told, steps=facts.policy.ladder, today=on)
        if kind is None or row.facts.is_being_paid:
            continue
        if kind != "due_soon" and row.facts.id not in owed:
            continue
        if kind == "due_soon" and (late or facts.is_told_anyway):
            continue
        found.append(DueStep(row, kind))
    return found


def _send_some(company_ids: Sequence[int], *, vendor: VendorRow, on: date, now: datetime) -> int:
    lock(company_ids)
    written_to = Notice.objects.filter(company_id__in=company_ids, sent_on=on).values_list("company_id", flat=True)
    left = sorted(set(company_ids) - set(written_to))
    desk = desk_for(left, vendor=vendor, on=on)
    held_up = 0
    for facts in facts_of(left, vendor=vendor, on=on):
        if not (due := due_steps(facts, on=on)):
            continue
        try:
            with transaction.atomic():
                send(facts, due=due, desk=desk, now=now)
        except Exception:  # whatever is wrong with one company must not keep the mail of the others
            log.exception("company %s could not be reminded", facts.company_id)
            held_up += 1
    return held_up


def send(facts: CompanyFacts, *, due: Sequence[DueStep], desk: Desk, now: datetime, again: bool = False) -> None:
    """Write what a company has come to, once, by mail, on paper, or both; where neither reaches it, somebody calls.

    ``again``: what came back from the post, at no cost, and on paper in any case. Must run in a transaction, under the
    company's lock.
    """
    company_id = facts.company_id
    kind = max((step.kind for step in due), key=STEP_KINDS.index)
    step, buyer, reached = facts.policy.step(kind), desk.buyers[company_id], desk.reached[company_id]
    if not reached.to and not buyer.address_lines:
        if kind != "due_soon":
            have_somebody_call(vendor_id=desk.vendor.id, company_id=company_id, now=now)
        return
    fee_minor = step.fee_minor if step and not again else 0
    on_paper = again or not reached.to or bool(step and step.on_paper_too) or desk.ways[company_id] != "email"
    with_paper = on_paper and kind != "due_soon" and bool(buyer.address_lines)
    public_id = uuid4()
    letter = write_letter(facts, due=due, kind=kind, desk=desk, fee_minor=fee_minor, on_paper=with_paper)
    notice = Notice.objects.create(
        public_id=public_id,
        vendor_id=desk.vendor.id,
        company_id=company_id,
        kind=kind,
        sent_on=desk.on,
        sent_at=now,
        sent_to=reached.to,
        message=_mail(letter, public_id=public_id, reached=reached) if reached.to else None,
        has_paper=with_paper,
        paper=keep_paper(letter, notice=public_id, desk=desk) if with_paper else "",
        closes_from=letter.closes_from,
        charge_id=_fee(facts, amount_minor=fee_minor, buyer=buyer, on=desk.on) if fee_minor else None,
    )
    _put_items(notice, due=due)


def _put_items(notice: Notice, *, due: Sequence[DueStep]) -> None:
    invoice_ids = [step.invoice.facts.id for step in due]
    before = NoticeItem.objects.filter(invoice_id__in=invoice_ids).values_list("invoice_id", "kind")
    times = Counter(before)
    NoticeItem.objects.bulk_create(
        NoticeItem(
            notice=notice,
            invoice_id=each.invoice.facts.id,
            kind=each.kind,
            open_minor=each.invoice.facts.open_minor,
            nth=times[each.invoice.facts.id, each.kind] + 1,
        )
        for each in due
    )


def _mail(letter: Letter, *, public_id: UUID, reached: Reached) -> Message:
    buyer = letter.buyer
    write_to(
        reached,
        name="dunning",
        key=f"dunning:{public_id}",
        buyer=buyer,
        facts={
            "subject": letter.words.subject,
            "paragraphs": letter.words.paragraphs,
            "company": buyer.name,
            "amount": letter.amount,
            "invoices": [
                {
                    "number": row.number,
                    "due_on": format_date(day=row.due_date, language=buyer.language),
                    "amount": format_money(amount_minor=row.open_minor, currency=row.currency, language=buyer.language),
                    "url": links.invoice_url(company_public_id=buyer.public_id, invoice_public_id=row.public_id),
                }
                for row in letter.rows
            ],
            "url": links.pay_url(
                company_public_id=buyer.public_id, invoice_public_ids=[row.public_id for row in letter.rows]
            ),
        },
    )
    return Message.objects.get(key=f"dunning:{public_id}")


def _fee(facts: CompanyFacts, *, amount_minor: int, buyer: CompanyRow, on: date) -> int:
    assert facts.policy.fee_product_id is not None  # noqa: S101  no fee is set without it
    with translation.override(buyer.language):
        description = _("Late fee of {day}").format(day=format_date(day=on, language=buyer.language))
    return charge_once(
        company_id=buyer.id,
        charge=NewCharge(
            product_id=facts.policy.fee_product_id,
            location_id=None,
            description=description,
            amount_minor=amount_minor,
            charge_on=on,
        ),
        actor=RULE,
    )
